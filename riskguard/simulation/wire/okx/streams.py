"""OKX's WebSocket streams: `/ws/v5/public` and `/ws/v5/private`."""

import json
from typing import Any

from riskguard.simulation.engine import BalanceChanged, Event, Filled, OrderChanged, PositionChanged, Status
from riskguard.simulation.wire.face import Call, Message
from riskguard.simulation.wire.faults import Group
from riskguard.simulation.wire.okx.account_rows import account_row
from riskguard.simulation.wire.okx.desk import SHALLOW, OkxDesk, same_signature
from riskguard.simulation.wire.okx.market import ticker_row
from riskguard.simulation.wire.okx.rows import order_event, position_row

BOOK_MS = 100
TICKER_MS = 100
_CONN = "a4d3ae55"
_WINDOW_S = 30
_PUBLIC = ("books", "tickers", *SHALLOW)
_PRIVATE = ("orders", "positions", "account")


class OkxSession:
    """One connection: its topics and, once logged in, its account.

    A topic is `channel`, or `channel:instId` for a subscription to one instrument; its value is the `arg`
    that the client sent, which comes back with every message.
    """

    def __init__(self, desk: OkxDesk, call: Call) -> None:
        self._desk = desk
        self._private = call.path.endswith("/private")
        self.group = Group.STREAM_PRIVATE if self._private else Group.STREAM_PUBLIC
        self.account = ""
        self.topics: dict[str, dict[str, Any]] = {}

    def wants(self, message: Message) -> bool:
        """Whether the client subscribed to it."""
        return message.topic in self.topics and message.account in ("", self.account)

    def greet(self) -> list[str]:
        """Send nothing first."""
        return []

    def pong(self, text: str) -> str | None:
        """Answer the bare word ping."""
        return "pong" if text == "ping" else None

    def missed(self, message: Message) -> None:
        """Send nothing instead: the next `prevSeqId` shows the gap."""

    def on_text(self, text: str) -> list[str]:
        """Answer login, subscribe and unsubscribe."""
        try:
            frame = json.loads(text)
            args = [arg for arg in frame["args"] if isinstance(arg, dict)]
        except (ValueError, KeyError, TypeError):
            return [_problem("60012", f"Illegal request: {text}")]
        match frame.get("op"):
            case "login" if self._private:
                return [self._log_in(args[0] if args else {})]
            case "subscribe" if self._private and not self.account:
                return [_problem("60011", "Please log in")]
            case "subscribe":
                return [reply for arg in args for reply in self._subscribe(arg)]
            case "unsubscribe":
                for arg in args:
                    self.topics.pop(_topic(arg), None)
                return [json.dumps({"event": "unsubscribe", "arg": arg, "connId": _CONN}) for arg in args]
            case _:
                return [_problem("60012", f"Illegal request: {text}")]

    def encode(self, message: Message) -> str:
        """Write a message with the argument of the subscription that it belongs to."""
        arg = self.topics[message.topic]
        if self._private:
            arg = {**arg, "uid": "44705892343619584"}
        return json.dumps({"arg": arg, **message.payload})

    def _subscribe(self, arg: dict[str, Any]) -> list[str]:
        channel, name = str(arg.get("channel", "")), str(arg.get("instId", ""))
        known = channel in (_PRIVATE if self._private else _PUBLIC)
        if not known or (name and name not in self._desk.symbols) or (not name and not self._private):
            listed = ",".join(f"{key}:{value}" for key, value in arg.items())
            return [_problem("60018", f"Wrong URL or {listed} doesn't exist. Please use the correct URL.")]
        topic = _topic(arg)
        self.topics[topic] = arg
        first = {
            "books": self._first_book,
            "tickers": self._first_ticker,
            "positions": self._first_positions,
            "account": self._first_account,
        }.get(channel)
        if channel in SHALLOW:
            payload = self._desk.shallow(channel, self._desk.symbols[name])
            told = [self.encode(Message(topic, payload))]
            return [json.dumps({"event": "subscribe", "arg": arg, "connId": _CONN}), *told]
        told = [] if first is None else [self.encode(Message(topic, first(name)))]
        return [json.dumps({"event": "subscribe", "arg": arg, "connId": _CONN}), *told]

    def _first_book(self, name: str) -> dict[str, Any]:
        return self._desk.book_snapshot(self._desk.symbols[name])

    def _first_ticker(self, name: str) -> dict[str, Any]:
        return {"data": [ticker_row(self._desk, self._desk.symbols[name])]}

    def _first_positions(self, name: str) -> dict[str, Any]:
        rows = self._desk.venue.engine.positions(self.account)
        listed = [position_row(self._desk, row) for row in rows if name in ("", self._desk.ids[row.symbol])]
        return {"eventType": "snapshot", "curPage": 1, "lastPage": True, "data": listed}

    def _first_account(self, _: str) -> dict[str, Any]:
        return _account_payload(self._desk, self.account, "snapshot")

    def _log_in(self, arg: dict[str, Any]) -> str:
        key = self._desk.venue.keys.get(str(arg.get("apiKey", "")))
        if key is None:
            return _problem("60005", "Invalid apiKey")
        if key.passphrase not in ("", arg.get("passphrase")):
            return _problem("60024", "Wrong passphrase")
        stamp = str(arg.get("timestamp", ""))
        seconds = stamp.partition(".")[0]
        now_s = self._desk.venue.shown_ms() / 1000
        if not seconds.isdigit() or abs(now_s - int(seconds)) > _WINDOW_S:
            return _problem("60006", "Timestamp request expired")
        if not same_signature(key, f"{stamp}GET/users/self/verify", str(arg.get("sign", ""))):
            return _problem("60007", "Invalid sign")
        self.account = key.account
        return json.dumps({"event": "login", "msg": "", "code": "0", "connId": _CONN})


