"""An intent as ccxt's arguments, refused rather than silently rounded."""

from decimal import Decimal
from typing import Any

from riskguard.core.orders.intent import OrderIntent
from riskguard.core.types import ZERO
from riskguard.venues.instruments import Instrument, decimal, is_multiple
from riskguard.venues.quirks.base import NotOffered


def order_arguments(
    client: Any, instrument: Instrument, intent: OrderIntent
) -> tuple[str, str, str, float, float]:
    """Give symbol, type, side, size and price; raises `NotOffered` for an order off the grid.

    ccxt cuts amounts and rounds prices without a word; the rest would be exposure that nobody counts.
    """
    market, amount = instrument.market, intent.amount
    if not instrument.orderable:
        raise NotOffered(f"no price of {intent.leg.symbol} yet to size an inverse contract by")
    if amount <= ZERO or intent.price <= ZERO:
        raise NotOffered("amount and price must be positive")
    if instrument.inverse:
        # Its worth in coin may have moved since the order was decided; never more than was meant.
        amount = instrument.whole(amount)
    if amount < market.min_amount or not is_multiple(amount, market.lot):
        raise NotOffered(f"amount {amount} is not a multiple of {market.lot} from {market.min_amount}")
    if not is_multiple(intent.price, market.tick):
        raise NotOffered(f"price {intent.price} is not a multiple of {market.tick}")
    symbol = intent.leg.symbol
    size = instrument.to_size(amount)
    _same(size, client.amount_to_precision(symbol, float(size)))
    price = _price(client, symbol, intent)
    return symbol, "limit", intent.side.value, float(size), float(price)


def _same(meant: Decimal, spelled: Any) -> None:
    """Compare the size we mean with what ccxt would write on the wire."""
    if decimal(spelled) != meant:
        raise NotOffered(f"amount {meant} would be sent as {spelled}")


def _price(client: Any, symbol: str, intent: OrderIntent) -> Decimal:
    """Give the price on the venue's grid, never worse for us than the limit that was approved.

    Matters where the grid is a number of significant digits (Bitfinex, Hyperliquid): no fixed tick fits it.
    """
    price = intent.price
    for _ in range(2):
        spelled = decimal(client.price_to_precision(symbol, float(price)))
        if spelled is None or spelled <= ZERO:
            break
        if (spelled - intent.price) * intent.side.sign <= ZERO:
            return spelled
        price = intent.price - 2 * (spelled - intent.price)
    raise NotOffered(f"price {intent.price} does not fit the venue's grid")
