"""What the guard wants done, in the imperative."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from riskguard.core.facts import Fact
from riskguard.core.messages.reports import LookupRung, ReadKind
from riskguard.core.orders.intent import OrderIntent
from riskguard.core.policy import Rung
from riskguard.core.types import ClientId, Leg, Path, VenueId


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Send one order, after its intent is durable."""

    call: int
    intent: OrderIntent
    deadline_s: float
    expires_s: float
    """Ask the venue to drop the request when it is older than this (recvWindow, deadline, …)."""


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Pull one resting order."""

    call: int
    leg: Leg
    order_id: str
    client_id: str
    deadline_s: float
    canary: bool = False


@dataclass(frozen=True, slots=True)
class LookUpOrder:
    """Ask the venue what became of one of our orders."""

    call: int
    leg: Leg
    client_id: ClientId
    order_id: str
    rung: LookupRung
    since_ms: int
    deadline_s: float


@dataclass(frozen=True, slots=True)
class ReadVenue:
    """Read one thing from a venue; `leg` is needed for a book or trades."""

    call: int
    venue: VenueId
    what: ReadKind
    deadline_s: float
    leg: Leg | None = None
    since_ms: int = 0
    urgent: bool = False
    """On the emergency lane, past the lid on optional traffic."""


@dataclass(frozen=True, slots=True)
class ProbeVenue:
    """Make a call that can never fill: cancel an order that never was, or have an order only validated."""

    call: int
    leg: Leg
    rung: Rung
    path: Path
    client_id: str
    price: Decimal
    amount: Decimal
    deadline_s: float


@dataclass(frozen=True, slots=True)
class SetDeadMan:
    """Have the venue cancel resting orders unless this is repeated within `after_s`; zero takes that off."""

    call: int
    venue: VenueId
    after_s: float
    legs: tuple[Leg, ...]
    """The markets that are meant, where the venue's switch is not for a whole account."""
    deadline_s: float


@dataclass(frozen=True, slots=True)
class PingReference:
    """Ping a URL to learn whether our own network lives; any answer at all is one."""

    name: str
    deadline_s: float


class Severity(StrEnum):
    """How loudly to tell."""

    INFO = "info"
    WARNING = "warning"
    ALARM = "alarm"
    CRITICAL = "critical"
    """An alarm that was given before and has become worse."""


@dataclass(frozen=True, slots=True)
class TellPerson:
    """Say something to the trader, once."""

    severity: Severity
    title: str
    body: str
    incident: str = ""


@dataclass(frozen=True, slots=True)
class FreezeTrading:
    """Tell the trader's own bot to stop (or go on) at a venue."""

    venue: VenueId
    incident: str
    frozen: bool


@dataclass(frozen=True, slots=True)
class Record:
    """Append a fact to the journal."""

    fact: Fact


Command: TypeAlias = (
    PlaceOrder
    | CancelOrder
    | LookUpOrder
    | ReadVenue
    | ProbeVenue
    | SetDeadMan
    | PingReference
    | TellPerson
    | FreezeTrading
    | Record
)
