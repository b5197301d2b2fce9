"""Is it me? Everything dead at once is our own fault; two sick venues beside a living reference are not."""

from collections.abc import Callable

import pytest

from riskguard.core.facts import ConditionChanged, IncidentMoved, IntentRecorded
from riskguard.core.orders.intent import Purpose
from tests.e2e.scenes import Played
from tests.e2e.stage import BACKUP, HELD, PRIMARY, condition

pytestmark = [pytest.mark.wire, pytest.mark.slow]
DEAD = ["everything_hangs", "everything_refuses"]


def _hedges_meant(played: Played) -> list[str]:
    intents = [fact.intent for fact in played.facts if isinstance(fact, IntentRecorded)]
    return [intent.client_id for intent in intents if intent.purpose is not Purpose.CANARY]


def _own_conditions(played: Played) -> list[str]:
    changes = [fact for fact in played.facts if isinstance(fact, ConditionChanged)]
    return [f"{change.condition}: {change.because}" for change in changes if change.venue == "self"]


@pytest.mark.parametrize("name", DEAD)
def test_everything_dead_at_once_is_our_own_fault_and_no_order_leaves(
    scene: Callable[[str], Played], name: str
) -> None:
    played = scene(name)
    assert played.last["self"]["condition"] == "SELF"
    assert played.last["self"]["because"]
    assert _hedges_meant(played) == []
    assert played.arrived == {PRIMARY: [], BACKUP: []}
    assert played.positions == {PRIMARY: HELD, BACKUP: 0}


@pytest.mark.parametrize("name", DEAD)
def test_no_venue_is_blamed_and_no_incident_begins(scene: Callable[[str], Played], name: str) -> None:
    played = scene(name)
    assert [fact.event for fact in played.facts if isinstance(fact, IncidentMoved)] == []
    grave = {"TRAPPED", "DARK", "BLIND"}
    assert not grave & (played.conditions(PRIMARY) | played.conditions(BACKUP))
    assert played.exit_code == 0


def test_two_sick_venues_beside_a_living_reference_are_both_trapped(scene: Callable[[str], Played]) -> None:
    played = scene("both_sick")
    assert [condition(played.last, venue) for venue in (PRIMARY, BACKUP)] == ["TRAPPED", "TRAPPED"]
    assert played.last["self"]["condition"] == "FINE"
    assert not [
        words for words in _own_conditions(played) if words.startswith("SELF") and "loop" not in words
    ]


def test_no_hedge_goes_to_a_backup_that_is_sick_too(scene: Callable[[str], Played]) -> None:
    played = scene("both_sick")
    assert played.arrived == {PRIMARY: [], BACKUP: []}
    (incident,) = played.last["incidents"]
    assert (incident["state"], incident["venue"]) == ("open", PRIMARY)
    told = " ".join(event["title"] + event["body"] for event in played.last["events"])
    assert "of the hedge cannot be sent" in told
