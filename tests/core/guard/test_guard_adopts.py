"""What `adopt` offers of a lost journal: what its hedges add up to, as far as the position shows it."""

from decimal import Decimal

import pytest

from riskguard.core.control import adopting
from riskguard.core.messages import HistoryRead, OperatorSaid, OrderReport, OrderStatus
from riskguard.core.types import Side

from .scene import ALPHA, BETA, EPOCH_MS, MAIN, Scene
from .test_guard_others import STRANGER, again, cover, order_of
from .test_guard_release import returned, rules


def lost(letter: str, side: Side, filled: str, number: int = 1) -> OrderReport:
    return OrderReport(
        ALPHA,
        f"x{letter}{number}",
        f"rgakzzzzzzz{number:04}{letter}",
        side,
        Decimal(5),
        Decimal(60_000),
        Decimal(filled),
        Decimal(60_000),
        OrderStatus.CLOSED,
    )


def offered(position: str, *orders: OrderReport) -> list[Decimal]:
    scene = Scene()
    scene.positions[ALPHA] = Decimal(position)
    scene.passes(4.0)
    scene.see(HistoryRead(ALPHA, orders, scene.now_s))
    assert scene.now.wall_ms > EPOCH_MS
    return [offer.amount for offer in adopting.offers(scene.guard.memory) if offer.kind == "lost"]


HEDGE = lost("h", Side.SELL, "1")


@pytest.mark.parametrize(
    ("position", "orders", "amounts"),
    [
        ("-1", (HEDGE,), ["-1"]),
        ("-0.4", (HEDGE,), ["-0.4"]),
        ("-3", (HEDGE,), ["-1"]),
        ("0.5", (HEDGE,), []),
        ("0", (HEDGE,), []),
        ("-1", (HEDGE, lost("u", Side.BUY, "0.4")), ["-0.6"]),
        ("-1", (HEDGE, lost("o", Side.BUY, "1")), []),
        ("-3", (HEDGE, lost("p", Side.SELL, "0.1")), ["-1.1"]),
        ("-3", (HEDGE, lost("c", Side.SELL, "0.3")), ["-1"]),
        ("-3", (HEDGE, lost("r", Side.SELL, "0.5"), lost("f", Side.SELL, "0.5", 2)), ["-1"]),
        ("2", (lost("h", Side.BUY, "1.5"),), ["1.5"]),
    ],
)
def test_only_what_made_up_a_hedge_and_is_still_shown_is_offered(
    position: str, orders: tuple[OrderReport, ...], amounts: list[str]
) -> None:
    assert offered(position, *orders) == [Decimal(amount) for amount in amounts]


def test_what_is_taken_over_is_ours_and_no_more_the_traders_over_a_restart_too() -> None:
    scene = Scene()
    scene.positions |= {MAIN: Decimal(1), ALPHA: Decimal(-3)}
    scene.passes(4.0)
    scene.see(HistoryRead(ALPHA, (HEDGE,), scene.now_s), OperatorSaid("adopt"))
    for found in (scene, again(scene)):
        assert cover(found) == -1
        assert found.guard.memory.ours(ALPHA) == -1
        assert found.guard.memory.bases.agreed[ALPHA].amount == -2
        assert [incident.venue for incident in found.guard.memory.incidents] == ["main"]


def test_strangers_are_settled_where_they_were_met() -> None:
    scene = Scene()
    scene.resting |= {ALPHA: [order_of(STRANGER)], BETA: [order_of(STRANGER, BETA)]}
    scene.passes(4.0)
    strangers = scene.guard.memory.others.strangers
    assert {venue for venue, _ in strangers} == {"alpha", "beta"}
    assert [offer.venue for offer in adopting.offers(scene.guard.memory)] == ["alpha", "beta"]
    scene.see(OperatorSaid("adopt"))
    assert not strangers
    scene.passes(6.0)
    assert not strangers
    assert not scene.cancelled


def test_a_leg_that_its_venue_lists_is_not_gone_whatever_a_person_adopts() -> None:
    scene = returned(rules(stable_s=30.0))
    scene.passes(3.0)
    assert not adopting.offers(scene.guard.memory)
    scene.see(OperatorSaid("adopt"))
    scene.passes(5.0)
    assert scene.guard.memory.bases.agreed[MAIN].amount == 1
    assert cover(scene) == -1


def test_a_hedge_that_its_venue_stopped_to_list_is_no_leg_of_the_traders() -> None:
    scene = returned(rules(stable_s=30.0))
    scene.lists_flat = False
    scene.positions[ALPHA] = scene.positions[BETA] = Decimal(0)
    scene.passes(6.0)
    assert "gone" not in {offer.kind for offer in adopting.offers(scene.guard.memory)}
