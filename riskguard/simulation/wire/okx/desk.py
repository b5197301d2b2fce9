"""What the OKX handlers share: ids, contract sizes, book feeds, error answers, the check of signatures."""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import chain, zip_longest
from typing import Any

from riskguard.simulation.engine import Book, Level, Refusal, Refused
from riskguard.simulation.wire.face import Answer, AnswerError, ApiKey, Call, Message, Params, Venue
from riskguard.simulation.wire.feeds import BookFeed, plain

DEPTH = 400
SHALLOW = {"bbo-tbt": 1, "books5": 5}
"""Channels without changes, and their levels."""
_WINDOW_MS = 30_000
_CHECKED_LEVELS = 25

_REFUSALS: dict[Refusal, tuple[str, str]] = {
    Refusal.NO_SYMBOL: ("51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist."),
    Refusal.TICK: ("51000", "Parameter px error"),
    Refusal.LOT: ("51121", "Order quantity must be a multiple of the lot size."),
    Refusal.TOO_SMALL: ("51020", "Your order should meet or exceed the minimum order amount."),
    Refusal.TOO_LARGE: (
        "51101",
        "Entered amount exceeds the max pending order amount (Cont) per transaction.",
    ),
    Refusal.MIN_NOTIONAL: ("51020", "Your order should meet or exceed the minimum order amount."),
    Refusal.PRICE_BAND: ("51006", "Order price is not within the price limit."),
    Refusal.BAD_REQUEST: ("51000", "Parameter {} error"),
    Refusal.FUNDS: ("51008", "Order failed. Insufficient {} margin in account."),
    Refusal.DUPLICATE_CLIENT_ID: ("51016", "Client order ID already exists."),
    Refusal.POST_ONLY: ("51000", "Parameter ordType error"),
    Refusal.REDUCE_ONLY: ("51169", "Order failed because you don't have any positions to reduce or close."),
    Refusal.GONE: ("51400", "Cancellation failed as the order has been filled, canceled or does not exist."),
    Refusal.CANCEL_ONLY: ("51022", "Contract suspended."),
    Refusal.POST_ONLY_MODE: ("51022", "Contract suspended."),
    Refusal.HALTED: ("51022", "Contract suspended."),
}


