"""The control endpoint: JSON over HTTP on loopback, every request with the token in `X-Token`.

Every path takes POST with a JSON object; `venue` names one venue, absent or "*" means all. Answers are JSON
objects, errors `{"error": text}` with status 400.

* `/faults/set` {venue, rule} or {venue, rules} -> {"ids": {venue: [id, …]}}
* `/faults/clear` {venue, ids?} -> {"lifted": {venue: [id, …]}}; without ids all
* `/faults/list` {venue} -> {venue: [rule, …]}
* `/mid` {venue, symbol, price}; `/path` {venue, symbol, legs: [{"to": price, "over_s": seconds}, …]}
* `/mode` {venue, mode: full post_only cancel_only halted, symbol?}
* `/maker` {venue, symbol, …fields of MakerShape}: thin out or widen the book
* `/mark` {venue, symbol, price or null}: the mark price apart from the mid
* `/force-close` {venue, account?, symbol, share}: the venue closes a share of the position (liquidation, ADL)
* `/clock` {venue, skew_ms}: the clock that clients see is ahead by so much
* `/position` {venue, symbol, amount, entry_price?, account?}
* `/order` {venue, account?, symbol, side, amount, price, client_id, post_only, reduce_only, kind, tif}
  -> {"order_id", "status"}: an order of the account that no API call carried
* `/cancel-all` {venue, account?, symbol?} -> {"cancelled": n}
* `/log` {after?, venue?} -> {"rows": […]}
* `/state` {venue} -> {venue: {now_ms, mids, refuses, connections, streams, held, arrived, accounts}}
"""

import hmac
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeAlias

from aiohttp import web

from riskguard.simulation.engine import CancelCause, Order, Refused, TradeLog, TradingMode
from riskguard.simulation.wire.config import number, order_of, overridden
from riskguard.simulation.wire.faults import FaultRule
from riskguard.simulation.wire.feeds import plain
from riskguard.simulation.wire.front import Front
from riskguard.simulation.wire.sockets import HOST, Door

_Body: TypeAlias = dict[str, Any]
_Deed: TypeAlias = Callable[[_Body], Coroutine[Any, Any, _Body]]


