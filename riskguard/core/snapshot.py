"""A frozen picture of all that status, dashboard, alerts and report may know; times are wall milliseconds."""

from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.types import Asset, Leg, Mode, Path, Side, VenueId


@dataclass(frozen=True, slots=True)
class PathPicture:
    """One path of one venue."""

    path: Path
    verdict: str
    latency_ms: float | None
    """Typical recent latency; None while nothing was measured."""
    age_s: float | None
    """Since the last good answer; None while there was none."""
    in_flight: int = 0


@dataclass(frozen=True, slots=True)
class PositionPicture:
    """One leg, as far as it is known."""

    leg: Leg
    amount: Decimal | None
    """Base units, signed; None means that we do not know."""
    age_s: float | None
    ours: Decimal
    """The part of it that is our own hedge."""
    to_liquidation: Decimal | None = None
    """As a fraction of the mark, at an account that may carry a hedge; None: none, or not known."""


@dataclass(frozen=True, slots=True)
class VenuePicture:
    """One venue."""

    id: VenueId
    role: str
    condition: str
    """A `Condition` word, with `?` behind it while only confirmed."""
    because: str
    paths: tuple[PathPicture, ...]
    mid: Decimal | None
    book_age_s: float | None
    equity: Decimal | None
    free: Decimal | None


@dataclass(frozen=True, slots=True)
class SharePicture:
    """What one leg would take of a hedge."""

    leg: Leg
    amount: Decimal
    """Units of the asset, signed."""
    cost_bps: Decimal


@dataclass(frozen=True, slots=True)
class CoveragePicture:
    """Could this be hedged now: the question no outage should be the first to ask."""

    share: Decimal
    """Hedgeable now over what would be wanted if the asset's primary died now; one below `guard`."""
    cost_bps: Decimal | None
    carry_bps_day: Decimal | None
    limited_by: str
    """margin · depth · ceiling · min_size · verdict · none."""
    if_lost: VenueId = ""
    """The primary that this supposes dead."""
    split: tuple[SharePicture, ...] = ()
    because: str = ""
    """In words, what limits it; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class AssetPicture:
    """One risk over all venues; base units, signed. None means unknown, never zero."""

    name: Asset
    net: Decimal | None
    low: Decimal | None
    high: Decimal | None
    trapped: Decimal | None
    hedged: Decimal
    target: Decimal | None
    coverage: CoveragePicture
    positions: tuple[PositionPicture, ...] = ()
    coverages: tuple[CoveragePicture, ...] = ()
    """One per primary; `coverage` is the worst of them."""


@dataclass(frozen=True, slots=True)
class DoubtPicture:
    """One of our orders whose outcome is not known."""

    client_id: str
    venue: VenueId
    side: Side
    amount: Decimal
    age_s: float
    state: str


@dataclass(frozen=True, slots=True)
class IncidentPicture:
    """One trouble being handled, or one that is over."""

    id: str
    state: str
    venue: VenueId
    rule: str
    opened_ms: int
    closed_ms: int | None
    naked_s: float
    naked_usdt_s: Decimal
    next_action: str
    """What the guard will do next, in a few words; empty when nothing is pending."""
    at_ms: int | None
    """When it will do that."""
    vetoed: bool = False


@dataclass(frozen=True, slots=True)
class EventPicture:
    """One line of the recent past."""

    at_ms: int
    severity: str
    title: str
    body: str
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole picture at one moment."""

    at_ms: int
    mode: Mode
    armed: bool
    self_condition: str
    """FINE or SELF."""
    self_because: str
    journal_ok: bool
    venues: tuple[VenuePicture, ...]
    assets: tuple[AssetPicture, ...]
    in_doubt: tuple[DoubtPicture, ...]
    incidents: tuple[IncidentPicture, ...]
    """Open ones first, then the latest closed ones."""
    events: tuple[EventPicture, ...]
    """Newest last; at most a few dozen."""
