"""Binance lists conditional orders apart: they join the open orders, and never fail or delay them."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from riskguard.core.messages import CancelAnswered, OpenOrdersRead, OrderReport, OrderStatus, ReadKind
from riskguard.core.orders.outcome import Accepted
from riskguard.venues import conditional
from riskguard.venues.conditional import Conditionals
from riskguard.venues.gateway import CcxtGateway
from tests.venues.conftest import Opener, cancel, read
from tests.venues.loopback import Handler, Loopback, answer, hang, reset

ALGO = ("GET", "/fapi/v1/openAlgoOrders")
ALGO_CANCEL = ("DELETE", "/fapi/v1/algoOrder")
STOP: dict[str, Any] = {
    "algoId": 3358,
    "clientAlgoId": "trader",
    "algoType": "CONDITIONAL",
    "orderType": "STOP",
    "symbol": "BTCUSDT",
    "side": "SELL",
    "positionSide": "BOTH",
    "timeInForce": "GTC",
    "quantity": "0.002",
    "algoStatus": "NEW",
    "triggerPrice": "55000.00",
    "price": "54900.00",
    "closePosition": False,
    "reduceOnly": True,
    "createTime": 1700000000000,
    "updateTime": 1700000000000,
}


async def orders(gateway: CcxtGateway) -> dict[str, OrderReport]:
    """Read open orders, and again once what is listed apart has been asked for."""
    for _ in range(2):
        given = await gateway.read(read(ReadKind.OPEN_ORDERS))
        assert given.evidence == "ok", given
        task = gateway.conditionals._task
        if task is not None:
            await asyncio.wait([task])
    (seen,) = given.observations
    assert isinstance(seen, OpenOrdersRead)
    return {one.order_id: one for one in seen.orders}


async def test_a_stop_is_among_the_open_orders(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("binanceusdm")
    loopback.good[ALGO] = [STOP]
    found = await orders(gateway)
    assert set(found) == {"8002", "algo:3358"}
    stop = found["algo:3358"]
    assert (stop.conditional, stop.trigger, stop.price) == (True, Decimal(55_000), Decimal(54_900))
    assert (stop.amount, stop.reduce_only, stop.status) == (Decimal("0.002"), True, OrderStatus.OPEN)
    assert loopback.last(*ALGO).query["symbol"] == "BTCUSDT"
    assert loopback.count(*ALGO) == 1, "asked for seldom"
    assert not found["8002"].conditional


async def test_its_cancel_goes_where_it_lives(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("binanceusdm")
    loopback.good[ALGO_CANCEL] = {"algoId": 3358, "clientAlgoId": "trader", "code": "200", "msg": "success"}
    (answered,) = (await gateway.cancel(cancel(order_id="algo:3358"))).observations
    assert isinstance(answered, CancelAnswered)
    assert isinstance(answered.outcome, Accepted)
    assert loopback.last(*ALGO_CANCEL).query["algoId"] == "3358"
    assert loopback.count("DELETE", "/fapi/v1/order") == 0


BAD: dict[str, Handler] = {
    "404": answer(404, "no such path"),
    "429": answer(429, "{}"),
    "html": answer(200, "<html>", "text/html"),
    "no list": answer(200, "{}"),
    "half": answer(200, '[{"algoId": 1, "symbol": "BTCUSDT", "algoStatus": "NEW"}]'),
    "reset": reset,
    "hang": hang,
}


@pytest.mark.parametrize("bad", BAD)
async def test_the_other_orders_never_wait_for_it(open_gateway: Opener, loopback: Loopback, bad: str) -> None:
    gateway = await open_gateway("binanceusdm")
    loopback.bad[ALGO] = BAD[bad]
    for _ in range(3):
        given = await gateway.read(read(ReadKind.OPEN_ORDERS))
        assert given.evidence == "ok"
        (seen,) = given.observations
        assert isinstance(seen, OpenOrdersRead)
        assert [one.order_id for one in seen.orders] == ["8002"]
        await asyncio.sleep(0.02)


async def test_what_was_listed_stays_until_the_venue_lists_anew() -> None:
    """An error is no proof that a stop is gone; an answer without it is."""
    found: list[tuple[OrderReport, ...] | None] = []

    async def ask() -> tuple[OrderReport, ...] | None:
        return found.pop(0)

    known = Conditionals(ask)

    async def after(told: tuple[OrderReport, ...] | None) -> tuple[OrderReport, ...]:
        found.append(told)
        known._asked_s -= conditional.EVERY_S
        known.refresh()
        assert known._task is not None
        await known._task
        return known.reports

    stop: Any = object()
    assert await after(None) == ()
    assert await after((stop,)) == (stop,)
    assert await after(None) == (stop,)
    assert await after(()) == ()
