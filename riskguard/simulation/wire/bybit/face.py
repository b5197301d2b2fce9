"""The Bybit v5 linear face: routes, and what a request is about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from riskguard.simulation.engine import Event
from riskguard.simulation.wire.bybit import market, private, trading
from riskguard.simulation.wire.bybit.desk import BybitDesk, error, params_of
from riskguard.simulation.wire.bybit.streams import BybitSession, PublicClock, private_messages
from riskguard.simulation.wire.face import (
    Answer,
    AnswerError,
    Ask,
    Call,
    Message,
    Operation,
    StreamSession,
    Venue,
)
from riskguard.simulation.wire.faults import Group


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a request goes."""

    group: Group
    handler: Callable[[BybitDesk, Ask], Any]
    signed: bool = True
    acts: str = ""


_ROUTES: dict[tuple[str, str], _Route] = {
    ("GET", "/v5/market/time"): _Route(Group.PUBLIC, market.server_time, signed=False),
    ("GET", "/v5/system/status"): _Route(Group.PUBLIC, market.system_status, signed=False),
    ("GET", "/v5/market/instruments-info"): _Route(Group.PUBLIC, market.instruments, signed=False),
    ("GET", "/v5/market/orderbook"): _Route(Group.BOOK, market.order_book, signed=False),
    ("GET", "/v5/market/tickers"): _Route(Group.BOOK, market.tickers, signed=False),
    ("GET", "/v5/asset/coin/query-info"): _Route(Group.PUBLIC, market.coins),
    ("GET", "/v5/user/query-api"): _Route(Group.ACCOUNT, private.query_api),
    ("GET", "/v5/account/info"): _Route(Group.ACCOUNT, private.account_info),
    ("GET", "/v5/account/wallet-balance"): _Route(Group.ACCOUNT, private.wallet_balance),
    ("GET", "/v5/account/fee-rate"): _Route(Group.ACCOUNT, private.fee_rate),
    ("GET", "/v5/position/list"): _Route(Group.ACCOUNT, private.positions),
    ("POST", "/v5/position/set-leverage"): _Route(Group.ACCOUNT, private.set_leverage),
    ("POST", "/v5/order/create"): _Route(Group.PLACE, trading.place, acts="place"),
    ("POST", "/v5/order/cancel"): _Route(Group.CANCEL, trading.cancel, acts="cancel"),
    ("POST", "/v5/order/cancel-all"): _Route(Group.CANCEL, trading.cancel_all, acts="cancel-all"),
    ("GET", "/v5/order/realtime"): _Route(Group.QUERY, trading.realtime),
    ("GET", "/v5/order/history"): _Route(Group.QUERY, trading.history),
    ("GET", "/v5/execution/list"): _Route(Group.FILLS, trading.executions),
}


class BybitFace:
    """Bybit v5 in front of a venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.desk = BybitDesk(venue)
        self._clock = PublicClock()

    def sort(self, call: Call) -> Operation:
        """Find the route; create with `reduceOnly` belongs to the reduce group."""
        route = _ROUTES.get((call.method, call.path))
        if route is None:
            missing = Answer("404 page not found", 404, content_type="text/plain")
            return Operation(Group.PUBLIC, None, lambda _: missing)
        params = params_of(call)
        group, acts = route.group, route.acts
        if acts == "place" and params.get("reduceOnly") == "true":
            group, acts = Group.REDUCE, "reduce"
        key = self.venue.keys.get(call.headers.get("X-BAPI-API-KEY", ""))
        return Operation(
            group,
            self.desk.symbols.get(params.get("symbol", "")),
            lambda lag_ms: self._run(route, call, lag_ms),
            acts,
            params.get("orderLinkId", ""),
            params.get("orderId", ""),
            key.account if key else "",
        )

    def open_stream(self, call: Call) -> StreamSession | Answer:
        """Accept the public and private streams of version 5."""
        if not call.path.startswith(("/v5/public/", "/v5/private")):
            return Answer("404 page not found", 404, content_type="text/plain")
        return BybitSession(self.desk, call)

    def private_messages(self, event: Event) -> list[Message]:
        """Translate an engine event."""
        return private_messages(self.desk, event)

    def public_messages(self, now_ms: int) -> list[Message]:
        """Give what is due."""
        return self._clock.messages(self.desk, now_ms)

    def _run(self, route: _Route, call: Call, lag_ms: int) -> Answer:
        try:
            account = self.desk.check_signed(call).account if route.signed else ""
            result = route.handler(self.desk, Ask(call, params_of(call), account, lag_ms))
        except AnswerError as failed:
            return failed.answer
        except (ValueError, ArithmeticError):
            return error(10001, "Request parameter error.", self.venue.shown_ms()).answer
        return self.desk.enveloped(result)
