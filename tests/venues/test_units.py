"""Sizes of every kind come in as signed base units and go out in the venue's own."""

import json
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import web

from riskguard.core.messages import (
    BalanceRead,
    FillSeen,
    OpenOrdersRead,
    OrderAnswered,
    PositionsRead,
    ReadKind,
)
from riskguard.core.orders.outcome import NotSent
from riskguard.core.types import Leg
from riskguard.venues.gateway import CcxtGateway
from tests.venues.conftest import Opener, place, read
from tests.venues.loopback import Loopback, answer
from tests.venues.markets import opened

STAMP = "1700000000000"
OKX = {"id": "BTC-USDT-SWAP", "contractSize": 0.01, "precision": {"amount": 1, "price": 0.1}}
GATE = {
    "id": "BTC_USDT",
    "contractSize": 0.0001,
    "settleId": "usdt",
    "precision": {"amount": 1, "price": 0.1},
}
INVERSE = {
    "id": "BTC-PERPETUAL",
    "symbol": "BTC/USD:BTC",
    "quote": "USD",
    "settle": "BTC",
    "settleId": "BTC",
    "linear": False,
    "inverse": True,
    "contractSize": 10.0,
    "precision": {"amount": 10, "price": 0.5},
}


def okx(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(rows)}


def deribit(result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "result": result}


async def seen(gateway: CcxtGateway, what: ReadKind, leg: Leg) -> Any:
    given = await gateway.read(read(what, leg=leg))
    assert given.evidence == "ok", given
    return given.observations[0]


async def test_contracts_of_a_hundredth(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "okx", **OKX)
    loopback.good["GET", "/api/v5/account/positions"] = okx(
        {
            "instType": "SWAP",
            "instId": "BTC-USDT-SWAP",
            "mgnMode": "cross",
            "posSide": "net",
            "pos": "-25",
            "avgPx": "61000",
            "markPx": "60000",
            "liqPx": "90000",
            "lever": "10",
            "uTime": STAMP,
            "cTime": STAMP,
        }
    )
    positions = await seen(gateway, ReadKind.POSITIONS, leg)
    assert isinstance(positions, PositionsRead)
    assert [one.amount for one in positions.positions] == [Decimal("-0.25")]
    loopback.good["GET", "/api/v5/trade/fills-history"] = okx(
        {
            "instType": "SWAP",
            "instId": "BTC-USDT-SWAP",
            "tradeId": "5",
            "ordId": "77",
            "clOrdId": "rga0001h",
            "fillPx": "60000",
            "fillSz": "10",
            "side": "buy",
            "execType": "T",
            "feeCcy": "USDT",
            "fee": "-3.3",
            "ts": STAMP,
        }
    )
    fill = await seen(gateway, ReadKind.TRADES, leg)
    assert isinstance(fill, FillSeen)
    assert (fill.report.amount, fill.report.fee, fill.report.client_id) == (
        Decimal("0.1"),
        Decimal("3.3"),
        "rga0001h",
    )
    loopback.everything = answer(200, "{}")
    await gateway.place(place(leg=leg, amount=Decimal("0.37")))
    assert json.loads(loopback.seen[-1].body)[0]["sz"] == "37"


async def test_equity_of_an_account_without_a_total_of_free(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "okx", **OKX)
    loopback.good["GET", "/api/v5/account/balance"] = okx(
        {
            "totalEq": "10250",
            "availEq": "",
            "details": [{"ccy": "USDT", "eq": "10250", "availEq": "8750", "availBal": "8750"}],
        }
    )
    balance = await seen(gateway, ReadKind.BALANCE, leg)
    assert isinstance(balance, BalanceRead)
    assert (balance.equity, balance.free) == (Decimal(10250), Decimal(8750))


async def test_signed_contracts_of_a_ten_thousandth(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "gate", **GATE)
    loopback.good["GET", "/api/v4/futures/usdt/positions"] = [
        {
            "contract": "BTC_USDT",
            "size": -2500,
            "leverage": "0",
            "entry_price": "61000",
            "mark_price": "60000",
            "liq_price": "90000",
            "value": "15000",
            "margin": "0",
            "mode": "single",
        }
    ]
    positions = await seen(gateway, ReadKind.POSITIONS, leg)
    assert isinstance(positions, PositionsRead)
    assert [one.amount for one in positions.positions] == [Decimal("-0.25")]
    loopback.good["GET", "/api/v4/futures/usdt/orders"] = [
        {
            "id": 77,
            "contract": "BTC_USDT",
            "text": "t-rga0001h",
            "size": -5000,
            "left": -4000,
            "price": "68000",
            "fill_price": "68000",
            "status": "open",
            "tif": "gtc",
            "create_time": 1700000000.1,
        }
    ]
    orders = await seen(gateway, ReadKind.OPEN_ORDERS, leg)
    assert isinstance(orders, OpenOrdersRead)
    (order,) = orders.orders
    assert (order.client_id, order.amount, order.filled) == ("rga0001h", Decimal("0.5"), Decimal("0.1"))
    assert order.side == "sell"


