"""Planted keys never appear in an answer, a log line or a cause, whatever the venue echoes."""

import logging

import aiohttp.web
import pytest

from riskguard.core.messages import LookupRung, ReadKind
from riskguard.venues.scrub import Scrubber
from tests.venues.conftest import KEY, PASSWORD, SECRET, Opener, cancel, look_up, place, read
from tests.venues.loopback import Loopback
from tests.venues.markets import opened


async def echo(request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
    """Answer with everything that was sent, as careless error pages do."""
    body = (await request.read()).decode()
    return aiohttp.web.json_response(
        {
            "code": -1102,
            "retCode": 10001,
            "msg": f"bad request {request.url} {dict(request.headers)} {body}",
            "retMsg": f"bad request {request.url} {dict(request.headers)} {body}",
            "error": [f"EGeneral:{request.url} {dict(request.headers)} {body}"],
        },
        status=400,
    )


@pytest.mark.parametrize("ccxt_id", ["binanceusdm", "bybit", "okx", "kraken", "deribit", "kucoin", "gate"])
async def test_nothing_written_holds_a_planted_secret(
    open_gateway: Opener, loopback: Loopback, caplog: pytest.LogCaptureFixture, ccxt_id: str
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = echo
    said = [
        await gateway.place(place(leg=leg)),
        await gateway.cancel(cancel(leg=leg, order_id="8001")),
        *[await gateway.read(read(what, leg=leg)) for what in ReadKind if what is not ReadKind.MARKETS],
        await gateway.look_up(look_up(LookupRung.CLIENT_ID, order_id="8001")),
    ]
    written = repr(said) + caplog.text
    assert all(answer.cause for answer in said)
    assert loopback.seen
    for request in loopback.seen:
        for name in ("X-BAPI-SIGN", "OK-ACCESS-SIGN", "API-Sign", "KC-API-SIGN", "SIGN"):
            if request.headers.get(name):
                assert request.headers[name] not in written
        if request.query.get("signature"):
            assert request.query["signature"] not in written
    for secret in (KEY, SECRET, PASSWORD):
        assert secret not in written


@pytest.mark.parametrize(
    "text",
    [
        "GET https://x/y?apiKey=abc123456&signature=deadbeef failed",
        '{"apiKey": "abc123456", "signature": "deadbeef"}',
        "wss://stream/ws?listenKey=abc123456 deadbeef".replace(" deadbeef", ""),
        "Authorization: abc123456",
    ],
)
def test_what_looks_like_a_secret_is_removed(text: str) -> None:
    clean = Scrubber()(text)
    assert "abc123456" not in clean
    assert "deadbeef" not in clean
