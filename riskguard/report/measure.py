"""The guard's own figures of one outage, computed from its journal; the keys are those of the ground truth.

Fills carry the venue's clock, all other facts the guard's; `onset_ms` is when the fault began. The guard's
`detected_after_s` is when it opened the incident, which is when it tells the trader and his bot.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from riskguard.core.facts import BasisAgreed, Decided, FillRecorded, IncidentMoved, IntentRecorded, OrderMoved
from riskguard.core.incident.incident import OPENED
from riskguard.core.orders.intent import OrderIntent, Purpose
from riskguard.core.orders.lifecycle import Event
from riskguard.core.types import ZERO, ClientId, Leg, VenueId
from riskguard.report.orders import TimedFact
from riskguard.report.text import number

NEVER_LEFT = (Event.NOT_SENT.value, Event.PROVEN_ABSENT.value)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a guard says of itself; None means: not in the journal."""

    detected_after_s: float | None
    hedged_after_s: float | None
    naked_s: float
    naked_usdt_s: Decimal | None
    orders_sent: Mapping[VenueId, int]
    target: Decimal | None
    final_net: Decimal
    overshoot: Decimal
    """Lots beyond what was needed, at worst."""

    def as_dict(self) -> dict[str, Any]:
        """Give the figures for JSON: amounts as strings, seconds as numbers."""
        return {
            "detected_after_s": self.detected_after_s,
            "hedged_after_s": self.hedged_after_s,
            "naked_s": self.naked_s,
            "naked_usdt_s": None if self.naked_usdt_s is None else number(self.naked_usdt_s),
            "orders_sent": dict(self.orders_sent),
            "target": None if self.target is None else number(self.target),
            "final_net": number(self.final_net),
            "overshoot": number(self.overshoot),
        }


