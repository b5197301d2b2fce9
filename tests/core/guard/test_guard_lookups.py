"""What became of an order without an answer: only answers prove its absence, and only together."""

from decimal import Decimal

import pytest

from riskguard.core.messages import (
    CallEnded,
    LookupAnswered,
    LookUpOrder,
    LookupRung,
    OrderReport,
    OrderStatus,
)
from riskguard.core.orders.intent import OrderIntent, Purpose
from riskguard.core.orders.lifecycle import State
from riskguard.core.orders.outcome import Accepted, Reason, Rejected, Unknown
from riskguard.core.types import Path, Side

from .scene import MAIN, STEP_S, Scene
from .test_guard_others import again, cover

ALL = frozenset(LookupRung)


class Asked(Scene):
    """Backups that answer some questions about our orders, and fail at the others."""

    fails: frozenset[LookupRung] = frozenset()
    refuses: bool = False
    shows_another = False
    asked: int = 0

    def _look_up(self, command: LookUpOrder) -> None:
        self.asked += 1
        if command.rung in self.fails:
            outcome = Rejected(Reason.THROTTLED) if self.refuses else Unknown("503")
            seen = LookupAnswered(command.client_id, command.rung, outcome, self.now_s - STEP_S)
            ended = CallEnded(command.call, command.leg.venue, Path.QUERY, "rate_limited")
            self.see(seen, ended)
        elif self.shows_another and command.client_id not in self.orders:
            other = OrderReport(
                command.leg,
                "o7",
                "bot",
                Side.BUY,
                Decimal(1),
                Decimal(9),
                Decimal(1),
                None,
                OrderStatus.CLOSED,
            )
            seen = LookupAnswered(command.client_id, command.rung, Accepted(), self.now_s - STEP_S, (other,))
            self._ended(command.call, command.leg.venue, Path.QUERY, seen)
        else:
            super()._look_up(command)


def swallowed(scene: Asked) -> OrderIntent:
    """Play until a hedge order has left that never arrives, and whose answer never comes."""
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.answers_orders = False
    scene.until_hedged()
    (order,) = scene.orders_of(Purpose.HEDGE)
    del scene.orders[order.client_id]
    scene.positions[order.leg] = Decimal(0)
    scene.answers_orders = True
    return order


def state_of(scene: Scene, order: OrderIntent) -> State:
    return scene.guard.memory.ledger.orders[order.client_id].state


@pytest.mark.parametrize("refuses", [False, True])
@pytest.mark.parametrize(
    "fails",
    [
        ALL,
        frozenset({LookupRung.CLIENT_ID}),
        ALL - {LookupRung.CLIENT_ID},
        frozenset({LookupRung.HISTORY, LookupRung.TRADES}),
    ],
    ids=["all", "client id", "all but the client id", "history and trades"],
)
def test_a_question_without_an_answer_proves_nothing(fails: frozenset[LookupRung], refuses: bool) -> None:
    scene = Asked()
    scene.fails, scene.refuses = fails, refuses
    order = swallowed(scene)
    scene.passes(25.0)
    assert scene.asked > 8
    assert state_of(scene, order) is State.IN_DOUBT
    assert scene.orders_of(Purpose.HEDGE) == [order]
    assert scene.guard.memory.ledger.cover_range("BTC") == (Decimal(-1), Decimal(0))
    scene.fails = frozenset()
    scene.passes(40.0)
    assert state_of(scene, order) is State.VOID
    assert cover(scene) == -1


def test_somebody_elses_order_in_an_answer_is_not_ours() -> None:
    scene = Asked()
    scene.shows_another = True
    order = swallowed(scene)
    scene.passes(16.0)
    assert state_of(scene, order) is State.VOID
    assert cover(scene) == -1


def test_nothing_proves_an_absence_before_the_venue_stopped_taking_the_order_up() -> None:
    scene = Asked()
    order = swallowed(scene)
    sent_s = scene.guard.memory.sent_s[order.client_id]
    while state_of(scene, order) is not State.VOID:
        scene.passes(0.25)
    assert scene.now_s - sent_s >= 9.0


def test_a_position_from_before_that_says_nothing() -> None:
    scene = Asked()
    order = swallowed(scene)
    scene.blind.add(order.leg.venue)
    scene.passes(40.0)
    assert state_of(scene, order) is State.IN_DOUBT
    scene.blind.clear()
    scene.passes(20.0)
    assert state_of(scene, order) is State.VOID


@pytest.mark.parametrize("known", [State.INTENDED, State.IN_DOUBT])
def test_a_guard_that_comes_back_asks_and_waits_as_long_as_if_the_order_had_just_left(known: State) -> None:
    scene = Asked()
    order = swallowed(scene)
    while state_of(scene, order) is not known:
        scene.passes(0.25)
    earlier = again(scene)
    later = Asked(earlier.policy, facts=list(scene.journal), start_s=earlier.start_s)
    later.positions, later.hangs = scene.positions, scene.hangs
    later.passes(6.0)
    assert later.asked
    assert state_of(later, order) is State.IN_DOUBT
    assert not later.orders_of(Purpose.HEDGE)
    later.passes(20.0)
    assert state_of(later, order) is State.VOID
    assert cover(later) == -1
