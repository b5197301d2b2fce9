"""A venue's words about itself are read from its own fields, and asking for them costs and proves nothing."""

from typing import Any

import pytest

from riskguard.core.messages import ReadFailed, ReadKind, VenueSpoke
from tests.venues.answers import BINANCE
from tests.venues.conftest import Opener, read
from tests.venues.loopback import Handler, Loopback, answer, hang, reset
from tests.venues.markets import opened

OKX = ("GET", "/api/v5/system/status")
OKX_MARKETS = ("GET", "/api/v5/public/instruments")
BYBIT = ("GET", "/v5/system/status")
BYBIT_MARKETS = ("GET", "/v5/market/instruments-info")
KRAKEN = ("GET", "/0/public/SystemStatus")
KRAKEN_PAIRS = ("GET", "/0/public/AssetPairs")
BINANCE_PATH = ("GET", "/sapi/v1/system/status")


def okx(*events: dict[str, Any]) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(events)}


def bybit(*events: dict[str, Any]) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "", "result": {"list": list(events)}}


def kraken(result: Any) -> dict[str, Any]:
    return {"error": [], "result": result}


def kucoin(data: Any) -> dict[str, Any]:
    return {"code": "200000", "data": data}


ONGOING = {"state": "ongoing", "serviceType": "5", "env": "1"}
SCHEDULED = ONGOING | {"state": "scheduled"}
TRADING = {
    "state": "ongoing",
    "serviceTypes": [1, 2],
    "product": [1],
    "uidSuffix": [],
    "env": 1,
}
KUCOIN_FUTURES = ("GET", "/api/v1/status")
DERIBIT = ("GET", "/api/v2/public/status")
BITFINEX = ("GET", "/v2/platform/status")
HYPERLIQUID = ("POST", "/info")

SAYS = {
    "binance open": ("binanceusdm", BINANCE_PATH, {"status": 0, "msg": "normal"}, "open"),
    "binance closed": ("binanceusdm", BINANCE_PATH, {"status": 1, "msg": "m"}, "maintenance"),
    "okx nothing announced": ("okx", OKX, okx(), "open"),
    "okx ongoing before scheduled": ("okx", OKX, okx(ONGOING, SCHEDULED), "maintenance"),
    "okx another product": ("okx", OKX, okx(ONGOING | {"serviceType": "4"}), "open"),
    "okx demo": ("okx", OKX, okx(ONGOING | {"env": "2"}), "open"),
    "bybit ours": ("bybit", BYBIT, bybit(TRADING), "maintenance"),
    "bybit spot only": ("bybit", BYBIT, bybit(TRADING | {"product": [2]}), "open"),
    "bybit some accounts": ("bybit", BYBIT, bybit(TRADING | {"uidSuffix": [7]}), "open"),
    "bybit market data only": ("bybit", BYBIT, bybit(TRADING | {"serviceTypes": [5]}), "open"),
    "kraken online": ("kraken", KRAKEN, kraken({"status": "online"}), "open"),
    "kraken cancel only": ("kraken", KRAKEN, kraken({"status": "cancel_only"}), "cancel-only"),
    "kraken post only": ("kraken", KRAKEN, kraken({"status": "post_only"}), "post-only"),
    "kraken closed": ("kraken", KRAKEN, kraken({"status": "maintenance"}), "maintenance"),
    "deribit boolean": ("deribit", DERIBIT, {"jsonrpc": "2.0", "result": {"locked": False}}, "open"),
    "deribit locked": ("deribit", DERIBIT, {"jsonrpc": "2.0", "result": {"locked": "true"}}, "maintenance"),
    "kucoin cancel only": ("kucoin", KUCOIN_FUTURES, kucoin({"status": "cancelonly"}), "cancel-only"),
    "kucoin closed": ("kucoinfutures", KUCOIN_FUTURES, kucoin({"status": "close"}), "maintenance"),
    "bitfinex closed": ("bitfinex", BITFINEX, [0], "maintenance"),
    "bitfinex open": ("bitfinex", BITFINEX, [1], "open"),
    "hyperliquid open": ("hyperliquid", HYPERLIQUID, {"specialStatuses": None, "time": 1}, "open"),
    "hyperliquid list": ("hyperliquid", HYPERLIQUID, {"specialStatuses": ["post-only"]}, "maintenance"),
}


async def words(open_gateway: Opener, loopback: Loopback, venue: str, **good: Any) -> dict[str, str]:
    """Ask a venue about itself; gives its words by market."""
    gateway, _ = await opened(open_gateway, loopback, venue)
    for path, body in good["good"].items():
        loopback.good[path] = body
    given = await gateway.read(read(ReadKind.STATUS))
    assert given.evidence == "rate_limited"
    assert all(isinstance(one, VenueSpoke) for one in given.observations), given
    return {one.symbol: one.what for one in given.observations if isinstance(one, VenueSpoke)}


@pytest.mark.parametrize("case", SAYS)
async def test_the_venue_as_a_whole(open_gateway: Opener, loopback: Loopback, case: str) -> None:
    venue, path, body, word = SAYS[case]
    assert (await words(open_gateway, loopback, venue, good={path: body}))[""] == word