def measure(
    facts: Sequence[TimedFact],
    *,
    onset_ms: int,
    venue: VenueId,
    legs: Sequence[Leg],
    lot: Decimal,
    mids: Iterable[tuple[int, Decimal]] = (),
) -> Figures:
    """Measure one asset's `legs` in an outage of `venue`; `lot` is the coarsest of the hedge legs.

    `mids` are the middle prices that the guard saw, by wall milliseconds; without them those that its
    decisions and fills name are used, the first one also for the time before it.
    """
    intents = {fact.intent.client_id: fact.intent for _, fact in facts if isinstance(fact, IntentRecorded)}
    walk = _Walk(venue, onset_ms, lot)
    steps = [*_steps(facts, intents, legs), *_prices(facts, intents, legs, sorted(mids))]
    steps.sort(key=lambda step: step.at_ms)
    walk.mid = next((step.mid for step in steps if step.mid is not None), None)
    for step in steps:
        walk.take(step)
    if facts:
        walk.count(max(wall_ms for wall_ms, _ in facts))
    return Figures(
        detected_after_s=_after_s(onset_ms, _opened_ms(facts, venue, onset_ms)),
        hedged_after_s=_after_s(onset_ms, walk.hedged_ms),
        naked_s=walk.naked_ms / 1000,
        naked_usdt_s=None if walk.mid is None else walk.naked_usdt_ms / 1000,
        orders_sent=_orders_sent(facts, intents, legs),
        target=walk.target,
        final_net=walk.net,
        overshoot=walk.overshoot / lot,
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """One change: a basis, an own fill, or a price."""

    at_ms: int
    leg: Leg | None = None
    basis: Decimal | None = None
    bought: Decimal = ZERO
    mid: Decimal | None = None


@dataclass(slots=True)
class _Walk:
    venue: VenueId
    onset_ms: int
    lot: Decimal
    bases: dict[Leg, Decimal] = field(default_factory=dict)
    ours: dict[Leg, Decimal] = field(default_factory=dict)
    mid: Decimal | None = None
    now_ms: int = 0
    hedged_ms: int | None = None
    target: Decimal | None = None
    naked_ms: int = 0
    naked_usdt_ms: Decimal = ZERO
    overshoot: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        return sum(self.bases.values(), ZERO) + sum(self.ours.values(), ZERO)

    def take(self, step: _Step) -> None:
        self.count(step.at_ms)
        if step.mid is not None:
            self.mid = step.mid
        if step.leg is None:
            return
        if step.basis is not None:
            self.bases[step.leg] = step.basis
        self.ours[step.leg] = self.ours.get(step.leg, ZERO) + step.bought
        if self.now_ms >= self.onset_ms:
            self._judge()

    def count(self, until_ms: int) -> None:
        start_ms = max(self.now_ms, self.onset_ms)
        self.now_ms = max(until_ms, self.now_ms)
        if until_ms <= start_ms or self.hedged_ms is not None or abs(self.net) <= self.lot:
            return
        self.naked_ms += until_ms - start_ms
        self.naked_usdt_ms += abs(self.net) * (self.mid or ZERO) * (until_ms - start_ms)

    def _judge(self) -> None:
        hedge = sum((amount for leg, amount in self.ours.items() if leg.venue != self.venue), ZERO)
        needed = hedge - self.net
        if self.hedged_ms is None and abs(self.net) <= self.lot < abs(needed):
            self.hedged_ms, self.target = self.now_ms, needed
        towards = hedge if needed >= 0 else -hedge
        self.overshoot = max(self.overshoot, towards - abs(needed), -towards)


def _steps(
    facts: Sequence[TimedFact], intents: Mapping[ClientId, OrderIntent], legs: Sequence[Leg]
) -> Iterator[_Step]:
    """Give what changed positions; executions known only by an order's state count when that was learnt."""
    seen: set[tuple[Leg, str]] = set()
    filled: dict[ClientId, Decimal] = {}
    for wall_ms, fact in facts:
        if isinstance(fact, BasisAgreed) and fact.leg in legs:
            yield _Step(wall_ms, fact.leg, basis=fact.amount)
        elif isinstance(fact, FillRecorded) and fact.leg in legs and (fact.leg, fact.trade_id) not in seen:
            seen.add((fact.leg, fact.trade_id))
            filled[fact.client_id] = filled.get(fact.client_id, ZERO) + fact.amount
            yield _Step(fact.at_ms, fact.leg, bought=fact.amount * fact.side.sign, mid=None)
    for wall_ms, fact in facts:
        intent = intents.get(fact.client_id) if isinstance(fact, OrderMoved) else None
        if intent is None or intent.leg not in legs or not isinstance(fact, OrderMoved):
            continue
        missing = fact.filled - filled.get(fact.client_id, ZERO)
        if missing > 0:
            filled[fact.client_id] = fact.filled
            yield _Step(wall_ms, intent.leg, bought=missing * intent.side.sign)


def _prices(
    facts: Sequence[TimedFact],
    intents: Mapping[ClientId, OrderIntent],
    legs: Sequence[Leg],
    mids: Sequence[tuple[int, Decimal]],
) -> Iterator[_Step]:
    if mids:
        yield from (_Step(at_ms, mid=mid) for at_ms, mid in mids)
        return
    for wall_ms, fact in facts:
        if isinstance(fact, FillRecorded) and fact.leg in legs:
            yield _Step(fact.at_ms, mid=fact.price)
        elif isinstance(fact, Decided):
            intent, mid = _decided_mid(fact, intents)
            if intent is not None and intent.leg in legs and mid is not None:
                yield _Step(wall_ms, mid=mid)


def _decided_mid(
    fact: Decided, intents: Mapping[ClientId, OrderIntent]
) -> tuple[OrderIntent | None, Decimal | None]:
    try:
        inputs = json.loads(fact.inputs)
        return intents.get(inputs["client_id"]), Decimal(inputs["mid"])
    except (ValueError, KeyError, TypeError, ArithmeticError):
        return None, None


def _opened_ms(facts: Iterable[TimedFact], venue: VenueId, onset_ms: int) -> int | None:
    opened = (
        wall_ms
        for wall_ms, fact in facts
        if isinstance(fact, IncidentMoved)
        and fact.event == OPENED
        and fact.venue == venue
        and wall_ms >= onset_ms
    )
    return next(opened, None)


def _orders_sent(
    facts: Iterable[TimedFact], intents: Mapping[ClientId, OrderIntent], legs: Sequence[Leg]
) -> dict[VenueId, int]:
    moved = (fact for _, fact in facts if isinstance(fact, OrderMoved))
    never_left = {fact.client_id for fact in moved if fact.event in NEVER_LEFT}
    sent = dict.fromkeys(sorted({leg.venue for leg in legs}), 0)
    for intent in intents.values():
        if intent.purpose is not Purpose.CANARY and intent.client_id not in never_left:
            sent[intent.leg.venue] = sent.get(intent.leg.venue, 0) + 1
    return sent


def _after_s(onset_ms: int, at_ms: int | None) -> float | None:
    return None if at_ms is None else (at_ms - onset_ms) / 1000
