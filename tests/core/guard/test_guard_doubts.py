"""Our own orders in doubt: live ones that are missing, late ones, fills told twice or backwards."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskguard.core.messages import FillReport, FillSeen, OrderReport, OrderSeen, Source
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import State
from riskguard.core.types import Leg, Side

from .scene import ALPHA, BETA, MAIN, Scene


def sent_and_lost() -> tuple[Scene, OrderReport]:
    """Play until a hedge order has left; its answer never comes. Gives the order as the venue knows it."""
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.answers_orders = False
    scene.until_hedged()
    (order,) = scene.orders_of(Purpose.HEDGE)
    return scene, scene.orders[order.client_id]


def cover(scene: Scene) -> Decimal:
    return scene.guard.memory.ledger.cover("BTC")


def state_of(scene: Scene, order: OrderReport) -> State:
    return scene.guard.memory.ledger.orders[order.client_id].state


def test_a_live_order_that_is_reported_missing_for_62_s_is_neither_given_up_nor_sent_again() -> None:
    scene, order = sent_and_lost()
    del scene.orders[order.client_id]
    for _ in range(62):
        scene.passes(1.0)
        assert state_of(scene, order) in (State.INTENDED, State.IN_DOUBT)
    scene.orders[order.client_id] = order
    scene.passes(8.0)
    assert state_of(scene, order) is State.CLOSED
    assert cover(scene) == -1
    assert len(scene.orders_of(Purpose.HEDGE)) == 1


def test_an_order_that_was_swallowed_is_sent_anew_once_its_end_is_missing_everywhere() -> None:
    scene, order = sent_and_lost()
    del scene.orders[order.client_id]
    scene.positions[order.leg] = Decimal(0)
    scene.answers_orders = True
    scene.passes(16.0)
    assert state_of(scene, order) is State.VOID
    assert len(scene.orders_of(Purpose.HEDGE)) == 2
    assert cover(scene) == -1


def test_one_that_is_executed_after_it_was_proven_absent_counts_again_and_the_excess_comes_off() -> None:
    scene, order = sent_and_lost()
    del scene.orders[order.client_id]
    scene.positions[order.leg] = Decimal(0)
    scene.answers_orders = True
    scene.passes(16.0)
    assert cover(scene) == -1
    scene.orders[order.client_id] = order
    scene.positions[order.leg] -= 1
    scene.see(OrderSeen(order, Source.STREAM))
    assert cover(scene) == -2
    scene.passes(6.0)
    assert cover(scene) == -1
    assert scene.positions[ALPHA] + scene.positions[BETA] == -1
    assert sum("said was not there is there" in title for title in scene.told) == 1
    assert not any("somebody else" in title for title in scene.told)


def part(order: OrderReport, number: int, amount: str, client_id: str | None = None) -> FillSeen:
    identity = order.client_id if client_id is None else client_id
    return FillSeen(
        FillReport(
            order.leg,
            f"t{number}",
            order.order_id,
            identity,
            Side.SELL,
            Decimal(amount),
            Decimal(60_000),
            Decimal("0.1"),
            1_800_000_000_000 + number,
        ),
        Source.STREAM,
    )


def first_then_second(order: OrderReport) -> list[FillSeen | OrderSeen]:
    return [part(order, 1, "0.6"), part(order, 2, "0.4"), OrderSeen(order, Source.STREAM)]


def backwards(order: OrderReport) -> list[FillSeen | OrderSeen]:
    return list(reversed(first_then_second(order)))


def told_twice(order: OrderReport) -> list[FillSeen | OrderSeen]:
    return [*first_then_second(order), *first_then_second(order)]


def nameless_until_the_order_is_known(order: OrderReport) -> list[FillSeen | OrderSeen]:
    return [OrderSeen(order, Source.STREAM), part(order, 1, "0.6", ""), part(order, 2, "0.4", "")]


@pytest.mark.parametrize(
    "told", [first_then_second, backwards, told_twice, nameless_until_the_order_is_known]
)
def test_fills_count_once_whatever_their_order(
    told: Callable[[OrderReport], list[FillSeen | OrderSeen]],
) -> None:
    scene, order = sent_and_lost()
    scene.see(*told(order))
    scene.passes(5.0)
    assert cover(scene) == -1
    assert scene.guard.memory.usage.loss_today(scene.now.wall_ms) == Decimal("0.2")
    assert len(scene.orders_of(Purpose.HEDGE)) == 1


def test_what_vanishes_from_the_venues_history_stays_counted_and_a_position_that_denies_it_is_told() -> None:
    scene, order = sent_and_lost()
    scene.see(*first_then_second(order))
    scene.passes(3.0)
    del scene.orders[order.client_id]
    scene.positions[order.leg] = Decimal(0)  # busted: the venue takes the trade back
    scene.passes(20.0)
    assert cover(scene) == -1
    assert sum("changed by somebody else" in title for title in scene.told) == 1
    assert len(scene.orders_of(Purpose.HEDGE)) == 1


def test_a_doubt_at_one_backup_does_not_keep_the_other_from_taking_what_is_wanted_more() -> None:
    scene, order = sent_and_lost()
    del scene.orders[order.client_id]
    scene.answers_orders = True
    scene.passes(2.5)
    assert state_of(scene, order) is State.IN_DOUBT
    scene.positions[MAIN] = Decimal("1.4")
    scene.passes(5.0)
    other: Leg = BETA if order.leg == ALPHA else ALPHA
    assert scene.positions[other] == Decimal("-0.4")
    assert state_of(scene, order) is State.IN_DOUBT
