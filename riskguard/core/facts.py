"""What the journal keeps: the facts from which a restarted guard rebuilds all that it must not forget.

Each is a flat frozen dataclass of strings, numbers, decimals, booleans and enums (and `OrderIntent`, `Leg`),
so that a generic codec can store it; a new field needs a default, so that old journals stay readable.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from riskguard.core.orders.intent import OrderIntent
from riskguard.core.types import Asset, ClientId, Leg, Side, VenueId


@dataclass(frozen=True, slots=True)
class GuardStarted:
    """A process took up this journal."""

    policy_hash: str
    mode: str
    version: str = ""
    sequence: int = 0
    """The first order number that this run may give out; above all that an earlier run may have used."""


@dataclass(frozen=True, slots=True)
class StrategyLoaded:
    """The code of a strategy, as a process took it up; journalled when it is new or has changed."""

    name: str
    """As the policy names it."""
    sha256: str


@dataclass(frozen=True, slots=True)
class IntentRecorded:
    """An order may leave from now on; written durably before any of its bytes do."""

    intent: OrderIntent


@dataclass(frozen=True, slots=True)
class OrderMoved:
    """One of our orders changed its state, or how much of it is known to be filled."""

    client_id: ClientId
    event: str
    """A value of `core.orders.lifecycle.Event`."""
    order_id: str = ""
    filled: Decimal = Decimal(0)
    average: Decimal = Decimal(0)
    """Mean fill price in quote units; zero while nothing is filled or it is not known."""
    because: str = ""


@dataclass(frozen=True, slots=True)
class FillRecorded:
    """An execution that carries one of our ids."""

    client_id: ClientId
    leg: Leg
    trade_id: str
    side: Side
    amount: Decimal
    price: Decimal
    fee: Decimal
    at_ms: int


@dataclass(frozen=True, slots=True)
class BasisAgreed:
    """Two readings agreed on what is held of one instrument, our own hedge fills not counted."""

    leg: Leg
    amount: Decimal
    """Base units, signed, without what our own orders added."""
    because: str = ""
    margin: Decimal = Decimal(0)
    """The part of it that is no position but the coin that margins it."""


@dataclass(frozen=True, slots=True)
class RestingNoted:
    """One of the trader's resting orders at a venue in trouble, as it was last told there."""

    leg: Leg
    order_id: str
    client_id: str
    side: Side
    amount: Decimal
    price: Decimal
    """Zero where the order has no price; of a conditional order its trigger."""
    filled: Decimal
    state: str
    """`rests`, `exposed` (it may have filled unseen) or `settled` (its fate is known)."""
    conditional: bool = False
    reduce_only: bool = False


@dataclass(frozen=True, slots=True)
class PriceReached:
    """An asset's price elsewhere went further than before in an incident; the first is the opening's."""

    incident: str
    asset: Asset
    mid: Decimal


@dataclass(frozen=True, slots=True)
class CanariesSettled:
    """Canaries of one market that ended without a fill, folded up: their own rows are no longer kept."""

    leg: Leg
    count: int
    void: int
    """How many of them were refused, not sent, or never arrived."""
    from_ms: int
    to_ms: int
    sequence: int
    """The highest of their numbers; it is not given out again."""


@dataclass(frozen=True, slots=True)
class EvidenceDigest:
    """What the calls of one path at one venue showed over some minutes, as figures."""

    venue: VenueId
    path: str
    from_ms: int
    to_ms: int
    outcomes: str
    """Calls per class of outcome, as one JSON object."""
    median_ms: float
    slowest_ms: float


@dataclass(frozen=True, slots=True)
class EvidenceKept:
    """Evidence in full, from before a suspicion until it is over: what the detectors were told, in order."""

    from_ms: int
    to_ms: int
    body: str
    """A JSON list of what was told, each with its monotonic second; read by `replay`."""


@dataclass(frozen=True, slots=True)
class LegAtRisk:
    """At which price a leg at a venue in trouble is liquidated, and whether the price elsewhere passed it."""

    leg: Leg
    amount: Decimal
    """The trader's part, base units, signed."""
    liquidation: Decimal
    state: str
    """`held`, `crossed` (it may be gone) or `settled` (the venue told its position again, or all is well)."""
    reached: Decimal = Decimal(0)
    """The price elsewhere that passed the level."""
    mark: Decimal = Decimal(0)
    """The venue's price when it told the level; zero where it told none, or the margin is the leg's own."""


