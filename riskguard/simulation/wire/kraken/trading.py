"""Kraken's order answers; AddOrder and CancelOrder acknowledge, an order's fate is told elsewhere."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from riskguard.simulation.engine import (
    Fill,
    Order,
    OrderKind,
    OrderRequest,
    Refusal,
    Refused,
    Side,
    Tif,
    TradingMode,
)
from riskguard.simulation.wire.face import Ask, Params, decimal_of
from riskguard.simulation.wire.kraken.desk import KrakenDesk, error, refused
from riskguard.simulation.wire.kraken.names import engine_id, rfc3339, shown_id
from riskguard.simulation.wire.kraken.rows import described, order_row, trade_row

_TIFS = {"": Tif.GTC, "GTC": Tif.GTC, "IOC": Tif.IOC, "FOK": Tif.FOK}
_CLIENT_ID = re.compile(
    r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}(\1[0-9a-fA-F]{4}){2}\1[0-9a-fA-F]{12}\Z|[ -~]{1,18}\Z"
)
"""A UUID with or without hyphens, or up to 18 characters of ASCII (docs, AddOrder)."""
_PAGE = 50
_LONGEST_S = 86_400


def add_order(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `AddOrder`; with `validate` nothing is placed and no txid given."""
    _check_deadline(desk, ask)
    request, engine = order_request(desk, ask), desk.venue.engine
    if only_checked(ask.params):
        problem = engine.check(ask.account, request, desk.venue.now_ms())
        if problem is not None:
            raise refused(problem)
        return {"descr": {"order": described(desk, _imagined(ask.account, request))["order"]}}
    answer = engine.place(ask.account, request, desk.venue.now_ms())
    if isinstance(answer, Refused):
        raise refused(answer)
    order = answer.order
    result: dict[str, Any] = {"descr": {"order": described(desk, order)["order"]}}
    result["txid"] = [shown_id("O", order.order_id)]
    if order.client_id:
        result["cl_ord_id"] = order.client_id
    return result


def only_checked(params: Params) -> bool:
    """Whether an order is to be checked only; Kraken's Python clients write the flag as Python does."""
    return params.get("validate", "").lower() in ("true", "1")


