"""Planted keys never appear in an answer, an exception, a log line or a cause, whatever the venue echoes."""

import asyncio
import base64
import json
import logging
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import aiohttp.web
import pytest

from riskguard.core.messages import LookUpOrder, LookupRung, ProbeVenue, ReadKind, SetDeadMan
from riskguard.core.policy import Rung
from riskguard.core.types import Leg
from riskguard.core.types import Path as VenuePath
from riskguard.venues.gateway import CcxtGateway
from riskguard.venues.outcomes import TESTED_VENUES
from riskguard.venues.scrub import Scrubber
from tests.venues.conftest import KEY, PASSWORD, SECRET, WALLET, Opener, cancel, place, read
from tests.venues.loopback import Handler, Loopback, Seen, answer, cut, hang, reset
from tests.venues.markets import opened

WALLETS = tuple(WALLET.secrets.values())
PIECE = 12
"""Characters of a secret that must not be found in a row."""
SIGNING = re.compile(r"(?i)sign|auth|passphrase|token")
MARK = "THE VENUE ECHOES"


def everything(request: aiohttp.web.Request, body: str) -> str:
    """Give all that was sent, in one line, as a careless error page does."""
    return f"{request.url} {dict(request.headers)} {body}"


def planted(ccxt_id: str) -> tuple[str, ...]:
    """Give the secrets that a client was made with."""
    return WALLETS if ccxt_id == "hyperliquid" else (KEY, SECRET, PASSWORD)


def plainly(text: str) -> str:
    return text


def the_end(text: str) -> str:
    return text[-100:]


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def in_hex(text: str) -> str:
    return text.encode().hex()


def for_urls(text: str) -> str:
    return quote(text, safe="")


ENVELOPES: dict[str, Callable[[str], Any]] = {
    "binance": lambda said: {"code": -1102, "msg": said},
    "binancecoinm": lambda said: {"code": -1102, "msg": said},
    "binanceusdm": lambda said: {"code": -1102, "msg": said},
    "bitfinex": lambda said: ["error", 10020, said],
    "bitget": lambda said: {"code": "40017", "msg": said, "data": None},
    "bybit": lambda said: {"retCode": 10001, "retMsg": said, "result": {}},
    "coinbase": lambda said: {"error": "INVALID_ARGUMENT", "message": said},
    "deribit": lambda said: {"jsonrpc": "2.0", "error": {"code": -32602, "message": said}},
    "gate": lambda said: {"label": "INVALID_PARAM_VALUE", "message": said},
    "hyperliquid": lambda said: {"status": "err", "response": f"Invalid nonce {said}"},
    "kraken": lambda said: {"error": [f"EGeneral:Invalid arguments:{said}"]},
    "krakenfutures": lambda said: {"result": "error", "error": said},
    "kucoin": lambda said: {"code": "400100", "msg": f"invalid parameter {said}"},
    "kucoinfutures": lambda said: {"code": "400100", "msg": f"invalid parameter {said}"},
    "okx": lambda said: {"code": "50014", "data": [], "msg": said},
}
"""A refusal in each venue's own envelope, so that its words come through to a person."""


