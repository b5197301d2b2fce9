"""An incident's life as a fold of the journal."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.facts import IncidentMoved, NakedCounted, OperatorDecided
from riskguard.core.incident.incident import HOLD_MS, OPENED, Incidents
from riskguard.core.incident.table import TABLE, Event, State

from .builders import EPOCH_MS


def step(incidents: Incidents, event: str) -> Incidents:
    return incidents.fold(IncidentMoved("a1", "main", event, "", "trapped"), EPOCH_MS)


def opened() -> Incidents:
    return step(Incidents(), OPENED)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], State.OPEN),
        ([Event.COVERED], State.HEDGED),
        ([Event.COVERED, Event.UNCOVERED], State.OPEN),
        ([Event.COVERED, Event.RETURNED, Event.RECONCILED, Event.UNWOUND], State.CLOSED),
        ([Event.COVERED, Event.RETURNED, Event.RELAPSED], State.OPEN),
        ([Event.COVERED, Event.RETURNED, Event.RECONCILED, Event.RELAPSED, Event.COVERED], State.HEDGED),
        ([Event.CLEARED], State.CLOSED),
        ([Event.RECONCILED], State.OPEN),
        ([Event.UNWOUND], State.OPEN),
        ([Event.CLEARED, Event.RELAPSED], State.CLOSED),
    ],
)
def test_named_lives(events: list[Event], state: State) -> None:
    incidents = opened()
    for event in events:
        incidents = step(incidents, event.value)
    assert incidents.by_id["a1"].state is state


@given(st.lists(st.sampled_from(Event), max_size=12))
def test_release_needs_a_return_and_a_reconciliation(events: list[Event]) -> None:
    incidents, returned, reconciled = opened(), False, False
    for event in events:
        before = incidents.by_id["a1"].state
        incidents = step(incidents, event.value)
        after = incidents.by_id["a1"].state
        assert after is TABLE[before].get(event, before)
        returned = after is State.RECOVERING or (returned and after is not State.OPEN)
        reconciled = reconciled or event is Event.RECONCILED
        if after is State.UNWINDING:
            assert returned
            assert reconciled


def test_every_state_but_closed_has_a_way_on() -> None:
    assert all(bool(row) is (state is not State.CLOSED) for state, row in TABLE.items())


def decided(incidents: Incidents, *words: str) -> Incidents:
    for word in words:
        incidents = incidents.fold(OperatorDecided(word, "a1", "cli"), EPOCH_MS)
    return incidents


def test_a_veto_lasts_until_the_hedge_is_asked_for() -> None:
    assert decided(opened(), "veto").by_id["a1"].vetoed
    wanted = decided(opened(), "veto", "hedge").by_id["a1"]
    assert wanted.wanted
    assert not wanted.vetoed
    assert not decided(opened(), "hedge", "veto").by_id["a1"].wanted


def test_each_hold_adds_a_minute() -> None:
    assert decided(opened(), "hold", "hold").by_id["a1"].held_until_ms == EPOCH_MS + 2 * HOLD_MS


def test_naked_time_is_taken_from_the_newest_fact() -> None:
    counted = opened().fold(NakedCounted("a1", 3.5, Decimal(1000)), EPOCH_MS)
    assert (counted.by_id["a1"].naked_s, counted.by_id["a1"].naked_usdt_s) == (3.5, Decimal(1000))
    assert counted.fold(NakedCounted("zz", 9.0, Decimal(1)), EPOCH_MS) == counted
