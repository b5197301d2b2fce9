"""Binance's WebSocket streams: `/public/ws`, `/market/ws`, `/private/ws`, `/ws` and combined `/stream`."""

import json
from typing import Any
from urllib.parse import parse_qs

from riskguard.simulation.engine import BalanceChanged, Event, Filled, OrderChanged, PositionChanged
from riskguard.simulation.wire.binance.desk import BinanceDesk
from riskguard.simulation.wire.binance.market import book_ticker_row
from riskguard.simulation.wire.binance.rows import account_event, order_event
from riskguard.simulation.wire.face import Call, Message
from riskguard.simulation.wire.faults import Group
from riskguard.simulation.wire.feeds import plain

BOOK_MS = 100
TICKER_MS = 500
_SPEEDS = ("@100ms", "@250ms", "@500ms", "@0ms", "@1s")


class BinanceSession:
    """One connection: its subscriptions and, on the user data stream, its account."""

    def __init__(self, desk: BinanceDesk, call: Call) -> None:
        self._desk = desk
        self._combined = call.path.rstrip("/").endswith("/stream")
        query = parse_qs(call.query)
        listed = [*query.get("streams", [""])[0].split("/"), call.path.rsplit("/", 1)[-1]]
        names = [name for name in listed if "@" in name]
        keys = [*query.get("listenKey", []), *listed]
        self.account = next((desk.listen_keys[key] for key in keys if key in desk.listen_keys), "")
        self.listen_key = next((key for key in keys if key in desk.listen_keys), "")
        private = bool(self.account) or "/private" in call.path
        self.group = Group.STREAM_PRIVATE if private else Group.STREAM_PUBLIC
        self.topics = {_base(name): name for name in names}

    def wants(self, message: Message) -> bool:
        """Whether the client subscribed to it."""
        if message.account:
            return message.account == self.account
        return message.topic in self.topics

    def greet(self) -> list[str]:
        """Send nothing first."""
        return []

    def pong(self, _: str) -> str | None:
        """Know no written pings: Binance uses ping frames."""
        return None

    def missed(self, message: Message) -> None:
        """Let the gap show in `pu`, as on the venue."""

    def on_text(self, text: str) -> list[str]:
        """Answer SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS."""
        try:
            frame = json.loads(text)
            method, names, number = frame["method"], frame.get("params", []), frame.get("id")
        except (ValueError, KeyError, TypeError, AttributeError):
            return [json.dumps({"error": {"code": 2, "msg": "Invalid request: request ID must be valid"}})]
        result: Any = None
        if method == "SUBSCRIBE":
            self._subscribe(names)
        elif method == "UNSUBSCRIBE":
            for name in names:
                self.topics.pop(_base(name), None)
        elif method == "LIST_SUBSCRIPTIONS":
            result = sorted(self.topics.values())
        return [json.dumps({"result": result, "id": number})]

    def encode(self, message: Message) -> str:
        """Write a message, wrapped with its stream's name on combined streams."""
        if not self._combined:
            return json.dumps(message.payload)
        name = self.listen_key if message.account else self.topics.get(message.topic, message.topic)
        return json.dumps({"stream": name, "data": message.payload})

    def _subscribe(self, names: list[str]) -> None:
        for name in names:
            if name in self._desk.listen_keys:
                self.account, self.listen_key = self._desk.listen_keys[name], name
                self.group = Group.STREAM_PRIVATE
            else:
                self.topics[_base(name)] = name


def private_messages(desk: BinanceDesk, event: Event) -> list[Message]:
    """Translate an engine event into user data stream events."""
    shown = desk.venue.shown_ms()
    match event:
        case Filled(fill=fill, order=order):
            row = order_event(order, desk.ids[order.symbol], shown, fill)
            return [Message("user", row, order.account, order.symbol)]
        case OrderChanged(order=order) if order.cause is not None or not order.filled:
            row = order_event(order, desk.ids[order.symbol], shown)
            return [Message("user", row, order.account, order.symbol)]
        case PositionChanged(position=position):
            wallet = desk.venue.engine.balance(position.account, "USDT")
            row = account_event(wallet, position, desk.ids[position.symbol], shown)
            return [Message("user", row, position.account, position.symbol)]
        case BalanceChanged():
            return []  # ACCOUNT_UPDATE of the position carries the wallet
        case _:
            return []


class PublicClock:
    """Decides which public messages are due."""

    def __init__(self) -> None:
        self._book_ms = 0
        self._ticker_ms = 0

    def messages(self, desk: BinanceDesk, now_ms: int) -> list[Message]:
        """Give depth changes every 100 ms and tickers every 500 ms."""
        if now_ms - self._book_ms >= BOOK_MS:
            self._book_ms = now_ms
            for symbol in desk.ids:
                desk.refresh(symbol)
                desk.outbox.append(_book_ticker(desk, symbol))
        if now_ms - self._ticker_ms >= TICKER_MS:
            self._ticker_ms = now_ms
            for symbol in desk.ids:
                desk.outbox.extend(_tickers(desk, symbol))
        due, desk.outbox = desk.outbox, []
        return due


def _base(name: str) -> str:
    for speed in _SPEEDS:
        name = name.removesuffix(speed)
    return name.lower() if "@" not in name else name.split("@", 1)[0].lower() + "@" + name.split("@", 1)[1]


def _book_ticker(desk: BinanceDesk, symbol: str) -> Message:
    row, name = book_ticker_row(desk, symbol), desk.ids[symbol]
    payload = {
        "e": "bookTicker",
        "u": row["lastUpdateId"],
        "s": name,
        "b": row["bidPrice"],
        "B": row["bidQty"],
        "a": row["askPrice"],
        "A": row["askQty"],
        "T": row["time"],
        "E": row["time"],
    }
    return Message(f"{name.lower()}@bookTicker", payload, symbol=symbol)


def _tickers(desk: BinanceDesk, symbol: str) -> list[Message]:
    name, shown = desk.ids[symbol], desk.venue.shown_ms()
    price = plain(desk.venue.engine.mid(symbol))
    mini = {
        "e": "24hrMiniTicker",
        "E": shown,
        "s": name,
        "c": price,
        "o": price,
        "h": price,
        "l": price,
        "v": "100000",
        "q": plain(desk.venue.engine.mid(symbol) * 100_000),
    }
    day = {
        **mini,
        "e": "24hrTicker",
        "p": "0",
        "P": "0",
        "w": price,
        "Q": "0.001",
        "O": shown - 86_400_000,
        "C": shown,
        "F": 1,
        "L": 2,
        "n": 2,
    }
    mark = {
        "e": "markPriceUpdate",
        "E": shown,
        "s": name,
        "p": plain(desk.venue.engine.mark(symbol)),
        "i": price,
        "P": price,
        "r": "0.00010000",
        "T": (shown // 28_800_000 + 1) * 28_800_000,
    }
    low = name.lower()
    return [
        Message(f"{low}@miniTicker", mini, symbol=symbol),
        Message(f"{low}@ticker", day, symbol=symbol),
        Message(f"{low}@markPrice", mark, symbol=symbol),
    ]