class Careless:
    """A server that tells everybody what it was told."""

    def __init__(self, ccxt_id: str) -> None:
        self.ccxt_id = ccxt_id
        self.secrets = planted(ccxt_id)

    def echo(
        self, status: int, spell: Callable[[str], str], *, secrets: bool = False, page: bool = False
    ) -> Handler:
        """Answer with what was sent, and with the secrets before it, as a refusal or as a page."""

        async def handle(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
            told = [*self.secrets * secrets, everything(request, (await request.read()).decode())]
            said = f"{MARK} {' '.join(map(spell, told))}"
            if page:
                return aiohttp.web.Response(status=status, text=f"<p>{said}</p>", content_type="text/html")
            return aiohttp.web.json_response(ENVELOPES[self.ccxt_id](said), status=status)

        return handle

    def failures(self) -> dict[str, Handler]:
        """Give what can go wrong with an answer, each time with as much said as can be."""
        return {
            "echo": self.echo(400, plainly),
            "echo of secrets": self.echo(400, plainly, secrets=True),
            "echo as success": self.echo(200, plainly),
            "echo in base64": self.echo(400, in_base64, secrets=True),
            "echo in hex": self.echo(400, in_hex, secrets=True),
            "echo for URLs": self.echo(400, for_urls, secrets=True),
            "echo of the end": self.echo(400, the_end),
            "page": self.echo(500, plainly, page=True),
            "page as success": self.echo(200, in_hex, secrets=True, page=True),
            "cut": cut(json.dumps({"orderId": 1, "retCode": 0})),
            "reset": reset,
            "hang": hang,
            "empty": answer(200, ""),
        }


def calls(gateway: CcxtGateway, leg: Leg, deadline_s: float) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Give every call that the gateway offers."""

    def asks(what: ReadKind) -> Callable[[], Awaitable[Any]]:
        return lambda: gateway.read(read(what, deadline_s, leg))

    def probes(rung: Rung) -> Callable[[], Awaitable[Any]]:
        sizes = (Decimal(60000), Decimal("0.010"))
        return lambda: gateway.probe(
            ProbeVenue(1, leg, rung, VenuePath.CANCEL, "rgc0001c", *sizes, deadline_s)
        )

    def looks(rung: LookupRung) -> Callable[[], Awaitable[Any]]:
        return lambda: gateway.look_up(LookUpOrder(1, leg, "rga0001h", "8001", rung, 1, deadline_s))

    return {
        "place": lambda: gateway.place(place(deadline_s, leg=leg)),
        "cancel": lambda: gateway.cancel(cancel(deadline_s, leg, "8001")),
        "dead man": lambda: gateway.dead_man(SetDeadMan(1, "v", 60.0, (leg,), deadline_s)),
        **{f"read {what}": asks(what) for what in ReadKind if what is not ReadKind.MARKETS},
        **{f"look up {rung}": looks(rung) for rung in LookupRung},
        **{f"probe {rung}": probes(rung) for rung in gateway.quirks.rungs if rung is not Rung.PLACE_CANCEL},
    }


FEW = ("place", "cancel", "dead man", "read balance", "read positions")
"""The calls that are tried with every failure; the others with the plain echoes."""


def signed(seen: list[Seen]) -> set[str]:
    """Find the signatures that were sent: in headers, queries, bodies; whole ones and their beginnings."""
    found: set[str] = set()
    for request in seen:
        for name, value in (*request.headers.items(), *request.query.items()):
            if SIGNING.search(name):
                found |= set(re.findall(r"[A-Za-z0-9+/=_.-]{24,}", value))
        found |= set(re.findall(r"signature=([0-9a-f]{24,})", request.body))
        found |= set(re.findall(r'"[rs]":"(0x[0-9a-f]{24,})"', request.body))
    return {one for sign in found for one in (sign, sign[:24])}


def leaked(written: str, seen: list[Seen], secrets: tuple[str, ...]) -> list[str]:
    """Find what must not stand in a text: pieces of secrets as planted or encoded, and signatures."""
    forms = {spell(secret) for secret in secrets for spell in (plainly, in_hex, in_base64, for_urls)}
    forms.add(base64.b64decode(SECRET).hex())
    pieces = {form[at : at + PIECE] for form in forms for at in range(len(form) - PIECE + 1)}
    low = written.lower()
    found = sorted(one for one in pieces | signed(seen) if one.lower() in low)
    return [f"{one}: …{written[max(0, (at := low.index(one.lower())) - 120) : at + 60]}…" for one in found]


@pytest.mark.parametrize("ccxt_id", sorted(TESTED_VENUES))
async def test_nothing_written_holds_a_planted_secret(
    open_gateway: Opener,
    loopback: Loopback,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    ccxt_id: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    written: list[str] = []
    for name, handler in Careless(ccxt_id).failures().items():
        loopback.everything = handler
        for call, make in calls(gateway, leg, 0.05 if name == "hang" else 3.0).items():
            if name in ("echo", "echo of secrets") or call in FEW:
                written.append(repr(await make()))
    assert sum(MARK in text for text in written) >= 10, "the echo never came through: nothing is proved"
    out, err = capfd.readouterr()
    text = "\n".join([*written, caplog.text, out, err])
    assert len(signed(loopback.seen)) >= 2
    assert leaked(text, loopback.seen, planted(ccxt_id)) == []


async def raised(make: Callable[[], Awaitable[Any]]) -> str:
    """Give everything that can be printed of what a call raises, its causes and contexts included."""
    try:
        await make()
    except Exception as error:  # noqa: BLE001 - what is raised is what is looked at
        chain: list[BaseException] = [error]
        while (behind := chain[-1].__cause__ or chain[-1].__context__) is not None:
            chain.append(behind)
        parts = [f"{one!r} {one!s} {one.args} {vars(one)}" for one in chain]
        return "\n".join([*parts, *traceback.format_exception(error)])
    return ""  # a whole answer that ccxt can read: nothing writes it down


@pytest.mark.parametrize("ccxt_id", sorted(TESTED_VENUES))
async def test_no_exception_of_a_strict_client_holds_one(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    gateway.clients.open()
    client = gateway.clients.act
    client.timeout = 100
    written: list[str] = []
    for handler in Careless(ccxt_id).failures().values():
        loopback.everything = handler
        written += [
            await raised(lambda: client.create_order(leg.symbol, "limit", "buy", 10, 60000)),
            await raised(lambda: client.cancel_order("8001", leg.symbol)),
            await raised(lambda: client.fetch_open_orders(leg.symbol)),
            await raised(client.fetch_balance),
            await raised(client.fetch_status),
        ]
    assert sum(MARK in text for text in written) >= 10
    assert leaked("\n".join(written), loopback.seen, planted(ccxt_id)) == []


async def heard(gateway: CcxtGateway, patience_s: float) -> AsyncIterator[str]:
    """Give what the streams say of themselves for a while."""
    streams = gateway.streams()
    try:
        async with asyncio.timeout(patience_s):
            async for one in streams:
                yield repr(one)
    except TimeoutError:
        pass
    finally:
        await streams.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("ccxt_id", sorted(set(TESTED_VENUES) - {"binancecoinm"}))
async def test_no_stream_that_breaks_tells_one(
    open_gateway: Opener, loopback: Loopback, caplog: pytest.LogCaptureFixture, ccxt_id: str
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway, _ = await opened(open_gateway, loopback, ccxt_id)

    async def keys_then_echo(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        """Give what a private stream needs to begin, then refuse the stream itself with an echo."""
        granted = {"listenKey": KEY * 2, "token": SECRET, "connectId": KEY, "instanceServers": []}
        if request.headers.get("Upgrade", "").lower() != "websocket":
            body: Mapping[str, Any] = {
                **granted,
                "code": "200000",
                "retCode": 0,
                "error": [],
                "data": granted,
            }
            return aiohttp.web.json_response({**body, "result": granted})
        return await Careless(ccxt_id).echo(403, plainly, page=True)(request)

    loopback.everything = keys_then_echo
    said = [one async for one in heard(gateway, 0.4)]
    assert said or ccxt_id in ("coinbase", "krakenfutures", "kucoin", "kucoinfutures", "bitfinex"), said
    assert leaked("\n".join([*said, caplog.text]), loopback.seen, planted(ccxt_id)) == []


@pytest.mark.parametrize(
    "text",
    [
        "GET https://x/y?apiKey=abc123456&signature=deadbeef failed",
        '{"apiKey": "abc123456", "signature": "deadbeef"}',
        "wss://stream/ws?listenKey=abc123456",
        "Authorization: abc123456",
        "'Authorization': 'Bearer abc123456.deadbeef'",
        "authorization: deri-hmac-sha256 id=abc,ts=1,sig=abc123456,nonce=x",
        "Authent: abc123456",
        "KC-API-PASSPHRASE=abc123456",
        f"unnamed {'abc123456' * 5}Z",
        f"unnamed {'abc123456def' * 4}",
        f"wss://stream/ws/{'aBc123456' * 5}",
    ],
)
def test_what_looks_like_a_secret_is_removed(text: str) -> None:
    clean = Scrubber()(text)
    assert "abc123456" not in clean
    assert "aBc123456" not in clean
    assert "deadbeef" not in clean


@pytest.mark.parametrize(
    "text",
    [
        "HTTP 400 POST /derivatives/api/v3/cancelallordersafter refused: EOrder:Insufficient funds",
        "validation.createOrder.symbolNotAvailable for order 6b9ad766b55dBCDE5387a11805a60d7e",
        "order 0x0000000000000000000001f4e16c2835 at 2026-01-01T00:00:00.000Z",
        "sign signature error; token expired; the password is wrong",
    ],
)
def test_what_is_no_secret_is_left(text: str) -> None:
    assert Scrubber((KEY, SECRET, PASSWORD))(text) == text


def test_a_secret_where_a_long_text_is_cut_is_not_left_in_half() -> None:
    """What lies before may shrink to nothing, so that the cut comes into sight."""
    scrub = Scrubber((KEY,))
    for before in range(7960, 8010):
        text = f"{'aB1' * 3000}"[: before - 1] + f" {KEY} and more"
        assert KEY[:PIECE] not in scrub(text)


def test_a_known_secret_is_found_in_every_spelling() -> None:
    scrub = Scrubber((KEY, SECRET, PASSWORD))
    spelled = [SECRET, quote(SECRET, safe=""), SECRET.encode().hex().upper(), base64.b64decode(SECRET).hex()]
    spelled.append(base64.b64encode(KEY.encode()).decode())
    assert scrub(" ".join(spelled), 1000).replace("***", "").strip(" =") == ""
