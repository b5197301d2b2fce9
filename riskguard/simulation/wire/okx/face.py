"""The OKX v5 swap face: routes, and what a request is about."""

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
from riskguard.simulation.wire.okx import market, private, trading
from riskguard.simulation.wire.okx.desk import OkxDesk, error, orders_of
from riskguard.simulation.wire.okx.streams import OkxSession, PublicClock, private_messages


@dataclass(frozen=True, slots=True)
class _Route:
    """Where a request goes."""

    group: Group
    handler: Callable[[OkxDesk, Ask], Any]
    signed: bool = True
    acts: str = ""


_ROUTES: dict[tuple[str, str], _Route] = {
    ("GET", "public/time"): _Route(Group.PUBLIC, market.server_time, signed=False),
    ("GET", "system/status"): _Route(Group.PUBLIC, market.system_status, signed=False),
    ("GET", "public/instruments"): _Route(Group.PUBLIC, market.instruments, signed=False),
    ("GET", "public/mark-price"): _Route(Group.BOOK, market.mark_price, signed=False),
    ("GET", "public/funding-rate"): _Route(Group.PUBLIC, market.funding_rate, signed=False),
    ("GET", "market/books"): _Route(Group.BOOK, market.order_book, signed=False),
    ("GET", "market/ticker"): _Route(Group.BOOK, market.ticker, signed=False),
    ("GET", "market/tickers"): _Route(Group.BOOK, market.tickers, signed=False),
    ("GET", "asset/currencies"): _Route(Group.PUBLIC, market.currencies),
    ("GET", "asset/balances"): _Route(Group.ACCOUNT, private.funding_balance),
    ("GET", "account/balance"): _Route(Group.ACCOUNT, private.balance),
    ("GET", "account/config"): _Route(Group.ACCOUNT, private.config),
    ("GET", "account/instruments"): _Route(Group.PUBLIC, market.instruments),
    ("GET", "account/positions"): _Route(Group.ACCOUNT, private.positions),
    ("GET", "account/leverage-info"): _Route(Group.ACCOUNT, private.leverage_info),
    ("GET", "account/trade-fee"): _Route(Group.ACCOUNT, private.trade_fee),
    ("POST", "account/set-leverage"): _Route(Group.ACCOUNT, private.set_leverage),
    ("POST", "trade/order"): _Route(Group.PLACE, trading.place, acts="place"),
    ("POST", "trade/batch-orders"): _Route(Group.PLACE, trading.place, acts="place"),
    ("POST", "trade/amend-order"): _Route(Group.PLACE, trading.amend, acts="amend"),
    ("POST", "trade/amend-batch-orders"): _Route(Group.PLACE, trading.amend, acts="amend"),
    ("POST", "trade/cancel-order"): _Route(Group.CANCEL, trading.cancel, acts="cancel"),
    ("POST", "trade/cancel-batch-orders"): _Route(Group.CANCEL, trading.cancel, acts="cancel"),
    ("POST", "trade/cancel-all-after"): _Route(Group.CANCEL, trading.cancel_all_after),
    ("GET", "trade/order"): _Route(Group.QUERY, trading.look_up),
    ("GET", "trade/orders-pending"): _Route(Group.QUERY, trading.pending),
    ("GET", "trade/orders-history"): _Route(Group.QUERY, trading.history),
    ("GET", "trade/orders-history-archive"): _Route(Group.QUERY, trading.history),
    ("GET", "trade/fills"): _Route(Group.FILLS, trading.fills),
    ("GET", "trade/fills-history"): _Route(Group.FILLS, trading.fills),
    # Conditional ("algo") orders are not simulated: none exist.
    ("GET", "trade/orders-algo-pending"): _Route(Group.QUERY, lambda _, __: []),
}
_PREFIX = "/api/v5/"


class OkxFace:
    """OKX v5 in front of a venue."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.desk = OkxDesk(venue)
        self._clock = PublicClock()

    def sort(self, call: Call) -> Operation:
        """Find the route; a batch of reduce-only orders alone belongs to the reduce group."""
        route = _ROUTES.get((call.method, call.path.removeprefix(_PREFIX)))
        if route is None or not call.path.startswith(_PREFIX):
            missing = error("404", "Invalid URL", 404).answer
            return Operation(Group.PUBLIC, None, lambda _: missing)
        rows = orders_of(call) or [{}]
        group, acts = route.group, route.acts
        if acts == "place" and all(row.get("reduceOnly") == "true" for row in rows):
            group, acts = Group.REDUCE, "reduce"
        key = self.venue.keys.get(call.headers.get("OK-ACCESS-KEY", ""))
        return Operation(
            group,
            self.desk.symbols.get(rows[0].get("instId", "")),
            lambda lag_ms: self._run(route, call, lag_ms),
            acts,
            rows[0].get("clOrdId", ""),
            rows[0].get("ordId", ""),
            key.account if key else "",
        )

    def open_stream(self, call: Call) -> StreamSession | Answer:
        """Accept the public and private streams of version 5."""
        if call.path not in ("/ws/v5/public", "/ws/v5/private"):
            return Answer("404 page not found", 404, content_type="text/plain")
        return OkxSession(self.desk, call)

    def private_messages(self, event: Event) -> list[Message]:
        """Translate an engine event."""
        return private_messages(self.desk, event)

    def public_messages(self, now_ms: int) -> list[Message]:
        """Give what is due."""
        return self._clock.messages(self.desk, now_ms)

    def _run(self, route: _Route, call: Call, lag_ms: int) -> Answer:
        try:
            account = self.desk.check_signed(call).account if route.signed else ""
            params = (orders_of(call) or [{}])[0]
            result = route.handler(self.desk, Ask(call, params, account, lag_ms))
        except AnswerError as failed:
            return failed.answer
        except (ValueError, ArithmeticError):
            return error("51000", "Parameter error", 400).answer
        if isinstance(result, Answer):
            return result
        return Answer({"code": "0", "data": result, "msg": ""})
