"""OKX's order answers; place and cancel are acknowledgements, an order's fate is told elsewhere."""

import re
from collections.abc import Callable
from typing import Any

from riskguard.simulation.engine import Fill, Order, OrderKind, OrderRequest, Refused, Side, Tif
from riskguard.simulation.wire.face import Answer, Ask, Params, decimal_of
from riskguard.simulation.wire.okx.desk import OkxDesk, error, orders_of, refusal
from riskguard.simulation.wire.okx.rows import STATES, fill_row, order_row

_TYPES = {
    "limit": (OrderKind.LIMIT, Tif.GTC, False),
    "post_only": (OrderKind.LIMIT, Tif.GTC, True),
    "ioc": (OrderKind.LIMIT, Tif.IOC, False),
    "fok": (OrderKind.LIMIT, Tif.FOK, False),
    "market": (OrderKind.MARKET, Tif.GTC, False),
    "optimal_limit_ioc": (OrderKind.MARKET, Tif.IOC, False),
}
_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")
_PAGE = 100
_MAX_BATCH = 20
_LONGEST_S = 120


class _BadOrderError(Exception):
    """One order of a batch is wrong; holds code and text."""


def place(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `trade/order`."""
    return _each(desk, ask, _place_one)


def cancel(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `trade/cancel-order`, by `ordId` or `clOrdId`."""
    return _each(desk, ask, _cancel_one)


def amend(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `trade/amend-order`: the engine changes no orders, so an open one is refused."""
    return _each(desk, ask, _amend_one)


def cancel_all_after(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `trade/cancel-all-after`: 0 disarms, otherwise 10 to 120 seconds."""
    seconds = ask.number("timeOut", -1)
    if seconds != 0 and not 10 <= seconds <= _LONGEST_S:
        raise error("51000", "Parameter timeOut error", 400)
    desk.venue.engine.arm_dead_man(ask.account, seconds * 1000, desk.venue.now_ms())
    shown = desk.venue.shown_ms()
    return [{"triggerTime": str(shown + seconds * 1000 if seconds else 0), "tag": "", "ts": str(shown)}]


def look_up(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `GET trade/order`, the newest one when a client id occurs more than once."""
    engine, as_of, symbol = desk.venue.engine, ask.as_of(desk.venue), desk.symbol(ask.get("instId"))
    if not ask.get("ordId") and not ask.get("clOrdId"):
        raise error("51003", "Either client order ID or order ID is required.")
    if ask.get("ordId"):
        order = engine.order_by_id(ask.account, ask.get("ordId"), as_of)
    else:
        order = engine.order_by_client_id(ask.account, ask.get("clOrdId"), as_of)
    if order is None or order.symbol != symbol:
        raise error("51603", "Order does not exist")
    return _listed(desk, ask, [order])


def pending(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `trade/orders-pending`, newest first."""
    return _listed(desk, ask, _matching(desk, ask, opened=True))


def history(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `trade/orders-history`: ended orders, newest first, of one state when it is named."""
    start, end, state = ask.number("begin", 0), ask.number("end", 1 << 62), ask.get("state")
    rows = [
        order
        for order in _matching(desk, ask)
        if not order.status.is_open
        and start <= order.created_ms <= end
        and state in ("", STATES[order.status])
    ]
    return _listed(desk, ask, rows)


def fills(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `trade/fills` and `trade/fills-history`, newest first."""
    engine, as_of = desk.venue.engine, ask.as_of(desk.venue)
    if ask.get("instType") not in ("", "SWAP"):
        return []
    symbol = desk.symbol(ask.get("instId")) if ask.get("instId") else ""
    start, end, order_id = ask.number("begin", 0), ask.number("end", 1 << 62), ask.get("ordId")
    rows = [
        fill
        for fill in reversed(engine.fills_since(ask.account, start, symbol, as_of))
        if fill.ts_ms <= end and order_id in ("", fill.order_id)
    ]
    if before := ask.number("after", 0):
        rows = [fill for fill in rows if int(f"9{fill.fill_id}") < before]
    return [fill_row(desk, fill) for fill in rows[: min(_PAGE, ask.number("limit", _PAGE))]]


def last_fills(desk: OkxDesk, account: str) -> dict[str, Fill]:
    """Give the last fill of every order that has one."""
    return {fill.order_id: fill for fill in desk.venue.engine.fills_since(account)}


def order_request(desk: OkxDesk, params: Params) -> OrderRequest:
    """Read an order as a client wrote it; its size is in contracts."""
    symbol = desk.symbols.get(params.get("instId", ""))
    if symbol is None:
        raise _BadOrderError("51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist.")
    kind, side = params.get("ordType", ""), params.get("side", "")
    size, price = decimal_of(params.get("sz", "")), decimal_of(params.get("px", ""))
    client_id = params.get("clOrdId", "")
    faults = (
        (kind not in _TYPES, "ordType"),
        (side not in ("buy", "sell"), "side"),
        (params.get("tdMode") not in ("cross", "isolated"), "tdMode"),
        (params.get("posSide", "") not in ("", "net"), "posSide"),
        (bool(client_id) and not _CLIENT_ID.match(client_id), "clOrdId"),
    )
    for wrong, name in faults:
        if wrong:
            raise _BadOrderError("51000", f"Parameter {name} error")
    if size is None:
        raise _BadOrderError("51000", "Parameter sz error")
    of_kind, tif, post_only = _TYPES[kind]
    return OrderRequest(
        symbol=symbol,
        side=Side(side),
        amount=desk.base_units(symbol, size),
        price=price,
        kind=of_kind,
        tif=tif,
        post_only=post_only,
        reduce_only=params.get("reduceOnly", "") == "true",
        client_id=client_id,
    )


def _place_one(desk: OkxDesk, ask: Ask, params: Params) -> Order:
    answer = desk.venue.engine.place(ask.account, order_request(desk, params), desk.venue.now_ms())
    if isinstance(answer, Refused):
        raise _BadOrderError(*refusal(answer))
    return answer.order


def _cancel_one(desk: OkxDesk, ask: Ask, params: Params) -> Order:
    symbol, order_id = desk.symbols.get(params.get("instId", "")), params.get("ordId", "")
    client_id = params.get("clOrdId", "")
    if symbol is None:
        raise _BadOrderError("51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist.")
    if not order_id and not client_id:
        raise _BadOrderError("51003", "Either client order ID or order ID is required.")
    answer = desk.venue.engine.cancel(
        ask.account,
        desk.venue.now_ms(),
        order_id=order_id,
        client_id="" if order_id else client_id,
        symbol=symbol,
    )
    if isinstance(answer, Refused):
        raise _BadOrderError(*refusal(answer))
    return answer.order


def _amend_one(desk: OkxDesk, ask: Ask, params: Params) -> Order:
    wanted = (params.get("ordId", ""), params.get("clOrdId", ""))
    rows = desk.venue.engine.open_orders(ask.account)
    if not any(order.order_id == wanted[0] or (wanted[1] and order.client_id == wanted[1]) for order in rows):
        raise _BadOrderError(
            "51503", "Modification failed as the order has been filled, canceled or does not exist."
        )
    raise _BadOrderError("51506", "Order modification unavailable for the order type.")


def _each(desk: OkxDesk, ask: Ask, deed: Callable[[OkxDesk, Ask, Params], Order]) -> Answer:
    """Do a deed for every order of a request; code 1 when all failed, 2 when some did."""
    wanted = orders_of(ask.call)
    if not wanted:
        raise error("50002", "JSON syntax error", 400)
    if len(wanted) > _MAX_BATCH:
        raise error("50025", f"Parameter count exceeds the limit {_MAX_BATCH}", 400)
    _check_deadline(desk, ask)
    rows: list[dict[str, str]] = []
    for params in wanted:
        row = {"clOrdId": params.get("clOrdId", ""), "ordId": "", "sCode": "0", "sMsg": "", "subCode": ""}
        try:
            order = deed(desk, ask, params)
            row |= {"ordId": order.order_id, "clOrdId": order.client_id}
        except _BadOrderError as refused:
            row |= {"sCode": refused.args[0], "sMsg": refused.args[1], "ordId": params.get("ordId", "")}
        rows.append({**row, "tag": params.get("tag", ""), "ts": str(desk.venue.shown_ms())})
    failed = sum(row["sCode"] != "0" for row in rows)
    code = "0" if not failed else "1" if failed == len(rows) else "2"
    shown_us = desk.venue.shown_ms() * 1000
    text = "All operations failed" if code == "1" else ""
    return Answer(
        {"code": code, "data": rows, "inTime": str(shown_us), "msg": text, "outTime": str(shown_us + 500)}
    )


def _check_deadline(desk: OkxDesk, ask: Ask) -> None:
    """Refuse what its sender no longer wants (header `expTime`), however late it came to be executed."""
    expires = ask.call.headers.get("expTime", "")
    if expires.isdigit() and desk.venue.shown_ms() > int(expires):
        raise error("50036", "The expTime can't be earlier than the current system time.", 400)


def _matching(desk: OkxDesk, ask: Ask, *, opened: bool = False) -> list[Order]:
    if ask.get("instType") not in ("", "SWAP"):
        return []
    engine, as_of = desk.venue.engine, ask.as_of(desk.venue)
    symbol = desk.symbol(ask.get("instId")) if ask.get("instId") else ""
    rows = (engine.open_orders if opened else engine.orders)(ask.account, symbol, as_of)
    if before := ask.number("after", 0):
        rows = [order for order in rows if int(order.order_id) < before]
    return rows


def _listed(desk: OkxDesk, ask: Ask, rows: list[Order]) -> list[dict[str, Any]]:
    newest = list(reversed(rows))[: min(_PAGE, ask.number("limit", _PAGE))]
    last = last_fills(desk, ask.account) if any(order.filled for order in newest) else {}
    return [order_row(desk, order, last.get(order.order_id)) for order in newest]
