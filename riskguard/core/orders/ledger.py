"""All orders this guard ever meant to send: a fold of the journal, and what follows from it for positions."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, TypeVar

from riskguard.core.facts import (
    CanariesSettled,
    Fact,
    FillRecorded,
    GuardStarted,
    HedgeAdjusted,
    IntentRecorded,
    OrderMoved,
)
from riskguard.core.orders.intent import AT_HOME, Purpose
from riskguard.core.orders.lifecycle import Event, Order, State, move
from riskguard.core.types import ZERO, Asset, ClientId, Leg, VenueId

T = TypeVar("T")
ONE = Decimal(1)
FINEST = Decimal("1e-8")
CROWDED = 200
FORGOTTEN_AFTER_MS = 300_000
"""A canary that ended unfilled is dropped after this; what shows up later still bears our mark."""
COVER = (Purpose.HEDGE, Purpose.UNWIND, Purpose.ORPHAN)
"""The purposes whose fills make up our hedge."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Our orders by client id, in the order of their intents."""

    orders: Mapping[ClientId, Order] = field(default_factory=dict)
    sequence: int = 0
    """One more than the highest so far; makes the next client id."""
    trades: Mapping[ClientId, Mapping[str, Decimal]] = field(default_factory=dict)
    """Base units per trade id, so that a repeated fill counts once."""
    adjusted: Mapping[tuple[Asset, Leg], Decimal] = field(default_factory=dict)
    """What counts as ours beyond our own fills: taken over from a lost journal, or closed by others."""
    _answers: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was asked of this very ledger: it is asked hundreds of times between two facts that change it."""

    def _once(self, key: Hashable, answer: Callable[[], T]) -> T:
        if key not in self._answers:
            self._answers[key] = answer()
        known: T = self._answers[key]
        return known

    def __iter__(self) -> Iterator[Order]:
        return iter(self.orders.values())

    def pending(self, *, venue: VenueId | None = None, leg: Leg | None = None) -> tuple[Order, ...]:
        """Give the orders that may still execute more than is known."""
        every = self._once("pending", lambda: tuple(order for order in self if order.pending))
        if not every or (venue is None and leg is None):
            return every
        return tuple(
            order
            for order in every
            if (venue is None or order.intent.leg.venue == venue) and (leg is None or order.intent.leg == leg)
        )

    def in_doubt(self) -> tuple[Order, ...]:
        """Give the orders whose outcome is unknown."""
        return tuple(order for order in self.pending() if order.state is State.IN_DOUBT)

    def ours(self, leg: Leg) -> Decimal:
        """Give what our fills added to a position, canaries included; base units, signed.

        What was closed at home is not ours: it made the trader's part smaller.
        """
        return self._once("ours", self._all_ours).get(leg, ZERO)

    def _all_ours(self) -> dict[Leg, Decimal]:
        found: dict[Leg, Decimal] = {}
        for order in self:
            if order.filled and order.intent.purpose not in AT_HOME:
                leg = order.intent.leg
                found[leg] = found.get(leg, ZERO) + order.filled * order.intent.side.sign
        for (_, leg), amount in self.adjusted.items():
            found[leg] = found.get(leg, ZERO) + amount
        return found

    def held(self, asset: Asset, leg: Leg) -> Decimal:
        """Give the hedge for an asset that is surely held on a leg; base units of the leg, signed."""
        filled = sum((o.filled * o.intent.side.sign for o in self._cover(asset, leg) if o.filled), ZERO)
        return filled + self.adjusted.get((asset, leg), ZERO)

    def cover(self, asset: Asset, leg: Leg | None = None) -> Decimal:
        """Give the hedge that is surely held for an asset; units of the asset, signed."""
        return self._once(("sure", asset, leg), lambda: self._sure(asset, leg))

    def _sure(self, asset: Asset, leg: Leg | None) -> Decimal:
        legs = self.cover_legs(asset) if leg is None else (leg,)
        return sum((self._covered(asset, one) for one in legs), ZERO)

    def cover_range(self, asset: Asset, leg: Leg | None = None) -> tuple[Decimal, Decimal]:
        """Give the least and the most that may be held as hedge, every pending order filled or not."""
        return self._once(("cover", asset, leg), lambda: self._cover_range(asset, leg))

    def _cover_range(self, asset: Asset, leg: Leg | None) -> tuple[Decimal, Decimal]:
        low = high = self.cover(asset, leg)
        for order in self._cover(asset, leg):
            more = _worth(order.possible - order.filled, order.intent.per_unit) * order.intent.side.sign
            low, high = low + min(more, ZERO), high + max(more, ZERO)
        return low, high

    def held_range(self, leg: Leg, asset: Asset | None = None) -> tuple[Decimal, Decimal]:
        """Give the least and the most hedge on a leg, for one asset or all; base units of the leg, signed."""
        return self._once(("held", leg, asset), lambda: self._held_range(leg, asset))

    def _held_range(self, leg: Leg, asset: Asset | None) -> tuple[Decimal, Decimal]:
        low = high = sum(
            (x for (name, there), x in self.adjusted.items() if there == leg and asset in (None, name)), ZERO
        )
        for order in self._covers():
            if order.intent.leg != leg or (asset is not None and order.intent.asset != asset):
                continue
            done, may = order.filled * order.intent.side.sign, order.possible * order.intent.side.sign
            low, high = low + min(done, may), high + max(done, may)
        return low, high

    def cover_legs(self, asset: Asset) -> tuple[Leg, ...]:
        """Give the legs that ever carried a hedge for an asset."""
        return self._once(("legs", asset), lambda: self._cover_legs(asset))

    def _cover_legs(self, asset: Asset) -> tuple[Leg, ...]:
        ordered = (order.intent.leg for order in self._cover(asset, None))
        return tuple(dict.fromkeys((*ordered, *(leg for name, leg in self.adjusted if name == asset))))

    def _covered(self, asset: Asset, leg: Leg) -> Decimal:
        """Give what a leg hedges of an asset: nothing where nothing is held, whatever the rates were."""
        if self.held(asset, leg) == ZERO:
            return ZERO
        covered, per_unit = ZERO, ONE
        for order in self._cover(asset, leg):
            per_unit = order.intent.per_unit
            covered += _worth(order.filled, per_unit) * order.intent.side.sign
        return covered + _worth(self.adjusted.get((asset, leg), ZERO), per_unit)

    def _cover(self, asset: Asset, leg: Leg | None) -> Iterator[Order]:
        return (
            order
            for order in self._covers()
            if order.intent.asset == asset and (leg is None or order.intent.leg == leg)
        )

    def _covers(self) -> tuple[Order, ...]:
        """Give the orders that make up our hedges, oldest first."""
        return self._once("covers", lambda: tuple(o for o in self if o.intent.purpose in COVER))

    def closed_at_home(self, fact: Fact, before: "Ledger") -> tuple[Leg | None, Decimal]:
        """Give what a fact, folded into `before` to make this, closed at home: leg if any, signed amount."""
        order = self.orders.get(fact.client_id) if isinstance(fact, OrderMoved) else None
        if order is None or order.intent.purpose not in AT_HOME:
            return None, ZERO
        known = before.orders[order.intent.client_id].filled
        return order.intent.leg, (order.filled - known) * order.intent.side.sign

    def closes_at_home(self, leg: Leg) -> bool:
        """Tell whether an order of ours ever closed, or meant to close, something of the trader's there."""
        at_home = self._once("home", lambda: {o.intent.leg for o in self if o.intent.purpose in AT_HOME})
        return leg in at_home

    def fold(self, fact: Fact, now_ms: int) -> "Ledger":
        """Take in one fact; facts about other things change nothing."""
        match fact:
            case IntentRecorded(intent):
                order = Order(intent, since_ms=now_ms)
                orders = {**_kept(self.orders, now_ms), intent.client_id: order}
                return replace(self, orders=orders, sequence=max(self.sequence, intent.sequence) + 1)
            case OrderMoved():
                return self._moved(fact, now_ms)
            case HedgeAdjusted(leg, asset, amount):
                total = self.adjusted.get((asset, leg), ZERO) + amount
                return replace(self, adjusted={**self.adjusted, (asset, leg): total})
            case FillRecorded():
                known = self.trades.get(fact.client_id, {})
                grown = {**known, fact.trade_id: fact.amount}
                return replace(self, trades={**self.trades, fact.client_id: grown})
            case CanariesSettled(sequence=sequence):
                return replace(self, sequence=max(self.sequence, sequence + 1))
            case GuardStarted(sequence=sequence):
                return replace(self, sequence=max(self.sequence, sequence))
            case _:
                return self

    def _moved(self, fact: OrderMoved, now_ms: int) -> "Ledger":
        order = self.orders.get(fact.client_id)
        if order is None:
            return self
        moved = move(
            order,
            Event(fact.event),
            now_ms,
            order_id=fact.order_id,
            filled=fact.filled,
            average=fact.average,
        )
        return self if moved is None else replace(self, orders={**self.orders, fact.client_id: moved})


def _worth(amount: Decimal, per_unit: Decimal) -> Decimal:
    """Give what an amount on a leg is in units of the asset, rounded where a proxy's rate has no end."""
    return amount if per_unit == ONE else (amount * per_unit).quantize(FINEST)


def _kept(orders: Mapping[ClientId, Order], now_ms: int) -> Mapping[ClientId, Order]:
    """Drop old canaries that ended unfilled, so that a long quiet run stays small."""
    if len(orders) < CROWDED:
        return orders
    return {
        client_id: order
        for client_id, order in orders.items()
        if order.intent.purpose is not Purpose.CANARY
        or order.pending
        or order.filled != ZERO
        or order.since_ms > now_ms - FORGOTTEN_AFTER_MS
    }