MARKETS = {
    "okx": ({OKX: okx(), OKX_MARKETS: okx({"instId": "BTCUSDT", "state": "suspend"})}, "halted"),
    "bybit": ({BYBIT: bybit(), BYBIT_MARKETS: bybit({"symbol": "BTCUSDT", "status": "Trading"})}, "open"),
    "kraken": (
        {
            KRAKEN: kraken({"status": "online"}),
            KRAKEN_PAIRS: kraken({"BTCUSDT": {"status": "reduce_only"}}),
        },
        "reduce-only",
    ),
    "krakenfutures": (
        {
            ("GET", "/derivatives/api/v3/instruments/status"): {
                "result": "success",
                "instrumentStatus": [{"tradeable": "BTCUSDT", "isSuspended": True}],
            }
        },
        "halted",
    ),
    "coinbase": (
        {
            ("GET", "/api/v3/brokerage/market/products/BTCUSDT"): {
                "product_id": "BTCUSDT",
                "trading_disabled": False,
                "cancel_only": True,
            }
        },
        "cancel-only",
    ),
    "deribit": (
        {DERIBIT: {"jsonrpc": "2.0", "result": {"locked": "partial", "locked_indices": ["btc_usdc"]}}},
        "halted",
    ),
}


@pytest.mark.parametrize("venue", MARKETS)
async def test_one_market(open_gateway: Opener, loopback: Loopback, venue: str) -> None:
    good, word = MARKETS[venue]
    found = await words(open_gateway, loopback, venue, good=good)
    (symbol,) = set(found) - {""}
    assert found[symbol] == word
    assert found.get("", "open") == "open"


async def test_a_word_that_is_not_known_of_a_market_is_none(open_gateway: Opener, loopback: Loopback) -> None:
    good = {KRAKEN: kraken({"status": "online"}), KRAKEN_PAIRS: kraken({"BTCUSDT": {"status": "odd"}})}
    assert await words(open_gateway, loopback, "kraken", good=good) == {"": "open"}


BAD: dict[str, Handler] = {
    "404": answer(404, "nothing here"),
    "524": answer(524, "<html>"),
    "429": answer(429, "{}"),
    "418": answer(418, '{"code":-1003,"msg":"banned"}'),
    "html": answer(200, "<html></html>", "text/html"),
    "null": answer(200, "null"),
    "no list": answer(200, '{"code":"0","data":{}}'),
    "unknown word": answer(200, '{"status":"7","result":{"status":"odd"}}'),
    "reset": reset,
    "hang": hang,
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("venue", ["binanceusdm", "okx", "bybit", "kraken", "hyperliquid", "bitfinex"])
async def test_no_word_is_no_evidence(open_gateway: Opener, loopback: Loopback, venue: str, bad: str) -> None:
    gateway, _ = await opened(open_gateway, loopback, venue)
    loopback.everything = BAD[bad]
    given = await gateway.read(read(ReadKind.STATUS, 0.2 if bad == "hang" else 2.0))
    assert given.evidence == "rate_limited"
    (failed,) = given.observations
    assert isinstance(failed, ReadFailed)
    assert failed.what is ReadKind.STATUS
    assert given.cause


@pytest.mark.parametrize("bad", ["429", "418"])
async def test_a_refused_question_stops_no_other(open_gateway: Opener, loopback: Loopback, bad: str) -> None:
    gateway = await open_gateway("binanceusdm")
    loopback.bad[BINANCE_PATH] = BAD[bad]
    await gateway.read(read(ReadKind.STATUS))
    assert (await gateway.read(read(ReadKind.BALANCE))).evidence == "ok"


async def test_a_venue_without_a_status_is_not_asked(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, _ = await opened(open_gateway, loopback, "gate")
    before = len(loopback.seen)
    given = await gateway.read(read(ReadKind.STATUS))
    assert (given.evidence, len(loopback.seen)) == ("rate_limited", before)


@pytest.mark.parametrize("venue", ["coinbase", "krakenfutures"])
async def test_nothing_said_is_a_failed_read(open_gateway: Opener, loopback: Loopback, venue: str) -> None:
    gateway, _ = await opened(open_gateway, loopback, venue)
    given = await gateway.read(read(ReadKind.STATUS))
    assert [type(one) for one in given.observations] == [ReadFailed]


async def test_no_other_server_than_the_config_names_is_asked(
    open_gateway: Opener, loopback: Loopback
) -> None:
    """Binance's status lies on another host than its futures: who names only those must not reach it."""
    elsewhere = "http://127.0.0.1:1/sapi/v1"
    gateway = await open_gateway("binanceusdm")
    loopback.good |= BINANCE | {BINANCE_PATH: {"status": 1}}
    for client in (gateway.clients.act, gateway.clients.probe):
        assert client.riskguard_hosts == {f"127.0.0.1:{loopback.port}"}
        client.urls["api"]["sapi"] = elsewhere
    given = await gateway.read(read(ReadKind.STATUS))
    assert "another server" in given.cause
    assert (await gateway.read(read(ReadKind.BALANCE))).evidence == "ok"
