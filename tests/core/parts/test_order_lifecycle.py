"""One order's life: evidence of life always counts, and only the venue's own word is evidence of death."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.orders.lifecycle import TABLE, Event, Order, State, move

from .builders import EPOCH_MS, intent

EVENTS = st.lists(st.tuples(st.sampled_from(Event), st.integers(0, 10)), max_size=12)


def lived(events: list[tuple[Event, int]]) -> list[Order]:
    orders = [Order(intent(amount="10"))]
    for event, filled in events:
        after = move(orders[-1], event, EPOCH_MS, filled=Decimal(filled))
        orders.append(after or orders[-1])
    return orders


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([Event.ACCEPTED], State.WORKING),
        ([Event.REJECTED], State.VOID),
        ([Event.NOT_SENT], State.VOID),
        ([Event.UNKNOWN], State.IN_DOUBT),
        ([Event.RESTARTED], State.IN_DOUBT),
        ([Event.UNKNOWN, Event.SEEN_CLOSED], State.CLOSED),
        ([Event.UNKNOWN, Event.PROVEN_ABSENT], State.VOID),
        ([Event.UNKNOWN, Event.REJECTED], State.IN_DOUBT),
        ([Event.ACCEPTED, Event.PROVEN_ABSENT], State.WORKING),
        ([Event.UNKNOWN, Event.PROVEN_ABSENT, Event.SEEN_OPEN], State.WORKING),
        ([Event.REJECTED, Event.ACCEPTED], State.WORKING),
        ([Event.ACCEPTED, Event.SEEN_CLOSED, Event.SEEN_OPEN], State.CLOSED),
        ([Event.ACCEPTED, Event.SEEN_CLOSED, Event.FILLED], State.CLOSED),
    ],
)
def test_named_lives(events: list[Event], state: State) -> None:
    assert lived([(event, 0) for event in events])[-1].state is state


def test_every_state_names_only_known_events() -> None:
    assert set(TABLE) == set(State)
    assert all(isinstance(event, Event) for row in TABLE.values() for event in row)


@given(EVENTS)
def test_what_is_filled_never_shrinks_and_is_always_counted(events: list[tuple[Event, int]]) -> None:
    orders = lived(events)
    for before, after in itertools.pairwise(orders):
        assert after.filled >= before.filled
        assert after.possible >= after.filled


@given(EVENTS)
def test_doubt_ends_only_by_the_venues_evidence(events: list[tuple[Event, int]]) -> None:
    evidence = {Event.ACCEPTED, Event.SEEN_OPEN, Event.SEEN_CLOSED, Event.FILLED, Event.PROVEN_ABSENT}
    orders = lived(events)
    for before, after, (event, _) in zip(orders, orders[1:], events, strict=False):
        if before.state is State.IN_DOUBT and after.state is not State.IN_DOUBT:
            assert event in evidence
        if before.state is State.IN_DOUBT:
            assert before.possible == before.intent.amount
