"""Rows of Kraken's WebSocket channels: executions, balances and tickers; numbers here, text in REST."""

from decimal import Decimal
from typing import Any

from riskguard.simulation.engine import Fill, Order, OrderKind, Status, Tif
from riskguard.simulation.wire.kraken.desk import KrakenDesk
from riskguard.simulation.wire.kraken.names import rfc3339, shown_id
from riskguard.simulation.wire.kraken.rows import REASONS

_SNAP_TRADES = 50


def order_rows(desk: KrakenDesk, order: Order) -> list[dict[str, Any]]:
    """Write what the executions channel tells of an order that was accepted or taken off.

    Only the first event of an order names its symbol; later ones have the order's id.
    """
    if order.status is Status.NEW:
        new = {**_named(desk, order), "order_status": "new", "exec_type": "new"}
        return [_opened(desk, order, "pending_new"), new]
    reason = REASONS[order.cause]
    row = {**_named(desk, order), "order_status": "canceled", "exec_type": "canceled", **_sums(order)}
    return [{**row, "cancel_reason": reason, "reason": reason}]


def trade_rows(desk: KrakenDesk, fill: Fill, order: Order) -> list[dict[str, Any]]:
    """Write a trade, and the completion of its order as an event of its own."""
    rows = [_trade(desk, fill, order)]
    if order.status is Status.FILLED:
        rows.append({**_named(desk, order), "order_status": "filled", "exec_type": "filled", **_sums(order)})
    return rows


def execution_snapshot(desk: KrakenDesk, account: str, *, orders: bool, trades: bool) -> list[dict[str, Any]]:
    """Write the first message of the executions channel: open orders, then the newest trades."""
    engine = desk.venue.engine
    rows: list[dict[str, Any]] = []
    if orders:
        rows += [_opened(desk, order, "new") | _sums(order) for order in engine.open_orders(account)]
    if trades:
        for fill in engine.fills_since(account)[-_SNAP_TRADES:]:
            order = engine.order_by_id(account, fill.order_id)
            if order is not None:
                rows.append(_trade(desk, fill, order))
    return rows


def balance_snapshot(desk: KrakenDesk, account: str) -> list[dict[str, Any]]:
    """Write the first message of the balances channel."""
    return [
        {
            "asset": row.asset,
            "asset_class": "currency",
            "balance": float(row.wallet),
            "wallets": [{"type": "spot", "id": "main", "balance": float(row.wallet)}],
        }
        for row in desk.venue.engine.balances(account)
    ]


def balance_rows(desk: KrakenDesk, fill: Fill) -> list[dict[str, Any]]:
    """Write the two ledger entries of a trade."""
    engine = desk.venue.engine
    item = engine.instruments[fill.symbol]
    moved = (
        (item.base, fill.amount * fill.side.sign, Decimal(0)),
        (item.quote, -fill.amount * fill.price * fill.side.sign, fill.fee),
    )
    return [
        {
            "asset": asset,
            "asset_class": "currency",
            "amount": float(amount),
            "balance": float(engine.balance(fill.account, asset).wallet),
            "fee": float(fee),
            "ledger_id": shown_id("L", str(int(fill.fill_id) * 2 + number)),
            "ref_id": shown_id("T", fill.fill_id),
            "timestamp": rfc3339(fill.ts_ms, "microseconds"),
            "type": "trade",
            "subtype": "",
            "category": "trade",
            "wallet_type": "spot",
            "wallet_id": "main",
        }
        for number, (asset, amount, fee) in enumerate(moved)
    ]


def ticker_payload(desk: KrakenDesk, symbol: str, kind: str) -> dict[str, Any]:
    """Write the ticker channel."""
    engine = desk.venue.engine
    book, mid = engine.book(symbol, 1), float(engine.mid(symbol))
    row = {
        "symbol": symbol,
        "bid": float(book.bids[0].price) if book.bids else 0.0,
        "bid_qty": float(book.bids[0].amount) if book.bids else 0.0,
        "ask": float(book.asks[0].price) if book.asks else 0.0,
        "ask_qty": float(book.asks[0].amount) if book.asks else 0.0,
        "last": mid,
        "volume": 5000.0,
        "vwap": mid,
        "low": mid,
        "high": mid,
        "change": 0.0,
        "change_pct": 0.0,
        "timestamp": rfc3339(desk.venue.shown_ms(), "microseconds"),
    }
    return {"channel": "ticker", "type": kind, "data": [row]}


def _named(desk: KrakenDesk, order: Order) -> dict[str, Any]:
    row: dict[str, Any] = {"order_id": shown_id("O", order.order_id)}
    if order.client_id:
        row["cl_ord_id"] = order.client_id
    return {**row, "order_userref": 0, "timestamp": rfc3339(_shown(desk, order.updated_ms), "microseconds")}


def _opened(desk: KrakenDesk, order: Order, kind: str) -> dict[str, Any]:
    market = order.kind is OrderKind.MARKET
    row = {
        **_named(desk, order),
        "symbol": order.symbol,
        "order_qty": float(order.amount),
        "cum_cost": 0.0,
        "time_in_force": {Tif.GTC: "GTC", Tif.IOC: "IOC", Tif.FOK: "FOK"}[order.tif],
        "exec_type": kind,
        "side": order.side.value,
        "order_type": "market" if market else "limit",
        "limit_price_type": "static",
        "limit_price": float(order.price),
        "stop_price": 0.0,
        "order_status": kind if order.status is Status.NEW else "partially_filled",
        "fee_usd_equiv": 0.0,
        "fee_ccy_pref": "fciq",
    }
    return {**row, "post_only": True} if order.post_only else row


def _sums(order: Order) -> dict[str, Any]:
    return {
        "cum_qty": float(order.filled),
        "cum_cost": float(order.cost),
        "fee_usd_equiv": float(order.fee),
        "avg_price": float(order.average),
    }


def _trade(desk: KrakenDesk, fill: Fill, order: Order) -> dict[str, Any]:
    """Write one trade; its order is called partly filled even when this trade fills it (docs, Executions)."""
    return {
        **_named(desk, order),
        "timestamp": rfc3339(_shown(desk, fill.ts_ms), "microseconds"),
        "exec_id": shown_id("T", fill.fill_id),
        "exec_type": "trade",
        "trade_id": int(fill.fill_id),
        "symbol": fill.symbol,
        "side": fill.side.value,
        "last_qty": float(fill.amount),
        "last_price": float(fill.price),
        "liquidity_ind": "m" if fill.maker else "t",
        "cost": float(fill.amount * fill.price),
        "order_status": "partially_filled",
        "order_type": "market" if order.kind is OrderKind.MARKET else "limit",
        "fee_usd_equiv": float(fill.fee),
        "fees": [{"asset": fill.fee_asset, "qty": float(fill.fee)}],
    }


def _shown(desk: KrakenDesk, at_ms: int) -> int:
    return at_ms + desk.venue.skew_ms
