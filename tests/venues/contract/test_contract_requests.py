"""Pins what plain ccxt does where this border exists because of it; an upgrade that moves one fails here.

Each is a reason for a line in `riskguard/venues`: where ccxt mends it, that line may go.
"""

import contextlib

import ccxt  # type: ignore[import-untyped]
import pytest

from tests.venues.contract.conftest import Plain
from tests.venues.loopback import Loopback, answer, reset

PAGE = "<html>A timeout occurred</html>"


def test_the_version_is_the_one_that_was_looked_at() -> None:
    assert ccxt.__version__ == "4.5.90"


async def test_a_timeout_page_becomes_an_order(plain: Plain, loopback: Loopback) -> None:
    client = await plain("bybit")
    loopback.everything = answer(524, PAGE, "text/html")
    order = await client.create_order("BTC/USDT:USDT", "limit", "buy", 0.01, 60000)
    assert order["id"] is None


async def test_a_timeout_page_becomes_no_positions(plain: Plain, loopback: Loopback) -> None:
    client = await plain("bybit")
    loopback.everything = answer(524, PAGE, "text/html")
    assert await client.fetch_positions() == []
    assert await client.fetch_open_orders("BTC/USDT:USDT") == []


async def test_a_test_order_becomes_a_real_one(plain: Plain, loopback: Loopback) -> None:
    client = await plain("binanceusdm")
    loopback.everything = answer(200, "{}")
    await client.create_order("BTC/USDT:USDT", "limit", "buy", 0.01, 60000, {"test": True})
    assert loopback.seen[-1].path == "/fapi/v1/order"


async def test_capitals_make_an_order_rest(plain: Plain, loopback: Loopback) -> None:
    client = await plain("krakenfutures")
    loopback.everything = answer(200, "{}")
    with contextlib.suppress(Exception):
        await client.create_order("BTC/USD:USD", "limit", "buy", 0.01, 60000, {"timeInForce": "IOC"})
    assert loopback.seen[-1].query["orderType"] == "lmt"


async def test_a_client_id_is_dropped(plain: Plain, loopback: Loopback) -> None:
    client = await plain("deribit")
    loopback.everything = answer(200, '{"result": {"order": {}}}')
    await client.create_order("BTC/USDC:USDC", "limit", "buy", 0.01, 60000, {"clientOrderId": "rga0001h"})
    assert "label" not in loopback.seen[-1].query


async def test_a_lookup_without_an_id_asks_for_none(plain: Plain, loopback: Loopback) -> None:
    client = await plain("bybit")
    loopback.everything = answer(200, '{"retCode": 0, "result": {"list": []}}')
    client.options |= {"enableUnifiedMargin": False, "enableUnifiedAccount": True}
    with pytest.raises(ccxt.OrderNotFound):
        await client.fetch_order(None, "BTC/USDT:USDT", {"clientOrderId": "x", "acknowledged": True})
    assert loopback.seen[-1].query["orderId"] == "None"


async def test_a_lost_cancel_becomes_order_not_found(plain: Plain, loopback: Loopback) -> None:
    client = await plain("kraken")
    loopback.everything = answer(200, '{"error": ["EOrder:Unknown order"]}')
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order("OAAAAA-BBBBB-CCCCCC", "BTC/USD")
    loopback.everything = reset
    with pytest.raises(ccxt.OrderNotFound):  # the answer before this one was read again
        await client.cancel_order("ODDDDD-EEEEE-FFFFFF", "BTC/USD")


async def test_one_order_becomes_two_requests(plain: Plain, loopback: Loopback) -> None:
    client = await plain("deribit")
    loopback.everything = answer(200, '{"result": {"order": {}}}')
    await client.create_order("BTC/USDC:USDC", "limit", "buy", 0.01, 60000)
    before = len(loopback.seen)
    loopback.everything = reset
    with pytest.raises(ccxt.ExchangeNotAvailable):
        await client.create_order("BTC/USDC:USDC", "limit", "buy", 0.01, 60000)
    assert len(loopback.seen) - before == 2
