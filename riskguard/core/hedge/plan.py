"""From a target to the next order: what is missing, where to get it, at what price."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from riskguard.core.exposure.prices import TEN_THOUSAND, Book
from riskguard.core.types import ZERO, Leg, Market, Side, side_of


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
    """Expected all-in cost against the consensus mid: spread, impact, fee."""


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


def route(
    amount: Decimal, candidates: Sequence[Candidate], mid: Decimal, slippage_bps: Decimal
) -> Route | None:
    """Choose the cheapest leg for a signed amount; the order of the candidates breaks ties.

    None where no book holds one orderable lot within the band. The amount is cut to what the book shows: an
    order for more would only come back unfilled.
    """
    routes = [
        found
        for candidate in candidates
        if (found := _route_on(candidate, abs(amount), side_of(amount), mid, slippage_bps))
    ]
    return min(routes, key=lambda found: (found.cost_bps, -found.amount), default=None)


def _route_on(
    candidate: Candidate, amount: Decimal, side: Side, mid: Decimal, slippage_bps: Decimal
) -> Route | None:
    market = candidate.market
    price = band(mid, side, slippage_bps, market.tick)
    found, paid = fillable(candidate.book, side, price, whole_lots(amount, market.lot))
    lots = whole_lots(found, market.lot)
    if lots <= ZERO or not orderable(lots, price, market):
        return None
    impact_bps = (paid / found - mid) / mid * TEN_THOUSAND * side.sign
    return Route(candidate.leg, side, lots, price, impact_bps + market.taker_fee_bps)


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
