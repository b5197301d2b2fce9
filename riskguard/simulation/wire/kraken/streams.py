"""Kraken's WebSocket version 2: books and tickers; with a token executions and balances."""

import json
from typing import Any

from riskguard.simulation.engine import Event, Fill, Filled, Order, OrderChanged, Status
from riskguard.simulation.wire.face import Call, Message
from riskguard.simulation.wire.faults import Group
from riskguard.simulation.wire.kraken.desk import DEPTHS, KrakenDesk
from riskguard.simulation.wire.kraken.events import (
    balance_rows,
    balance_snapshot,
    execution_snapshot,
    order_rows,
    ticker_payload,
    trade_rows,
)
from riskguard.simulation.wire.kraken.market import MODES
from riskguard.simulation.wire.kraken.names import rfc3339

BOOK_MS = 100
TICKER_MS = 300
HEARTBEAT_MS = 1000
_PUBLIC = ("book", "ticker")
_PRIVATE = ("executions", "balances")


class KrakenSession:
    """One connection: its topics (`channel`, `ticker:symbol` or `book:depth:symbol`) and its account."""

    def __init__(self, desk: KrakenDesk, call: Call) -> None:
        self._desk = desk
        self._private = "auth" in call.host
        self.group = Group.STREAM_PRIVATE if self._private else Group.STREAM_PUBLIC
        self.account = ""
        self.topics: dict[str, int] = {}
        """How many messages of each topic were sent."""

    def wants(self, message: Message) -> bool:
        """Whether the client subscribed to it; heartbeats come with any subscription."""
        if message.topic == "heartbeat":
            return bool(self.topics)
        return message.topic in self.topics and message.account in ("", self.account)

    def greet(self) -> list[str]:
        """Tell the status of the system."""
        data = {
            "version": "2.0.10",
            "system": MODES[self._desk.venue.engine.mode()],
            "api_version": "v2",
            "connection_id": 13834774380200032777,
        }
        return [json.dumps({"channel": "status", "type": "update", "data": [data]})]

    def pong(self, text: str) -> str | None:
        """Answer a ping."""
        if '"ping"' not in text:
            return None
        frame = _frame(text)
        return self._reply("pong", frame) if frame.get("method") == "ping" else None

    def missed(self, message: Message) -> None:
        """Send nothing instead: only the checksum of a later book shows the gap."""

    def on_text(self, text: str) -> list[str]:
        """Answer subscribe and unsubscribe."""
        frame = _frame(text)
        params = frame.get("params")
        if not isinstance(params, dict) or frame.get("method") not in ("subscribe", "unsubscribe"):
            return [self._reply(str(frame.get("method")), frame, problem="Malformed request")]
        channel = params.get("channel")
        if channel in _PRIVATE and self._private:
            return self._private_channel(frame, params)
        if channel in _PUBLIC and not self._private:
            names = params.get("symbol")
            return [
                reply
                for name in (names if isinstance(names, list) else [names])
                for reply in self._public_channel(frame, params, str(name))
            ]
        return [self._reply(frame["method"], frame, problem=f"Channel {channel} not supported")]

    def encode(self, message: Message) -> str:
        """Write a message; private ones are numbered."""
        if isinstance(message.payload, str):
            return message.payload
        if message.topic not in _PRIVATE:
            return json.dumps(message.payload)
        self.topics[message.topic] += 1
        return json.dumps({**message.payload, "sequence": self.topics[message.topic]})

    def _public_channel(self, frame: dict[str, Any], params: dict[str, Any], symbol: str) -> list[str]:
        if symbol not in self._desk.pairs:
            problem = f"Currency pair not supported {symbol}"
            return [self._reply(frame["method"], frame, problem=problem, symbol=symbol)]
        channel, depth = params["channel"], params.get("depth", 10)
        if channel == "book" and depth not in DEPTHS:
            return [self._reply(frame["method"], frame, problem="Subscription depth not supported")]
        topic = f"book:{depth}:{symbol}" if channel == "book" else f"ticker:{symbol}"
        result = {"channel": channel, "symbol": symbol}
        if frame["method"] == "unsubscribe":
            self.topics.pop(topic, None)
            return [self._reply("unsubscribe", frame, result=result)]
        if topic in self.topics:
            return [self._reply("subscribe", frame, problem="Already subscribed", symbol=symbol)]
        self.topics[topic] = 0
        if channel == "ticker":
            return [
                self._reply(
                    "subscribe", frame, result={**result, "event_trigger": "trades", "snapshot": True}
                ),
                json.dumps(ticker_payload(self._desk, symbol, "snapshot")),
            ]
        book = self._desk.feed(symbol, depth).snapshot()
        return [
            self._reply("subscribe", frame, result={**result, "depth": depth, "snapshot": True}),
            self._desk.book_text(symbol, "snapshot", book, book),
        ]

    def _private_channel(self, frame: dict[str, Any], params: dict[str, Any]) -> list[str]:
        account = self._desk.tokens.get(str(params.get("token", "")))
        if account is None:
            return [self._reply(frame["method"], frame, problem="ESession:Invalid session")]
        channel = params["channel"]
        if frame["method"] == "unsubscribe":
            self.topics.pop(channel, None)
            return [self._reply("unsubscribe", frame, result={"channel": channel})]
        if channel in self.topics:
            return [self._reply("subscribe", frame, problem="Already subscribed")]
        self.account, self.topics[channel] = account, 0
        if channel == "balances":
            rows = balance_snapshot(self._desk, account)
        else:
            orders, trades = params.get("snap_orders", True), params.get("snap_trades", False)
            rows = execution_snapshot(self._desk, account, orders=orders, trades=trades)
        told = Message(channel, {"channel": channel, "type": "snapshot", "data": rows}, account)
        return [self._reply("subscribe", frame, result={"channel": channel}), self.encode(told)]

    def _reply(self, method: str, frame: dict[str, Any], problem: str = "", **more: Any) -> str:
        now = rfc3339(self._desk.venue.shown_ms(), "microseconds")
        answer: dict[str, Any] = {"error": problem} if problem else {}
        answer |= {"method": method, **more}
        if method != "pong":
            answer["success"] = not problem
        if "req_id" in frame:
            answer["req_id"] = frame["req_id"]
        return json.dumps({**answer, "time_in": now, "time_out": now})


