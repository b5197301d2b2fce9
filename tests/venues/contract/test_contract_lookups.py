"""How plain ccxt cancels and looks up by our own id: three of four venues need a way around it.

Each pin names the place that relies on it, in `riskguard/venues/quirks`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.venues.contract.conftest import Call, Plain, made_of, requests_of, spelled
from tests.venues.loopback import Loopback, answer

PAGE = "<html>A timeout occurred</html>"


def cancel(identity: str | None = None, **params: Any) -> Call:
    return lambda client, symbol: client.cancel_order(identity, symbol, params)


def find(identity: str | None = None, **params: Any) -> Call:
    return lambda client, symbol: client.fetch_order(identity, symbol, params)


ASKS: dict[str, tuple[str, Call, str]] = {
    "Binance.cancel": ("binance", cancel(origClientOrderId="rga"), "origClientOrderId=rga"),
    "BinanceUsdm.cancel": ("binanceusdm", cancel(origClientOrderId="rga"), "origClientOrderId=rga"),
    "Binance.find": ("binanceusdm", find(origClientOrderId="rga"), "origClientOrderId=rga"),
    "Quirks.cancel, OKX": ("okx", cancel(clientOrderId="rga"), '"clOrdId":"rga"'),
    "Quirks.find, OKX": ("okx", find(clientOrderId="rga"), "clOrdId=rga"),
    "Quirks.cancel, Kraken": ("kraken", cancel(clientOrderId="rga"), "cl_ord_id=rga"),
    "Quirks.find, KuCoin": ("kucoin", find(clientOrderId="rga"), "/client-order/rga"),
    "Quirks.find, Bitget": ("bitget", find(clientOrderId="rga"), "clientOid=rga"),
    "Quirks.find, Hyperliquid": ("hyperliquid", find(clientOrderId="0x01"), '"oid":"0x01"'),
    "Bybit.cancel": ("bybit", cancel(orderLinkId="rga"), '"orderLinkId":"rga"'),
    "Gate.cancel": ("gate", cancel("t-rga"), "/orders/t-rga"),
    "Gate.find": ("gate", find("t-rga"), "/orders/t-rga"),
}
"""What works, and is used."""

TRAPS: dict[str, tuple[str, Call, str]] = {
    "Bybit.cancel: another name is passed on as it is": (
        *("bybit", cancel(clientOrderId="rga")),
        '"clientOrderId":"rga"',
    ),
    "Kraken.find: asks for an order named None": ("kraken", find(clientOrderId="rga"), "txid=None"),
    "KrakenFutures.cancel: names an order None too": (
        *("krakenfutures", cancel(cliOrdId="rga")),
        "order_id=None",
    ),
    "Coinbase.cancel: cancels null": ("coinbase", cancel(clientOrderId="rga"), '"order_ids":[null]'),
    "Deribit.cancel: names an order None too": ("deribit", cancel(label="rga"), "order_id=None"),
}
"""What does not, and why there is code of our own."""


@pytest.mark.parametrize("where", ASKS)
async def test_a_way_that_is_used(plain: Plain, loopback: Loopback, where: str) -> None:
    ccxt_id, call, part = ASKS[where]
    loopback.everything = answer(200, "{}")
    assert part in spelled((await requests_of(loopback, await plain(ccxt_id), call))[-1])


@pytest.mark.parametrize("where", TRAPS)
async def test_a_way_that_is_a_trap(plain: Plain, loopback: Loopback, where: str) -> None:
    ccxt_id, call, part = TRAPS[where]
    loopback.everything = answer(200, "{}")
    assert part in spelled((await requests_of(loopback, await plain(ccxt_id), call))[-1])


async def test_bitfinex_cannot_look_up_by_our_id(plain: Plain, loopback: Loopback) -> None:
    client = await plain("bitfinex")
    assert await made_of(client, find(clientOrderId="1")) == "AttributeError"  # Bitfinex.find
    assert await made_of(client, cancel(cid=1)) == "InvalidOrder"  # Bitfinex.cancel gives cidDate
    assert loopback.seen == []


READS: dict[str, Callable[[Any, str], Awaitable[Any]]] = {
    "positions": lambda client, symbol: client.fetch_positions([symbol]),
    "open orders": lambda client, symbol: client.fetch_open_orders(symbol),
}
EMPTY = {
    "positions": {
        *("binance", "binanceusdm", "bitfinex", "bitget", "bybit", "coinbase", "gate", "hyperliquid"),
        *("kucoin", "kucoinfutures", "okx"),
    },
    "open orders": {
        *("bitfinex", "bitget", "bybit", "coinbase", "deribit", "hyperliquid", "kraken", "krakenfutures"),
        *("kucoin", "kucoinfutures", "okx"),
    },
}


@pytest.mark.parametrize("what", READS)
async def test_a_page_of_a_proxy_is_an_empty_list(plain: Plain, loopback: Loopback, what: str) -> None:
    """venues/strict.py: Strict.fetch; without it a guard would believe that it holds nothing."""
    loopback.everything = answer(524, PAGE, "text/html")
    for ccxt_id in sorted(EMPTY[what]):
        assert await made_of(await plain(ccxt_id), READS[what]) == "returned []", ccxt_id


async def test_conditional_orders_are_listed_apart(plain: Plain, loopback: Loopback) -> None:
    """BinanceUsdm.conditional_orders."""
    client = await plain("binanceusdm")
    loopback.everything = answer(200, "[]")

    def ask(**params: Any) -> Call:
        return lambda one, symbol: one.fetch_open_orders(symbol, None, None, params)

    assert (await requests_of(loopback, client, ask()))[-1].path == "/fapi/v1/openOrders"
    assert (await requests_of(loopback, client, ask(trigger=True)))[-1].path == "/fapi/v1/openAlgoOrders"
