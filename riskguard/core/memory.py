"""All that the guard knows; what must last changes by facts only, from this run or from the journal."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from riskguard.core.control.flights import Preflights
from riskguard.core.detect import Learned
from riskguard.core.exposure.basis import Bases
from riskguard.core.exposure.foreign_fills import ForeignFills
from riskguard.core.exposure.others import Others
from riskguard.core.exposure.prices import AgreedMid, Extremes, Prices
from riskguard.core.facts import (
    BasisAgreed,
    BlipSeen,
    Fact,
    HedgeAdjusted,
    IncidentMoved,
    OperatorDecided,
    PlanApproved,
    RestingNoted,
    Told,
    VenueWatched,
)
from riskguard.core.hedge.strategy import Strategy
from riskguard.core.hedge.usage import Usage
from riskguard.core.incident.course import Course
from riskguard.core.incident.incident import Incidents
from riskguard.core.incident.slow_words import SlowTrouble
from riskguard.core.incident.under_way import Handling
from riskguard.core.instant import Instant
from riskguard.core.messages import OrderReport, OrderStatus, PositionReport, Record, Severity, TellPerson
from riskguard.core.orders.doubt import Inquiry
from riskguard.core.orders.intent import Purpose, base36, client_id
from riskguard.core.orders.ledger import Ledger
from riskguard.core.policy import Policy, Rung
from riskguard.core.snapshot import EventPicture
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Asset, ClientId, Condition, Leg, Market, Mode, Symbol, VenueId

UNRECORDED_AT_ONCE = 64
UNRECORDED_PER_S = 1
LONGEST_SILENCE_S = 1_000_000
OrderFills = tuple[tuple[int, Decimal], ...]
"""Executions of one order, oldest first: venue milliseconds and amount in base units."""
JUMP_MS = 1_000
"""A wall clock that moves less than this against the other is being disciplined and did not jump."""


@dataclass(frozen=True, slots=True)
class Resting:
    """The trader's resting orders at one venue, as last told."""

    orders: Mapping[str, OrderReport] = field(default_factory=dict)
    """By the venue's order id."""
    asked_s: float = float("-inf")
    emptied_s: float | None = None
    """Since when the list has come back empty although nothing told that these orders ended."""
    held: Mapping[Leg, Decimal] = field(default_factory=dict)
    """What was believed of their legs when they were listed last, or a stream told of a new one."""


@dataclass(frozen=True, slots=True)
class Ghost:
    """A resting order at a venue in trouble, until its fate is known."""

    order: OrderReport
    exposed: bool
    """It may have filled unseen: the price elsewhere came near its level while the venue did not tell."""
    gone_s: float | None = None
    """Since when the venue no longer lists it; the position must be agreed anew before it is forgotten."""
    then: Decimal | None = None
    """What was agreed to be held of the leg when the venue listed the order last."""
    then_filled: Decimal = ZERO
    """How much of the order that amount held."""
    listed_s: float = float("-inf")
    filled_s: float = float("-inf")
    """When the list showed more of it filled than before."""
    filled_before: Decimal = ZERO
    """What was filled of it before that, and so is in a position that was asked for before."""


@dataclass(frozen=True, slots=True)
class Balance:
    """An account's equity and free margin, quote units."""

    equity: Decimal
    free: Decimal
    asked_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """A venue's condition and since when."""

    word: Condition = Condition.FINE
    down: bool = False
    """Reached at `down`; otherwise only `confirmed`, and shown with a question mark."""
    because: str = "nothing heard yet"
    since_ms: int = 0
    proven: bool = False
    """Whether the order paths showed life in this run, so that FINE is more than the absence of news."""

    @property
    def fine(self) -> bool:
        """Whether nothing at all is held against the venue."""
        return self.word is Condition.FINE

    def __str__(self) -> str:
        return self.word.value if self.fine or self.down else f"{self.word.value}?"


UNHEARD = Standing()
"""What is known of a venue before the first look at it."""