def cancel_order(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `CancelOrder`, by `txid` or `cl_ord_id`."""
    shown, client_id = ask.get("txid"), ask.get("cl_ord_id")
    if not shown and not client_id:
        raise error("EGeneral:Invalid arguments")
    answer = desk.venue.engine.cancel(
        ask.account,
        desk.venue.now_ms(),
        order_id=(engine_id(shown) or "-") if shown else "",
        client_id="" if shown else client_id,
    )
    if isinstance(answer, Refused):
        raise refused(answer)
    return {"count": 1}


def cancel_all(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `CancelAll`."""
    if desk.venue.engine.mode() is TradingMode.HALTED:
        raise refused(Refused(Refusal.HALTED))
    return {"count": len(desk.venue.engine.cancel_all(ask.account, desk.venue.now_ms()))}


def cancel_all_after(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `CancelAllOrdersAfter`: seconds, 0 disarms."""
    seconds = ask.number("timeout", -1)
    if not 0 <= seconds <= _LONGEST_S:
        raise error("EGeneral:Invalid arguments:timeout")
    desk.venue.engine.arm_dead_man(ask.account, seconds * 1000, desk.venue.now_ms())
    shown = desk.venue.shown_ms()
    trigger = rfc3339(shown + seconds * 1000, "seconds") if seconds else "0"
    return {"currentTime": rfc3339(shown, "seconds"), "triggerTime": trigger}


def open_orders(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `OpenOrders`."""
    return {"open": _listed(desk, ask, _matching(desk, ask, opened=True))}


def closed_orders(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `ClosedOrders`: fifty per answer, newest first."""
    start, end = _moment(ask.get("start"), 0), _moment(ask.get("end"), 1 << 62)
    rows = [o for o in _matching(desk, ask) if not o.status.is_open and start < o.updated_ms <= end]
    rows.sort(key=lambda order: order.updated_ms)
    offset = ask.number("ofs", 0)
    page = list(reversed(rows))[offset : offset + _PAGE]
    return {"closed": _listed(desk, ask, page), "count": len(rows)}


def query_orders(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `QueryOrders`: the orders named by `txid`; unknown ones are left out."""
    ids = [engine_id(shown) for shown in ask.get("txid").split(",")]
    if not all(ids):
        raise error("EOrder:Invalid order")
    as_of = ask.as_of(desk.venue)
    found = [desk.venue.engine.order_by_id(ask.account, order_id, as_of) for order_id in ids]
    return _listed(desk, ask, [order for order in found if order is not None])


def trades_history(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `TradesHistory`: fifty per answer, newest first."""
    engine, as_of = desk.venue.engine, ask.as_of(desk.venue)
    start, end = _moment(ask.get("start"), -1), _moment(ask.get("end"), 1 << 62)
    fills = engine.fills_since(ask.account, 0, "", as_of)
    rows = [fill for fill in reversed(fills) if start < fill.ts_ms <= end]
    offset = ask.number("ofs", 0)
    return {"trades": _trades(desk, ask.account, rows[offset : offset + _PAGE]), "count": len(rows)}


def query_trades(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `QueryTrades`: the trades named by `txid`."""
    ids = {engine_id(shown) for shown in ask.get("txid").split(",")}
    rows = [fill for fill in desk.venue.engine.fills_since(ask.account) if fill.fill_id in ids]
    return _trades(desk, ask.account, rows)


def order_request(desk: KrakenDesk, ask: Ask) -> OrderRequest:
    """Read an order as a client wrote it."""
    kind, side, client_id = ask.get("ordertype"), ask.get("type"), ask.get("cl_ord_id")
    flags = set(ask.get("oflags").split(",")) - {""}
    amount, price = decimal_of(ask.get("volume")), decimal_of(ask.get("price"))
    faults = (
        (kind not in ("limit", "market"), "ordertype"),
        (side not in ("buy", "sell"), "type"),
        (amount is None, "volume"),
        (kind == "limit" and price is None, "price"),
        (ask.get("timeinforce") not in _TIFS, "timeinforce"),
        (bool(flags - {"post", "fciq", "nompp"}), "oflags"),
        (bool(client_id) and not _CLIENT_ID.match(client_id), "cl_ord_id"),
        (ask.get("leverage") not in ("", "none"), "leverage"),
        (ask.get("reduce_only").lower() == "true", "reduce_only"),
    )
    for wrong, name in faults:
        if wrong:
            raise error(f"EGeneral:Invalid arguments:{name}")
    return OrderRequest(
        symbol=desk.pair(ask.get("pair")).symbol,
        side=Side(side),
        amount=amount or Decimal(0),
        price=price,
        kind=OrderKind(kind),
        tif=_TIFS[ask.get("timeinforce")],
        post_only="post" in flags,
        client_id=client_id,
    )


def _check_deadline(desk: KrakenDesk, ask: Ask) -> None:
    """Refuse an order whose `deadline` has passed, however late it came to be executed."""
    text = ask.get("deadline")
    if not text:
        return
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise error("EGeneral:Invalid arguments:deadline") from None
    if desk.venue.shown_ms() > moment.timestamp() * 1000:
        raise error("EService:Deadline elapsed")


def _imagined(account: str, request: OrderRequest) -> Order:
    """Give the order that a request would become."""
    return Order(
        "0",
        request.client_id,
        account,
        request.symbol,
        request.side,
        request.kind,
        request.tif,
        request.post_only,
        request.reduce_only,
        request.price or Decimal(0),
        request.amount,
        0,
        0,
    )


def _matching(desk: KrakenDesk, ask: Ask, *, opened: bool = False) -> list[Order]:
    engine = desk.venue.engine
    rows = (engine.open_orders if opened else engine.orders)(ask.account, "", ask.as_of(desk.venue))
    if client_id := ask.get("cl_ord_id"):
        rows = [order for order in rows if order.client_id == client_id]
    return [] if ask.get("userref") else rows


def _listed(desk: KrakenDesk, ask: Ask, rows: list[Order]) -> dict[str, Any]:
    if ask.get("trades").lower() != "true":
        return {shown_id("O", order.order_id): order_row(desk, order) for order in rows}
    trades: dict[str, list[str]] = {}
    for fill in desk.venue.engine.fills_since(ask.account):
        trades.setdefault(fill.order_id, []).append(shown_id("T", fill.fill_id))
    return {
        shown_id("O", order.order_id): order_row(desk, order, trades.get(order.order_id, []))
        for order in rows
    }


def _trades(desk: KrakenDesk, account: str, rows: list[Fill]) -> dict[str, Any]:
    listed: dict[str, Any] = {}
    for fill in rows:
        order = desk.venue.engine.order_by_id(account, fill.order_id)
        if order is not None:
            listed[shown_id("T", fill.fill_id)] = trade_row(desk, fill, order)
    return listed


def _moment(text: str, default: int) -> int:
    """Read seconds as milliseconds."""
    value = decimal_of(text) if text else None
    return default if value is None else int(value * 1000)
