"""Exposure as an interval: what is surely held, what may be held, and the point a hedge is sized by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.exposure.prices import Extremes
from riskguard.core.messages import OrderReport
from riskguard.core.policy import Doubts
from riskguard.core.types import ZERO, Leg, Side, VenueId

GHOST_MARGIN = Decimal("0.001")
"""A price elsewhere within 10 bps of a resting order's level may have filled it."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An order at a venue in trouble that may fill, or may have filled, without our hearing of it."""

    leg: Leg
    signed_amount: Decimal
    """Base units that may still be added to the position."""
    exposed: bool
    """The price elsewhere came near enough that it may have filled already."""
    conditional: bool = False
    """It waits, or waited, for a price before it becomes an order: a stop."""
    probe: bool = False
    """Our own canary, one least order far from the market: it widens the interval and moves no hedge."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One asset over all its legs, our own hedges not counted; base units, signed."""

    net: Decimal
    """Sum of the bases, plus what is declared elsewhere, minus what the trader means to keep."""
    trapped: Decimal
    """The part of it at venues that are not FINE."""
    doubtful: tuple[Doubtful, ...] = ()

    @property
    def low(self) -> Decimal:
        """The least that may be held."""
        return self.net + sum((min(d.signed_amount, ZERO) for d in self.doubtful), ZERO)

    @property
    def high(self) -> Decimal:
        """The most that may be held."""
        return self.net + sum((max(d.signed_amount, ZERO) for d in self.doubtful), ZERO)

    def point(self, doubts: Doubts) -> Decimal:
        """Give the amount that a hedge should offset, for a trader's attitude to doubt."""
        exposed = [d.signed_amount for d in self.doubtful if d.exposed]
        match doubts:
            case Doubts.LIKELY:
                return self.net + sum(exposed, ZERO)
            case Doubts.CERTAIN:
                low = self.net + sum((min(amount, ZERO) for amount in exposed), ZERO)
                high = self.net + sum((max(amount, ZERO) for amount in exposed), ZERO)
                return ZERO if low <= ZERO <= high else min(low, high, key=abs)
            case Doubts.WORST:
                orders = [d.signed_amount for d in self.doubtful if not d.probe]
                low = self.net + sum((min(amount, ZERO) for amount in orders), ZERO)
                high = self.net + sum((max(amount, ZERO) for amount in orders), ZERO)
                return max(low, high, key=abs)


def exposure(
    bases: Mapping[Leg, Decimal],
    *,
    offset: Decimal,
    troubled: Iterable[VenueId],
    doubtful: tuple[Doubtful, ...],
) -> Exposure:
    """Add up an asset's legs; `offset` is what is declared elsewhere minus what is kept."""
    bad = set(troubled)
    return Exposure(
        net=sum(bases.values(), ZERO) + offset,
        trapped=sum((amount for leg, amount in bases.items() if leg.venue in bad), ZERO),
        doubtful=doubtful,
    )


def ghost(order: OrderReport, extremes: Extremes | None, *, told: bool) -> Doubtful:
    """Judge one resting order at a venue in trouble.

    `told`: the venue still answers what rests and what is held, so a fill would show in the basis; then the
    order only widens the interval. Otherwise the price that was reached elsewhere decides.
    """
    exposed = False
    if order.conditional:
        # Its own price says nothing: a stop to sell lies below the market from the first moment on. It may
        # have become an order once its trigger was among the prices that were reached.
        exposed = not told and extremes is not None and _reached(order.trigger, extremes)
    elif not told and extremes is not None and order.price is not None:
        reach = order.price * GHOST_MARGIN
        exposed = (
            extremes.low <= order.price + reach
            if order.side is Side.BUY
            else extremes.high >= order.price - reach
        )
    left = max(order.amount - order.filled, ZERO)
    return Doubtful(order.leg, left * order.side.sign, exposed)


def _reached(trigger: Decimal | None, extremes: Extremes) -> bool:
    if trigger is None:
        return False
    reach = trigger * GHOST_MARGIN
    return extremes.low - reach <= trigger <= extremes.high + reach