def private_messages(desk: KrakenDesk, event: Event) -> list[Message]:
    """Translate an engine event into the channels executions and balances."""
    match event:
        case OrderChanged(order=order) if order.status not in (Status.PARTLY_FILLED, Status.FILLED):
            return [_told("executions", [row], order) for row in order_rows(desk, order)]
        case Filled(fill=fill, order=order):
            told = [_told("executions", [row], order) for row in trade_rows(desk, fill, order)]
            return [*told, _told("balances", balance_rows(desk, fill), fill)]
        case _:
            return []


class PublicClock:
    """Decides which public messages are due."""

    def __init__(self) -> None:
        self._due_ms = {BOOK_MS: 0, TICKER_MS: 0, HEARTBEAT_MS: 0}

    def messages(self, desk: KrakenDesk, now_ms: int) -> list[Message]:
        """Give book changes every 100 ms, tickers every 300 ms and heartbeats every second."""
        if self._due(BOOK_MS, now_ms):
            for symbol, depth in desk.feeds:
                desk.refresh(symbol, depth)
        if self._due(TICKER_MS, now_ms):
            desk.outbox.extend(
                Message(f"ticker:{symbol}", ticker_payload(desk, symbol, "update"), symbol=symbol)
                for symbol in desk.pairs
            )
        if self._due(HEARTBEAT_MS, now_ms):
            desk.outbox.append(Message("heartbeat", {"channel": "heartbeat"}))
        due, desk.outbox = desk.outbox, []
        return due

    def _due(self, every_ms: int, now_ms: int) -> bool:
        if now_ms - self._due_ms[every_ms] < every_ms:
            return False
        self._due_ms[every_ms] = now_ms
        return True


def _told(channel: str, rows: list[dict[str, Any]], about: Order | Fill) -> Message:
    payload = {"channel": channel, "type": "update", "data": rows}
    return Message(channel, payload, about.account, about.symbol)


def _frame(text: str) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}