def private_messages(desk: OkxDesk, event: Event) -> list[Message]:
    """Translate an engine event into the channels orders, positions and account."""
    match event:
        case OrderChanged(order=order):
            if order.status in (Status.PARTLY_FILLED, Status.FILLED):
                return []  # told once, with its fill
            row = order_event(desk, order, None)
            return _told(desk, "orders", {"data": [row]}, order.account, order.symbol)
        case Filled(fill=fill, order=order):
            row = order_event(desk, order, fill)
            return _told(desk, "orders", {"data": [row]}, order.account, order.symbol)
        case PositionChanged(position=position):
            payload = {"eventType": "event_update", "data": [position_row(desk, position)]}
            return _told(desk, "positions", payload, position.account, position.symbol)
        case BalanceChanged(account=account):
            return [Message("account", _account_payload(desk, account, "event_update"), account)]
        case _:
            return []


class PublicClock:
    """Decides which public messages are due."""

    def __init__(self) -> None:
        self._book_ms = 0
        self._ticker_ms = 0

    def messages(self, desk: OkxDesk, now_ms: int) -> list[Message]:
        """Give book changes and tickers every 100 ms."""
        if now_ms - self._book_ms >= BOOK_MS:
            self._book_ms = now_ms
            for symbol in desk.ids:
                desk.refresh(symbol)
        if now_ms - self._ticker_ms >= TICKER_MS:
            self._ticker_ms = now_ms
            desk.outbox.extend(
                Message(f"tickers:{name}", {"data": [ticker_row(desk, symbol)]}, symbol=symbol)
                for symbol, name in desk.ids.items()
            )
        due, desk.outbox = desk.outbox, []
        return due


def _account_payload(desk: OkxDesk, account: str, kind: str) -> dict[str, Any]:
    row = account_row(desk.venue.engine.balances(account), desk.venue.shown_ms())
    return {"eventType": kind, "curPage": 1, "lastPage": True, "data": [row]}


def _told(desk: OkxDesk, channel: str, payload: dict[str, Any], account: str, symbol: str) -> list[Message]:
    """Address a message to subscriptions of the whole channel and of the one instrument."""
    topics = (channel, f"{channel}:{desk.ids[symbol]}")
    return [Message(topic, payload, account, symbol) for topic in topics]


def _topic(arg: dict[str, Any]) -> str:
    return ":".join(str(arg[name]) for name in ("channel", "instId") if arg.get(name))


def _problem(code: str, text: str) -> str:
    return json.dumps({"event": "error", "code": code, "msg": text, "connId": _CONN})
