"""Closing at home first: only where reduce-only orders are surely taken, once, and counted either way."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.messages import (
    CallEnded,
    CallStarted,
    LookupAnswered,
    LookupRung,
    OperatorSaid,
    OrderAnswered,
    OrderReport,
    OrderStatus,
    PlaceOrder,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.outcome import Accepted, Reason, Rejected, Unknown
from riskguard.core.policy import Doubts, Policy
from riskguard.core.types import Mode, Path

from .scene import EPOCH_MS, MAIN, Scene, policy

CALL = 1_000_000
SMALLEST = Decimal("0.001")
"""What a canary's order is for."""


class Home(Scene):
    """The primary sheds load but spares reduce-only orders; what becomes of those is scripted."""

    fills: Decimal | None = Decimal(100)
    """How much of an order at home fills; None: no answer comes."""
    spares = True
    takes_canaries = False
    calls = CALL

    def passes(self, seconds: float) -> None:
        """Let time pass; each step an order is refused for overload, or accepted once all is well."""
        for _ in range(round(seconds / 0.25)):
            super().passes(0.25)
            self.calls += 1
            self.guard.handle(CallStarted(self.calls, "main", Path.PLACE), self.now)
            ill = ("main", Path.CANCEL) in self.hangs
            evidence, spares = ("venue_fault", self.spares) if ill else ("ok", False)
            self.see(CallEnded(self.calls, "main", Path.PLACE, evidence, reduce_exempt=spares))

    def _execute(self, command: PlaceOrder) -> None:
        if command.intent.leg != MAIN:
            super()._execute(command)

    def _answer(self, command: object) -> None:
        match command:
            case PlaceOrder(call, intent) if intent.purpose is Purpose.HOME and self.fills is None:
                unknown = OrderAnswered(intent.client_id, Unknown("no answer"))
                self.see(unknown, CallEnded(call, "main", Path.REDUCE, "unknown"))
            case PlaceOrder(call, intent) if intent.purpose is Purpose.HOME:
                self.closes(intent.client_id, self.fills or Decimal(0))
                answered = OrderAnswered(intent.client_id, Accepted("v"), self.orders[intent.client_id])
                self._ended(call, "main", Path.REDUCE, answered)
            case PlaceOrder(call, intent) if intent.leg == MAIN and self.takes_canaries:
                report = OrderReport(
                    MAIN, f"v{intent.client_id}", intent.client_id, intent.side, intent.amount, intent.price,
                    Decimal(0), None, OrderStatus.OPEN, reduce_only=True,
                )  # fmt: skip
                self.orders[intent.client_id] = report
                answered = OrderAnswered(intent.client_id, Accepted(report.order_id), report)
                self._ended(call, "main", Path.REDUCE, answered)
            case PlaceOrder(call, intent) if intent.leg == MAIN:
                refused = OrderAnswered(intent.client_id, Rejected(Reason.ORDER, "1", "no"))
                self._ended(call, "main", Path.REDUCE, refused)
            case _:
                super()._answer(command)  # type: ignore[arg-type]  # the rest as usual

    def closes(self, client_id: str, amount: Decimal) -> None:
        """Let an order at home fill that far and end."""
        intent = next(place.intent for place in self.sent if place.intent.client_id == client_id)
        filled = min(amount, intent.amount)
        self.orders[client_id] = OrderReport(
            MAIN, f"v{client_id}", client_id, intent.side, intent.amount, intent.price, filled,
            intent.price if filled else None, OrderStatus.CLOSED, reduce_only=True,
        )  # fmt: skip
        self.positions[MAIN] += filled * intent.side.sign


def home(held: str = "1", rules: Policy | None = None, **how: object) -> Home:
    """Play until the primary fails with that much held."""
    scene = Home(rules or policy())
    for name, value in how.items():
        setattr(scene, name, value)
    scene.positions[MAIN] = Decimal(held)
    scene.arm()
    scene.breaks()
    return scene


def cover(scene: Scene) -> Decimal:
    return scene.guard.memory.ledger.cover("BTC")


def amounts(scene: Scene, purpose: Purpose) -> list[Decimal]:
    return [intent.signed_amount for intent in scene.orders_of(purpose)]


@pytest.mark.parametrize("held", ["1", "-0.7"])
def test_what_is_stuck_is_closed_at_home_where_the_venue_spares_orders_that_reduce(held: str) -> None:
    scene = home(held)
    scene.passes(30.0)
    assert amounts(scene, Purpose.HOME) == [-Decimal(held)]
    assert all(intent.reduce_only for intent in scene.orders_of(Purpose.HOME))
    assert not scene.orders_of(Purpose.HEDGE)
    assert scene.positions[MAIN] == 0


def test_what_home_does_not_fill_is_hedged_elsewhere_and_home_is_not_tried_again() -> None:
    scene = home("1", fills=Decimal("0.3"))
    scene.passes(40.0)
    assert amounts(scene, Purpose.HOME) == [Decimal(-1)]
    assert cover(scene) == Decimal("-0.7")


def test_a_refusal_that_spares_nothing_is_no_leave_to_try() -> None:
    scene = home("1", spares=False)
    scene.passes(30.0)
    assert not scene.orders_of(Purpose.HOME)
    assert cover(scene) == -1


def test_silence_is_no_leave_to_try() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.passes(30.0)
    assert not scene.orders_of(Purpose.HOME)
    assert cover(scene) == -1