class OkxDesk:
    """The state behind the OKX face."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.symbols = {
            f"{item.base}-{item.quote}-SWAP": symbol for symbol, item in venue.engine.instruments.items()
        }
        self.ids = {symbol: name for name, symbol in self.symbols.items()}
        self.feeds = {symbol: BookFeed(venue.engine, symbol, DEPTH) for symbol in self.ids}
        self.outbox: list[Message] = []

    def symbol(self, name: str) -> str:
        """Give the unified symbol of a venue id."""
        try:
            return self.symbols[name]
        except KeyError:
            raise error("51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist.") from None

    def chosen(self, names: str) -> Iterable[str]:
        """Give the symbols named, separated by commas, or all."""
        return [self.symbol(name) for name in names.split(",")] if names else self.ids

    def contracts(self, symbol: str, amount: Decimal) -> str:
        """Write base units as contracts."""
        return plain(amount / self.venue.engine.instruments[symbol].contract_size)

    def base_units(self, symbol: str, contracts: Decimal) -> Decimal:
        """Give contracts in base units."""
        return contracts * self.venue.engine.instruments[symbol].contract_size

    def rows(self, symbol: str, levels: tuple[Level, ...]) -> list[list[str]]:
        """Write levels: price, contracts, a field without meaning, number of orders."""
        return [
            [plain(level.price), self.contracts(symbol, level.amount), "0", "1" if level.amount else "0"]
            for level in levels
        ]

    def refresh(self, symbol: str) -> BookFeed:
        """Bring a book up to now and put the change into the stream, so that REST and stream agree."""
        feed = self.feeds[symbol]
        delta = None if self.venue.book_frozen else feed.refresh()
        if delta is not None:
            data = {
                "asks": self.rows(symbol, delta.asks),
                "bids": self.rows(symbol, delta.bids),
                "ts": str(self.venue.shown_ms()),
                "checksum": self.checksum(symbol, feed.snapshot()),
                "seqId": delta.last_id,
                "prevSeqId": delta.previous_id,
            }
            payload = {"action": "update", "data": [data]}
            self.outbox.append(Message(f"books:{self.ids[symbol]}", payload, symbol=symbol))
            for channel in SHALLOW:
                told = self.shallow(channel, symbol)
                self.outbox.append(Message(f"{channel}:{self.ids[symbol]}", told, symbol=symbol))
        return feed

    def shallow(self, channel: str, symbol: str) -> dict[str, Any]:
        """Write the channels that repeat the best levels in full."""
        feed, size = self.feeds[symbol], SHALLOW[channel]
        book = feed.snapshot()
        data = {
            "asks": self.rows(symbol, book.asks[:size]),
            "bids": self.rows(symbol, book.bids[:size]),
            "instId": self.ids[symbol],
            "ts": str(self.venue.shown_ms()),
            "seqId": feed.update_id,
        }
        return {"data": [data]}

    def book_snapshot(self, symbol: str) -> dict[str, Any]:
        """Write the book of the stream in full."""
        feed = self.feeds[symbol]
        book = feed.snapshot()
        data = {
            "asks": self.rows(symbol, book.asks),
            "bids": self.rows(symbol, book.bids),
            "ts": str(self.venue.shown_ms()),
            "checksum": self.checksum(symbol, book),
            "seqId": feed.update_id,
            "prevSeqId": -1,
        }
        return {"action": "snapshot", "data": [data]}

    def checksum(self, symbol: str, book: Book) -> int:
        """Give the signed CRC32 over bid and ask levels in turn (docs-v5, "Checksum")."""
        sides = [
            [
                f"{plain(level.price)}:{self.contracts(symbol, level.amount)}"
                for level in side[:_CHECKED_LEVELS]
            ]
            for side in (book.bids, book.asks)
        ]
        words = [word for word in chain.from_iterable(zip_longest(*sides)) if word is not None]
        value = zlib.crc32(":".join(words).encode())
        return value - (1 << 32) if value >= 1 << 31 else value

    def check_signed(self, call: Call) -> ApiKey:
        """Check key, passphrase, time and signature: time + method + path with query + body."""
        heads = call.headers
        for name, code in (
            ("KEY", "50103"),
            ("PASSPHRASE", "50104"),
            ("SIGN", "50106"),
            ("TIMESTAMP", "50107"),
        ):
            if not heads.get(f"OK-ACCESS-{name}"):
                raise error(code, f'Request header "OK_ACCESS_{name}" can not be empty.', 401)
        key = self.venue.keys.get(heads["OK-ACCESS-KEY"])
        if key is None:
            raise error("50111", "Invalid OK-ACCESS-KEY.", 401)
        if key.passphrase not in ("", heads["OK-ACCESS-PASSPHRASE"]):
            raise error("50105", 'Request header "OK_ACCESS_PASSPHRASE" incorrect.', 401)
        stamp = heads["OK-ACCESS-TIMESTAMP"]
        sent_ms = _milliseconds(stamp)
        if sent_ms is None:
            raise error("50112", "Invalid OK-ACCESS-TIMESTAMP.", 401)
        if abs(call.arrived_ms + self.venue.skew_ms - sent_ms) > _WINDOW_MS:
            raise error("50102", "Timestamp request expired.", 401)
        target = f"{call.path}?{call.query}" if call.query else call.path
        if not same_signature(key, stamp + call.method + target + call.body, heads["OK-ACCESS-SIGN"]):
            raise error("50113", "Invalid Sign", 401)
        return key


def refusal(refused: Refused) -> tuple[str, str]:
    """Translate the engine's refusal into code and text."""
    code, text = _REFUSALS[refused.code]
    return code, text.format(refused.text)


def same_signature(key: ApiKey, signed: str, given: str) -> bool:
    """Compare an HMAC-SHA256 signature in base64 in constant time."""
    digest = hmac.new(key.secret.encode(), signed.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), given.encode())


def error(code: str, text: str, status: int = 200) -> AnswerError:
    """Make OKX's error answer."""
    return AnswerError(Answer({"code": code, "data": [], "msg": text}, status))


def orders_of(call: Call) -> list[Params]:
    """Give the objects of a JSON body, which is one or a list of them, or the query string, as strings."""
    if call.method != "POST":
        return [call.query_params]
    try:
        body = json.loads(call.body or "{}")
    except ValueError:
        return []
    rows = body if isinstance(body, list) else [body]
    return [{name: _text(value) for name, value in row.items()} for row in rows if isinstance(row, dict)]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _milliseconds(stamp: str) -> int | None:
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return round(moment.timestamp() * 1000) if moment.tzinfo is not None else None
