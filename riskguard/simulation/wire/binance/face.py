"""The Binance USDⓈ-M face: routes, and what a request is about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from riskguard.simulation.engine import Event
from riskguard.simulation.wire.binance import market, private, trading
from riskguard.simulation.wire.binance.desk import BinanceDesk, error, params_of
from riskguard.simulation.wire.binance.streams import BinanceSession, PublicClock, private_messages
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
    """Where a request goes; `key` is "" for public, "key" for a bare API key, "signed" for a signature."""

    group: Group
    handler: Callable[[BinanceDesk, Ask], Any]
    key: str = ""
    acts: str = ""


_ROUTES: dict[tuple[str, str], _Route] = {
    ("GET", "/fapi/v1/ping"): _Route(Group.PUBLIC, lambda _, __: {}),
    ("GET", "/fapi/v1/time"): _Route(Group.PUBLIC, market.server_time),
    ("GET", "/api/v3/time"): _Route(Group.PUBLIC, market.server_time),
    ("GET", "/api/v3/exchangeInfo"): _Route(Group.PUBLIC, market.no_symbols),
    ("GET", "/dapi/v1/exchangeInfo"): _Route(Group.PUBLIC, market.no_symbols),
    ("GET", "/fapi/v1/exchangeInfo"): _Route(Group.PUBLIC, market.exchange_info),
    ("GET", "/sapi/v1/system/status"): _Route(Group.PUBLIC, market.system_status),
    ("GET", "/sapi/v1/capital/config/getall"): _Route(Group.PUBLIC, market.coins, "signed"),
    ("GET", "/sapi/v1/margin/allPairs"): _Route(Group.PUBLIC, market.nothing, "key"),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): _Route(Group.PUBLIC, market.nothing, "key"),
    ("GET", "/sapi/v1/account/apiRestrictions"): _Route(Group.ACCOUNT, private.api_restrictions, "signed"),
    ("GET", "/fapi/v1/depth"): _Route(Group.BOOK, market.depth),
    ("GET", "/fapi/v1/ticker/24hr"): _Route(Group.BOOK, market.ticker_day),
    ("GET", "/fapi/v1/ticker/price"): _Route(Group.BOOK, market.ticker_price),
    ("GET", "/fapi/v2/ticker/price"): _Route(Group.BOOK, market.ticker_price),
    ("GET", "/fapi/v1/ticker/bookTicker"): _Route(Group.BOOK, market.ticker_book),
    ("GET", "/fapi/v1/premiumIndex"): _Route(Group.BOOK, market.premium_index),
    ("GET", "/fapi/v3/account"): _Route(Group.ACCOUNT, private.account, "signed"),
    ("GET", "/fapi/v2/account"): _Route(Group.ACCOUNT, private.account_v2, "signed"),
    ("GET", "/fapi/v3/balance"): _Route(Group.ACCOUNT, private.balance, "signed"),
    ("GET", "/fapi/v2/balance"): _Route(Group.ACCOUNT, private.balance, "signed"),
    ("GET", "/fapi/v3/positionRisk"): _Route(Group.ACCOUNT, private.position_risk, "signed"),
    ("GET", "/fapi/v2/positionRisk"): _Route(Group.ACCOUNT, private.position_risk_all, "signed"),
    ("GET", "/fapi/v1/leverageBracket"): _Route(Group.ACCOUNT, private.leverage_bracket, "signed"),
    ("GET", "/fapi/v1/commissionRate"): _Route(Group.ACCOUNT, private.commission_rate, "signed"),
    ("GET", "/fapi/v1/positionSide/dual"): _Route(Group.ACCOUNT, private.one_way, "signed"),
    ("GET", "/fapi/v1/multiAssetsMargin"): _Route(Group.ACCOUNT, private.single_asset, "signed"),
    ("POST", "/fapi/v1/leverage"): _Route(Group.ACCOUNT, private.set_leverage, "signed"),
    ("POST", "/fapi/v1/marginType"): _Route(Group.ACCOUNT, private.set_margin_type, "signed"),
    ("POST", "/fapi/v1/listenKey"): _Route(Group.STREAM_PRIVATE, private.open_listen_key, "key"),
    ("PUT", "/fapi/v1/listenKey"): _Route(Group.STREAM_PRIVATE, private.open_listen_key, "key"),
    ("DELETE", "/fapi/v1/listenKey"): _Route(Group.STREAM_PRIVATE, private.close_listen_key, "key"),
    ("POST", "/fapi/v1/order"): _Route(Group.PLACE, trading.place, "signed", "place"),
    ("POST", "/fapi/v1/order/test"): _Route(Group.TEST, trading.test_order, "signed", "test"),
    ("DELETE", "/fapi/v1/order"): _Route(Group.CANCEL, trading.cancel, "signed", "cancel"),
    ("DELETE", "/fapi/v1/allOpenOrders"): _Route(Group.CANCEL, trading.cancel_all, "signed", "cancel-all"),
    ("POST", "/fapi/v1/countdownCancelAll"): _Route(Group.CANCEL, trading.countdown, "signed"),
    ("GET", "/fapi/v1/order"): _Route(Group.QUERY, trading.look_up, "signed"),
    ("GET", "/fapi/v1/openOrder"): _Route(Group.QUERY, trading.look_up_open, "signed"),
    ("GET", "/fapi/v1/openOrders"): _Route(Group.QUERY, trading.open_orders, "signed"),
    ("GET", "/fapi/v1/allOrders"): _Route(Group.QUERY, trading.all_orders, "signed"),
    ("GET", "/fapi/v1/userTrades"): _Route(Group.FILLS, trading.user_trades, "signed"),
    # Conditional ("algo") orders are not simulated: none exist.
    ("GET", "/fapi/v1/openAlgoOrders"): _Route(Group.QUERY, market.nothing, "signed"),
}


class BinanceFace:
    """Binance USDⓈ-M in front of a venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.desk = BinanceDesk(venue)
        self._clock = PublicClock()

    def sort(self, call: Call) -> Operation:
        """Find the route; place with `reduceOnly` belongs to the reduce group."""
        route = _ROUTES.get((call.method, call.path))
        if route is None:
            text = f"Path {call.path}, Method {call.method} is invalid"
            return Operation(Group.PUBLIC, None, lambda _: error(404, -5000, text).answer)
        params = params_of(call)
        group, acts = route.group, route.acts
        if acts == "place" and params.get("reduceOnly", "").lower() == "true":
            group, acts = Group.REDUCE, "reduce"
        key = self.venue.keys.get(call.headers.get("X-MBX-APIKEY", ""))
        return Operation(
            group,
            self.desk.symbols.get(params.get("symbol", "")),
            lambda lag_ms: self._run(route, call, lag_ms),
            acts,
            params.get("newClientOrderId") or params.get("origClientOrderId", ""),
            params.get("orderId", ""),
            key.account if key else "",
        )

    def open_stream(self, call: Call) -> StreamSession | Answer:
        """Accept every stream path."""
        if not any(part in call.path for part in ("/ws", "/stream")):
            return error(404, -5000, f"Path {call.path} is invalid").answer
        return BinanceSession(self.desk, call)

    def private_messages(self, event: Event) -> list[Message]:
        """Translate an engine event."""
        return private_messages(self.desk, event)

    def public_messages(self, now_ms: int) -> list[Message]:
        """Give what is due."""
        return self._clock.messages(self.desk, now_ms)

    def _run(self, route: _Route, call: Call, lag_ms: int) -> Answer:
        try:
            account = ""
            if route.key == "signed":
                account = self.desk.check_signed(call).account
            elif route.key:
                account = self.desk.key_of(call).account
            payload = route.handler(self.desk, Ask(call, params_of(call), account, lag_ms))
        except AnswerError as failed:
            return failed.answer
        except (ValueError, ArithmeticError):
            return error(400, -1100, "Illegal characters found in a parameter.").answer
        return Answer(payload, headers={"X-MBX-USED-WEIGHT-1M": "1", "X-RESPONSE-TIME": "1ms"})
