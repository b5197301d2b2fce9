"""The Kraken spot face: routes, and what a request is about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from riskguard.simulation.engine import Event
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
from riskguard.simulation.wire.kraken import market, private, trading
from riskguard.simulation.wire.kraken.desk import KrakenDesk, error, params_of
from riskguard.simulation.wire.kraken.names import engine_id
from riskguard.simulation.wire.kraken.spot import SpotEngine
from riskguard.simulation.wire.kraken.streams import KrakenSession, PublicClock, private_messages


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a request goes."""

    group: Group
    handler: Callable[[KrakenDesk, Ask], Any]
    acts: str = ""


_ROUTES: dict[str, _Route] = {
    "public/Time": _Route(Group.PUBLIC, market.server_time),
    "public/SystemStatus": _Route(Group.PUBLIC, market.system_status),
    "public/Assets": _Route(Group.PUBLIC, market.assets),
    "public/AssetPairs": _Route(Group.PUBLIC, market.asset_pairs),
    "public/Depth": _Route(Group.BOOK, market.depth),
    "public/Ticker": _Route(Group.BOOK, market.ticker),
    "private/Balance": _Route(Group.ACCOUNT, private.balance),
    "private/BalanceEx": _Route(Group.ACCOUNT, private.balance_ex),
    "private/TradeBalance": _Route(Group.ACCOUNT, private.trade_balance),
    "private/TradeVolume": _Route(Group.ACCOUNT, private.trade_volume),
    "private/OpenPositions": _Route(Group.ACCOUNT, private.open_positions),
    "private/GetWebSocketsToken": _Route(Group.STREAM_PRIVATE, private.web_sockets_token),
    "private/AddOrder": _Route(Group.PLACE, trading.add_order, "place"),
    "private/CancelOrder": _Route(Group.CANCEL, trading.cancel_order, "cancel"),
    "private/CancelAll": _Route(Group.CANCEL, trading.cancel_all, "cancel-all"),
    "private/CancelAllOrdersAfter": _Route(Group.CANCEL, trading.cancel_all_after),
    "private/OpenOrders": _Route(Group.QUERY, trading.open_orders),
    "private/ClosedOrders": _Route(Group.QUERY, trading.closed_orders),
    "private/QueryOrders": _Route(Group.QUERY, trading.query_orders),
    "private/TradesHistory": _Route(Group.FILLS, trading.trades_history),
    "private/QueryTrades": _Route(Group.FILLS, trading.query_trades),
}
_PREFIX = "/0/"


class KrakenFace:
    """Kraken spot in front of a venue."""

    def __init__(self, venue: Venue) -> None:
        venue.engine = SpotEngine(venue.engine)
        self.venue = venue
        self.desk = KrakenDesk(venue)
        self._clock = PublicClock()

    def sort(self, call: Call) -> Operation:
        """Find the route; keys and nonces are checked on arrival, however late a request is executed."""
        name = call.path.removeprefix(_PREFIX)
        route = _ROUTES.get(name)
        wrong_verb = name.startswith("private/") and call.method != "POST"
        if route is None or wrong_verb or not call.path.startswith(_PREFIX):
            missing = error("EGeneral:Unknown method").answer
            return Operation(Group.PUBLIC, None, lambda _: missing)
        params = params_of(call)
        group, acts = route.group, route.acts
        if acts == "place" and trading.only_checked(params):
            group, acts = Group.TEST, "test"
        account, problem = "", None
        if name.startswith("private/"):
            try:
                account = self.desk.admit(call).account
            except AnswerError as failed:
                problem = failed.answer
        ask = Ask(call, params, account, 0)
        return Operation(
            group,
            self.desk.names.get(params.get("pair", "")),
            lambda lag_ms: problem or self._run(route, ask, lag_ms),
            acts,
            params.get("cl_ord_id", ""),
            engine_id(params.get("txid", "")),
            account,
        )

    def open_stream(self, call: Call) -> StreamSession | Answer:
        """Accept version 2, public and private; the host tells which."""
        if call.path.rstrip("/") != "/v2":
            return Answer("404 page not found", 404, content_type="text/plain")
        return KrakenSession(self.desk, call)

    def private_messages(self, event: Event) -> list[Message]:
        """Translate an engine event."""
        return private_messages(self.desk, event)

    def public_messages(self, now_ms: int) -> list[Message]:
        """Give what is due."""
        return self._clock.messages(self.desk, now_ms)

    def _run(self, route: _Route, ask: Ask, lag_ms: int) -> Answer:
        try:
            result = route.handler(self.desk, Ask(ask.call, ask.params, ask.account, lag_ms))
        except AnswerError as failed:
            return failed.answer
        except (ValueError, ArithmeticError):
            return error("EGeneral:Invalid arguments").answer
        return Answer({"error": [], "result": result})
