"""What goes wrong in a history, by place and time; and which of it strikes one call."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from riskguard.core.types import VenueId


class Place(StrEnum):
    """Where on a venue a fault sits; narrower than a path where channels must lie apart."""

    PLACE = "place"
    REDUCE = "reduce"
    CANCEL = "cancel"
    LOOKUP = "lookup"
    ORDERS = "orders"
    POSITIONS = "positions"
    BALANCE = "balance"
    TRADES = "trades"
    BOOK = "book"
    STREAM = "stream"
    """What is pushed of orders, fills and positions."""
    BOOK_STREAM = "book-stream"


ACTING = (Place.PLACE, Place.REDUCE, Place.CANCEL)
READING = (Place.LOOKUP, Place.ORDERS, Place.POSITIONS, Place.BALANCE, Place.TRADES)
PUBLIC = (Place.BOOK, Place.BOOK_STREAM)
STREAMS = (Place.STREAM, Place.BOOK_STREAM)


class Kind(StrEnum):
    """One way of failing."""

    HANG = "hang"
    """The request is swallowed: not executed, not answered."""
    LOST = "lost"
    """Executed, the answer is lost."""
    REFUSED = "refused"
    """A listed overload refusal: definitely not executed."""
    EXEMPT = "exempt"
    """The same, from which the venue exempts reduce-only orders."""
    ERROR = "error"
    """A server error; every other request was executed all the same."""
    LATE = "late"
    """Executed later, though never after the request expired; answered then."""
    OVERDUE = "overdue"
    """Executed after it expired, which venues promise not to do; only on request."""
    SLOW = "slow"
    THROTTLED = "throttled"
    DENIED = "denied"
    """The key, its signature or its rights are refused."""
    UNROUTED = "unrouted"
    """No call to this one venue leaves our machine."""
    HALTED = "halted"
    """One symbol takes neither orders nor cancels, and says so."""
    CANCEL_ONLY = "cancel-only"
    POST_ONLY = "post-only"
    STALE = "stale"
    """Answers show what was true `amount` seconds ago."""
    EMPTY = "empty"
    """Answers are empty lists."""
    APART = "apart"
    """Books show prices 4 % too high."""
    SILENT = "silent"
    """What the stream should say is lost."""
    DUPLICATED = "duplicated"
    REORDERED = "reordered"
    NETWORK = "network"
    """Nothing passes between us and anybody: sent, and never answered."""
    UNPLUGGED = "unplugged"
    """No call even leaves this machine."""
    REFERENCES = "references"
    """The independent hosts that we ask about our network are silent."""
    STALL = "stall"
    CLOCK = "clock"
    SLOW_DISK = "slow-disk"
    BROKEN_DISK = "broken-disk"
    CRASH = "crash"


OURS = (
    Kind.NETWORK,
    Kind.UNPLUGGED,
    Kind.UNROUTED,
    Kind.REFERENCES,
    Kind.STALL,
    Kind.CLOCK,
    Kind.SLOW_DISK,
    Kind.BROKEN_DISK,
    Kind.CRASH,
)
"""Kinds that are no venue's fault."""
MODES = (Kind.HALTED, Kind.CANCEL_ONLY, Kind.POST_ONLY)
"""Kinds that a venue declares for one of its symbols."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault from `begin_s` until `end_s`; `amount` is seconds of lag, delay or jump, by kind."""

    kind: Kind
    begin_s: float
    end_s: float
    venue: VenueId = ""
    places: tuple[Place, ...] = ()
    amount: float = 0.0

    def __str__(self) -> str:
        where = f" {self.venue} {'+'.join(self.places)}" if self.venue else ""
        size = f" ({self.amount:g} s)" if self.amount else ""
        return f"{self.kind}{where}{size} from {self.begin_s:.1f} to {self.end_s:.1f} s"


class Faults:
    """All faults of one history, asked once per call; counts which of them struck."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.all = tuple(faults)
        self.struck: dict[str, int] = {}
        self.hit: set[Fault] = set()
        """Faults that struck at least one call: of the others nobody can know."""
        self._at: dict[tuple[VenueId, Place], tuple[Fault, ...]] = {}
        self._everywhere = tuple(f for f in self.all if f.kind in (Kind.NETWORK, Kind.UNPLUGGED))

    def strike(self, venue: VenueId, place: Place, now_s: float) -> Fault | None:
        """Give the fault that strikes a call now, ours before the venue's, and count it."""
        found = self.network(now_s)
        if found is None:
            found = next((f for f in self._of(venue, place) if f.begin_s <= now_s < f.end_s), None)
        if found is not None:
            self.count(found.kind, place)
            self.hit.add(found)
        return found

    def references(self, now_s: float) -> bool:
        """Tell whether independent hosts answer."""
        silent = any(f.kind is Kind.REFERENCES and f.begin_s <= now_s < f.end_s for f in self.all)
        if silent:
            self.count(Kind.REFERENCES)
        return not silent and self.network(now_s) is None

    def network(self, now_s: float) -> Fault | None:
        """Give the fault of our own network at a moment."""
        return next((f for f in self._everywhere if f.begin_s <= now_s < f.end_s), None)

    def count(self, kind: str, place: str = "") -> None:
        """Count one strike."""
        key = f"{kind} {place}".strip()
        self.struck[key] = self.struck.get(key, 0) + 1

    def _of(self, venue: VenueId, place: Place) -> tuple[Fault, ...]:
        key = (venue, place)
        if key not in self._at:
            self._at[key] = tuple(f for f in self.all if f.venue == venue and place in f.places)
        return self._at[key]
