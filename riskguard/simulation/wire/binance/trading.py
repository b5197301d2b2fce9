"""Binance's order answers: place, test, cancel, look up, list, and the dead-man's switch."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from riskguard.simulation.engine import (
    Order,
    OrderKind,
    OrderRequest,
    Refused,
    Side,
    Tif,
)
from riskguard.simulation.wire.binance.desk import BinanceDesk, error, refused
from riskguard.simulation.wire.binance.rows import order_row, query_row, trade_row
from riskguard.simulation.wire.face import Ask, Params, decimal_of

_TIFS = {"GTC": Tif.GTC, "IOC": Tif.IOC, "FOK": Tif.FOK, "GTX": Tif.GTC, "": Tif.GTC}
_WEEK_MS = 7 * 86_400_000


def place(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `POST order`; with ACK, the default, the answer does not show what matching did."""
    request = order_request(desk, ask.params)
    if not request.client_id:
        request = replace(request, client_id=f"web_{next(desk.counter):020d}")
    answer = desk.venue.engine.place(ask.account, request, desk.venue.now_ms())
    if isinstance(answer, Refused):
        raise refused(answer)
    ack = ask.get("newOrderRespType", default="ACK") == "ACK"
    return order_row(answer.order, desk.ids[answer.order.symbol], ack=ack)


def test_order(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `POST order/test`: all checks, no order."""
    request = order_request(desk, ask.params)
    answer = desk.venue.engine.check(ask.account, request, desk.venue.now_ms())
    if answer is not None:
        raise refused(answer)
    now = desk.venue.shown_ms()
    shadow = Order(
        "0",
        request.client_id,
        ask.account,
        request.symbol,
        request.side,
        request.kind,
        request.tif,
        request.post_only,
        request.reduce_only,
        request.price or Decimal(0),
        request.amount,
        now,
        now,
    )
    return order_row(shadow, desk.ids[request.symbol], ack=True)


def cancel(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `DELETE order`, by `orderId` or `origClientOrderId`."""
    symbol, (order_id, client_id) = desk.symbol(ask.get("symbol")), _names(ask)
    answer = desk.venue.engine.cancel(
        ask.account, desk.venue.now_ms(), order_id=order_id, client_id=client_id, symbol=symbol
    )
    if isinstance(answer, Refused):
        raise refused(answer)
    return order_row(answer.order, desk.ids[symbol])


def cancel_all(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `DELETE allOpenOrders`."""
    desk.venue.engine.cancel_all(ask.account, desk.venue.now_ms(), desk.symbol(ask.get("symbol")))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def countdown(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `POST countdownCancelAll`; zero disarms."""
    symbol, span = desk.symbol(ask.get("symbol")), ask.number("countdownTime", 0)
    desk.venue.engine.arm_dead_man(ask.account, span, desk.venue.now_ms(), symbol)
    return {"symbol": desk.ids[symbol], "countdownTime": str(span)}


def look_up(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `GET order`."""
    order = _found(desk, ask)
    if order is None:
        raise error(400, -2013, "Order does not exist.")
    return query_row(order, desk.ids[order.symbol])


def look_up_open(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `GET openOrder`."""
    order = _found(desk, ask)
    if order is None or not order.status.is_open:
        raise error(400, -2013, "Order does not exist.")
    return query_row(order, desk.ids[order.symbol])


def open_orders(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `GET openOrders`."""
    symbol = desk.symbol(ask.get("symbol")) if ask.get("symbol") else ""
    rows = desk.venue.engine.open_orders(ask.account, symbol, ask.as_of(desk.venue))
    return [query_row(order, desk.ids[order.symbol]) for order in rows]


def all_orders(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `GET allOrders`, oldest first."""
    symbol = desk.symbol(ask.get("symbol"))
    start, end = ask.number("startTime", 0), ask.number("endTime", 1 << 62)
    first = ask.number("orderId", 0)
    rows = desk.venue.engine.orders(ask.account, symbol, ask.as_of(desk.venue))
    chosen = [o for o in rows if start <= o.created_ms <= end and int(o.order_id) >= first]
    return [query_row(order, desk.ids[symbol]) for order in chosen[-ask.number("limit", 500) :]]


def user_trades(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `GET userTrades`; without times the last seven days, with `fromId` everything from there."""
    symbol, engine = desk.symbol(ask.get("symbol")), desk.venue.engine
    first = ask.number("fromId", 0)
    start = ask.number("startTime", 0 if first else desk.venue.now_ms() - _WEEK_MS)
    end = ask.number("endTime", 1 << 62)
    rows = [
        fill
        for fill in engine.fills_since(ask.account, start, symbol, ask.as_of(desk.venue))
        if fill.ts_ms <= end and int(fill.fill_id) >= first and ask.get("orderId") in ("", fill.order_id)
    ]
    limit = ask.number("limit", 500)
    chosen = rows[:limit] if first or ask.get("startTime") else rows[-limit:]
    return [trade_row(fill, desk.ids[symbol]) for fill in chosen]


def order_request(desk: BinanceDesk, params: Params) -> OrderRequest:
    """Read an order as a client wrote it."""
    kind, tif = params.get("type", ""), params.get("timeInForce", "")
    if kind not in ("LIMIT", "MARKET"):
        raise error(400, -1116, "Invalid orderType.")
    if tif not in _TIFS or (kind == "LIMIT" and not tif):
        raise error(400, -1115, "Invalid timeInForce.")
    if params.get("side") not in ("BUY", "SELL"):
        raise error(400, -1117, "Invalid side.")
    if params.get("positionSide", "BOTH") not in ("", "BOTH"):
        raise error(400, -4061, "Order's position side does not match user's setting.")
    amount = decimal_of(params.get("quantity", ""))
    if amount is None:
        raise error(400, -1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.")
    return OrderRequest(
        symbol=desk.symbol(params.get("symbol", "")),
        side=Side.BUY if params["side"] == "BUY" else Side.SELL,
        amount=amount,
        price=decimal_of(params.get("price", "")),
        kind=OrderKind(kind.lower()),
        tif=_TIFS[tif],
        post_only=tif == "GTX",
        reduce_only=params.get("reduceOnly", "").lower() == "true",
        client_id=params.get("newClientOrderId", ""),
    )


def _names(ask: Ask) -> tuple[str, str]:
    order_id, client_id = ask.get("orderId"), ask.get("origClientOrderId")
    if not order_id and not client_id:
        raise error(
            400, -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"
        )
    return order_id, "" if order_id else client_id


def _found(desk: BinanceDesk, ask: Ask) -> Order | None:
    engine, as_of = desk.venue.engine, ask.as_of(desk.venue)
    symbol, (order_id, client_id) = desk.symbol(ask.get("symbol")), _names(ask)
    if order_id:
        order = engine.order_by_id(ask.account, order_id, as_of)
    else:
        order = engine.order_by_client_id(ask.account, client_id, as_of)
    return order if order is not None and order.symbol == symbol else None
