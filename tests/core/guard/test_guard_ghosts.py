"""The trader's resting orders at a venue that fell silent: what may have filled, and when the doubt ends."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.exposure.assessing import assess
from riskguard.core.exposure.interval import Exposure
from riskguard.core.messages import FillReport, FillSeen, OpenOrdersRead, OrderReport, OrderStatus, Source
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Doubts, Policy
from riskguard.core.turn import Turn
from riskguard.core.types import Leg, Side

from .scene import ALPHA, BETA, MAIN, Scene, policy
from .test_guard_others import again, cover


def order(side: Side, price: str, amount: str = "0.4", filled: str = "0") -> OrderReport:
    return OrderReport(
        MAIN, "v9", "bot", side, Decimal(amount), Decimal(price), Decimal(filled), None, OrderStatus.OPEN
    )


def stop(side: Side, trigger: str) -> OrderReport:
    return replace(order(side, "1"), price=None, conditional=True, trigger=Decimal(trigger))


def exposure(scene: Scene) -> Exposure:
    memory = scene.guard.memory
    found = assess(memory, memory.policy.assets[0], Turn(scene.now)).exposure
    assert found is not None
    return found


def dark(rests: OrderReport, *, rules: Policy | None = None) -> Scene:
    """Play until a position is hedged whose venue tells nothing any more, with one order resting there."""
    scene = Scene(rules or policy())
    scene.positions[MAIN] = Decimal(1)
    scene.resting[MAIN] = [rests]
    scene.arm()
    scene.breaks()
    scene.blind.add("main")
    scene.until_hedged()
    scene.passes(8.0)
    return scene


def goes_to(scene: Scene, price: str) -> None:
    for leg in (ALPHA, BETA):
        scene.mids[leg] = Decimal(price)
    scene.passes(4.0)


@pytest.mark.parametrize(
    ("rests", "price", "held"),
    [
        (order(Side.BUY, "58000"), "58000", "1.4"),
        (order(Side.BUY, "58000"), "58057", "1.4"),
        (order(Side.BUY, "58000"), "58059", "1"),
        (order(Side.BUY, "58000"), "61000", "1"),
        (order(Side.SELL, "62000"), "62000", "0.6"),
        (order(Side.SELL, "62000"), "61939", "0.6"),
        (order(Side.SELL, "62000"), "61937", "1"),
        (order(Side.SELL, "62000"), "59000", "1"),
        (stop(Side.SELL, "58000"), "58057", "0.6"),
        (stop(Side.SELL, "58000"), "58059", "1"),
        (stop(Side.SELL, "62000"), "61939", "0.6"),
        (stop(Side.BUY, "62000"), "61937", "1"),
        (order(Side.BUY, "58000", filled="0.3"), "58000", "1.1"),
    ],
)
def test_an_order_counts_from_where_the_price_comes_within_ten_basis_points(
    rests: OrderReport, price: str, held: str
) -> None:
    scene = dark(rests)
    assert cover(scene) == -1
    goes_to(scene, price)
    assert exposure(scene).point(Doubts.LIKELY) == Decimal(held)
    assert cover(scene) == -Decimal(held)
    left = (rests.amount - rests.filled) * rests.side.sign
    assert (exposure(scene).low, exposure(scene).high) == (min(1, 1 + left), max(1, 1 + left))
    goes_to(scene, "60000")  # what may have filled does not come back
    assert cover(scene) == -Decimal(held)


@pytest.mark.parametrize(("doubts", "hedge"), [(Doubts.CERTAIN, "1"), (Doubts.WORST, "1.4")])
def test_who_fears_more_hedges_more(doubts: Doubts, hedge: str) -> None:
    base = policy()
    rule = replace(base.rules[0], hedge=replace(base.rules[0].hedge, doubts=doubts))
    scene = dark(order(Side.BUY, "50000"), rules=replace(base, rules=(rule,)))
    assert cover(scene) == -Decimal(hedge)
    goes_to(scene, "50000")
    assert cover(scene) == -Decimal(hedge)


def test_a_doubt_that_a_price_made_lasts_over_a_restart() -> None:
    scene = dark(order(Side.BUY, "58000"))
    goes_to(scene, "58000")
    goes_to(scene, "60000")
    later = again(scene)
    later.passes(30.0)
    assert exposure(later).point(Doubts.LIKELY) == Decimal("1.4")
    assert cover(later) == Decimal("-1.4")
    assert not later.orders_of(Purpose.ORPHAN)


def sold(scene: Scene, amount: str, number: int = 1) -> FillSeen:
    fill = FillReport(
        MAIN,
        f"t{number}",
        "v9",
        "bot",
        Side.BUY,
        Decimal(amount),
        Decimal(58_000),
        Decimal(0),
        scene.now.wall_ms,
    )
    return FillSeen(fill, Source.STREAM)


@pytest.mark.parametrize("filled", ["0.4", "0.1"])
def test_a_fill_that_is_read_in_the_position_is_not_counted_a_second_time(filled: str) -> None:
    """Positions are told again before the list of orders is: what they show more is the order's fill."""
    scene = dark(order(Side.BUY, "58000"))
    goes_to(scene, "58000")
    assert cover(scene) == Decimal("-1.4")
    scene.see(sold(scene, filled))
    scene.positions[MAIN] += Decimal(filled)
    scene.resting[MAIN] = [] if filled == "0.4" else [order(Side.BUY, "58000", filled=filled)]
    scene.blind.clear()
    scene.passes(12.0)
    now = Decimal(1) + Decimal(filled)
    assert exposure(scene).point(Doubts.LIKELY) == now
    assert cover(scene) == -now
    assert exposure(scene).high == (now if filled == "0.4" else Decimal("1.4"))


