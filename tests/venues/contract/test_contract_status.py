"""What ccxt makes of a venue's words about itself and of its dead-man's switch: why neither is used.

`riskguard/venues/status.py` and `riskguard/venues/dead_man.py` read and write the venues' own fields.
"""

from typing import Any

import pytest

from tests.venues.contract.conftest import Plain, requests_of, spelled
from tests.venues.loopback import Loopback, answer, as_json

PAGE = "<html>A timeout occurred</html>"
ONGOING = {"state": "ongoing", "serviceType": "5", "env": "1"}
OTHERS = {"state": "ongoing", "product": [2], "serviceTypes": [1], "uidSuffix": [7], "env": 1}


def kraken(word: str) -> dict[str, Any]:
    return {"error": [], "result": {"status": word}}


def deribit(locked: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "result": {"locked": locked}}


MISREAD: dict[str, tuple[str, Any, str | None]] = {
    "_okx: the last event wins": (
        *("okx", {"code": "0", "data": [ONGOING, ONGOING | {"state": "scheduled"}], "msg": ""}),
        "ok",
    ),
    "_bybit: another product and other accounts": (
        *("bybit", {"retCode": 0, "result": {"list": [OTHERS]}}),
        "maintenance",
    ),
    "_kraken: cancel-only": ("kraken", kraken("cancel_only"), "maintenance"),
    "_kraken: post-only": ("kraken", kraken("post_only"), "maintenance"),
    "_deribit: a boolean": ("deribit", deribit(locked=False), "maintenance"),
    "_deribit: one index": ("deribit", deribit("partial"), "maintenance"),
    "_kucoin: cancel-only": ("kucoin", {"code": "200000", "data": {"status": "cancelonly"}}, "maintenance"),
    "_hyperliquid: a list": ("hyperliquid", {"specialStatuses": ["post-only"], "time": 1}, "ok"),
}
A_PAGE_SAYS = {
    "binance": None,
    "bitfinex": "<",
    "bybit": "ok",
    "deribit": "maintenance",
    "hyperliquid": "ok",
    "kraken": "maintenance",
    "kucoin": "maintenance",
    "okx": "ok",
}


@pytest.mark.parametrize("where", MISREAD)
async def test_a_status_is_misread(plain: Plain, loopback: Loopback, where: str) -> None:
    ccxt_id, body, word = MISREAD[where]
    loopback.everything = answer(200, as_json(body))
    assert (await (await plain(ccxt_id)).fetch_status())["status"] == word


@pytest.mark.parametrize("ccxt_id", sorted(A_PAGE_SAYS))
async def test_a_page_of_a_proxy_is_a_status(plain: Plain, loopback: Loopback, ccxt_id: str) -> None:
    loopback.everything = answer(524, PAGE, "text/html")
    assert (await (await plain(ccxt_id)).fetch_status())["status"] == A_PAGE_SAYS[ccxt_id]


SWITCHES: dict[str, tuple[str, int, str]] = {
    "_okx: 999 ms take it off": ("okx", 999, '/cancel-all-after  {"timeOut":0}'),
    "_okx: 5.5 s are out of its range": ("okx", 5500, '"timeOut":5'),
    "_kraken: 999 ms take it off": ("kraken", 999, "timeout=0"),
    "_kraken_futures: 999 ms take it off": ("krakenfutures", 999, "timeout=0"),
    "_hyperliquid: zero is a moment": ("hyperliquid", 0, '"type":"scheduleCancel","time":'),
    "_WHY_NOT: fires when a stream breaks": ("bybit", 60_000, "/v5/order/disconnected-cancel-all"),
}


@pytest.mark.parametrize("where", SWITCHES)
async def test_the_unified_switch_is_not_safe(plain: Plain, loopback: Loopback, where: str) -> None:
    ccxt_id, after_ms, part = SWITCHES[where]
    loopback.everything = answer(200, "{}")
    client = await plain(ccxt_id)
    requests = await requests_of(loopback, client, lambda one, _symbol: one.cancel_all_orders_after(after_ms))
    assert part in spelled(requests[-1])
