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
    market = instrument.market
    if instrument.inverse:
        raise NotOffered("orders in inverse contracts are not supported")
    if intent.amount <= ZERO or intent.price <= ZERO:
        raise NotOffered("amount and price must be positive")
    if intent.amount < market.min_amount or not is_multiple(intent.amount, market.lot):
        raise NotOffered(f"amount {intent.amount} is not a multiple of {market.lot} from {market.min_amount}")
    if not is_multiple(intent.price, market.tick):
        raise NotOffered(f"price {intent.price} is not a multiple of {market.tick}")
    symbol = intent.leg.symbol
    size = instrument.to_size(intent.amount)
    _same(size, client.amount_to_precision(symbol, float(size)), "amount")
    _same(intent.price, client.price_to_precision(symbol, float(intent.price)), "price")
    return symbol, "limit", intent.side.value, float(size), float(intent.price)


def _same(meant: Decimal, spelled: Any, what: str) -> None:
    """Compare what we mean with what ccxt would write on the wire."""
    if decimal(spelled) != meant:
        raise NotOffered(f"{what} {meant} would be sent as {spelled}")
