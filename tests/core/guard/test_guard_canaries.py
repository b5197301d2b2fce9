"""Placed canaries: far, post-only, one at a time, never unasked; what one fills is ours and no hedge."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.messages import FillReport, FillSeen, JournalFailed, LoopTicked, OperatorSaid, Source
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.policy import Policy
from riskguard.core.types import Mode, Side

from .scene import ALPHA, MAIN, Scene, policy
from .test_guard_canary_doubt import PLACED
from .test_guard_home import home


def placing(mode: Mode = Mode.AUTO) -> Policy:
    base = policy(mode=mode)
    main, *others = base.venues
    return replace(base, venues=(replace(main, canary=PLACED), *others))


def canaries(scene: Scene, venue: str = "main") -> list[OrderIntent]:
    return [intent for intent in scene.orders_of(Purpose.CANARY) if intent.leg.venue == venue]


def test_a_canary_rests_far_below_the_market_and_is_pulled_at_once() -> None:
    scene = Scene(placing())
    scene.arm()
    scene.passes(20.0)
    placed = canaries(scene)
    assert len(placed) >= 3
    for intent in placed:
        assert intent.side is Side.BUY
        assert intent.price == Decimal(54_000)
        assert intent.tif is TimeInForce.POST_ONLY
        assert intent.amount == Decimal("0.001")
    ids = {scene.orders[intent.client_id].order_id for intent in placed[:-1]}
    assert ids <= set(scene.cancelled)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (Mode.OBSERVE, ("arm",)),
        (Mode.PAPER, ("arm",)),
        (Mode.AUTO, ()),
        (Mode.CONFIRM, ()),
        (Mode.AUTO, ("arm", "disarm")),
    ],
)
def test_none_is_placed_where_nothing_that_could_fill_may_be_sent(mode: Mode, words: tuple[str, ...]) -> None:
    scene = Scene(placing(mode))
    for word in words:
        scene.see(OperatorSaid(word))
    scene.passes(10.0)
    scene.breaks()
    scene.passes(15.0)
    assert not scene.sent


def test_none_is_placed_without_a_record() -> None:
    scene = Scene(placing())
    scene.arm()
    scene.see(JournalFailed("disk full"))
    before = len(scene.sent)
    scene.passes(20.0)
    assert len(scene.sent) == before


def test_none_is_placed_while_the_fault_is_ours() -> None:
    scene = Scene(placing())
    scene.arm()
    for turn in range(120):
        scene.see(LoopTicked(scene.now_s - 1.0))
        scene.passes(0.25)
        if turn == 40:
            before = len(scene.sent)
    assert scene.guard.memory.self_ill
    assert len(scene.sent) == before


def test_while_one_is_in_doubt_no_other_follows_there() -> None:
    scene = Scene(placing())
    scene.arm()
    scene.passes(6.0)
    before = len(canaries(scene))
    scene.breaks()
    scene.passes(5.0)
    assert len(canaries(scene)) <= before + 1


def test_what_a_canary_filled_is_neither_hedge_nor_the_traders() -> None:
    scene = Scene(placing())
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.passes(3.0)
    pulled = canaries(scene)[0]
    scene.positions[MAIN] += pulled.amount
    late = FillReport(
        MAIN, "t1", "", pulled.client_id, Side.BUY, pulled.amount, pulled.price, Decimal(0), scene.now.wall_ms
    )
    scene.see(FillSeen(late, Source.STREAM), FillSeen(late, Source.TRADES))
    scene.passes(15.0)
    memory = scene.guard.memory
    assert memory.ours(MAIN) == pulled.amount
    assert memory.bases.agreed[MAIN].amount == 1
    assert not memory.others.changes
    scene.breaks()
    scene.until_hedged()
    scene.passes(5.0)
    assert [intent.amount for intent in scene.orders_of(Purpose.HEDGE)] == [1]
    assert memory.ledger.cover("BTC") == -1


@pytest.mark.parametrize(("held", "side"), [("1", Side.SELL), ("-1", Side.BUY)])
def test_one_that_tries_the_reduce_path_can_only_reduce(held: str, side: Side) -> None:
    scene = home(held, takes_canaries=True, fills=Decimal(0))
    scene.passes(30.0)
    placed = [intent for intent in canaries(scene) if intent.reduce_only]
    assert placed
    assert {intent.side for intent in placed} == {side}
    far = Decimal(60_000) * (1 + side.sign * Decimal("-0.03"))
    assert {intent.price for intent in placed} == {far}
    assert all(intent.tif is TimeInForce.POST_ONLY for intent in placed)


def test_a_backup_that_nothing_proves_is_asked_by_a_canary_before_it_is_needed() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    assert not canaries(scene, "alpha")
    scene.breaks()
    scene.until_hedged()
    first = canaries(scene, "alpha")[0]
    assert first.leg == ALPHA
    assert first.created_ms < scene.orders_of(Purpose.HEDGE)[0].created_ms