def test_the_last_part_of_an_order_does_not_hide_the_parts_before_it() -> None:
    """The position holds them, the list shows them only later: together they are the order, no more."""
    scene = dark(order(Side.BUY, "58000"))
    goes_to(scene, "58000")
    scene.see(sold(scene, "0.2", 1), sold(scene, "0.1", 2))
    scene.positions[MAIN] += Decimal("0.3")
    scene.resting[MAIN] = [order(Side.BUY, "58000", filled="0.3")]
    scene.blind.clear()
    while scene.guard.memory.bases.agreed[MAIN].amount != Decimal("1.3"):
        scene.passes(0.25)
    scene.blind.add("main")
    scene.see(OpenOrdersRead("main", tuple(scene.resting[MAIN]), scene.now_s))
    assert exposure(scene).high == Decimal("1.4")
    scene.passes(1.0)
    scene.see(sold(scene, "0.1", 3))
    assert (exposure(scene).low, exposure(scene).high) == (Decimal("1.3"), Decimal("1.4"))


@pytest.mark.parametrize("told", [True, False])
def test_a_part_that_fills_tell_and_the_position_shows_counts_once(told: bool) -> None:
    """The list is from before: what moved the position is this order's fill, not a further one."""
    scene = dark(order(Side.BUY, "58000"))
    goes_to(scene, "58000")
    if told:
        scene.see(sold(scene, "0.1"))
    scene.passes(0.25)
    bases = scene.guard.memory.bases
    shown = replace(bases.readings[MAIN], amount=Decimal("1.1"), asked_s=scene.now_s)
    moved = replace(bases.agreed[MAIN], amount=Decimal("1.1"), at=scene.now, asked_s=scene.now_s)
    scene.guard.memory.bases = replace(
        bases, readings={**bases.readings, MAIN: shown}, agreed={**bases.agreed, MAIN: moved}
    )
    assert (exposure(scene).low, exposure(scene).high) == (Decimal("1.1"), Decimal("1.4"))


def test_an_order_that_is_listed_no_more_stays_a_doubt_until_the_position_is_agreed_on_anew() -> None:
    scene = dark(order(Side.BUY, "58000"))
    goes_to(scene, "58000")
    scene.resting[MAIN] = []
    known = scene.guard.memory.ghosts["main"]["v9"]
    scene.blind.clear()
    while scene.guard.memory.resting["main"].orders:
        assert exposure(scene).high == Decimal("1.4")
        scene.passes(0.25)
    assert known.exposed
    scene.passes(6.0)
    assert (exposure(scene).low, exposure(scene).high) == (Decimal(1), Decimal(1))
    assert cover(scene) == -1


def test_an_order_of_another_leg_says_nothing_of_this_one() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.resting[ALPHA] = [replace(order(Side.BUY, "58000"), leg=ALPHA)]
    scene.resting[MAIN] = [replace(order(Side.BUY, "58000"), leg=Leg("main", "DOGE/USDT:USDT"))]
    scene.arm()
    scene.breaks()
    scene.blind.add("main")
    scene.until_hedged()
    scene.passes(6.0)
    goes_to(scene, "57000")
    assert (exposure(scene).low, exposure(scene).high) == (Decimal(1), Decimal(1))
    assert cover(scene) == -1
