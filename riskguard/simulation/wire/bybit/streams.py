"""Bybit's WebSocket streams: `/v5/public/linear` and `/v5/private`."""

import json
from typing import Any

from riskguard.simulation.engine import BalanceChanged, Event, Filled, OrderChanged, PositionChanged
from riskguard.simulation.wire.bybit.desk import BybitDesk, same_signature
from riskguard.simulation.wire.bybit.market import ticker_row
from riskguard.simulation.wire.bybit.rows import execution_row, order_row, position_row, wallet_row
from riskguard.simulation.wire.face import Call, Message
from riskguard.simulation.wire.faults import Group

BOOK_MS = 100
TICKER_MS = 300
_CONN = "cfcb4ocsvfriu23r3er0-1b"


class BybitSession:
    """One connection: its topics and, once logged in, its account."""

    def __init__(self, desk: BybitDesk, call: Call) -> None:
        self._desk = desk
        self._private = "/private" in call.path
        self.group = Group.STREAM_PRIVATE if self._private else Group.STREAM_PUBLIC
        self.account = ""
        self.topics: dict[str, str] = {}
        self._stale: set[str] = set()

    def wants(self, message: Message) -> bool:
        """Whether the client subscribed to it."""
        return message.topic in self.topics and message.account in ("", self.account)

    def greet(self) -> list[str]:
        """Send nothing first."""
        return []

    def pong(self, text: str) -> str | None:
        """Answer the written ping of clients; the two kinds of stream do it differently."""
        if '"ping"' not in text:
            return None
        frame = _frame(text)
        if frame.get("op") != "ping":
            return None
        number = frame.get("req_id", "")
        if self._private:
            stamp = str(self._desk.venue.shown_ms())
            return json.dumps({"req_id": number, "op": "pong", "args": [stamp], "conn_id": _CONN})
        return json.dumps(
            {"success": True, "ret_msg": "pong", "conn_id": _CONN, "req_id": number, "op": "ping"}
        )

    def missed(self, message: Message) -> None:
        """Remember that this topic needs a snapshot before its next delta."""
        self._stale.add(message.topic)

    def on_text(self, text: str) -> list[str]:
        """Answer auth, subscribe and unsubscribe."""
        frame = _frame(text)
        number, args = frame.get("req_id", ""), frame.get("args") or []
        match frame.get("op"):
            case "auth":
                return [self._log_in(args, number)]
            case "subscribe" if self._private and not self.account:
                return [_reply("subscribe", number, "Request not authorized")]
            case "subscribe":
                return [_reply("subscribe", number), *self._subscribe(args)]
            case "unsubscribe":
                for topic in args:
                    self.topics.pop(_base(topic), None)
                return [_reply("unsubscribe", number)]
            case op:
                return [_reply(str(op), number, f"error:invalid op {op}")]

    def encode(self, message: Message) -> str:
        """Write a message; a book that missed a delta is sent as a new snapshot."""
        if message.topic in self._stale:
            self._stale.discard(message.topic)
            if message.topic.startswith("orderbook.") and message.symbol is not None:
                return self._book(message.topic, self._desk.book_message(message.symbol, "snapshot"))
        if message.topic.startswith("orderbook."):
            return self._book(message.topic, message.payload)
        return json.dumps(message.payload)

    def _book(self, topic: str, payload: dict[str, Any]) -> str:
        return json.dumps({**payload, "topic": self.topics[topic]})

    def _subscribe(self, topics: list[str]) -> list[str]:
        first: list[str] = []
        for topic in topics:
            base, name = _base(topic), topic.rsplit(".", 1)[-1]
            self.topics[base] = topic
            symbol = self._desk.symbols.get(name)
            if symbol is None:
                continue
            if base.startswith("orderbook."):
                first.append(self._book(base, self._desk.book_message(symbol, "snapshot")))
            elif base.startswith("tickers."):
                first.append(json.dumps(ticker_message(self._desk, symbol).payload))
        return first

    def _log_in(self, args: list[Any], number: str) -> str:
        shown = self._desk.venue.shown_ms()
        name, expires, signature = (str(item) for item in args) if len(args) == 3 else ("", "0", "")
        key = self._desk.venue.keys.get(name)
        if (
            key is None
            or not expires.isdigit()
            or not same_signature(key, f"GET/realtime{expires}", signature)
        ):
            return _reply("auth", number, "error:USVC1111")
        if int(expires) < shown:
            return _reply("auth", number, "Params Error")
        self.account = key.account
        return _reply("auth", number)