@dataclass(slots=True)
class Memory:
    """The guard's whole memory. The first block lasts: it is a fold of the journal."""

    policy: Policy
    policy_hash: str
    epoch_ms: int
    strategies: Mapping[str, Strategy]

    ledger: Ledger = field(default_factory=Ledger)
    incidents: Incidents = field(default_factory=Incidents)
    usage: Usage = field(default_factory=Usage)
    bases: Bases = field(default_factory=Bases)
    plans: dict[tuple[str, Asset], tuple[str, Decimal]] = field(default_factory=dict)
    """Per incident and asset: the plan that was approved last, and its target."""
    course: Course = field(default_factory=Course)
    last_word: str = ""
    """The last of arm and disarm that a person said."""
    others: Others = field(default_factory=Others)
    preflights: Preflights = field(default_factory=Preflights)

    learned: dict[VenueId, Learned] = field(default_factory=dict)
    """Per venue: what its blips taught, over all runs."""
    ghosts: dict[VenueId, dict[str, Ghost]] = field(default_factory=dict)
    """Per venue in trouble and order id: resting orders whose fate is not known."""

    prices: Prices = field(default_factory=Prices)
    agreed_mids: dict[Asset, AgreedMid] = field(default_factory=dict)
    """Per asset: the last price that more than one venue stood for, or that went on from there."""
    near: dict[Leg, int] = field(default_factory=dict)
    """Per leg: how many levels of nearness to its liquidation the trader was told of."""
    extremes: dict[tuple[VenueId, Asset], Extremes] = field(default_factory=dict)
    markets: dict[Leg, Market] = field(default_factory=dict)
    rungs: dict[VenueId, tuple[Rung, ...]] = field(default_factory=dict)
    resting: dict[VenueId, Resting] = field(default_factory=dict)
    vanished: dict[VenueId, dict[str, tuple[OrderReport, float]]] = field(default_factory=dict)
    """Per venue and order id: the trader's orders that are listed no more, and since when, until a position
    asked for later shows whether they filled."""
    balances: dict[VenueId, Balance] = field(default_factory=dict)
    funding: dict[Leg, tuple[Decimal, float]] = field(default_factory=dict)
    """Per leg: what a long pays a day, as a fraction, and when that was heard."""
    unlisted: dict[VenueId, dict[Leg, PositionReport]] = field(default_factory=dict)
    """Positions that no asset lists: they are not guarded, but they take margin."""
    foreign_fills: dict[Leg, ForeignFills] = field(default_factory=dict)
    """The trader's own executions seen in this run."""
    order_fills: dict[str, OrderFills] = field(default_factory=dict)
    """Per order id of the trader's: its executions that were heard of."""
    trades_asked_s: dict[Leg, float] = field(default_factory=dict)
    standings: dict[VenueId, Standing] = field(default_factory=dict)
    words: dict[tuple[VenueId, Symbol], str] = field(default_factory=dict)
    """Per venue and market, the empty one for the venue as a whole: what it last said of itself."""
    closed_ms: dict[tuple[VenueId, str], int] = field(default_factory=dict)
    """Per venue and asset: since when, on the wall clock, withdrawals are seen closed."""
    slow: SlowTrouble = field(default_factory=SlowTrouble)
    self_ill: str = ""
    """Why we think that the fault is ours; empty while it is not."""
    journal_ill: str = ""
    inquiries: dict[ClientId, Inquiry] = field(default_factory=dict)
    handling: dict[str, Handling] = field(default_factory=dict)
    canary_cancels: dict[ClientId, float] = field(default_factory=dict)
    proved_s: dict[VenueId, float] = field(default_factory=dict)
    """When a failed order path was last asked by a test order."""
    sent_s: dict[ClientId, float] = field(default_factory=dict)
    """When our orders of this run were decided, on the clock that cannot jump."""
    moved_s: dict[ClientId, float] = field(default_factory=dict)
    """When something new was last heard of our orders of this run, on the same clock."""
    began_s: float = 0.0
    """When this run began; an order of an earlier run left before that."""
    told: dict[str, int] = field(default_factory=dict)
    events: deque[EventPicture] = field(default_factory=lambda: deque(maxlen=60))
    calls: int = 0
    clock_doubt_ms: int = 0
    """How far our wall clock jumped in this run: no better do the venues' moments compare with ours."""
    _clock_ms: tuple[float, float] | None = None
    """The least and the most that the wall clock was ahead of the one that cannot jump."""
    last_ms: int | None = None
    """The moment of the newest fact of earlier runs; None where there was none."""
    _legs: dict[VenueId | None, tuple[Leg, ...]] = field(default_factory=dict)

    @property
    def armed(self) -> bool:
        """Whether a person armed the guard and did not disarm it since."""
        return self.last_word == "arm"

    @property
    def acts(self) -> bool:
        """Whether anything that could fill may be sent at all: the mode in the file, and arming."""
        return self.armed and self.policy.mode in (Mode.CONFIRM, Mode.AUTO)

    def note_clock(self, now: Instant) -> None:
        """Follow how the wall clock moves against the one that cannot jump."""
        ahead_ms = now.wall_ms - now.mono_s * 1000
        low, high = self._clock_ms or (ahead_ms, ahead_ms)
        if self._clock_ms is None or not low <= ahead_ms <= high:
            self._clock_ms = low, high = min(low, ahead_ms), max(high, ahead_ms)
            self.clock_doubt_ms = round(high - low) if high - low > JUMP_MS else 0

    def standing(self, venue: VenueId) -> Standing:
        """Give a venue's condition."""
        return self.standings.get(venue, UNHEARD)

    def troubled(self) -> tuple[VenueId, ...]:
        """Give the venues that are not FINE."""
        if all(standing.word is Condition.FINE for standing in self.standings.values()):
            return ()
        return tuple(venue.id for venue in self.policy.venues if not self.standing(venue.id).fine)

    def legs(self, venue: VenueId | None = None) -> tuple[Leg, ...]:
        """Give all legs that the policy names, each once, in its order."""
        known = self._legs.get(venue)
        if known is None:
            named = (leg for asset in self.policy.assets for leg in (*asset.legs, *asset.hedge_on))
            known = tuple(dict.fromkeys(leg for leg in named if venue is None or leg.venue == venue))
            self._legs[venue] = known
        return known

    def bases_at(self, venue: VenueId) -> dict[Leg, tuple[Decimal, int]]:
        """Give what is agreed to be held at a venue, and when it was agreed last."""
        agreed = self.bases.agreed
        return {
            leg: (agreed[leg].amount, agreed[leg].at.wall_ms) for leg in self.legs(venue) if leg in agreed
        }

    def lonely(self, leg: Leg, now_s: float, *, sick: VenueId) -> bool:
        """Tell whether a leg's book is contradicted by every other fresh one but the sick venue's.

        Other venues in trouble count as witnesses too: their books may be good when their orders are not. A
        book that stands where more than one venue agreed moments ago is not alone.
        """
        asset = self.policy.asset_of(leg)
        legs = (*asset.legs, *asset.hedge_on) if asset is not None else ()
        witnesses = [other for other in dict.fromkeys(legs) if other.venue not in (leg.venue, sick)]
        agreed = self.agreed_mids.get(asset.name) if asset is not None else None
        if agreed is not None and agreed.young(now_s) and not self.prices.apart(leg, agreed.mid):
            return False
        return self.prices.lonely(leg, witnesses, now_s, self.policy.limits.data_age_s)

    def end_plans(self, incident: str) -> None:
        """Let the next hedge of an incident be a new plan, with tries and a day's place of its own."""
        for key, (plan, _) in list(self.plans.items()):
            if key[0] == incident:
                self.plans[key] = (plan, ZERO)

    def next_call(self) -> int:
        """Give a number that no other call has."""
        self.calls += 1
        return self.calls

    def next_client_id(self, purpose: Purpose) -> ClientId:
        """Give an id that was never used; taken only when its intent is recorded."""
        return client_id(self.policy.instance, self.epoch_ms, self.ledger.sequence, purpose)

    def first_number(self, wall_ms: int) -> int:
        """Give the first order number of this run: above all that an earlier run may have used unrecorded.

        While a journal cannot be written the ways out go on without it, and a crash then takes their numbers
        along. They never come faster than `UNRECORDED_PER_S` over the time since the last fact on record.
        """
        if self.last_ms is None:
            return 0
        silent_s = min(max(0, wall_ms - self.last_ms) // 1000, LONGEST_SILENCE_S)
        return self.ledger.sequence + UNRECORDED_AT_ONCE + silent_s * UNRECORDED_PER_S

    def ours(self, leg: Leg) -> Decimal:
        """Give what our fills added to a position."""
        return self.ledger.ours(leg)

    @property
    def mark(self) -> str:
        """Give how every order id of this journal begins."""
        return f"rg{self.policy.instance}{base36(self.epoch_ms)}"

    def record(self, fact: Fact, turn: Turn) -> None:
        """Take in a fact and have it journalled."""
        self.fold(fact, turn.now.wall_ms)
        turn.do(Record(fact))

    def fold(self, fact: Fact, wall_ms: int) -> None:
        """Take in a fact; start-up does the same with the facts of the journal."""
        before, self.ledger = self.ledger, self.ledger.fold(fact, wall_ms)
        self._close_at_home(*self.ledger.closed_at_home(fact, before))
        self.incidents = self.incidents.fold(fact, wall_ms)
        self.usage = self.usage.fold(fact, wall_ms)
        self.course.fold(fact, wall_ms)
        self.others.fold(fact, self.ledger)
        self.preflights.fold(fact, wall_ms)
        match fact:
            case OperatorDecided(word="arm" | "disarm" as word):
                self.last_word = word
            case PlanApproved(plan, incident, asset, amount):
                self.plans[incident, asset] = (plan, amount)
            case RestingNoted():
                self._haunt(fact)
            case HedgeAdjusted(leg, amount=amount):
                self.bases = self.bases.shift(leg, -amount)
            case BlipSeen(venue, lasted_s=lasted_s):
                self.learned[venue] = self.learned.get(venue, Learned()).blip(lasted_s)
            case VenueWatched(venue, seconds):
                self.learned[venue] = self.learned.get(venue, Learned()).watched(seconds)
            case OperatorDecided(word="hedge", incident=incident) | IncidentMoved(incident, event="relapsed"):
                self.end_plans(incident)
            case Told(severity, title, body, incident):
                self.events.append(EventPicture(wall_ms, severity, title, body, incident))
            case _:
                pass

    def _haunt(self, fact: RestingNoted) -> None:
        ghosts = self.ghosts.setdefault(fact.leg.venue, {})
        known = ghosts.pop(fact.order_id, None)
        if fact.state != "settled":
            order = OrderReport(
                fact.leg,
                fact.order_id,
                fact.client_id,
                fact.side,
                fact.amount,
                None if fact.conditional else fact.price or None,
                fact.filled,
                None,
                OrderStatus.OPEN,
                reduce_only=fact.reduce_only,
                conditional=fact.conditional,
                trigger=fact.price or None if fact.conditional else None,
            )
            then = self.others.believed.get(fact.leg)
            ghosts[fact.order_id] = replace(
                known or Ghost(order, exposed=False, then=then, then_filled=fact.filled),
                order=order,
                exposed=fact.state == "exposed",
            )

    def _close_at_home(self, leg: Leg | None, amount: Decimal) -> None:
        """Let a fill of ours change what the trader is known to hold, and what that is compared with."""
        if leg is None:
            return
        self.bases = self.bases.shift(leg, amount)
        self.others.shift(leg, amount)
        for handling in self.handling.values():
            handling.shift(leg, amount)
        for identity, ghost in self.ghosts.get(leg.venue, {}).items():
            if ghost.order.leg == leg and ghost.then is not None:
                self.ghosts[leg.venue][identity] = replace(ghost, then=ghost.then + amount)

    def restore(self, fact: Fact, wall_ms: int) -> None:
        """Take in a fact of an earlier run."""
        self.last_ms = wall_ms if self.last_ms is None else max(self.last_ms, wall_ms)
        self.fold(fact, wall_ms)
        match fact:
            case BasisAgreed():
                self.bases = self.bases.restore(fact, wall_ms)
            case IncidentMoved(incident=incident, venue=venue, event="opened"):
                before = self.bases_at(venue)
                self.handling[incident] = Handling(float("-inf"), restored=True, bases_before=before)
            case _:
                pass

    def tell(
        self,
        turn: Turn,
        severity: Severity,
        title: str,
        body: str = "",
        *,
        incident: str = "",
        once: str = "",
    ) -> None:
        """Tell the trader; words under the same `once` are repeated only when the reminder is due."""
        if once:
            said = self.told.get(once)
            if said is not None and turn.now.wall_ms - said < self.policy.tell.remind_s * 1000:
                return
            self.told[once] = turn.now.wall_ms
        self.record(Told(severity.value, title, body, incident), turn)
        turn.do(TellPerson(severity, title, body, incident))


def signed(amount: Decimal) -> str:
    """Write a signed amount for a person, without exponent or trailing zeros."""
    text = f"{amount:+f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) if amount != ZERO else "0"
