"""The real ccxt.pro streams against both faces, and what stream faults do to them."""

import asyncio
from collections.abc import Callable
from typing import Any

import ccxt  # type: ignore[import-untyped]
import pytest

from riskguard.simulation.wire.client import WireClient
from riskguard.simulation.wire.testing import SYMBOL, until

pytestmark = pytest.mark.wire
both = pytest.mark.parametrize("name", ["main", "backup"])
Connect = Callable[..., Any]


async def soon(awaitable: Any) -> Any:
    async with asyncio.timeout(10):
        return await awaitable


async def best_ask(client: Any, at_least: float, at_most: float) -> Any:
    """Watch the book until its best ask is within bounds."""
    async with asyncio.timeout(10):
        while True:
            book = await client.watch_order_book(SYMBOL)
            if book["asks"] and at_least <= book["asks"][0][0] <= at_most:
                return book


async def order_states(client: Any, client_id: str, last: str) -> list[str]:
    """Watch orders until one of ours reaches a state; give the states seen on the way."""
    seen: list[str] = []
    async with asyncio.timeout(10):
        while True:
            orders = await client.watch_orders(SYMBOL)
            seen += [order["status"] for order in orders if order["clientOrderId"] == client_id]
            if seen and seen[-1] == last:
                return seen


@both
async def test_the_book_follows_the_market_exactly(wire: WireClient, connect: Connect, name: str) -> None:
    client = connect(name)
    await best_ask(client, 60000, 60010)
    for price in (60100, 59000, 61234):
        await wire.set_mid(SYMBOL, price, name)
        book = await best_ask(client, price, price + 10)
        assert price - 10 <= book["bids"][0][0] < price
    # Levels that were taken away do not linger.
    assert all(61000 < level[0] < 61234 for level in book["bids"])


@both
async def test_own_orders_trades_and_positions_are_told(
    wire: WireClient, connect: Connect, name: str
) -> None:
    client = connect(name)
    orders = asyncio.ensure_future(order_states(client, "rg1", "closed"))
    trades = asyncio.ensure_future(client.watch_my_trades(SYMBOL))
    await soon(client.watch_positions([SYMBOL])) if name == "backup" else None

    async def subscribed() -> bool:
        return bool((await wire.state(name))["streams"])

    await until(subscribed)
    await asyncio.sleep(0.3)  # the subscription itself; no answer tells the test that it is in force
    positions = asyncio.ensure_future(client.watch_positions([SYMBOL]))
    await client.create_order(SYMBOL, "limit", "buy", 0.5, 59000, {"clientOrderId": "rg1"})
    await asyncio.sleep(0.1)
    await wire.set_mid(SYMBOL, 58990, name)
    assert (await soon(orders))[-1] == "closed"
    (trade,) = await soon(trades)
    assert (trade["amount"], trade["price"], trade["side"], trade["takerOrMaker"]) == (
        0.5,
        59000,
        "buy",
        "maker",
    )
    seen = await soon(positions)
    while not seen or seen[-1]["contracts"] != 0.5:
        seen = await soon(client.watch_positions([SYMBOL]))
    assert seen[-1]["side"] == "long"


@both
async def test_a_ticker_stream_moves(wire: WireClient, connect: Connect, name: str) -> None:
    client = connect(name)
    await soon(client.watch_ticker(SYMBOL))
    await wire.set_mid(SYMBOL, 60500, name)
    async with asyncio.timeout(10):
        while (await client.watch_ticker(SYMBOL))["last"] != 60500:
            pass


@both
async def test_a_silent_public_stream_goes_on_afterwards_without_phantom_levels(
    wire: WireClient, connect: Connect, name: str
) -> None:
    client = connect(name)
    await best_ask(client, 60000, 60010)
    await wire.set_fault(name, "silent", "stream-public")
    await asyncio.sleep(0.3)
    watching = asyncio.ensure_future(client.watch_order_book(SYMBOL))
    await wire.set_mid(SYMBOL, 59000, name)
    done, _ = await asyncio.wait([watching], timeout=0.6)
    assert not done
    await wire.clear_faults(name)
    try:
        await soon(watching)
    except ccxt.ChecksumError:
        assert name == "main"  # Binance shows the gap in `pu`; ccxt then starts afresh
    book = await best_ask(client, 59000, 59010)
    assert book["bids"][0][0] < 59000


@both
async def test_a_dropped_stream_is_noticed_at_once_and_can_be_opened_again(
    wire: WireClient, connect: Connect, name: str
) -> None:
    client = connect(name)
    await best_ask(client, 60000, 60010)
    watching = asyncio.ensure_future(best_ask(client, 1, 2))
    await asyncio.sleep(0.1)
    await wire.set_fault(name, "reset", "stream-public")
    with pytest.raises(ccxt.NetworkError):
        await soon(watching)
    await wire.clear_faults(name)
    async with asyncio.timeout(10):
        while True:
            try:
                await best_ask(client, 60000, 60010)
                break
            except ccxt.NetworkError:
                await asyncio.sleep(0.05)


async def test_held_back_events_come_late_and_twice(wire: WireClient, connect: Connect) -> None:
    client = connect("backup")
    states = asyncio.ensure_future(order_states(client, "rg1", "canceled"))
    await asyncio.sleep(0.5)
    await wire.set_fault("backup", "silent", "stream-private", backlog="replay", duplicate=True)
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000, {"clientOrderId": "rg1"})
    await client.cancel_order(order["id"], SYMBOL)
    await asyncio.sleep(0.3)
    assert not states.done()
    await wire.clear_faults("backup")
    assert (await soon(states))[-1] == "canceled"


@both
async def test_a_private_stream_needs_the_right_key(connect: Connect, name: str) -> None:
    client = connect(name, apiKey="nobody", options={"fetchCurrencies": False})
    with pytest.raises(ccxt.AuthenticationError):
        await soon(client.watch_orders(SYMBOL))


async def test_silence_without_pongs_is_noticed_by_the_keepalive(wire: WireClient, connect: Connect) -> None:
    client = connect("backup", streaming={"keepAlive": 300})
    await best_ask(client, 60000, 60010)
    await wire.set_fault("backup", "silent", "stream-public", pongs=False)
    with pytest.raises(ccxt.RequestTimeout):
        await soon(best_ask(client, 1, 2))
