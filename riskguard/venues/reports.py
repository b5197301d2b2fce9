"""ccxt's orders, trades and positions as reports in base and quote units."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from riskguard.core.messages import FillReport, OrderReport, OrderStatus, PositionReport
from riskguard.core.types import ZERO, Side
from riskguard.venues.instruments import Instrument, decimal
from riskguard.venues.quirks.base import Quirks

_ENDED = frozenset({"closed", "canceled", "cancelled", "expired", "rejected"})


class Unreadable(ValueError):  # noqa: N818 - names what was met
    """A structure lacks what makes it a fact; the whole read is then worth nothing."""


def side_of_text(text: Any) -> Side:
    """Read buy or sell."""
    match str(text).lower():
        case "buy":
            return Side.BUY
        case "sell":
            return Side.SELL
        case _:
            raise Unreadable("side")


def order_report(order: Mapping[str, Any], instrument: Instrument, quirks: Quirks) -> OrderReport:
    """Read an order; raises `Unreadable` where amount or side is missing."""
    price = decimal(order.get("price")) or None
    average = decimal(order.get("average")) or None
    amount = _base(instrument, order.get("amount"), average or price)
    if amount is None:
        raise Unreadable("amount")
    filled = _base(instrument, order.get("filled"), average or price)
    status, trigger = _status(order), _trigger(order)
    if filled is None:
        status = OrderStatus.UNCLEAR
    return OrderReport(
        leg=instrument.leg,
        order_id=quirks.order_id(order),
        client_id=client_id_of(order, quirks),
        side=side_of_text(order.get("side")),
        amount=amount,
        price=price,
        filled=filled or ZERO,
        average=average,
        status=status,
        reduce_only=bool(order.get("reduceOnly")),
        conditional=trigger is not None,
        trigger=trigger,
    )


def client_id_of(order: Mapping[str, Any], quirks: Quirks) -> str:
    """Give our own id of an order, or a stranger's as the venue spells it."""
    info = order.get("info")
    for word in (
        order.get("clientOrderId"),
        *(quirks.raw_client_ids(info) if isinstance(info, dict) else ()),
    ):
        if word:
            return quirks.core_id(word)
    return ""


def _status(order: Mapping[str, Any]) -> OrderStatus:
    word = str(order.get("status") or "").lower()
    if word in _ENDED:
        return OrderStatus.CLOSED
    return OrderStatus.OPEN if word == "open" else OrderStatus.UNCLEAR


def _trigger(order: Mapping[str, Any]) -> Decimal | None:
    keys = ("triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice")
    return next((price for price in (decimal(order.get(key)) for key in keys) if price), None)


def _base(instrument: Instrument, size: Any, price: Decimal | None) -> Decimal | None:
    number = decimal(size)
    return None if number is None else instrument.to_base(number, price)


def fill_report(trade: Mapping[str, Any], instrument: Instrument, quirks: Quirks) -> FillReport:
    """Read a trade; raises `Unreadable` where id, size, price or time is missing."""
    price = decimal(trade.get("price"))
    amount = _base(instrument, trade.get("amount"), price)
    at_ms = trade.get("timestamp")
    identity = trade.get("id")
    if price is None or not amount or not isinstance(at_ms, int | float) or not identity:
        raise Unreadable("trade")
    return FillReport(
        leg=instrument.leg,
        trade_id=str(identity),
        order_id=str(trade.get("order") or ""),
        client_id=client_id_of(trade, quirks),
        side=side_of_text(trade.get("side")),
        amount=amount,
        price=price,
        fee=_fee(trade, instrument, amount, price),
        at_ms=int(at_ms),
        coins=instrument.coins(decimal(trade.get("amount")), price),
    )


def _fee(trade: Mapping[str, Any], instrument: Instrument, amount: Decimal, price: Decimal) -> Decimal:
    """Give the fee in quote units; one paid in a third currency is estimated by the taker rate."""
    fee = trade.get("fee") or {}
    cost = decimal(fee.get("cost"))
    if cost is None:
        return ZERO
    market = instrument.market
    currency = fee.get("currency")
    if currency in (market.quote, None):
        return cost
    if currency == market.base:
        return cost * price
    return amount * price * market.taker_fee_bps / 10_000


def position_report(position: Mapping[str, Any], instrument: Instrument, quirks: Quirks) -> PositionReport:
    """Read a position as signed base units; raises `Unreadable` where its size or side is missing."""
    mark = decimal(position.get("markPrice")) or None
    entry = decimal(position.get("entryPrice")) or None
    size = quirks.signed_size(position)
    if size is None:
        raise Unreadable("position size")
    amount = instrument.to_base(size, mark or entry) if size else ZERO
    if amount is None:
        raise Unreadable("inverse position without a price")
    return PositionReport(
        leg=instrument.leg,
        amount=amount,
        entry=entry,
        mark=mark,
        liquidation=decimal(position.get("liquidationPrice")) or None,
        isolated=position.get("marginMode") == "isolated",
    )
