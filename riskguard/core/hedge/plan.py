"""From a target to the next order: what is missing, where to get it, at what price."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from riskguard.core.exposure.prices import TEN_THOUSAND, Book
from riskguard.core.types import ZERO, Leg, Market, Side


def missing(target: Decimal, low: Decimal, high: Decimal) -> Decimal:
    """Give what must still be added to reach a target when `[low, high]` may be held already.

    Zero while the target lies within the interval: doubt is never hedged a second time, and never undone
    before it is settled.
    """
    if target > high:
        return target - high
    if target < low:
        return target - low
    return ZERO


@dataclass(frozen=True, slots=True)
class Candidate:
    """A leg that an order may go to now."""

    leg: Leg
    market: Market
    book: Book
    room: Decimal | None = None
    """The most that its account and its own ceiling can carry, base units; None: no bound is known."""
    carry_bps: Decimal = ZERO
    """What holding it is expected to cost, of the notional; negative where it earns."""


@dataclass(frozen=True, slots=True)
class Route:
    """One order to send, before limits."""

    leg: Leg
    side: Side
    amount: Decimal
    """Base units, positive, whole lots."""
    price: Decimal
    """The edge of the band, on the tick, never beyond the band."""
    cost_bps: Decimal
    """Expected all-in cost against the consensus mid: spread, impact, fee, carry."""


def band(mid: Decimal, side: Side, slippage_bps: Decimal, tick: Decimal) -> Decimal:
    """Give the worst price an order may take, rounded towards the mid."""
    raw = mid * (1 + side.sign * slippage_bps / TEN_THOUSAND)
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    return (raw / tick).to_integral_value(rounding) * tick


def whole_lots(amount: Decimal, lot: Decimal) -> Decimal:
    """Cut a positive amount down to whole lots."""
    return (amount / lot).to_integral_value(ROUND_DOWN) * lot


def fillable(book: Book, side: Side, price: Decimal, amount: Decimal) -> tuple[Decimal, Decimal]:
    """Walk the book: give (base amount found within `price`, quote units paid for it)."""
    left, paid = amount, ZERO
    for level, size in book.asks if side is Side.BUY else book.bids:
        if (level > price if side is Side.BUY else level < price) or left <= ZERO:
            break
        taken = min(left, size)
        left, paid = left - taken, paid + taken * level
    return amount - left, paid


def orderable(amount: Decimal, price: Decimal, market: Market) -> bool:
    """Tell whether the venue's minimums let an order of that size in."""
    return amount >= max(market.min_amount, market.lot) and amount * price >= market.min_notional


def smallest(markets: Iterable[Market], mid: Decimal) -> Decimal:
    """Give the smallest amount that any of these markets takes at that price, base units."""
    return min(
        (max(market.min_amount, market.lot, _notional_lots(market, mid)) for market in markets), default=ZERO
    )


def _notional_lots(market: Market, mid: Decimal) -> Decimal:
    return (market.min_notional / mid / market.lot).to_integral_value(ROUND_CEILING) * market.lot
