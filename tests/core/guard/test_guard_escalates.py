"""What goes on is told again: with numbers, louder, never more often than the policy asks."""

import itertools
from dataclasses import replace
from decimal import Decimal

from riskguard.core.messages import OperatorSaid
from riskguard.core.policy import Policy, Tell
from riskguard.core.snapshot import EventPicture

from .scene import LIMITS, MAIN, Scene, policy

REMIND_S = 30.0


def reminding(**limits: object) -> Policy:
    rules = policy(replace(LIMITS, **limits))  # type: ignore[arg-type]  # fields are named by the callers
    return replace(
        rules, tell=Tell(remind_s=REMIND_S), unwind=replace(rules.unwind, when="ask", review_s=REMIND_S)
    )


def naked(rules: Policy | None = None, held: str = "1") -> Scene:
    """Play until an incident opened that nothing hedges: the guard is not armed."""
    scene = Scene(rules or reminding())
    scene.positions[MAIN] = Decimal(held)
    scene.passes(4.0)
    scene.breaks()
    while not list(scene.guard.memory.incidents):
        scene.passes(0.25)
    return scene


def reminders(scene: Scene, word: str = "naked") -> list[EventPicture]:
    return [event for event in scene.guard.memory.events if word in event.title]


def test_naked_exposure_is_told_again_at_the_policys_pace_and_gets_louder() -> None:
    scene = naked()
    scene.passes(REMIND_S * 4 + 1)
    told = reminders(scene)
    assert [event.severity for event in told] == ["alarm", "alarm", "critical", "critical"]
    apart = [(b.at_ms - a.at_ms) / 1000 for a, b in itertools.pairwise(told)]
    assert all(REMIND_S <= pause <= REMIND_S + 1 for pause in apart)


def test_a_reminder_says_what_is_known_what_not_what_is_next_and_how_to_stop_it() -> None:
    scene = naked()
    scene.passes(REMIND_S + 1)
    (told,) = reminders(scene)
    assert told.title.startswith("main: 60000 USDT naked, ")
    for words in (
        "BTC: net +1, hedged 0",
        "none of our orders is in doubt",
        "next: ",
        "riskguard hedge a1 · veto a1",
    ):
        assert words in told.body


def test_what_doubles_is_told_before_its_time_and_never_faster_than_that() -> None:
    scene = naked()
    scene.passes(REMIND_S + 1)
    scene.positions[MAIN] = Decimal(3)
    scene.passes(11.0)
    assert len(reminders(scene)) == 2
    scene.passes(12.0)
    assert len(reminders(scene)) == 2


def test_a_restart_repeats_no_reminder() -> None:
    scene = naked()
    scene.passes(REMIND_S + 1)
    again = Scene(scene.policy, facts=scene.journal, start_s=scene.now_s + 5)
    again.positions, again.hangs = scene.positions, scene.hangs
    again.passes(15.0)
    assert len(reminders(again)) == 1  # the one that the journal knows
    again.passes(20.0)
    assert len(reminders(again)) == 2


def test_who_said_no_is_reminded_rarely_and_quietly() -> None:
    scene = naked()
    scene.see(OperatorSaid("veto"))
    scene.passes(REMIND_S * 4 + 2)
    assert [event.severity for event in reminders(scene)] == ["warning"]


def hedged() -> Scene:
    scene = Scene(reminding())
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    return scene


def test_a_hedged_book_is_no_alarm_and_its_hedge_is_reviewed_with_what_it_cost() -> None:
    scene = hedged()
    for leg in scene.mids:
        scene.mids[leg] = Decimal(61_000)
    scene.passes(REMIND_S * 2 + 3)
    assert not reminders(scene)
    told = reminders(scene, "has stood for")
    assert len(told) == 2
    assert told[0].title.startswith("a hedge of -1 BTC has stood for 3")
    assert "0.00 USDT in fees" in told[0].body
    assert "riskguard unwind a1" in told[0].body


def test_a_neutral_book_with_a_dead_leg_is_no_alarm() -> None:
    scene = naked(held="0")
    scene.passes(REMIND_S * 3)
    assert not reminders(scene)