@pytest.mark.parametrize(
    ("changes", "size", "direction", "amount"),
    [
        ({"id": "BTC_USDC-PERPETUAL", "contractSize": 0.0001}, -0.25, "sell", Decimal("-0.25")),
        (INVERSE, -30000, "sell", Decimal("-0.500000001") + Decimal("0.2")),
        (INVERSE, 30000, "buy", Decimal("0.500000001") + Decimal("0.2")),
        (INVERSE, 0, "zero", Decimal("0.2")),
    ],
)
async def test_deribit_positions(
    open_gateway: Opener,
    loopback: Loopback,
    changes: dict[str, Any],
    size: float,
    direction: str,
    amount: Decimal,
) -> None:
    gateway, leg = await opened(open_gateway, loopback, "deribit", **changes)
    row = {
        "instrument_name": changes["id"],
        "kind": "future",
        "size": size,
        "direction": direction,
        "average_price": 61000,
        "floating_profit_loss": 0.0,
        "mark_price": 60000,
        "index_price": 60000,
    }
    loopback.good["GET", "/api/v2/private/get_positions"] = deribit([row])
    coins = {"currency": "BTC", "balance": 0.2, "equity": 0.21, "available_funds": 0.1}
    loopback.good["GET", "/api/v2/private/get_account_summaries"] = deribit({"summaries": [coins]})
    positions = await seen(gateway, ReadKind.POSITIONS, leg)
    assert isinstance(positions, PositionsRead)
    assert [one.amount for one in positions.positions] == [amount]


async def test_an_inverse_contract_without_a_price_is_not_ordered(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway, leg = await opened(open_gateway, loopback, "deribit", **INVERSE)
    (answered,) = (await gateway.place(place(leg=leg))).observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, NotSent)
    assert not loopback.seen


async def test_spot_is_free_and_locked_together(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "kraken")
    loopback.good["POST", "/0/private/BalanceEx"] = {
        "error": [],
        "result": {
            "ZUSD": {"balance": "25435.21", "hold_trade": "1000.0"},
            "XXBT": {"balance": "1.2435", "hold_trade": "0.8423"},
        },
    }
    positions = await seen(gateway, ReadKind.POSITIONS, leg)
    assert isinstance(positions, PositionsRead)
    assert [(one.leg, one.amount) for one in positions.positions] == [(leg, Decimal("1.2435"))]


async def test_an_account_of_nothing_is_not_believed(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "kraken")
    loopback.good["POST", "/0/private/BalanceEx"] = {"error": [], "result": {}}
    given = await gateway.read(read(ReadKind.POSITIONS, leg=leg))
    assert given.evidence == "rate_limited"
    assert "holding" in given.cause


async def test_what_is_held_in_an_unknown_market_is_seen(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "okx", **OKX)
    row = {
        "instType": "FUTURES",
        "instId": "ETH-USDT-271231",
        "posSide": "net",
        "pos": "-3",
        "avgPx": "3000",
        "markPx": "3000",
        "uTime": STAMP,
        "cTime": STAMP,
    }
    loopback.good["GET", "/api/v5/account/positions"] = okx(row)
    positions = await seen(gateway, ReadKind.POSITIONS, leg)
    assert isinstance(positions, PositionsRead)
    (position,) = positions.positions
    assert position.amount < 0
    assert "ETH" in position.leg.symbol


async def test_all_pages_of_resting_orders_are_read_here_too(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway, leg = await opened(open_gateway, loopback, "okx", **OKX)

    async def paged(request: web.Request) -> web.StreamResponse:
        newest = int(request.query.get("after", "251"))
        numbers = range(newest - 1, max(newest - 101, 0), -1)
        return web.json_response(okx(*[resting(number) for number in numbers]))

    loopback.bad["GET", "/api/v5/trade/orders-pending"] = paged
    orders = await seen(gateway, ReadKind.OPEN_ORDERS, leg)
    assert isinstance(orders, OpenOrdersRead)
    assert len({one.order_id for one in orders.orders}) == 250


def resting(number: int) -> dict[str, str]:
    return {
        "instType": "SWAP",
        "instId": "BTC-USDT-SWAP",
        "ordId": str(number),
        "clOrdId": "",
        "px": "60000",
        "sz": "1",
        "ordType": "limit",
        "side": "buy",
        "accFillSz": "0",
        "avgPx": "",
        "state": "live",
        "cTime": STAMP,
        "uTime": STAMP,
    }
