"""A message that a handler cannot read ends a socket with an error, never in silence."""

import asyncio
import gc
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import WSMessage, WSMsgType

from riskguard.core.messages import BookSeen, Observation, StreamLost
from riskguard.core.types import Path
from riskguard.venues.book_watch import BookWatch
from tests.venues.conftest import LEG, Opener
from tests.venues.loopback import Loopback
from tests.venues.markets import opened


@pytest.mark.parametrize("text", ['{"topic": "orderbook', '{"topic": "orderbook.50.BTCUSDT", "data": 7}'])
async def test_a_message_that_cannot_be_read_is_an_error(open_gateway: Opener, text: str) -> None:
    gateway = await open_gateway("bybit")
    socket = gateway.clients.probe.client("ws://127.0.0.1:1/v5/public/linear")
    waiting = socket.future("orderbook:BTC/USDT:USDT")
    socket.handle_message(WSMessage(WSMsgType.TEXT, text, None))
    async with asyncio.timeout(5):
        with pytest.raises(Exception, match="handler failed"):
            await waiting


def book(bid: str, ask: str) -> BookSeen:
    return BookSeen(LEG, ((Decimal(bid), Decimal(1)),), ((Decimal(ask), Decimal(1)),))


def test_a_crossed_book_is_wrong() -> None:
    watch = BookWatch()
    watch.saw(book("100", "101"), 1.0)
    assert not watch.wrong
    watch.saw(book("102", "101"), 2.0)
    assert watch.wrong


def test_a_book_apart_from_rest_is_wrong_at_the_second_look() -> None:
    watch = BookWatch()
    watch.saw(book("100", "101"), 1.0)
    watch.compare(book("105", "106"), 1.1)
    assert not watch.wrong
    watch.saw(book("100", "101"), 11.0)
    watch.compare(book("105", "106"), 11.1)
    assert watch.wrong


def test_a_market_that_moved_in_between_is_not() -> None:
    watch = BookWatch()
    watch.saw(book("100", "101"), 1.0)
    watch.compare(book("105", "106"), 1.1)
    watch.saw(book("105", "106"), 11.0)
    watch.compare(book("105", "106"), 11.1)
    watch.compare(book("100", "101"), 50.0)  # the stream is old by then; its age tells
    watch.compare(book("100", "101"), 60.0)
    assert not watch.wrong


def test_silence() -> None:
    watch = BookWatch()
    assert watch.silent(0.0)
    watch.begin(0.0)
    assert not watch.silent(watch.patience_s - 1)
    assert watch.silent(watch.patience_s)


@pytest.mark.parametrize("ccxt_id", ["binanceusdm", "bybit", "okx", "kraken"])
async def test_a_server_without_streams_is_lived_with(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    gateway, _ = await opened(open_gateway, loopback, ccxt_id)
    heard: list[Observation] = []

    async def listen() -> None:
        async for one in gateway.streams():
            heard.append(one)  # noqa: PERF401 - seen while it grows

    listening = asyncio.create_task(listen())
    async with asyncio.timeout(20):
        while {one.path for one in heard if isinstance(one, StreamLost)} != {Path.BOOK, Path.FILLS}:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await asyncio.sleep(1.0)  # some more attempts
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    gc.collect()
    await asyncio.sleep(0)
    assert not [context.get("message") for context in complaints]
    assert all(isinstance(one, StreamLost) for one in heard)
    assert len(heard) < 10
