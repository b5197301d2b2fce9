"""Inverse contracts and their coin margin in base units.

A contract of 100 dollars is worth another amount of coin at every price. To everything above the border it is
a fixed amount: the price at which contracts are converted stays until the market has moved away from it, and
for good once an order of ours was sized by it. Readings of an unchanged position then stay equal, and an
order's contracts come back as the amount that was meant.

A position and its margin together are exact at any price: wallet + contracts / entry is what they gain per
dollar. So the margin is the wallet and what the positions have won at the fixed price, which does not move
with the market either.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from riskguard.core.messages import PositionReport
from riskguard.core.types import ZERO, Leg, Symbol
from riskguard.venues.instruments import decimal, plain

DRIFT: Final = Decimal("0.005")
"""Share by which the market may leave a price that no order of ours depends on."""
_COIN: Final = Decimal("1e-6")
"""Readings of margin are rounded to this: the last digits move with rounding."""


@dataclass(frozen=True, slots=True)
class CoinMargin:
    """What an account holds of one coin as margin."""

    wallet: Decimal
    """Without the profit of open positions."""
    equity: Decimal
    free: Decimal


@dataclass(frozen=True, slots=True)
class CoinFields:
    """How a venue's own rows name the coin and its amounts."""

    coin: str
    wallet: str
    equity: str
    free: str


def coins_from(rows: Any, fields: CoinFields) -> dict[str, CoinMargin]:
    """Read rows of coin margin; raises ValueError where any of them is not whole, or there is none."""
    found = {}
    for row in rows if isinstance(rows, list) else ():
        wallet, equity = decimal(row.get(fields.wallet)), decimal(row.get(fields.equity))
        free = decimal(row.get(fields.free))
        if wallet is None or equity is None or free is None:
            raise ValueError("coin margin without its amounts")
        found[str(row.get(fields.coin))] = CoinMargin(wallet, equity, free)
    if not found:
        raise ValueError("an account without a single coin")
    return found


class FixedPrices:
    """The price at which each inverse market's contracts are converted."""

    def __init__(self) -> None:
        self._prices: dict[Symbol, Decimal] = {}
        self._held: set[Symbol] = set()

    def price(self, symbol: Symbol) -> Decimal | None:
        """Give the price; None where none was seen yet."""
        return self._prices.get(symbol)

    def see(self, symbol: Symbol, price: Decimal | None) -> bool:
        """Take a market price in; tells whether conversions change by it."""
        old = self._prices.get(symbol)
        if not price or (old is not None and (symbol in self._held or abs(price - old) <= DRIFT * old)):
            return False
        self._prices[symbol] = price
        return True

    def hold(self, symbol: Symbol) -> None:
        """Keep a price for good: an order of ours was sized by it."""
        self._held.add(symbol)


def mid_of(book: Mapping[str, Any]) -> Decimal | None:
    """Give the middle of ccxt's order book; None where a side is empty or they cross."""
    bids, asks = book["bids"], book["asks"]
    bid, ask = (decimal(bids[0][0]), decimal(asks[0][0])) if bids and asks else (None, None)
    return (bid + ask) / 2 if bid and ask and bid < ask else None


def margin_legs(legs: Sequence[Leg], inverse: Iterable[Leg]) -> dict[str, Leg]:
    """Give per coin the leg that its margin counts with: the first settled in it, unless a spot leg does."""
    spot = {leg.symbol.split("/", 1)[0] for leg in legs if ":" not in leg.symbol}
    found: dict[str, Leg] = {}
    for leg in inverse:
        coin = leg.symbol.split("/", 1)[0]
        if coin not in spot:
            found.setdefault(coin, leg)
    return found


def profit(quote: Decimal, entry: Decimal, price: Decimal) -> Decimal:
    """Give what a signed position of so much quote currency has won at a price, in coin."""
    return quote / entry - quote / price


def margins(
    wallets: Mapping[Leg, Decimal | None], profits: Mapping[Leg, Decimal]
) -> dict[Leg, Decimal | None]:
    """Add what the positions of each coin have won at their fixed price; that stays while they do."""
    found: dict[Leg, Decimal | None] = {}
    for leg, wallet in wallets.items():
        coin = leg.symbol.split("/", 1)[0]
        won = sum((coins for other, coins in profits.items() if other.symbol.split("/", 1)[0] == coin), ZERO)
        found[leg] = None if wallet is None else _rounded(wallet + won)
    return found


def with_margin(
    reports: Iterable[PositionReport], margin: Mapping[Leg, Decimal | None], *, complete: bool
) -> list[PositionReport]:
    """Add coin margin to the positions that it counts with; one whose margin is not known yet is left out."""
    found = {report.leg: report for report in reports}
    for leg, coins in margin.items():
        if coins is None:
            found.pop(leg, None)
        elif leg in found:
            found[leg] = replace(found[leg], amount=plain(found[leg].amount + coins), margin=coins)
        elif complete:
            found[leg] = PositionReport(leg, coins, margin=coins, listed=False)
    return list(found.values())


def _rounded(coins: Decimal) -> Decimal:
    return plain(coins.quantize(_COIN))
