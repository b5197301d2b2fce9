"""What the Binance handlers share: ids, book feeds, listen keys, error answers, the check of signatures."""

import hashlib
import hmac
import itertools
from collections.abc import Iterable
from urllib.parse import parse_qsl

from riskguard.simulation.engine import Refusal, Refused
from riskguard.simulation.wire.face import Answer, AnswerError, ApiKey, Call, Message, Params, Venue
from riskguard.simulation.wire.feeds import BookFeed, pairs

_REFUSALS: dict[Refusal, tuple[int, str]] = {
    Refusal.NO_SYMBOL: (-1121, "Invalid symbol."),
    Refusal.TICK: (-4014, "Price not increased by tick size."),
    Refusal.LOT: (-1111, "Precision is over the maximum defined for this asset."),
    Refusal.TOO_SMALL: (-4004, "Quantity less than min quantity."),
    Refusal.TOO_LARGE: (-4005, "Quantity greater than max quantity."),
    Refusal.MIN_NOTIONAL: (
        -4164,
        "Order's notional must be no smaller than {} (unless you choose reduce only).",
    ),
    Refusal.PRICE_BAND: (-4016, "Price is higher than mark price multiplier cap."),
    Refusal.BAD_REQUEST: (-1102, "Mandatory parameter '{}' was not sent, was empty/null, or malformed."),
    Refusal.FUNDS: (-2019, "Margin is insufficient."),
    Refusal.DUPLICATE_CLIENT_ID: (-4116, "ClientOrderId is duplicated."),
    Refusal.POST_ONLY: (
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected.",
    ),
    Refusal.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Refusal.GONE: (-2011, "Unknown order sent."),
    Refusal.CANCEL_ONLY: (-4140, "Invalid symbol status for opening position."),
    Refusal.POST_ONLY_MODE: (-4140, "Invalid symbol status for opening position."),
    Refusal.HALTED: (
        -4108,
        "Symbol is on delivering or delivered or settling or closed or pre-trading.",
    ),
}


class BinanceDesk:
    """The state behind the Binance face."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.symbols = {item.base + item.quote: symbol for symbol, item in venue.engine.instruments.items()}
        self.ids = {symbol: name for name, symbol in self.symbols.items()}
        self.feeds = {symbol: BookFeed(venue.engine, symbol) for symbol in self.ids}
        self.listen_keys: dict[str, str] = {}
        self.outbox: list[Message] = []
        self.counter = itertools.count(1)

    def symbol(self, name: str) -> str:
        """Give the unified symbol of a venue id."""
        try:
            return self.symbols[name]
        except KeyError:
            raise error(400, -1121, "Invalid symbol.") from None

    def chosen(self, name: str) -> Iterable[str]:
        """Give the one symbol named, or all."""
        return (self.symbol(name),) if name else self.ids

    def refresh(self, symbol: str) -> BookFeed:
        """Bring a book up to now and put the change into the stream, so that REST and stream agree."""
        feed = self.feeds[symbol]
        delta = None if self.venue.book_frozen else feed.refresh()
        if delta is not None:
            name, shown = self.ids[symbol], self.venue.shown_ms()
            payload = {
                "e": "depthUpdate",
                "E": shown,
                "T": shown,
                "s": name,
                "U": delta.first_id,
                "u": delta.last_id,
                "pu": delta.previous_id,
                "b": pairs(delta.bids),
                "a": pairs(delta.asks),
            }
            self.outbox.append(Message(f"{name.lower()}@depth", payload, symbol=symbol))
        return feed

    def key_of(self, call: Call) -> ApiKey:
        """Give the API key of a request, or refuse it."""
        name = call.headers.get("X-MBX-APIKEY", "")
        if not name:
            raise error(401, -2014, "API-key format invalid.")
        if name not in self.venue.keys:
            raise error(401, -2015, "Invalid API-key, IP, or permissions for action.")
        return self.venue.keys[name]

    def check_signed(self, call: Call) -> ApiKey:
        """Check key, signature and time of a signed request.

        The signature covers query string and body, one after the other, without the signature itself.
        """
        key = self.key_of(call)
        params = params_of(call)
        for name in ("signature", "timestamp"):
            if not params.get(name):
                raise error(
                    400, -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
                )
        payload = _unsigned(call.query) + _unsigned(call.body)
        expected = hmac.new(key.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, params["signature"]):
            raise error(400, -1022, "Signature for this request is not valid.")
        now = call.arrived_ms + self.venue.skew_ms
        window = int(params.get("recvWindow", "5000"))
        sent = int(params["timestamp"])
        if sent >= now + 1000:
            raise error(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if now - sent > window:
            raise error(400, -1021, "Timestamp for this request is outside of the recvWindow.")
        return key


def params_of(call: Call) -> Params:
    """Give the parameters of query string and form body together."""
    body = dict(parse_qsl(call.body, keep_blank_values=True)) if not call.body.startswith("{") else {}
    return {**call.query_params, **body}


def error(status: int, code: int, text: str) -> AnswerError:
    """Make Binance's error answer."""
    return AnswerError(Answer({"code": code, "msg": text}, status))


def refused(refusal: Refused) -> AnswerError:
    """Translate the engine's refusal."""
    code, text = _REFUSALS[refusal.code]
    return error(400, code, text.format(refusal.text))


def _unsigned(text: str) -> str:
    return "&".join(part for part in text.split("&") if not part.startswith("signature="))
