"""What is known of our own orders, however it comes: counted once, in full, and for the right order."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.messages import (
    CancelAnswered,
    FillReport,
    FillSeen,
    OrderAnswered,
    OrderReport,
    OrderSeen,
    OrderStatus,
    Source,
)
from riskguard.core.orders.intent import OrderIntent, Purpose
from riskguard.core.orders.lifecycle import State
from riskguard.core.orders.outcome import Accepted
from riskguard.core.types import Leg, Side

from .scene import ALPHA, BETA, MAIN, Scene
from .test_guard_lookups import ALL, Asked, state_of
from .test_guard_others import cover, hedged

NOTHING = Decimal(0)


def in_doubt() -> tuple[Asked, OrderIntent]:
    """Play until a hedge of one has left, of which nothing is heard and nothing can be asked."""
    scene = Asked()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.answers_orders = False
    scene.fails = ALL
    scene.until_hedged()
    (order,) = scene.orders_of(Purpose.HEDGE)
    assert order.leg == ALPHA
    return scene, order


def fill(
    order: OrderIntent, amount: str, *, named: bool = True, order_id: str = "", leg: Leg = ALPHA
) -> FillSeen:
    report = FillReport(
        leg,
        f"t{leg.venue}{amount}",
        order_id,
        order.client_id if named else "",
        Side.SELL,
        Decimal(amount),
        Decimal(60_000),
        Decimal(1),
        order.created_ms + 100,
    )
    return FillSeen(report, Source.STREAM)


def seen(order: OrderIntent, status: OrderStatus, filled: str) -> OrderSeen:
    report = OrderReport(
        order.leg,
        "v1",
        order.client_id,
        order.side,
        order.amount,
        order.price,
        Decimal(filled),
        order.price,
        status,
    )
    return OrderSeen(report, Source.STREAM)


def between(scene: Scene) -> tuple[Decimal, Decimal]:
    return scene.guard.memory.ledger.cover_range("BTC")


def test_a_part_that_filled_leaves_the_rest_in_doubt() -> None:
    scene, order = in_doubt()
    scene.see(fill(order, "0.4"))
    assert between(scene) == (Decimal(-1), Decimal("-0.4"))
    scene.see(fill(order, "0.6"))
    assert between(scene) == (Decimal(-1), Decimal(-1))


@pytest.mark.parametrize(
    ("status", "least"),
    [(OrderStatus.UNCLEAR, "1"), (OrderStatus.OPEN, "1"), (OrderStatus.CLOSED, "0.4")],
)
def test_only_an_end_that_the_venue_told_is_one(status: OrderStatus, least: str) -> None:
    scene, order = in_doubt()
    scene.see(seen(order, status, "0.4"))
    assert between(scene) == (-Decimal(least), Decimal("-0.4"))


def test_an_unclear_word_without_a_fill_says_nothing() -> None:
    scene, order = in_doubt()
    scene.see(seen(order, OrderStatus.UNCLEAR, "0"))
    assert between(scene) == (Decimal(-1), NOTHING)
    assert state_of(scene, order) is not State.WORKING


def test_fills_that_name_only_the_venues_id_are_found_by_it_and_only_at_that_venue() -> None:
    scene, order = in_doubt()
    scene.see(OrderAnswered(order.client_id, Accepted("x1")))
    scene.see(fill(order, "0.3", named=False, order_id="x1", leg=BETA))
    assert between(scene) == (Decimal(-1), NOTHING)
    scene.see(fill(order, "0.4", named=False, order_id="x1"))
    assert between(scene) == (Decimal(-1), Decimal("-0.4"))
    scene.see(fill(order, "0.4", named=False, order_id="x1"))
    assert between(scene) == (Decimal(-1), Decimal("-0.4"))


def test_an_order_that_was_only_acknowledged_is_asked_about() -> None:
    scene, order = in_doubt()
    scene.see(OrderAnswered(order.client_id, Accepted("x1")))
    asked = scene.asked
    scene.passes(3.0)
    assert scene.asked > asked
    scene.fails = frozenset()
    scene.passes(6.0)
    assert state_of(scene, order) is State.CLOSED
    assert between(scene) == (Decimal(-1), Decimal(-1))


def test_a_cancel_that_was_accepted_is_no_end_of_the_order() -> None:
    scene, order = in_doubt()
    scene.see(OrderAnswered(order.client_id, Accepted("x1")))
    scene.see(CancelAnswered(9_999, order.leg, "x1", order.client_id, Accepted()))
    assert between(scene) == (Decimal(-1), NOTHING)
    assert scene.guard.memory.ledger.orders[order.client_id].pending


def lied_to(scene: Asked, purpose: Purpose) -> OrderIntent:
    """Let an order be executed while every list says that it is not there."""
    order = next(place.intent for place in scene.sent if place.intent.purpose is purpose)
    del scene.orders[order.client_id]
    return order


def test_what_the_position_shows_is_never_absent_whatever_all_lists_say() -> None:
    scene, _ = in_doubt()
    order = lied_to(scene, Purpose.HEDGE)
    scene.fails = frozenset()
    scene.passes(40.0)
    assert scene.positions[ALPHA] == -1
    assert between(scene) == (Decimal(-1), NOTHING)
    assert state_of(scene, order) is State.IN_DOUBT


def test_nor_is_a_way_out_that_the_position_shows() -> None:
    scene = Asked()
    hedged("1", scene=scene)
    scene.answers_orders = False
    scene.positions[MAIN] = NOTHING
    while not scene.orders_of(Purpose.ORPHAN):
        scene.passes(0.25)
    order = lied_to(scene, Purpose.ORPHAN)
    scene.passes(40.0)
    assert scene.positions[ALPHA] == 0
    assert between(scene) == (Decimal(-1), NOTHING)
    assert state_of(scene, order) is State.IN_DOUBT
    assert scene.orders_of(Purpose.ORPHAN) == [order]


class Nameless(Scene):
    """Venues whose executions name nobody's order, as Binance's do."""

    def _fills(self, leg: Leg) -> list[FillSeen]:
        told = super()._fills(leg)
        return [replace(one, report=replace(one.report, client_id="", order_id="")) for one in told]


@pytest.mark.parametrize("held", ["1", "-1"])
@pytest.mark.parametrize("kind", [Scene, Nameless])
def test_a_way_out_that_left_without_a_record_is_found_after_a_crash_and_not_sent_again(
    kind: type[Scene], held: str
) -> None:
    scene, leg = hedged(held)
    recorded = list(scene.journal)  # the disk is full from here on
    scene.positions[MAIN] = NOTHING
    scene.passes(8.0)
    assert scene.positions[leg] == 0
    later = kind(scene.policy, facts=recorded, start_s=scene.now_s + 3)
    later.positions, later.orders, later.hangs = scene.positions, scene.orders, scene.hangs
    later.passes(20.0)
    assert cover(later) == 0
    assert not later.orders_of(Purpose.ORPHAN)
    assert later.positions[leg] == 0
    assert sum("not on record" in title for title in later.told) == 1
    assert not [title for title in later.told if "somebody else" in title]


@pytest.mark.parametrize("silent_s", [3, 5_000])
def test_a_new_run_gives_no_number_that_an_unrecorded_order_may_have_taken(silent_s: int) -> None:
    """At most one a second leaves without a record, beyond what a burst may take."""
    scene, _ = hedged("1")
    used = scene.guard.memory.ledger.sequence
    later = Scene(scene.policy, facts=list(scene.journal), start_s=scene.now_s + silent_s)
    later.passes(0.25)
    assert later.guard.memory.ledger.sequence >= used + 64 + silent_s - 1
    third = Scene(scene.policy, facts=[*scene.journal, *later.journal], start_s=later.now_s + 1)
    third.passes(0.25)
    assert third.guard.memory.ledger.sequence > later.guard.memory.ledger.sequence


def test_an_order_of_another_journal_with_our_letters_is_not_taken_up() -> None:
    scene, leg = hedged("1")
    strange = replace(scene.orders_of(Purpose.HEDGE)[0], client_id="rgakzzzzzzz0001h")
    scene.see(fill(strange, "0.5", leg=leg))
    assert cover(scene) == -1
    assert strange.client_id not in scene.guard.memory.ledger.orders


def test_every_order_bears_the_mark_of_its_journal_and_no_other_does() -> None:
    scene, _ = hedged("1")
    scene.heals()
    scene.passes(30.0)
    memory = scene.guard.memory
    assert {place.intent.purpose for place in scene.sent} >= {Purpose.HEDGE, Purpose.UNWIND, Purpose.CANARY}
    assert all(place.intent.client_id.startswith(memory.mark) for place in scene.sent)
    other = Scene(scene.policy, epoch_ms=scene.epoch_ms + 86_400_000)
    other.passes(0.25)
    assert other.guard.memory.next_client_id(Purpose.HEDGE)[:-5] != memory.next_client_id(Purpose.HEDGE)[:-5]
