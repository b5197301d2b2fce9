"""Bybit's order answers; create and cancel are acknowledgements, the order's fate is told elsewhere."""

from typing import Any

from riskguard.simulation.engine import Order, OrderKind, OrderRequest, Refused, Side, Tif
from riskguard.simulation.wire.bybit.desk import BybitDesk, engine_id, error, shown_id
from riskguard.simulation.wire.bybit.rows import execution_row, order_row
from riskguard.simulation.wire.face import Ask, Params, decimal_of

_TIFS = {"GTC": Tif.GTC, "IOC": Tif.IOC, "FOK": Tif.FOK, "PostOnly": Tif.GTC, "": Tif.GTC}
_RECENT = 500
_WEEK_MS = 7 * 86_400_000


def place(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `order/create`."""
    request = order_request(desk, ask.params)
    answer = desk.venue.engine.place(ask.account, request, desk.venue.now_ms())
    if isinstance(answer, Refused):
        raise desk.refused(answer)
    return {"orderId": shown_id(answer.order.order_id), "orderLinkId": answer.order.client_id}


def cancel(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `order/cancel`, by `orderId` or `orderLinkId`."""
    shown, client_id = ask.get("orderId"), ask.get("orderLinkId")
    if not shown and not client_id:
        raise error(10001, "params error: OrderId or orderLinkId is required", desk.venue.shown_ms())
    symbol = desk.symbol(ask.get("symbol"))
    answer = desk.venue.engine.cancel(
        ask.account,
        desk.venue.now_ms(),
        order_id=(engine_id(shown) or "-") if shown else "",
        client_id="" if shown else client_id,
        symbol=symbol,
    )
    if isinstance(answer, Refused):
        raise desk.refused(answer)
    return {"orderId": shown_id(answer.order.order_id), "orderLinkId": answer.order.client_id}


def cancel_all(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `order/cancel-all` for a symbol or a settlement coin."""
    symbol = desk.symbol(ask.get("symbol")) if ask.get("symbol") else ""
    rows = desk.venue.engine.cancel_all(ask.account, desk.venue.now_ms(), symbol)
    listed = [{"orderId": shown_id(order.order_id), "orderLinkId": order.client_id} for order in rows]
    return {"list": listed, "success": "1"}


def realtime(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `order/realtime`: open orders; by id or with `openOnly=1` also the most recent ended ones."""
    named, ended = ask.get("orderId", "orderLinkId"), ask.get("openOnly") == "1"
    if named or ended:
        rows = [order for order in _matching(desk, ask) if named or not order.status.is_open]
    else:
        symbol = desk.symbol(ask.get("symbol")) if ask.get("symbol") else ""
        rows = desk.venue.engine.open_orders(ask.account, symbol, ask.as_of(desk.venue))
    return _page(desk, ask, rows[-_RECENT:])


def history(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `order/history`: ended orders, newest first."""
    start, end = ask.number("startTime", 0), ask.number("endTime", 1 << 62)
    rows = [o for o in _matching(desk, ask) if not o.status.is_open and start <= o.created_ms <= end]
    return _page(desk, ask, rows)


def executions(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `execution/list`, newest first; without times the last seven days."""
    engine, as_of = desk.venue.engine, ask.as_of(desk.venue)
    symbol = desk.symbol(ask.get("symbol")) if ask.get("symbol") else ""
    start = ask.number("startTime", desk.venue.now_ms() - _WEEK_MS)
    end = ask.number("endTime", 1 << 62)
    order_id = engine_id(ask.get("orderId")) or "-" if ask.get("orderId") else ""
    client_id = ask.get("orderLinkId")
    rows = [
        fill
        for fill in reversed(engine.fills_since(ask.account, start, symbol, as_of))
        if fill.ts_ms <= end and order_id in ("", fill.order_id) and client_id in ("", fill.client_id)
    ]
    listed: list[dict[str, Any]] = []
    for fill in rows[: ask.number("limit", 50)]:
        order = engine.order_by_id(ask.account, fill.order_id)
        if order is not None:
            item = engine.instruments[fill.symbol]
            listed.append(execution_row(fill, order, desk.ids[fill.symbol], item))
    return {"category": "linear", "list": listed, "nextPageCursor": ""}


def order_request(desk: BybitDesk, params: Params) -> OrderRequest:
    """Read an order as a client wrote it."""
    shown = desk.venue.shown_ms()
    kind, side, tif = params.get("orderType", ""), params.get("side", ""), params.get("timeInForce", "")
    if params.get("category") != "linear":
        raise error(10001, "params error: category invalid", shown)
    if kind not in ("Limit", "Market") or side not in ("Buy", "Sell") or tif not in _TIFS:
        raise error(10001, "params error: orderType, side or timeInForce invalid", shown)
    if params.get("positionIdx", "0") not in ("", "0"):
        raise error(10001, "position idx not match position mode", shown)
    amount = decimal_of(params.get("qty", ""))
    if amount is None:
        raise error(10001, "params error: qty invalid", shown)
    return OrderRequest(
        symbol=desk.symbol(params.get("symbol", "")),
        side=Side(side.lower()),
        amount=amount,
        price=decimal_of(params.get("price", "")),
        kind=OrderKind(kind.lower()),
        tif=_TIFS[tif],
        post_only=tif == "PostOnly",
        reduce_only=params.get("reduceOnly", "") == "true",
        client_id=params.get("orderLinkId", ""),
    )


def _matching(desk: BybitDesk, ask: Ask) -> list[Order]:
    engine, as_of = desk.venue.engine, ask.as_of(desk.venue)
    symbol = desk.symbol(ask.get("symbol")) if ask.get("symbol") else ""
    shown, client_id = ask.get("orderId"), ask.get("orderLinkId")
    if not shown and not client_id:
        return engine.orders(ask.account, symbol, as_of)
    if shown:
        order = engine.order_by_id(ask.account, engine_id(shown), as_of)
    else:
        order = engine.order_by_client_id(ask.account, client_id, as_of)
    fits = order is not None and symbol in ("", order.symbol) and client_id in ("", order.client_id)
    return [order] if order is not None and fits else []


def _page(desk: BybitDesk, ask: Ask, rows: list[Order]) -> dict[str, Any]:
    newest = list(reversed(rows))[: ask.number("limit", 20)]
    listed = [
        order_row(order, desk.ids[order.symbol], desk.venue.engine.mid(order.symbol)) for order in newest
    ]
    return {"nextPageCursor": "", "category": "linear", "list": listed}