class Control:
    """The endpoint through which a test or a demo steers the venues and asks for the truth."""

    def __init__(self, fronts: Mapping[str, Front], log: TradeLog, token: str, port: int = 0) -> None:
        self._fronts = fronts
        self._log = log
        self._token = token
        self._door = Door(web.Server(self._handle, access_log=None), port)
        self._deeds: dict[str, _Deed] = {
            "/faults/set": self._set_faults,
            "/faults/clear": self._clear_faults,
            "/faults/list": self._list_faults,
            "/mid": self._mid,
            "/path": self._path,
            "/mode": self._mode,
            "/maker": self._maker,
            "/mark": self._mark,
            "/force-close": self._force_close,
            "/clock": self._clock,
            "/position": self._position,
            "/order": self._order,
            "/cancel-all": self._cancel_all,
            "/log": self._rows,
            "/state": self._state,
        }

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._door.port}"

    async def start(self) -> None:
        """Listen."""
        await self._door.open()

    async def stop(self) -> None:
        """Stop listening."""
        await self._door.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if not hmac.compare_digest(request.headers.get("X-Token", ""), self._token):
            return web.json_response({"error": "wrong token"}, status=403)
        deed = self._deeds.get(request.path)
        if deed is None:
            return web.json_response(
                {"error": f"no {request.path}; known: {', '.join(self._deeds)}"}, status=404
            )
        try:
            text = await request.text()
            return web.json_response(await deed(json.loads(text) if text else {}))
        except (ValueError, KeyError, TypeError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    def _chosen(self, body: _Body) -> list[tuple[str, Front]]:
        name = body.get("venue", "*")
        if name == "*":
            return list(self._fronts.items())
        if name not in self._fronts:
            raise ValueError(f"no venue {name!r}; known: {', '.join(self._fronts)}")
        return [(name, self._fronts[name])]

    async def _set_faults(self, body: _Body) -> _Body:
        rules = [
            FaultRule.from_json(row) for row in body.get("rules", [body["rule"]] if "rule" in body else [])
        ]
        ids: dict[str, list[str]] = {}
        for name, front in self._chosen(body):
            ids[name] = [(await front.set_fault(rule)).id for rule in rules]
        return {"ids": ids}

    async def _clear_faults(self, body: _Body) -> _Body:
        lifted: dict[str, list[str]] = {}
        for name, front in self._chosen(body):
            lifted[name] = [rule.id for rule in await front.lift_faults(body.get("ids"))]
        return {"lifted": lifted}

    async def _list_faults(self, body: _Body) -> _Body:
        return {name: [rule.to_json() for rule in front.faults.rules] for name, front in self._chosen(body)}

    async def _mid(self, body: _Body) -> _Body:
        price = number("price", body["price"])
        for _, front in self._chosen(body):
            venue = front.face.venue
            venue.engine.set_mid(body["symbol"], price, venue.now_ms())
        return {}

    async def _path(self, body: _Body) -> _Body:
        legs = [(number("to", leg["to"]), float(leg["over_s"])) for leg in body["legs"]]
        for _, front in self._chosen(body):
            venue = front.face.venue
            venue.engine.follow(body["symbol"], legs, venue.now_ms())
        return {}

    async def _mode(self, body: _Body) -> _Body:
        for _, front in self._chosen(body):
            venue = front.face.venue
            venue.engine.set_mode(TradingMode(body["mode"]), venue.now_ms(), body.get("symbol", ""))
        return {}

    async def _maker(self, body: _Body) -> _Body:
        changes = {name: value for name, value in body.items() if name not in ("venue", "symbol")}
        for _, front in self._chosen(body):
            venue, symbol = front.face.venue, body["symbol"]
            shape = overridden(venue.engine.shape(symbol), changes)
            venue.engine.set_shape(symbol, shape, venue.now_ms())
        return {}

    async def _mark(self, body: _Body) -> _Body:
        price = None if body["price"] is None else number("price", body["price"])
        for _, front in self._chosen(body):
            venue = front.face.venue
            venue.engine.set_mark(body["symbol"], price, venue.now_ms())
        return {}

    async def _force_close(self, body: _Body) -> _Body:
        share = number("share", body["share"])
        for _, front in self._chosen(body):
            venue = front.face.venue
            venue.engine.force_close(body.get("account", "main"), body["symbol"], share, venue.now_ms())
        return {}

    async def _clock(self, body: _Body) -> _Body:
        for _, front in self._chosen(body):
            front.face.venue.skew_ms = int(body["skew_ms"])
        return {}

    async def _position(self, body: _Body) -> _Body:
        for _, front in self._chosen(body):
            venue, symbol = front.face.venue, body["symbol"]
            entry = number("entry_price", body.get("entry_price", venue.engine.mid(symbol)))
            amount = number("amount", body["amount"])
            venue.engine.set_position(body.get("account", "main"), symbol, amount, entry, venue.now_ms())
        return {}

    async def _order(self, body: _Body) -> _Body:
        ((_, front),) = self._chosen(body)
        row = {name: value for name, value in body.items() if name not in ("venue", "account")}
        venue = front.face.venue
        answer = venue.engine.place(body.get("account", "main"), order_of(row), venue.now_ms())
        if isinstance(answer, Refused):
            raise ValueError(f"refused: {answer.code} {answer.text}")  # noqa: TRY004 - an answer, not a type error
        return {"order_id": answer.order.order_id, "status": answer.order.status}

    async def _cancel_all(self, body: _Body) -> _Body:
        count = 0
        for _, front in self._chosen(body):
            venue, account = front.face.venue, body.get("account", "main")
            rows = venue.engine.cancel_all(account, venue.now_ms(), body.get("symbol", ""), CancelCause.VENUE)
            count += len(rows)
        return {"cancelled": count}

    async def _rows(self, body: _Body) -> _Body:
        return {"rows": self._log.rows(int(body.get("after", 0)), body.get("venue"))}

    async def _state(self, body: _Body) -> _Body:
        return {name: _truth(front) for name, front in self._chosen(body)}


def _truth(front: Front) -> _Body:
    venue = front.face.venue
    engine = venue.engine
    engine.advance(venue.now_ms())
    return {
        "now_ms": engine.now_ms,
        "mids": {symbol: plain(engine.mid(symbol)) for symbol in engine.instruments},
        "refuses": front.faults.refuses,
        "streams": len(front.hub),
        "held": len(front.waiting),
        "arrived": dict(front.arrived),
        "accounts": {account: _account(front, account) for account in engine.accounts},
    }


def _account(front: Front, account: str) -> _Body:
    engine = front.face.venue.engine
    orders = engine.orders(account)
    return {
        "positions": {row.symbol: plain(row.amount) for row in engine.positions(account)},
        "balances": {row.asset: plain(row.wallet) for row in engine.balances(account)},
        "open_orders": [_order_truth(order) for order in orders if order.status.is_open],
        "orders": [_order_truth(order) for order in orders[-500:]],
        "orders_accepted": len(orders),
        "fills": len(engine.fills_since(account)),
    }


def _order_truth(order: Order) -> _Body:
    return {
        "order_id": order.order_id,
        "client_id": order.client_id,
        "symbol": order.symbol,
        "side": order.side,
        "amount": plain(order.amount),
        "filled": plain(order.filled),
        "price": plain(order.price),
        "reduce_only": order.reduce_only,
        "status": order.status,
    }
