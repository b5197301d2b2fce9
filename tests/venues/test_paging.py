"""Lists of resting orders that come in pages are read whole, or not believed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from riskguard.core.messages import OpenOrdersRead, ReadFailed, ReadKind
from riskguard.venues.quirks import NotOffered
from riskguard.venues.quirks.paging import all_pages
from tests.venues.conftest import Opener, read
from tests.venues.loopback import Loopback
from tests.venues.markets import opened

MANY = 230
STAMP = 1_700_000_000_000


@dataclass(frozen=True)
class Paged:
    """How one venue spells an order, and which of them a request asks for."""

    path: str
    row: Callable[[int], dict[str, Any]]
    body: Callable[[Sequence[Any], Mapping[str, str]], Any]
    chosen: Callable[[Mapping[str, str]], range]
    """Numbers of the orders to show; the newest has the highest."""
    changes: Mapping[str, Any]


def bitget(number: int) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "size": "1",
        "orderId": str(number),
        "clientOid": "",
        "baseVolume": "0",
        "price": "60000",
        "priceAvg": "",
        "status": "live",
        "side": "buy",
        "force": "gtc",
        "orderType": "limit",
        "posMode": "one_way_mode",
        "marginCoin": "USDT",
        "cTime": str(STAMP),
        "uTime": str(STAMP),
    }


def gate(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "contract": "BTC_USDT",
        "text": "web",
        "size": 10,
        "left": 10,
        "price": "60000",
        "fill_price": "0",
        "status": "open",
        "tif": "gtc",
        "create_time": STAMP / 1000,
    }


def kucoin(number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "symbol": "BTCUSDT",
        "type": "limit",
        "side": "buy",
        "price": "60000",
        "size": 10,
        "dealSize": 0,
        "filledSize": 0,
        "isActive": True,
        "cancelExist": False,
        "createdAt": STAMP,
    }


def coinbase(number: int) -> dict[str, Any]:
    return {
        "order_id": str(number),
        "product_id": "BTCUSDT",
        "client_order_id": "",
        "side": "BUY",
        "status": "OPEN",
        "filled_size": "0",
        "created_time": "2023-11-14T22:13:20Z",
        "order_configuration": {"limit_limit_gtc": {"base_size": "1", "limit_price": "60000"}},
    }


def below(start: int, size: int) -> range:
    """Give the numbers under a start, newest first."""
    return range(start - 1, max(0, start - 1 - size), -1)


VENUES = {
    "bitget": Paged(
        "/api/v2/mix/order/orders-pending",
        bitget,
        lambda rows, _: {"code": "00000", "msg": "", "data": {"entrustedList": rows, "endId": "1"}},
        lambda query: below(int(query.get("idLessThan", MANY + 1)), 100),
        {},
    ),
    "gate": Paged(
        "/api/v4/futures/usdt/orders",
        gate,
        lambda rows, _: list(rows),
        lambda query: below(MANY + 1 - int(query.get("offset", 0)), 100),
        {"id": "BTC_USDT", "settleId": "usdt"},
    ),
    "kucoinfutures": Paged(
        "/api/v1/orders",
        kucoin,
        lambda rows, _: {"code": "200000", "data": {"items": rows}},
        lambda query: below(MANY + 1 - 50 * (int(query.get("currentPage", 1)) - 1), 50),
        {},
    ),
    "coinbase": Paged(
        "/api/v3/brokerage/orders/historical/batch",
        coinbase,
        lambda rows, _: {
            "orders": rows,
            "cursor": rows[-1]["order_id"] if int(rows[-1]["order_id"]) > 1 else "",
        },
        lambda query: below(int(query.get("cursor", MANY + 1)), 100),
        {},
    ),
}


@pytest.mark.parametrize("ccxt_id", VENUES)
async def test_all_pages_are_read(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    venue = VENUES[ccxt_id]
    gateway, leg = await opened(open_gateway, loopback, ccxt_id, **venue.changes)

    async def page(request: web.Request) -> web.StreamResponse:
        rows = [venue.row(number) for number in venue.chosen(request.query)]
        return web.json_response(venue.body(rows, request.query))

    loopback.bad["GET", venue.path] = page
    given = await gateway.read(read(ReadKind.OPEN_ORDERS, leg=leg))
    assert given.evidence == "ok", (given, [one.path for one in loopback.seen])
    (seen,) = given.observations
    assert isinstance(seen, OpenOrdersRead)
    assert {one.order_id for one in seen.orders} == {str(number) for number in range(1, MANY + 1)}
    assert loopback.count("GET", venue.path) > 2


async def test_a_list_without_end_is_not_believed(open_gateway: Opener, loopback: Loopback) -> None:
    venue = VENUES["bitget"]
    gateway, leg = await opened(open_gateway, loopback, "bitget")

    async def endless(request: web.Request) -> web.StreamResponse:
        start = int(request.query.get("idLessThan", 10**9))
        return web.json_response(venue.body([venue.row(n) for n in below(start, 100)], request.query))

    loopback.bad["GET", venue.path] = endless
    given = await gateway.read(read(ReadKind.OPEN_ORDERS, leg=leg))
    assert isinstance(given.observations[0], ReadFailed)


async def test_a_page_told_twice_is_not_taken_for_the_end() -> None:
    async def same(_more: Mapping[str, Any]) -> list[dict[str, int]]:
        return [{"id": 1}, {"id": 2}]

    with pytest.raises(NotOffered, match="repeats"):
        await all_pages(same, 2, lambda _, pages: {"page": pages + 1})
    # Longer than a page: such a venue gives all at once, and again when asked again.
    assert len(await all_pages(same, 1, lambda _, pages: {"page": pages + 1})) == 2
