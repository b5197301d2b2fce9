"""How each venue is told an order: immediate, named by our id, and with an end to its validity."""

import json

import pytest

from riskguard.core.messages import LookUpOrder, LookupRung
from riskguard.core.orders.intent import TimeInForce
from riskguard.core.policy import Rung
from riskguard.venues.outcomes import TESTED_VENUES
from riskguard.venues.quirks import quirks_of
from tests.venues.conftest import Opener, cancel, place
from tests.venues.loopback import Loopback, Seen, answer
from tests.venues.markets import opened

CLOID = "0x0000000000000000000001f4e16c2835"
CID = "19162767371501"
IMMEDIATE = {
    "binance": ["timeInForce=IOC", "newClientOrderId=rga0001h", "recvWindow=3000"],
    "binanceusdm": ["timeInForce=IOC", "newClientOrderId=rga0001h", "recvWindow=3000", "reduceOnly=true"],
    "bitfinex": ['"type":"EXCHANGE IOC"', f'"cid":{CID}'],
    "bitget": ['"force":"IOC"', '"clientOid":"rga0001h"', '"reduceOnly":"YES"'],
    "bybit": ['"timeInForce":"IOC"', '"orderLinkId":"rga0001h"', '"reduceOnly":true', "recv-window: 3000"],
    "coinbase": ["sor_limit_ioc", '"client_order_id":"rga0001h"'],
    "deribit": [
        "immediate_or_cancel",
        "label=rga0001h",
        "post_only=false",
        "reduce_only=true",
        "valid_until=",
    ],
    "gate": ['"tif":"ioc"', '"text":"t-rga0001h"', '"reduce_only":true', "x-gate-exptime:"],
    "hyperliquid": ['"tif":"Ioc"', f'"c":"{CLOID}"', '"r":true'],
    "kraken": ["timeinforce=IOC", "cl_ord_id=rga0001h", "deadline="],
    "krakenfutures": ["orderType=ioc", "cliOrdId=rga0001h", "reduceOnly=true", "processBefore="],
    "kucoin": ['"timeInForce":"IOC"', '"clientOid":"rga0001h"'],
    "kucoinfutures": ['"timeInForce":"IOC"', '"clientOid":"rga0001h"', '"reduceOnly":true', '"leverage":3'],
    "okx": ['"ordType":"ioc"', '"clOrdId":"rga0001h"', '"reduceOnly":true', "exptime:"],
}
POST_ONLY = {
    "binance": "LIMIT_MAKER",
    "binanceusdm": "timeInForce=GTX",
    "bitfinex": '"flags":4096',
    "bitget": "post_only",
    "bybit": "PostOnly",
    "coinbase": '"post_only":true',
    "deribit": "post_only=true",
    "gate": '"tif":"poc"',
    "hyperliquid": '"tif":"Alo"',
    "kraken": "oflags=post",
    "krakenfutures": "orderType=post",
    "kucoin": '"postOnly":true',
    "kucoinfutures": '"postOnly":true',
    "okx": "post_only",
}
NO_BUILDER = ("builder", "setReferrer")


def test_every_tested_venue_is_here() -> None:
    assert set(TESTED_VENUES) - {"binancecoinm"} == set(IMMEDIATE)


def spelled(seen: Seen) -> str:
    """Give everything that a request said, in one text."""
    query = "&".join(f"{key}={value}" for key, value in seen.query.items())
    headers = "\n".join(f"{key.lower()}: {value}" for key, value in seen.headers.items())
    return f"{query}\n{seen.body}\n{headers}"


@pytest.mark.parametrize("ccxt_id", sorted(IMMEDIATE))
async def test_an_immediate_order(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = answer(200, "{}")
    await gateway.place(place(leg=leg, reduce_only=True))
    (request,) = loopback.seen
    text = spelled(request)
    for part in IMMEDIATE[ccxt_id]:
        assert part in text
    if ccxt_id == "hyperliquid":
        assert not any(word in text for word in NO_BUILDER)


@pytest.mark.parametrize("ccxt_id", sorted(POST_ONLY))
async def test_a_resting_order(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = answer(200, "{}")
    await gateway.place(place(leg=leg, tif=TimeInForce.POST_ONLY))
    (request,) = loopback.seen
    assert POST_ONLY[ccxt_id] in spelled(request)


@pytest.mark.parametrize("ccxt_id", sorted(set(IMMEDIATE) - {"coinbase"}))
async def test_a_cancel_by_our_id(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = answer(200, "{}")
    await gateway.cancel(cancel(leg=leg))
    (request,) = loopback.seen
    named = {"hyperliquid": CLOID, "bitfinex": CID}.get(ccxt_id, "rga0001h")
    text = spelled(request) + request.path
    assert named in text
    assert "None" not in text
    assert "null" not in text


@pytest.mark.parametrize("ccxt_id", sorted(IMMEDIATE))
async def test_a_lookup_by_our_id_asks_for_no_none(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = answer(200, "{}")
    given = await gateway.look_up(LookUpOrder(1, leg, "rga0001h", "", LookupRung.CLIENT_ID, 1, 5.0))
    assert given.evidence != "ok"  # an answer without the venue's envelope finds nothing and misses nothing
    assert loopback.seen
    for request in loopback.seen:
        assert "None" not in spelled(request) + request.path


@pytest.mark.parametrize("ccxt_id", sorted(IMMEDIATE))
def test_our_id_comes_back_from_the_wire(ccxt_id: str) -> None:
    quirks = quirks_of(ccxt_id, ("BTC/USDT:USDT",))
    core = "rgalzx8q2tk0000001h"[:18]
    assert quirks.core_id(quirks.wire_id(core)) == core
    assert quirks.core_id("somebody-elses") == "somebody-elses"
    assert Rung.CANCEL_UNKNOWN in quirks.rungs


async def test_kucoin_futures_without_a_known_leverage_sends_nothing(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway, leg = await opened(open_gateway, loopback, "kucoinfutures")
    gateway.clients.act.options["leverage"] = None
    given = await gateway.place(place(leg=leg))
    assert "leverage" in given.cause
    assert not loopback.seen


async def test_bitget_json_is_whole(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "bitget")
    loopback.everything = answer(200, "{}")
    await gateway.place(place(leg=leg))
    assert json.loads(loopback.seen[0].body)["size"] == "0.01"
