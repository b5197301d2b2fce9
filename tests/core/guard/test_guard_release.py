"""When a hedge may come off: not while held, not unasked, and not before its venue is proven stable."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from riskguard.core.facts import IncidentMoved
from riskguard.core.incident.table import State
from riskguard.core.messages import (
    CallEnded,
    Command,
    FreezeTrading,
    LoopTicked,
    OperatorSaid,
    OrderReport,
    OrderStatus,
    ReadFailed,
    ReadKind,
    ReadVenue,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Policy, Recover, Unwind
from riskguard.core.types import Path, Side

from .scene import MAIN, Scene, policy
from .test_guard_others import again
from .test_guard_returns import cover, hedged, incident, until


def rules(
    *, unwind: Unwind | None = None, clean_s: float = 2.0, stable_s: float = 2.0, slices: int = 1
) -> Policy:
    base = policy(slices=slices)
    recover = replace(base.detect, recover=Recover(clean_s, 3, stable_s))
    return replace(base, detect=recover, unwind=unwind or Unwind("auto", after_s=0.0))


def returned(by: Policy) -> Scene:
    """Play until the venue is well again and its books are being checked."""
    scene = hedged("1", scene=Scene(by))
    scene.heals()
    until(scene, State.RECOVERING)
    return scene


def lasts(scene: Scene, limit_s: float = 200.0) -> float:
    """Give how long it takes from now until the first order takes hedge off."""
    begun_s = scene.now_s
    while not scene.orders_of(Purpose.UNWIND) and scene.now_s < begun_s + limit_s:
        scene.passes(0.25)
    return scene.now_s - begun_s


# ------------------------------------------------------------------ how long


@pytest.mark.parametrize(("holds", "least_s"), [(1, 60.0), (2, 120.0)])
def test_each_hold_keeps_it_a_minute_longer(holds: int, least_s: float) -> None:
    scene = returned(rules())
    for _ in range(holds):
        scene.see(OperatorSaid("hold"))
    assert least_s <= lasts(scene) <= least_s + 5.0


def test_the_policys_time_after_the_return_is_waited_for() -> None:
    assert 25.0 <= lasts(returned(rules(unwind=Unwind("auto", after_s=25.0)))) <= 30.0


def test_the_books_must_stay_the_same_for_the_whole_stable_time_and_a_change_begins_it_anew() -> None:
    scene = returned(rules(stable_s=12.0))
    scene.passes(10.0)
    order = OrderReport(
        MAIN, "x1", "bot", Side.BUY, Decimal(1), Decimal(50_000), Decimal(0), None, OrderStatus.OPEN
    )
    scene.resting[MAIN] = [order]
    assert 12.0 <= lasts(scene) <= 18.0


def test_where_the_policy_asks_it_stays_until_a_person_says_so() -> None:
    scene = returned(rules(unwind=Unwind("ask", after_s=0.0)))
    scene.passes(40.0)
    assert cover(scene) == -1
    assert sum("the hedge can come off" in title for title in scene.told) == 1
    scene.see(OperatorSaid("unwind"))
    until(scene, State.CLOSED)
    assert cover(scene) == 0


class Silent(Scene):
    """A primary that keeps throttling one kind of read."""

    fails: ReadKind | None = None

    def _read(self, command: ReadVenue) -> None:
        if command.venue == "main" and command.what is self.fails:
            ended = CallEnded(command.call, "main", Path.QUERY, "rate_limited")
            self.see(ReadFailed(command.venue, command.what), ended)
            return
        super()._read(command)


def test_positions_that_are_told_no_more_are_no_stable_books() -> None:
    scene = Silent(rules(stable_s=10.0))
    hedged("1", scene=scene)
    scene.heals()
    until(scene, State.RECOVERING)
    scene.passes(4.0)
    scene.fails = ReadKind.POSITIONS
    scene.passes(40.0)
    assert cover(scene) == -1
    assert not scene.orders_of(Purpose.UNWIND)


def test_a_last_reading_that_says_otherwise_stops_the_release() -> None:
    usual = returned(rules(stable_s=8.0))
    due_s = usual.now_s + lasts(usual)
    for early_s in (1.0, 1.5, 2.0):
        scene = returned(rules(stable_s=8.0))
        while scene.now_s < due_s - early_s:
            scene.passes(0.25)
        scene.positions[MAIN] = Decimal("1.5")
        while scene.guard.memory.bases.agreed[MAIN].amount == 1:
            contradicted = scene.guard.memory.bases.contradicted(MAIN)
            assert not scene.orders_of(Purpose.UNWIND) or not contradicted
            scene.passes(0.25)
        assert not scene.orders_of(Purpose.UNWIND)


def test_books_that_agree_prove_nothing_while_the_venue_is_in_trouble_that_no_rule_names() -> None:
    base = rules(stable_s=12.0)
    only_dark = replace(base.rules[0], when=("dark",))
    scene = Scene(replace(base, rules=(only_dark,)))
    scene.hangs |= {("main", Path.QUERY), ("main", Path.ACCOUNT)}
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.blind.add("main")
    scene.until_hedged()
    scene.passes(3.0)
    assert cover(scene) == -1
    scene.heals()
    until(scene, State.RECOVERING)
    scene.breaks()  # it answers all questions, and takes no orders
    scene.passes(60.0)
    assert not scene.guard.memory.standing("main").fine
    assert incident(scene).state is State.RECOVERING
    assert cover(scene) == -1


# ------------------------------------------------------------------ while it comes off


def test_nothing_more_comes_off_while_the_venue_is_in_trouble_that_no_rule_names() -> None:
    scene = Scene(rules(slices=5))
    scene.fills_orders = True
    hedged("1", scene=scene)
    scene.passes(10.0)
    scene.heals()
    until(scene, State.UNWINDING)
    scene.fills_orders = False  # the slices come back empty until the venue has fallen silent
    scene.blind.add("main")
    while scene.guard.memory.standing("main").fine:
        scene.passes(0.25)
    scene.fills_orders = True
    held = cover(scene)
    scene.passes(15.0)
    assert cover(scene) == held != 0
    scene.heals()
    until(scene, State.CLOSED)
    assert cover(scene) == 0


def test_a_way_out_without_an_answer_keeps_the_incident_open() -> None:
    scene = hedged("1")
    scene.answers_orders = False
    scene.heals()
    until(scene, State.UNWINDING)
    (sent,) = scene.orders_of(Purpose.UNWIND)
    found = scene.orders.pop(sent.client_id)
    scene.passes(12.0)
    assert incident(scene).state is State.UNWINDING
    assert scene.orders_of(Purpose.UNWIND) == [sent]
    scene.orders[sent.client_id] = found
    until(scene, State.CLOSED)
    assert cover(scene) == 0


def test_a_veto_lasts_over_a_return_and_a_relapse() -> None:
    scene = hedged("1")
    scene.see(OperatorSaid("veto"))
    scene.heals()
    until(scene, State.RECOVERING)
    scene.breaks()
    until(scene, State.HEDGED)
    scene.positions[MAIN] = Decimal(2)
    scene.passes(15.0)
    assert cover(scene) == -1
    assert len(scene.orders_of(Purpose.HEDGE)) == 1


# ------------------------------------------------------------------ after a restart


def moves(scene: Scene) -> list[str]:
    return [fact.event for _, fact in scene.journal if isinstance(fact, IncidentMoved)]


def test_a_guard_that_comes_back_takes_no_venue_for_well_that_showed_it_nothing() -> None:
    scene = again(hedged("1", scene=Scene(rules(clean_s=0.0))))
    scene.passes(15.0)
    assert moves(scene) == []
    assert cover(scene) == -1


def test_a_guard_that_comes_back_waits_until_the_venue_was_clean_in_its_own_time() -> None:
    before = hedged("1", scene=Scene(rules(clean_s=20.0)))
    before.heals()
    scene = again(before)
    scene.passes(18.0)
    assert moves(scene) == []
    scene.passes(30.0)
    assert "returned" in moves(scene)
    assert cover(scene) == 0


def test_a_venue_is_not_well_again_while_the_fault_is_ours() -> None:
    scene = hedged("1")
    for _ in range(40):
        scene.see(LoopTicked(scene.now_s - 1.0))
        scene.passes(0.25)
    assert scene.guard.memory.self_ill
    scene.heals()
    for _ in range(80):
        scene.see(LoopTicked(scene.now_s - 1.0))
        scene.passes(0.25)
    assert "returned" not in moves(scene)
    assert cover(scene) == -1


# ------------------------------------------------------------------ the trader's own bot


@dataclass
class Frozen(Scene):
    """Remembers who was told to stop and to go on."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.said: list[bool] = []

    def _took(self, commands: object) -> None:
        kept: list[Command] = list(commands)  # type: ignore[call-overload]  # commands of the guard
        self.said += [command.frozen for command in kept if isinstance(command, FreezeTrading)]
        super()._took(kept)


def test_the_bot_is_stopped_once_stays_so_over_a_restart_and_goes_on_when_all_is_over() -> None:
    base = rules()
    scene = Frozen(replace(base, rules=(replace(base.rules[0], do=("tell", "freeze", "hedge")),)))
    hedged("1", scene=scene)
    assert scene.said == [True]
    later = Frozen(scene.policy, facts=list(scene.journal), start_s=scene.now_s + 3)
    later.positions, later.orders, later.hangs = scene.positions, scene.orders, scene.hangs
    later.passes(5.0)
    assert later.said == [True]
    later.heals()
    until(later, State.CLOSED)
    assert later.said == [True, False]
