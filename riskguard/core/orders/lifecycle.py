"""What may become of one of our orders, as one table; what is not in it is refused and changes nothing.

The table leans to one side on purpose. Evidence of life always counts: an order that was declared void and
then shows up is working again, because "not found" is weak (a live order was reported missing for 62 s).
Evidence of death must be the venue's own: no timer leads to `VOID`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from riskguard.core.orders.intent import OrderIntent
from riskguard.core.types import ZERO


class State(StrEnum):
    """Where an order stands."""

    INTENDED = "intended"
    """Journalled; its bytes may be on their way."""
    IN_DOUBT = "in doubt"
    """The outcome is unknown; counts in full until the venue's evidence or a person settles it."""
    WORKING = "working"
    """Acknowledged, or seen; not known to have ended."""
    CLOSED = "closed"
    """Ended; what is filled is final, but for history that comes late."""
    VOID = "void"
    """Never executed: rejected, not sent, or absent by the venue's own evidence."""


class Event(StrEnum):
    """What can happen to an order."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"
    RESTARTED = "restarted"
    """The guard came back and finds no answer in its journal."""
    SEEN_OPEN = "seen open"
    SEEN_CLOSED = "seen closed"
    FILLED = "filled"
    """Part of it, or all, is known to be executed."""
    PROVEN_ABSENT = "proven absent"


TABLE: Mapping[State, Mapping[Event, State]] = {
    State.INTENDED: {
        Event.ACCEPTED: State.WORKING,
        Event.REJECTED: State.VOID,
        Event.NOT_SENT: State.VOID,
        Event.UNKNOWN: State.IN_DOUBT,
        Event.RESTARTED: State.IN_DOUBT,
        Event.SEEN_OPEN: State.WORKING,
        Event.SEEN_CLOSED: State.CLOSED,
        Event.FILLED: State.WORKING,
    },
    State.IN_DOUBT: {
        Event.ACCEPTED: State.WORKING,
        Event.SEEN_OPEN: State.WORKING,
        Event.SEEN_CLOSED: State.CLOSED,
        Event.FILLED: State.WORKING,
        Event.PROVEN_ABSENT: State.VOID,
    },
    State.WORKING: {
        Event.ACCEPTED: State.WORKING,
        Event.UNKNOWN: State.WORKING,
        Event.SEEN_OPEN: State.WORKING,
        Event.SEEN_CLOSED: State.CLOSED,
        Event.FILLED: State.WORKING,
    },
    State.CLOSED: {
        Event.SEEN_CLOSED: State.CLOSED,
        Event.FILLED: State.CLOSED,
    },
    State.VOID: {
        Event.ACCEPTED: State.WORKING,
        Event.SEEN_OPEN: State.WORKING,
        Event.SEEN_CLOSED: State.CLOSED,
        Event.FILLED: State.WORKING,
    },
}


@dataclass(frozen=True, slots=True)
class Order:
    """One of our orders and what is known of it."""

    intent: OrderIntent
    state: State = State.INTENDED
    filled: Decimal = ZERO
    """Base units known to be executed; never shrinks."""
    average: Decimal = ZERO
    order_id: str = ""
    since_ms: int = 0
    """Wall milliseconds of the last change of state."""

    @property
    def pending(self) -> bool:
        """Whether it may still execute more than is known."""
        return self.state in (State.INTENDED, State.IN_DOUBT, State.WORKING)

    @property
    def possible(self) -> Decimal:
        """Base units that may be executed in all; the full amount while pending."""
        return max(self.intent.amount, self.filled) if self.pending else self.filled


def move(
    order: Order,
    event: Event,
    now_ms: int,
    *,
    order_id: str = "",
    filled: Decimal = ZERO,
    average: Decimal = ZERO,
) -> Order | None:
    """Apply one event; None means that the table refuses it and nothing changed."""
    state = TABLE[order.state].get(event)
    if state is None:
        return None
    grown = max(order.filled, filled)
    return replace(
        order,
        state=state,
        filled=grown,
        average=average if average and grown > order.filled else order.average,
        order_id=order_id or order.order_id,
        since_ms=order.since_ms if state is order.state else now_ms,
    )
