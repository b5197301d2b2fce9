"""Facts that reach the guard, in the past tense."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from riskguard.core.messages.reports import (
    FillReport,
    LookupRung,
    OrderReport,
    PositionReport,
    ReadKind,
    Source,
)
from riskguard.core.orders.outcome import Outcome
from riskguard.core.policy import Rung
from riskguard.core.types import ClientId, Leg, Market, Path, Symbol, VenueId


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The turn of one command has come: from now on the venue is waited for."""

    call: int
    venue: VenueId
    path: Path
    symbol: Symbol = ""
    canary: bool = False


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A call came to an end; `evidence` is a value of `core.detect.OutcomeClass`."""

    call: int
    venue: VenueId
    path: Path
    evidence: str
    symbol: Symbol = ""
    canary: bool = False
    cause: str = ""
    reduce_exempt: bool = False
    """An overload refusal that, by the venue's own words, spares reduce-only orders."""


@dataclass(frozen=True, slots=True)
class StreamMoved:
    """A stream delivered something, so that path lives."""

    venue: VenueId
    path: Path


@dataclass(frozen=True, slots=True)
class StreamLost:
    """A stream broke or was never established."""

    venue: VenueId
    path: Path
    cause: str = ""


@dataclass(frozen=True, slots=True)
class ReferenceAnswered:
    """An independent place answered our ping, or failed to."""

    name: str
    sent_mono_s: float
    ok: bool


@dataclass(frozen=True, slots=True)
class LoopTicked:
    """The runtime's own heartbeat; lateness means that we were asleep, not the venues."""

    due_mono_s: float


@dataclass(frozen=True, slots=True)
class VenueSpoke:
    """A venue announced its own state, or that of one market; `what` is a value of `StatusWord`."""

    venue: VenueId
    what: str
    source: str
    symbol: Symbol = ""


@dataclass(frozen=True, slots=True)
class WithdrawalsSeen:
    """What a venue says about withdrawing each asset; None where it says nothing."""

    venue: VenueId
    allowed: tuple[tuple[str, bool | None], ...]


@dataclass(frozen=True, slots=True)
class FundingSeen:
    """A perpetual contract's funding rate."""

    leg: Leg
    per_day: Decimal
    """What a long pays a short in 24 hours at the rate of now, as a fraction of the notional."""


@dataclass(frozen=True, slots=True)
class MarketsLoaded:
    """The venue's instruments are known."""

    venue: VenueId
    markets: tuple[Market, ...]
    rungs: tuple[Rung, ...] = ()
    """The canaries that this venue's border can send."""


@dataclass(frozen=True, slots=True)
class BookSeen:
    """The best levels of a book, best first: (price, base amount)."""

    leg: Leg
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]
    stream: bool = False


@dataclass(frozen=True, slots=True)
class PositionsRead:
    """Positions as one channel reports them; unless `complete`, only those named have changed."""

    venue: VenueId
    positions: tuple[PositionReport, ...]
    source: Source
    asked_mono_s: float
    """When the question was asked: an answer is no older than this."""
    complete: bool = True


@dataclass(frozen=True, slots=True)
class OpenOrdersRead:
    """All resting orders of an account."""

    venue: VenueId
    orders: tuple[OrderReport, ...]
    asked_mono_s: float


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """What a venue remembers of orders in one market that bear a guard's mark, open ones included."""

    leg: Leg
    orders: tuple[OrderReport, ...]
    asked_mono_s: float


@dataclass(frozen=True, slots=True)
class BalanceRead:
    """An account's equity and free margin in quote units."""

    venue: VenueId
    equity: Decimal
    free: Decimal
    asked_mono_s: float


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """One order's state, from the stream or a lookup."""

    report: OrderReport
    source: Source


@dataclass(frozen=True, slots=True)
class FillSeen:
    """One execution; may be late, repeated or out of order."""

    report: FillReport
    source: Source


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """A read gave nothing that can be trusted; what it asked for stays as it was, and ages."""

    venue: VenueId
    what: ReadKind
    cause: str = ""


@dataclass(frozen=True, slots=True)
class OrderAnswered:
    """The outcome of one order call, with the order itself where the answer describes it."""

    client_id: ClientId
    outcome: Outcome
    report: OrderReport | None = None


@dataclass(frozen=True, slots=True)
class CancelAnswered:
    """The outcome of one cancel call; it settles the request, never the order."""

    call: int
    leg: Leg
    order_id: str
    client_id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class LookupAnswered:
    """What one rung of the doubt ladder found; Accepted with nothing in it means: answered, not there."""

    client_id: ClientId
    rung: LookupRung
    outcome: Outcome
    asked_mono_s: float
    reports: tuple[OrderReport, ...] = ()
    fills: tuple[FillReport, ...] = ()


@dataclass(frozen=True, slots=True)
class DeadManAnswered:
    """What came of one wish about a venue's dead-man's switch."""

    call: int
    venue: VenueId
    after_s: float
    outcome: Outcome
    offered: bool = True
    """Whether the venue has such a switch at all, and for this span."""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Leaving:
    """The process is about to stop; what only its presence makes safe must be undone now."""


@dataclass(frozen=True, slots=True)
class OperatorSaid:
    """A person used a control: arm, disarm, veto, hold, hedge, unwind, adoptable, adopt, preflight."""

    word: str
    incident: str = ""
    by: str = "cli"


@dataclass(frozen=True, slots=True)
class FreezeAnswered:
    """Whether the trader's own bot could be told."""

    venue: VenueId
    ok: bool
    cause: str = ""


@dataclass(frozen=True, slots=True)
class JournalFailed:
    """The record cannot be written; nothing that adds risk may be sent."""

    cause: str


@dataclass(frozen=True, slots=True)
class JournalRestored:
    """The record can be written again."""


Observation: TypeAlias = (
    CallStarted
    | CallEnded
    | StreamMoved
    | StreamLost
    | ReferenceAnswered
    | LoopTicked
    | VenueSpoke
    | WithdrawalsSeen
    | FundingSeen
    | MarketsLoaded
    | BookSeen
    | PositionsRead
    | OpenOrdersRead
    | BalanceRead
    | HistoryRead
    | OrderSeen
    | FillSeen
    | ReadFailed
    | OrderAnswered
    | CancelAnswered
    | LookupAnswered
    | DeadManAnswered
    | Leaving
    | OperatorSaid
    | FreezeAnswered
    | JournalFailed
    | JournalRestored
)
