"""The life of an incident as one table; what is not in it is refused and changes nothing."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    """The venue is in trouble and the hedge is not (yet) as wanted."""
    HEDGED = "hedged"
    """The venue is in trouble and what is wanted is held."""
    RECOVERING = "recovering"
    """The venue is well again; orders, fills and positions are being reconciled."""
    UNWINDING = "unwinding"
    """The hedge is being taken off."""
    CLOSED = "closed"


class Event(StrEnum):
    """What can happen to an incident."""

    COVERED = "covered"
    """What is held as hedge equals what is wanted, within one lot."""
    UNCOVERED = "uncovered"
    """What is wanted moved away from what is held."""
    CLEARED = "cleared"
    """The venue is well and nothing was hedged."""
    RETURNED = "returned"
    """The venue is well and a hedge is held, or may be."""
    RECONCILED = "reconciled"
    """The venue's books are stable over two channels and the waiting time is over."""
    RELAPSED = "relapsed"
    """The venue is in trouble again."""
    UNWOUND = "unwound"
    """No hedge is held and none may be."""


TABLE: Mapping[State, Mapping[Event, State]] = {
    State.OPEN: {
        Event.COVERED: State.HEDGED,
        Event.CLEARED: State.CLOSED,
        Event.RETURNED: State.RECOVERING,
    },
    State.HEDGED: {
        Event.UNCOVERED: State.OPEN,
        Event.CLEARED: State.CLOSED,
        Event.RETURNED: State.RECOVERING,
    },
    State.RECOVERING: {
        Event.RELAPSED: State.OPEN,
        Event.RECONCILED: State.UNWINDING,
        Event.UNWOUND: State.CLOSED,
    },
    State.UNWINDING: {
        Event.RELAPSED: State.OPEN,
        Event.UNWOUND: State.CLOSED,
    },
    State.CLOSED: {},
}
