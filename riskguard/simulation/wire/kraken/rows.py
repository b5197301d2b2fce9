"""Kraken's REST rows: orders, trades, balances."""

from typing import Any

from riskguard.simulation.engine import Balance, CancelCause, Fill, Order, OrderKind, Status
from riskguard.simulation.wire.kraken.desk import KrakenDesk
from riskguard.simulation.wire.kraken.names import fixed, shown_id, volume

STATES = {
    Status.NEW: "open",
    Status.PARTLY_FILLED: "open",
    Status.FILLED: "closed",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "canceled",
}
REASONS = {
    None: None,
    CancelCause.USER: "User requested",
    CancelCause.IOC: "IOC order remainder",
    CancelCause.FOK: "Insufficient liquidity",
    CancelCause.POST_ONLY: "Post only order",
    CancelCause.REDUCE_ONLY: "Reduce only",
    CancelCause.DEAD_MAN: "Cancel all after timeout",
    CancelCause.LIQUIDATION: "Liquidation",
    CancelCause.VENUE: "Market closed",
}


def described(desk: KrakenDesk, order: Order) -> dict[str, Any]:
    """Write the description of an order."""
    pair = desk.pairs[order.symbol]
    kind = "market" if order.kind is OrderKind.MARKET else "limit"
    price = "0" if kind == "market" else pair.price(order.price)
    text = f"{order.side.value} {volume(order.amount)} {pair.altname} @ {kind}"
    return {
        "pair": pair.altname,
        "type": order.side.value,
        "ordertype": kind,
        "price": price,
        "price2": "0",
        "leverage": "none",
        "order": text if kind == "market" else f"{text} {price}",
        "close": "",
    }


def order_row(desk: KrakenDesk, order: Order, trades: list[str] | None = None) -> dict[str, Any]:
    """Write an order; an ended one has a reason and a closing time."""
    pair = desk.pairs[order.symbol]
    row: dict[str, Any] = {"refid": None, "userref": None}
    if order.client_id:
        row["cl_ord_id"] = order.client_id
    row["status"] = STATES[order.status]
    if not order.status.is_open:
        row |= {"reason": REASONS[order.cause], "closetm": order.updated_ms / 1000}
    row |= {
        "opentm": order.created_ms / 1000,
        "starttm": 0,
        "expiretm": 0,
        "descr": described(desk, order),
        "vol": volume(order.amount),
        "vol_exec": volume(order.filled),
        "cost": fixed(order.cost, 5),
        "fee": fixed(order.fee, 5),
        "price": pair.price(order.average),
        "stopprice": pair.price(order.amount * 0),
        "limitprice": pair.price(order.amount * 0),
        "misc": "",
        "oflags": "fciq,post" if order.post_only else "fciq",
    }
    if trades is not None:
        row["trades"] = trades
    return row


def trade_row(desk: KrakenDesk, fill: Fill, order: Order) -> dict[str, Any]:
    """Write a trade; its price is the exact one."""
    pair = desk.pairs[fill.symbol]
    return {
        "ordertxid": shown_id("O", fill.order_id),
        "postxid": "TKH2SE-M7IF5-CFI7LT",
        "pair": pair.id,
        "time": fill.ts_ms / 1000,
        "type": fill.side.value,
        "ordertype": "market" if order.kind is OrderKind.MARKET else "limit",
        "price": pair.price(fill.price),
        "cost": fixed(fill.amount * fill.price, 5),
        "fee": fixed(fill.fee, 5),
        "vol": volume(fill.amount),
        "margin": "0.00000",
        "leverage": "0",
        "misc": "",
        "trade_id": int(fill.fill_id),
        "maker": fill.maker,
    }


def held(row: Balance) -> str:
    """Write what open orders hold of an asset."""
    return fixed(row.wallet - row.free, 10)
