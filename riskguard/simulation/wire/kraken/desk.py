"""What the Kraken handlers share: names, nonces, tokens, book feeds, errors, the check of signatures."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import zlib
from urllib.parse import parse_qsl

from riskguard.simulation.engine import Book, Level, Refusal, Refused
from riskguard.simulation.wire.face import Answer, AnswerError, ApiKey, Call, Message, Params, Venue
from riskguard.simulation.wire.feeds import BookFeed
from riskguard.simulation.wire.kraken.names import Pair, asset_names, pair_of, rfc3339, volume

REST_DEPTH = 100
DEPTHS = (10, 25, 100, 500, 1000)
_CHECKED_LEVELS = 10

_REFUSALS: dict[Refusal, str] = {
    Refusal.NO_SYMBOL: "EQuery:Unknown asset pair",
    Refusal.TICK: "EOrder:Invalid price",
    Refusal.LOT: "EGeneral:Invalid arguments:volume",
    Refusal.TOO_SMALL: "EOrder:Order minimum not met",
    Refusal.TOO_LARGE: "EGeneral:Invalid arguments:volume",
    Refusal.MIN_NOTIONAL: "EOrder:Cost minimum not met",
    Refusal.PRICE_BAND: "EOrder:Invalid price",
    Refusal.BAD_REQUEST: "EGeneral:Invalid arguments:{}",
    Refusal.FUNDS: "EOrder:Insufficient funds",
    Refusal.DUPLICATE_CLIENT_ID: "EGeneral:Invalid arguments:cl_ord_id",
    Refusal.POST_ONLY: "EOrder:Post only order",
    Refusal.REDUCE_ONLY: "EOrder:Reduce only",
    Refusal.GONE: "EOrder:Unknown order",
    Refusal.CANCEL_ONLY: "EService:Market in cancel_only mode",
    Refusal.POST_ONLY_MODE: "EService:Market in post_only mode",
    Refusal.HALTED: "EService:Unavailable",
}


class KrakenDesk:
    """The state behind the Kraken face; the secrets of its keys are base64, as the real ones."""

    def __init__(self, venue: Venue) -> None:
        self.venue = venue
        self.pairs = {symbol: pair_of(item) for symbol, item in venue.engine.instruments.items()}
        self.names = {
            name: pair.symbol
            for pair in self.pairs.values()
            for name in (pair.id, pair.altname, pair.wsname, pair.symbol)
        }
        self.assets = {
            coin: asset_names(coin)
            for item in venue.engine.instruments.values()
            for coin in (item.base, item.quote)
        }
        self.feeds = {
            (symbol, REST_DEPTH): BookFeed(venue.engine, symbol, REST_DEPTH) for symbol in self.pairs
        }
        self.outbox: list[Message] = []
        self.tokens: dict[str, str] = {}
        self._nonces: dict[str, int] = {}
        self._secrets = {key.key: _decoded(key) for key in venue.keys.values()}

    def pair(self, name: str) -> Pair:
        """Give the market that a client named in any of its spellings."""
        try:
            return self.pairs[self.names[name]]
        except KeyError:
            raise error("EQuery:Unknown asset pair") from None

    def asset_id(self, coin: str) -> str:
        """Give the REST name of an asset."""
        return asset_names(coin)[0]

    def new_token(self, account: str) -> str:
        """Hand out a token for the private WebSocket."""
        token = secrets.token_urlsafe(32)
        self.tokens[token] = account
        return token

    def feed(self, symbol: str, depth: int) -> BookFeed:
        """Give the book of one depth; a deeper or shallower one is told apart from the others."""
        return self.feeds.setdefault((symbol, depth), BookFeed(self.venue.engine, symbol, depth))

    def refresh(self, symbol: str, depth: int) -> BookFeed:
        """Bring a book up to now and put the change into the stream.

        A level that better ones push out of the depth is not told as removed: clients must cut it off.
        """
        feed = self.feed(symbol, depth)
        delta = None if self.venue.book_frozen else feed.refresh()
        if delta is not None:
            book = feed.snapshot()
            bids = [
                level
                for level in delta.bids
                if level.amount or len(book.bids) < depth or level.price > book.bids[-1].price
            ]
            asks = [
                level
                for level in delta.asks
                if level.amount or len(book.asks) < depth or level.price < book.asks[-1].price
            ]
            text = self.book_text(symbol, "update", Book(symbol, tuple(bids), tuple(asks), book.ts_ms), book)
            self.outbox.append(Message(f"book:{depth}:{symbol}", text, symbol=symbol))
        return feed

    def book_text(self, symbol: str, kind: str, told: Book, full: Book) -> str:
        """Write a book message; its numbers keep their trailing zeros, on which the checksum depends."""
        pair = self.pairs[symbol]

        def side(levels: tuple[Level, ...]) -> str:
            rows = (f'{{"price":{pair.price(row.price)},"qty":{volume(row.amount)}}}' for row in levels)
            return f"[{','.join(rows)}]"

        stamp = rfc3339(self.venue.shown_ms(), "microseconds")
        data = (
            f'{{"symbol":"{symbol}","bids":{side(told.bids)},"asks":{side(told.asks)},'
            f'"checksum":{checksum(pair, full)},"timestamp":"{stamp}"}}'
        )
        return f'{{"channel":"book","type":"{kind}","data":[{data}]}}'

    def admit(self, call: Call) -> ApiKey:
        """Check key, signature and nonce when a request arrives; the nonce must be above all earlier ones."""
        key = self.venue.keys.get(call.headers.get("API-Key", ""))
        if key is None:
            raise error("EAPI:Invalid key")
        nonce = params_of(call).get("nonce", "")
        if not nonce.isdigit():
            raise error("EAPI:Invalid nonce")
        digest = hashlib.sha256((nonce + call.body).encode()).digest()
        signed = hmac.new(self._secrets[key.key], call.path.encode() + digest, hashlib.sha512).digest()
        if not hmac.compare_digest(base64.b64encode(signed), call.headers.get("API-Sign", "").encode()):
            raise error("EAPI:Invalid signature")
        if int(nonce) <= self._nonces.get(key.key, -1):
            raise error("EAPI:Invalid nonce")
        self._nonces[key.key] = int(nonce)
        return key


def checksum(pair: Pair, book: Book) -> int:
    """Give the CRC32 over the ten best asks, then bids (docs.kraken.com, "Book checksum v2")."""
    rows = (*book.asks[:_CHECKED_LEVELS], *book.bids[:_CHECKED_LEVELS])
    words = (text for row in rows for text in (pair.price(row.price), volume(row.amount)))
    return zlib.crc32("".join(word.replace(".", "").lstrip("0") for word in words).encode())


def error(text: str) -> AnswerError:
    """Make Kraken's error answer, which comes with HTTP 200."""
    return AnswerError(Answer({"error": [text]}))


def refused(refusal: Refused) -> AnswerError:
    """Translate the engine's refusal."""
    return error(_REFUSALS[refusal.code].format(refusal.text))


def params_of(call: Call) -> Params:
    """Give the parameters of the query string, a form, or a JSON body as strings."""
    if not call.body.startswith("{"):
        return {**call.query_params, **dict(parse_qsl(call.body, keep_blank_values=True))}
    try:
        body = json.loads(call.body)
    except ValueError:
        return {}
    return {name: _text(value) for name, value in body.items()} if isinstance(body, dict) else {}


def _decoded(key: ApiKey) -> bytes:
    try:
        return base64.b64decode(key.secret, validate=True)
    except binascii.Error as wrong:
        raise ValueError(f"kraken: the secret of key {key.key} is not base64") from wrong


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return "" if value is None else str(value)
