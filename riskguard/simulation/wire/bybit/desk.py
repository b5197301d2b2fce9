"""What the Bybit handlers share: ids, book feeds, the envelope, error answers, the check of signatures."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable
from typing import Any

from riskguard.simulation.engine import Refusal, Refused
from riskguard.simulation.wire.face import Answer, AnswerError, ApiKey, Call, Message, Params, Venue
from riskguard.simulation.wire.feeds import BookFeed, pairs

_ID_BASE = 0x5B9D1C2E4F6A4B8C << 64
_ID_MASK = (1 << 64) - 1

_REFUSALS: dict[Refusal, tuple[int, str]] = {
    Refusal.NO_SYMBOL: (10001, "params error: symbol invalid"),
    Refusal.TICK: (10001, "params error: price invalid"),
    Refusal.LOT: (10001, "Qty invalid"),
    Refusal.TOO_SMALL: (10001, "The number of contracts exceeds minimum limit allowed"),
    Refusal.TOO_LARGE: (10001, "The number of contracts exceeds maximum limit allowed"),
    Refusal.MIN_NOTIONAL: (110094, "Order does not meet minimum order value {}USDT"),
    Refusal.PRICE_BAND: (110003, "Order price exceeds the allowable range."),
    Refusal.BAD_REQUEST: (10001, "params error: {} invalid"),
    Refusal.FUNDS: (110007, "ab not enough for new order"),
    Refusal.DUPLICATE_CLIENT_ID: (110072, "OrderLinkedID is duplicate"),
    Refusal.POST_ONLY: (10001, "params error: timeInForce invalid"),
    Refusal.REDUCE_ONLY: (110017, "current position is zero, cannot fix reduce-only order qty"),
    Refusal.GONE: (110001, "order not exists or too late to cancel"),
    Refusal.CANCEL_ONLY: (110023, "Currently you can only reduce your position on this contract."),
    Refusal.POST_ONLY_MODE: (110103, "Only Post-Only orders are available at this stage"),
    Refusal.HALTED: (110066, "Trading is currently not allowed."),
}


class BybitDesk:
    """The state behind the Bybit face."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.symbols = {item.base + item.quote: symbol for symbol, item in venue.engine.instruments.items()}
        self.ids = {symbol: name for name, symbol in self.symbols.items()}
        self.feeds = {symbol: BookFeed(venue.engine, symbol) for symbol in self.ids}
        self.outbox: list[Message] = []

    def symbol(self, name: str) -> str:
        """Give the unified symbol of a venue id."""
        try:
            return self.symbols[name]
        except KeyError:
            raise error(10001, "params error: symbol invalid", self.venue.shown_ms()) from None

    def chosen(self, name: str) -> Iterable[str]:
        """Give the one symbol named, or all."""
        return (self.symbol(name),) if name else self.ids

    def refresh(self, symbol: str) -> BookFeed:
        """Bring a book up to now and put the change into the stream, so that REST and stream agree."""
        feed = self.feeds[symbol]
        delta = None if self.venue.book_frozen else feed.refresh()
        if delta is not None:
            payload = self.book_message(symbol, "delta")
            payload["data"]["b"], payload["data"]["a"] = pairs(delta.bids), pairs(delta.asks)
            self.outbox.append(Message(f"orderbook.{self.ids[symbol]}", payload, symbol=symbol))
        return feed

    def book_message(self, symbol: str, kind: str) -> dict[str, Any]:
        """Write the book of the stream in full; the caller replaces the sides of a delta."""
        feed, shown = self.feeds[symbol], self.venue.shown_ms()
        book = feed.snapshot()
        return {
            "topic": f"orderbook.50.{self.ids[symbol]}",
            "type": kind,
            "ts": shown,
            "data": {
                "s": self.ids[symbol],
                "b": pairs(book.bids),
                "a": pairs(book.asks),
                "u": feed.update_id,
                "seq": feed.update_id * 7,
            },
            "cts": shown,
        }

    def check_signed(self, call: Call) -> ApiKey:
        """Check key, time and signature: timestamp + key + window + (query string or body)."""
        shown = call.arrived_ms + self.venue.skew_ms
        heads = call.headers
        key = self.venue.keys.get(heads.get("X-BAPI-API-KEY", ""))
        if key is None:
            raise error(10003, "API key is invalid.", shown)
        stamp, window = heads.get("X-BAPI-TIMESTAMP", ""), heads.get("X-BAPI-RECV-WINDOW", "5000")
        if not stamp.isdigit() or not window.isdigit():
            raise error(10001, "request parameter error: timestamp or recv_window", shown)
        if not shown - int(window) <= int(stamp) < shown + 1000:
            text = (
                "invalid request, please check your server timestamp or recv_window param. "
                f"req_timestamp[{stamp}],server_timestamp[{shown}],recv_window[{window}]"
            )
            raise error(10002, text, shown)
        signed = stamp + key.key + window + (call.body if call.method == "POST" else call.query)
        if not same_signature(key, signed, heads.get("X-BAPI-SIGN", "")):
            text = f"error sign! origin_string[{signed}]"
            raise error(10004, text, shown)
        return key

    def enveloped(self, result: Any) -> Answer:
        """Wrap a result; the headers tell the rate limit."""
        shown = self.venue.shown_ms()
        headers = {
            "Timenow": str(shown),
            "X-Bapi-Limit": "50",
            "X-Bapi-Limit-Status": "49",
            "X-Bapi-Limit-Reset-Timestamp": str(shown),
        }
        return Answer(envelope(0, "OK", result, shown), headers=headers)

    def refused(self, refusal: Refused) -> AnswerError:
        """Translate the engine's refusal."""
        code, text = _REFUSALS[refusal.code]
        return error(code, text.format(refusal.text), self.venue.shown_ms())


def same_signature(key: ApiKey, signed: str, given: str) -> bool:
    """Compare an HMAC-SHA256 hex signature in constant time."""
    expected = hmac.new(key.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, given)


def envelope(code: int, text: str, result: Any, shown_ms: int) -> dict[str, Any]:
    """Write Bybit's envelope; errors too come with HTTP 200."""
    return {"retCode": code, "retMsg": text, "result": result, "retExtInfo": {}, "time": shown_ms}


def error(code: int, text: str, shown_ms: int) -> AnswerError:
    """Make Bybit's error answer."""
    return AnswerError(Answer(envelope(code, text, {}, shown_ms)))


def params_of(call: Call) -> Params:
    """Give the parameters of the query string, or of a JSON body as strings."""
    if call.method != "POST":
        return call.query_params
    try:
        body = json.loads(call.body or "{}")
    except ValueError:
        return {}
    return {name: _text(value) for name, value in body.items()} if isinstance(body, dict) else {}


def shown_id(order_id: str) -> str:
    """Give the UUID under which an order is shown."""
    return str(uuid.UUID(int=_ID_BASE | int(order_id)))


def engine_id(shown: str) -> str:
    """Give the engine's id of a UUID, empty when it is none of ours."""
    try:
        value = uuid.UUID(shown).int
    except ValueError:
        return ""
    return str(value & _ID_MASK) if value & ~_ID_MASK == _ID_BASE else ""


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
