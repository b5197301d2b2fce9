"""Each venue's dead-man's switch goes out in its own unit; no rounding takes it off by accident."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from riskguard.core.messages import DeadManAnswered, SetDeadMan
from riskguard.core.orders.outcome import Accepted, NotSent, Unknown
from tests.venues.conftest import Opener
from tests.venues.loopback import Handler, Loopback, Seen, answer, hang, reset
from tests.venues.markets import opened

SIGNED = {"timestamp", "signature", "recvWindow", "nonce"}
BINANCE = ("POST", "/fapi/v1/countdownCancelAll")
OKX = ("POST", "/api/v5/trade/cancel-all-after")
KRAKEN = ("POST", "/0/private/CancelAllOrdersAfter")
FUTURES = ("POST", "/derivatives/api/v3/cancelallordersafter")
BITGET = ("POST", "/api/v3/trade/countdown-cancel-all")
GATE = ("POST", "/api/v4/futures/usdt/countdown_cancel_all")
KUCOIN = ("POST", "/api/v1/hf/orders/dead-cancel-all")
HYPERLIQUID = ("POST", "/exchange")


def kraken(moment: str) -> dict[str, Any]:
    return {"error": [], "result": {"currentTime": "2026-01-01T00:00:00Z", "triggerTime": moment}}


def futures(moment: str) -> dict[str, Any]:
    return {"result": "success", "serverTime": "x", "status": {"triggerTime": moment}}


def okx(moment: str) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": [{"triggerTime": moment, "ts": "1"}]}


def binance(span_ms: str) -> dict[str, Any]:
    return {"symbol": "BTCUSDT", "countdownTime": span_ms}


GOOD = {"code": "200000", "data": {"triggerTime": 1}}
LATER = "2026-01-01T00:01:00Z"

SENT: dict[str, tuple[str, float, tuple[str, str], Any, dict[str, str]]] = {
    "binance": (
        "binanceusdm",
        120.0,
        BINANCE,
        binance("120000"),
        {"symbol": "BTCUSDT", "countdownTime": "120000"},
    ),
    "binance fraction": (
        "binanceusdm",
        0.001,
        BINANCE,
        binance("10"),
        {"symbol": "BTCUSDT", "countdownTime": "10"},
    ),
    "binance off": ("binanceusdm", 0.0, BINANCE, binance("0"), {"symbol": "BTCUSDT", "countdownTime": "0"}),
    "okx": ("okx", 60.0, OKX, okx("1587971460"), {"timeOut": "60"}),
    "okx fraction": ("okx", 10.5, OKX, okx("1587971460"), {"timeOut": "11"}),
    "okx off": ("okx", 0.0, OKX, okx("0"), {"timeOut": "0"}),
    "kraken": ("kraken", 60.0, KRAKEN, kraken(LATER), {"timeout": "60"}),
    "kraken below a second": ("kraken", 0.4, KRAKEN, kraken(LATER), {"timeout": "1"}),
    "kraken off": ("kraken", 0.0, KRAKEN, kraken("0"), {"timeout": "0"}),
    "kraken futures": ("krakenfutures", 60.0, FUTURES, futures(LATER), {"timeout": "60"}),
    "kraken futures off": ("krakenfutures", 0.0, FUTURES, futures("0"), {"timeout": "0"}),
    "gate": ("gate", 30.0, GATE, {"triggerTime": "1"}, {"timeout": "30"}),
    "kucoin": ("kucoin", 30.0, KUCOIN, GOOD, {"timeout": "30", "symbols": "BTCUSDT"}),
    "kucoin off": ("kucoin", 0.0, KUCOIN, GOOD, {"timeout": "-1", "symbols": "BTCUSDT"}),
}


def fields(seen: Seen) -> dict[str, str]:
    """Give the fields of a request, wherever the venue reads them."""
    found = seen.query
    if seen.body.startswith("{"):
        found = found | {key: str(value) for key, value in json.loads(seen.body).items()}
    else:
        found = found | dict(parse_qsl(seen.body))
    return {key: value for key, value in found.items() if key not in SIGNED}


def wish(leg: Any, after_s: float, deadline_s: float = 3.0) -> SetDeadMan:
    return SetDeadMan(7, "v", after_s, (leg,), deadline_s)


@pytest.mark.parametrize("case", SENT)
async def test_on_the_wire(open_gateway: Opener, loopback: Loopback, case: str) -> None:
    venue, after_s, path, body, expected = SENT[case]
    gateway, leg = await opened(open_gateway, loopback, venue)
    loopback.good[path] = body
    given = await gateway.dead_man(wish(leg, after_s))
    assert given.observations == (DeadManAnswered(7, "v", after_s, Accepted()),), given
    assert given.evidence == "rate_limited"
    assert fields(loopback.last(*path)) == expected


async def test_bitget_needs_a_unified_account(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "bitget")
    loopback.good[BITGET] = {"code": "00000", "msg": "success", "data": "success"}
    (said,) = (await gateway.dead_man(wish(leg, 30.0))).observations
    assert isinstance(said, DeadManAnswered)
    assert not said.offered
    gateway.clients.act.options["uta"] = True
    (said,) = (await gateway.dead_man(wish(leg, 30.0))).observations
    assert said == DeadManAnswered(7, "v", 30.0, Accepted())
    assert fields(loopback.last(*BITGET)) == {"countdown": "30"}


@pytest.mark.parametrize("after_s", [60.0, 0.0])
async def test_hyperliquid_names_a_moment_or_none(
    open_gateway: Opener, loopback: Loopback, after_s: float
) -> None:
    gateway, leg = await opened(open_gateway, loopback, "hyperliquid")
    loopback.good[HYPERLIQUID] = {"status": "ok", "response": {"type": "default"}}
    before_ms = gateway.clients.act.milliseconds()
    (said,) = (await gateway.dead_man(wish(leg, after_s))).observations
    assert said == DeadManAnswered(7, "v", after_s, Accepted())
    action = json.loads(loopback.last(*HYPERLIQUID).body)["action"]
    assert action.pop("type") == "scheduleCancel"
    assert ("time" in action) is bool(after_s)
    assert not after_s or 0 <= action["time"] - before_ms - 60_000 < 10_000


NONE = ["binance", "bitfinex", "bybit", "coinbase", "deribit", "kucoinfutures"]
OUT_OF_RANGE = [("okx", 9.0), ("okx", 121.0), ("hyperliquid", 4.0), ("gate", 4.0), ("kraken", 90_000.0)]


@pytest.mark.parametrize(("venue", "after_s"), [*((one, 60.0) for one in NONE), *OUT_OF_RANGE])
async def test_what_a_venue_does_not_offer_is_not_asked(
    open_gateway: Opener, loopback: Loopback, venue: str, after_s: float
) -> None:
    gateway, leg = await opened(open_gateway, loopback, venue)
    (said,) = (await gateway.dead_man(wish(leg, after_s))).observations
    assert isinstance(said, DeadManAnswered)
    assert not said.offered
    assert isinstance(said.outcome, NotSent)
    assert said.cause
    assert loopback.seen == []


BAD: dict[str, Handler] = {
    "524": answer(524, "<html>"),
    "html": answer(200, "<html>", "text/html"),
    "null": answer(200, "null"),
    "empty": answer(200, "{}"),
    "not as asked": answer(200, '{"symbol":"BTCUSDT","countdownTime":"0","data":[{"triggerTime":"0"}],'
    '"code":"0","error":[],"result":{"triggerTime":"0"}}'),
    "reset": reset,
    "hang": hang,
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("venue", ["binanceusdm", "okx", "kraken", "krakenfutures"])
async def test_no_bad_answer_counts_as_set(
    open_gateway: Opener, loopback: Loopback, venue: str, bad: str
) -> None:
    gateway, leg = await opened(open_gateway, loopback, venue)
    loopback.everything = BAD[bad]
    given = await gateway.dead_man(wish(leg, 60.0, 0.2 if bad == "hang" else 3.0))
    (said,) = given.observations
    assert isinstance(said, DeadManAnswered)
    assert isinstance(said.outcome, Unknown)
    assert (said.offered, given.evidence) == (True, "rate_limited")
    assert said.cause


async def test_wishes_keep_their_order(open_gateway: Opener, loopback: Loopback) -> None:

    gateway, leg = await opened(open_gateway, loopback, "binanceusdm")
    arrived, release = asyncio.Event(), asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        span = (await request.post())["countdownTime"]
        arrived.set()
        if span != "0":
            await release.wait()
        return web.json_response({"symbol": "BTCUSDT", "countdownTime": span})

    loopback.bad[BINANCE] = slow
    first = asyncio.create_task(gateway.dead_man(wish(leg, 60.0)))
    await arrived.wait()
    second = asyncio.create_task(gateway.dead_man(wish(leg, 0.0)))
    await asyncio.sleep(0.05)
    assert len(loopback.seen) == 1
    release.set()
    for task in (first, second):
        assert isinstance((await task).observations[0], DeadManAnswered)
    assert [fields(seen)["countdownTime"] for seen in loopback.seen] == ["60000", "0"]