def private_messages(desk: BybitDesk, event: Event) -> list[Message]:
    """Translate an engine event into the topics order, execution, position and wallet."""
    engine = desk.venue.engine
    match event:
        case OrderChanged(order=order):
            row = {**order_row(order, desk.ids[order.symbol], engine.mid(order.symbol)), "category": "linear"}
            row["closedPnl"] = "0"
            row["feeCurrency"] = ""
            return _told(desk, "order", row, order.account, order.symbol)
        case Filled(fill=fill, order=order):
            item = engine.instruments[fill.symbol]
            row = {**execution_row(fill, order, desk.ids[fill.symbol], item), "category": "linear"}
            row["execPnl"] = "0"
            row["isLeverage"] = "0"
            return _told(desk, "execution", row, fill.account, fill.symbol)
        case PositionChanged(position=position):
            row = {
                **position_row(position, desk.ids[position.symbol], desk.venue.skew_ms),
                "category": "linear",
            }
            row["entryPrice"] = row["avgPrice"]
            return _told(desk, "position", row, position.account, position.symbol)
        case BalanceChanged(account=account):
            return _told(desk, "wallet", wallet_row(engine.balances(account)), account, None)
        case _:
            return []


class PublicClock:
    """Decides which public messages are due."""

    def __init__(self) -> None:
        self._book_ms = 0
        self._ticker_ms = 0

    def messages(self, desk: BybitDesk, now_ms: int) -> list[Message]:
        """Give book changes every 100 ms and tickers every 300 ms."""
        if now_ms - self._book_ms >= BOOK_MS:
            self._book_ms = now_ms
            for symbol in desk.ids:
                desk.refresh(symbol)
        if now_ms - self._ticker_ms >= TICKER_MS:
            self._ticker_ms = now_ms
            desk.outbox.extend(ticker_message(desk, symbol) for symbol in desk.ids)
        due, desk.outbox = desk.outbox, []
        return due


def ticker_message(desk: BybitDesk, symbol: str) -> Message:
    """Write the ticker topic; always a snapshot."""
    topic, shown = f"tickers.{desk.ids[symbol]}", desk.venue.shown_ms()
    data = ticker_row(desk, symbol)
    payload = {"topic": topic, "type": "snapshot", "data": data, "cs": shown, "ts": shown}
    return Message(topic, payload, symbol=symbol)


def _told(
    desk: BybitDesk, topic: str, row: dict[str, Any], account: str, symbol: str | None
) -> list[Message]:
    shown = desk.venue.shown_ms()
    payload = {"id": f"{_CONN}:{topic}:{shown}", "topic": topic, "creationTime": shown, "data": [row]}
    return [Message(topic, payload, account, symbol)]


def _base(topic: str) -> str:
    """Drop the depth of a book topic and the category of a private one."""
    parts = topic.split(".")
    if parts[0] == "orderbook":
        return f"orderbook.{parts[-1]}"
    return parts[0] if parts[0] in ("order", "execution", "position") else topic


def _reply(op: str, number: str, problem: str = "") -> str:
    frame = {"success": not problem, "ret_msg": problem, "op": op, "conn_id": _CONN}
    if number:
        frame["req_id"] = number
    return json.dumps(frame)


def _frame(text: str) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}