def test_without_an_answer_it_counts_either_way_until_it_is_settled() -> None:
    scene = home("1", fills=None)
    while not scene.orders_of(Purpose.HOME):
        scene.passes(0.25)
    scene.passes(4.0)
    (intent,) = scene.orders_of(Purpose.HOME)
    assert not scene.orders_of(Purpose.HEDGE)
    picture = scene.guard.snapshot(scene.now).assets[0]
    assert picture.low is not None
    assert -SMALLEST <= picture.low <= 0  # a canary may be in doubt as well
    assert picture.high == 1
    scene.closes(intent.client_id, Decimal("0.4"))
    scene.passes(20.0)
    assert cover(scene) == Decimal("-0.6")


def test_one_that_never_arrived_is_hedged_in_full_once_that_is_proven() -> None:
    scene = home("1", fills=None)
    scene.passes(60.0)
    (intent,) = scene.orders_of(Purpose.HOME)
    asked = scene.guard.memory.ledger.orders[intent.client_id]
    assert not asked.pending
    assert cover(scene) == -1


def test_who_hedges_the_worst_case_hedges_it_while_home_is_in_doubt() -> None:
    rules = policy()
    rule = replace(rules.rules[0], hedge=replace(rules.rules[0].hedge, doubts=Doubts.WORST))
    scene = home("1", replace(rules, rules=(rule,)), fills=None)
    scene.until_hedged()
    scene.passes(4.0)
    assert cover(scene) == -1


def test_a_restart_with_a_lost_answer_neither_tries_home_again_nor_forgets_it() -> None:
    scene = home("1", fills=None)
    scene.passes(14.0)
    (intent,) = scene.orders_of(Purpose.HOME)
    scene.closes(intent.client_id, Decimal("0.4"))
    again = Home(facts=scene.journal, start_s=scene.now_s + 5)
    again.positions, again.orders, again.sent = scene.positions, scene.orders, scene.sent
    again.hangs, again.fills = scene.hangs, None
    again.passes(30.0)
    assert len(again.orders_of(Purpose.HOME)) == 1
    assert cover(again) == Decimal("-0.6")
    assert again.guard.memory.bases.agreed[MAIN].amount == Decimal("0.6")


def test_a_restart_after_it_filled_knows_what_is_left_before_any_read() -> None:
    scene = home("1", fills=Decimal("0.3"))
    scene.passes(20.0)
    again = Home(facts=scene.journal, start_s=scene.now_s + 5)
    assert again.guard.memory.bases.agreed[MAIN].amount == Decimal("0.7")
    assert again.guard.memory.ledger.ours(MAIN) == 0


def test_a_list_that_lags_behind_the_fill_is_not_hedged_a_second_time() -> None:
    scene = home("1", fills=Decimal("0.3"))
    while not scene.orders_of(Purpose.HEDGE):
        scene.passes(0.25)
    scene.positions[MAIN] = Decimal(1)  # the list still shows what was there before
    scene.passes(5.0)
    scene.positions[MAIN] = Decimal("0.7")
    scene.passes(20.0)
    assert cover(scene) == Decimal("-0.7")
    assert sum(abs(amount) for amount in amounts(scene, Purpose.HEDGE)) == Decimal("0.7")


def test_the_way_back_adds_up_after_a_close_at_home() -> None:
    scene = home("1", fills=Decimal("0.3"))
    scene.passes(30.0)
    scene.heals()
    scene.passes(90.0)
    assert cover(scene) == 0
    assert scene.positions[MAIN] == Decimal("0.7")
    assert not [incident for incident in scene.guard.memory.incidents if incident.open]


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.CONFIRM])
def test_nothing_is_closed_where_no_yes_was_given(mode: Mode) -> None:
    scene = home("1", policy(mode=mode))
    scene.passes(30.0)
    assert not scene.orders_of(Purpose.HOME)
    if mode is Mode.CONFIRM:
        scene.see(OperatorSaid("hedge"))
        scene.passes(5.0)
        assert amounts(scene, Purpose.HOME) == [Decimal(-1)]


def test_a_canary_that_rests_at_home_keeps_nothing_from_being_closed_there() -> None:
    rules = policy()
    scene = home("1", replace(rules, rules=(replace(rules.rules[0], veto_s=4.0),)), takes_canaries=True)
    scene.passes(20.0)
    assert any(intent.reduce_only for intent in scene.orders_of(Purpose.CANARY))
    assert amounts(scene, Purpose.HOME) == [Decimal(-1)]
    assert not scene.orders_of(Purpose.HEDGE)


def test_a_hedged_book_leaves_home_alone() -> None:
    rules = policy()
    kept = replace(rules, assets=(replace(rules.assets[0], keep=Decimal(1)),))
    scene = home("1", kept)
    scene.passes(30.0)
    assert not scene.orders_of(Purpose.HOME)


def test_the_answer_of_a_lookup_is_enough() -> None:
    scene = home("1", fills=None)
    scene.passes(12.0)
    (intent,) = scene.orders_of(Purpose.HOME)
    scene.closes(intent.client_id, Decimal(1))
    report = scene.orders[intent.client_id]
    scene.see(LookupAnswered(intent.client_id, LookupRung.CLIENT_ID, Accepted(), scene.now_s, (report,)))
    scene.passes(10.0)
    assert not scene.orders_of(Purpose.HEDGE)
    assert scene.now.wall_ms > EPOCH_MS