@dataclass(frozen=True, slots=True)
class HedgeAdjusted:
    """So much more of a position counts as ours, or less, without an order of this journal."""

    leg: Leg
    asset: Asset
    amount: Decimal
    """Base units, signed: what is added to our part."""
    because: str
    by: str
    """Who said so; `riskguard` where the venue's own evidence did."""
    price: Decimal = Decimal(0)
    """At which it was traded; zero where that is not known."""


@dataclass(frozen=True, slots=True)
class StrangerSeen:
    """An order of another guard was met on one of our accounts, or a person settled what to do about it."""

    venue: VenueId
    client_id: ClientId
    state: str
    """`seen` or `settled`."""


@dataclass(frozen=True, slots=True)
class PreflightEnded:
    """A minimum-size hedge was sent to a backup and released again, or failed on the way."""

    venue: VenueId
    leg: Leg
    ok: bool
    because: str
    amount: Decimal
    """Base units that were bought and sold."""
    fee: Decimal
    """Of all executions, quote units."""
    cost_bps: Decimal
    """Of the round trip, fees and spread, over what was bought."""
    latency_ms: float
    """From the decision to the answer, the journal's write included."""


@dataclass(frozen=True, slots=True)
class PlanApproved:
    """A hedge plan was approved; it counts against the day's ceiling."""

    plan: str
    incident: str
    asset: Asset
    amount: Decimal
    """Base units, signed."""
    notional: Decimal


@dataclass(frozen=True, slots=True)
class IncidentMoved:
    """An incident changed its state."""

    incident: str
    venue: VenueId
    event: str
    """`opened`, or a value of `core.incident.table.Event`."""
    state: str
    rule: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class RuleChanged:
    """A rule that stands before an open incident's own fits now, and takes the incident over."""

    incident: str
    rule: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class NakedCounted:
    """How long and how much was trapped and not hedged so far in an incident."""

    incident: str
    naked_s: float
    naked_usdt_s: Decimal
    mid: Decimal = Decimal(0)
    """The consensus price at that moment, so that the account can be checked; zero where there was none."""


@dataclass(frozen=True, slots=True)
class FlattenPlanned:
    """On the way back a leg at home is closed in step with its hedge; an amount of zero takes that back."""

    incident: str
    asset: Asset
    leg: Leg
    amount: Decimal
    """What is to be traded at home in all; base units, signed."""
    cover: Decimal
    """The hedge that was held when it was planned; units of the asset, signed."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """The trader was told again of something that goes on in an incident."""

    incident: str
    about: str
    """`naked` or `review`."""
    level: int
    """The number of the reminder, from one."""
    notional: Decimal
    """What was naked then; quote units."""


@dataclass(frozen=True, slots=True)
class OperatorDecided:
    """A person armed, disarmed, vetoed, held, or asked for a hedge or an unwind."""

    word: str
    incident: str
    by: str


@dataclass(frozen=True, slots=True)
class ConditionChanged:
    """A venue, or we ourselves (venue `self`), got another condition."""

    venue: VenueId
    condition: str
    because: str


@dataclass(frozen=True, slots=True)
class BlipSeen:
    """A venue's path was bad for a moment and came back by itself."""

    venue: VenueId
    began_ms: int
    lasted_s: float
    paths: str
    """Path names joined with commas."""
    kind: str


@dataclass(frozen=True, slots=True)
class VenueWatched:
    """So much longer a venue was watched in a way in which a blip would have been seen."""

    venue: VenueId
    seconds: float


@dataclass(frozen=True, slots=True)
class Decided:
    """Why the guard did something, with the inputs it read, as one JSON object."""

    what: str
    incident: str
    inputs: str


@dataclass(frozen=True, slots=True)
class Told:
    """Words that went to the trader."""

    severity: str
    title: str
    body: str
    incident: str = ""


Fact: TypeAlias = (
    GuardStarted
    | StrategyLoaded
    | IntentRecorded
    | OrderMoved
    | FillRecorded
    | BasisAgreed
    | RestingNoted
    | LegAtRisk
    | HedgeAdjusted
    | StrangerSeen
    | PreflightEnded
    | CanariesSettled
    | EvidenceDigest
    | EvidenceKept
    | PriceReached
    | PlanApproved
    | IncidentMoved
    | RuleChanged
    | NakedCounted
    | FlattenPlanned
    | Reminded
    | OperatorDecided
    | ConditionChanged
    | BlipSeen
    | VenueWatched
    | Decided
    | Told
)
