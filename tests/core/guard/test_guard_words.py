"""What a person says holds: over restarts, over other words, and only for what he meant."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.control.operating import STARTED_WITH
from riskguard.core.control.preflight import ALONE
from riskguard.core.incident.table import State
from riskguard.core.messages import JournalFailed, LoopTicked, OperatorSaid
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Policy, Role, Unwind
from riskguard.core.types import Mode

from .scene import ALPHA, BETA, MAIN, Scene, policy
from .test_guard_others import STRANGER, again, cover, hedged, order_of
from .test_guard_returns import until


def opened(rules: Policy | None = None, *, held: str = "1") -> Scene:
    """Play until the incident has just opened."""
    scene = Scene(rules or policy())
    scene.positions[MAIN] = Decimal(held)
    scene.arm()
    scene.breaks()
    while not list(scene.guard.memory.incidents):
        scene.passes(0.25)
    return scene


def hedges_after(scene: Scene, limit_s: float = 300.0) -> float:
    """Give how long it takes until a hedge leaves."""
    begun_s = scene.now_s
    scene.until_hedged(limit_s)
    return scene.now_s - begun_s


def patient(veto_s: float) -> Policy:
    base = policy()
    return replace(base, rules=(replace(base.rules[0], veto_s=veto_s),))


@pytest.mark.parametrize(
    ("holds", "restarts", "least_s"), [(0, False, 30.0), (1, False, 90.0), (2, True, 150.0)]
)
def test_a_hold_adds_a_minute_to_the_time_that_is_left(holds: int, restarts: bool, least_s: float) -> None:
    scene = opened(patient(30.0))
    for _ in range(holds):
        scene.see(OperatorSaid("hold"))
    scene = again(scene) if restarts else scene
    assert least_s - 4.0 <= hedges_after(scene) <= least_s + 4.0


def test_the_hedge_word_skips_the_time_to_veto_and_a_hold_after_it_is_kept() -> None:
    scene = opened(patient(60.0))
    scene.see(OperatorSaid("hedge"))
    assert hedges_after(scene) < 20.0
    scene = opened(patient(60.0))
    scene.see(OperatorSaid("hedge"), OperatorSaid("hold"))
    assert 60.0 <= hedges_after(scene) < 70.0


def test_the_hedge_word_skips_no_certainty() -> None:
    scene = opened()
    scene.see(OperatorSaid("hedge"))
    while not scene.guard.memory.standing("main").down:
        assert not scene.orders_of(Purpose.HEDGE)
        scene.passes(0.25)
    scene.passes(2.0)
    assert scene.orders_of(Purpose.HEDGE)


@pytest.mark.parametrize("words", [("veto",), ("hedge", "veto")])
def test_a_veto_holds_over_a_restart(words: tuple[str, ...]) -> None:
    scene = opened()
    for word in words:
        scene.see(OperatorSaid(word))
    later = again(scene)
    later.passes(30.0)
    assert not later.orders_of(Purpose.HEDGE)
    later.see(OperatorSaid("hedge"))
    assert hedges_after(later) < 20.0


def test_a_no_takes_back_the_yes_of_confirm_mode() -> None:
    scene = opened(policy(mode=Mode.CONFIRM))
    scene.see(OperatorSaid("hedge"), OperatorSaid("veto"))
    scene.passes(20.0)
    assert not scene.orders_of(Purpose.HEDGE)


def two_incidents() -> Scene:
    """Break the primary and a backup that is guarded as well."""
    base = policy()
    main, alpha, beta = base.venues
    rule = replace(base.rules[0], venues=("main", "alpha"), veto_s=60.0)
    scene = Scene(replace(base, venues=(main, replace(alpha, role=Role.BOTH), beta), rules=(rule,)))
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    while not list(scene.guard.memory.incidents):
        scene.passes(0.25)
    scene.passes(8.0)
    scene.breaks("alpha")
    while len(list(scene.guard.memory.incidents)) < 2:
        scene.passes(0.25)
    return scene


def test_a_word_without_a_name_says_nothing_where_there_are_two() -> None:
    scene = two_incidents()
    scene.see(OperatorSaid("veto"), OperatorSaid("veto", "nosuch"))
    assert not any(incident.vetoed for incident in scene.guard.memory.incidents)
    scene.see(OperatorSaid("veto", "a2"))
    assert [incident.vetoed for incident in scene.guard.memory.incidents] == [False, True]


def test_a_hedge_comes_off_although_an_incident_goes_on_that_a_person_wanted_no_hedge_for() -> None:
    scene = two_incidents()
    scene.see(OperatorSaid("hedge", "a1"), OperatorSaid("veto", "a2"))
    scene.passes(6.0)
    assert cover(scene) == -1
    scene.hangs = {(venue, path) for venue, path in scene.hangs if venue != "main"}
    until(scene, State.CLOSED)
    assert scene.guard.memory.incidents.by_id["a2"].open
    assert cover(scene) == 0


def test_a_word_about_an_incident_that_is_over_changes_nothing() -> None:
    scene, _ = hedged("1")
    scene.heals()
    until(scene, State.CLOSED)
    scene.see(OperatorSaid("veto"), OperatorSaid("veto", "a1"))
    (incident,) = scene.guard.memory.incidents
    assert not incident.vetoed


def test_each_incident_has_a_name_of_its_own() -> None:
    scene, _ = hedged("1")
    scene.heals()
    until(scene, State.CLOSED)
    scene.breaks()
    scene.passes(20.0)
    assert [incident.id for incident in scene.guard.memory.incidents] == ["a1", "a2"]
    assert cover(scene) == -1


# ------------------------------------------------------------------ arming


@pytest.mark.parametrize(
    ("words", "armed"),
    [
        ((), False),
        ((OperatorSaid("arm"),), True),
        ((OperatorSaid("arm"), OperatorSaid("disarm")), False),
        ((OperatorSaid("arm"), OperatorSaid("disarm"), OperatorSaid("arm")), True),
        ((OperatorSaid("arm"), OperatorSaid("disarm"), OperatorSaid("arm", by=STARTED_WITH)), False),
        ((OperatorSaid("arm", by=STARTED_WITH),), True),
    ],
)
def test_the_last_word_counts_over_restarts_and_the_command_line_is_no_person(
    words: tuple[OperatorSaid, ...], armed: bool
) -> None:
    scene = Scene()
    scene.see(*words)
    assert scene.guard.memory.armed is armed
    later = again(scene)
    assert later.guard.memory.armed is armed
    later.see(OperatorSaid("arm", by=STARTED_WITH))
    disarmed = any(word.word == "disarm" for word in words)
    assert later.guard.memory.armed is (armed or not disarmed)


# ------------------------------------------------------------------ preflight


def no_preflight(scene: Scene) -> bool:
    scene.see(OperatorSaid("preflight", by=ALONE))
    scene.passes(8.0)
    return bool(scene.guard.memory.preflights.refused) and not scene.orders_of(Purpose.PREFLIGHT)


def test_no_preflight_flies_in_an_incident_without_a_journal_by_our_own_fault_or_beside_another() -> None:
    assert no_preflight(opened(patient(600.0)))
    scene = Scene()
    scene.passes(3.0)
    scene.see(JournalFailed("full"))
    assert no_preflight(scene)
    scene = Scene()
    scene.passes(3.0)
    for _ in range(40):
        scene.see(LoopTicked(scene.now_s - 1.0))
        scene.passes(0.25)
    assert scene.guard.memory.self_ill
    assert no_preflight(scene)
    scene = Scene()
    scene.resting[ALPHA] = [order_of(STRANGER)]
    scene.passes(4.0)
    assert no_preflight(scene)


def test_no_preflight_flies_where_the_backups_book_is_apart_or_the_backup_is_ill() -> None:
    scene = Scene()
    scene.passes(4.0)
    scene.mids[ALPHA] = Decimal(70_000)
    scene.breaks("beta")
    scene.passes(8.0)
    assert not scene.guard.memory.standing("beta").fine
    scene.see(OperatorSaid("preflight", by=ALONE))
    scene.passes(40.0)
    assert not scene.orders_of(Purpose.PREFLIGHT)
    assert {venue for venue, ended in scene.guard.memory.preflights.ended.items() if not ended.ok} == {
        "alpha",
        "beta",
    }


def test_a_preflight_that_failed_takes_back_what_an_earlier_one_proved() -> None:
    scene = Scene()
    scene.passes(3.0)
    scene.see(OperatorSaid("preflight", by=ALONE))
    scene.passes(12.0)
    assert scene.guard.memory.preflights.passed_ms["alpha"] > 0
    scene.fills_orders = False
    scene.see(OperatorSaid("preflight", by=ALONE))
    scene.passes(12.0)
    assert scene.guard.memory.preflights.passed_ms == {"alpha": 0, "beta": 0}
    assert again(scene).guard.memory.preflights.passed_ms == {"alpha": 0, "beta": 0}


# ------------------------------------------------------------------ strategies


@pytest.mark.parametrize(
    ("held", "hedge"), [("0.009", "0"), ("-0.009", "0"), ("0.011", "0.011"), ("0.05", "0.05")]
)
def test_less_than_the_guard_is_left_alone_and_the_rest_is_hedged_in_full(held: str, hedge: str) -> None:
    scene = opened(held=held)
    scene.passes(20.0)
    assert cover(scene) == -Decimal(hedge)


@pytest.mark.parametrize("orphan", ["auto", "ask"])
def test_an_orphan_waits_for_a_person_only_where_the_policy_says_so(orphan: str) -> None:
    base = replace(policy(), unwind=Unwind("auto", after_s=1.0, orphan=orphan))
    scene, _ = hedged("1", scene=Scene(base))
    scene.positions[MAIN] = Decimal("0.4")
    scene.passes(10.0)
    assert cover(scene) == (Decimal("-0.4") if orphan == "auto" else -1)
    scene.see(OperatorSaid("unwind"))
    scene.passes(8.0)
    assert cover(scene) == Decimal("-0.4")
    assert scene.positions[ALPHA] + scene.positions[BETA] == Decimal("-0.4")
