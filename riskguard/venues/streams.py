"""What a venue pushes: books, orders, fills and positions, each loop reconnecting for ever."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Final, Protocol

import ccxt  # type: ignore[import-untyped]

from riskguard.core.messages import (
    FillSeen,
    Observation,
    OrderSeen,
    PositionsRead,
    Source,
    StreamLost,
    StreamMoved,
)
from riskguard.core.types import Leg, Path
from riskguard.venues import reads
from riskguard.venues.clients import Clients
from riskguard.venues.instruments import Instrument
from riskguard.venues.quirks.base import NotOffered
from riskguard.venues.reports import Unreadable, fill_report, order_report
from riskguard.venues.scrub import Scrubber

_BOOK_EVERY_S: Final = 0.1
_FIRST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 2.0
_REPEAT_S: Final = 30.0
"""A stream that stays broken says so again only this often."""
_QUEUE: Final = 4096
_UNREADABLE: Final = (Unreadable, ArithmeticError, TypeError, KeyError, AttributeError, IndexError)


class Account(reads.Account, Protocol):
    """What the streams need to know of the gateway."""

    clients: Clients
    scrub: Scrubber

    async def instrument(self, symbol: str, deadline_s: float = ...) -> Instrument:
        """Give one market, loading all where none is known yet."""


class Streams:
    """All streams of one account, merged; their failures say nothing about order paths."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = account.clients.probe
        self._queue: asyncio.Queue[Observation] = asyncio.Queue(_QUEUE)

    async def run(self) -> AsyncIterator[Observation]:
        """Yield until cancelled."""
        self._account.clients.open()
        tasks = [asyncio.create_task(self._keep(path, once)) for path, once in self._loops()]
        try:
            while True:
                yield await self._queue.get()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _loops(self) -> Iterable[tuple[Path, Callable[[], Awaitable[None]]]]:
        has = self._client.has
        if has.get("watchOrderBook"):
            for leg in self._account.legs:
                yield Path.BOOK, _bound(self._book, leg)
        if not self._client.check_required_credentials(False):
            return
        if has.get("watchOrders"):
            yield Path.FILLS, self._orders
        if has.get("watchMyTrades"):
            yield Path.FILLS, self._fills
        if has.get("watchPositions") and self._account.quirks.has_contracts:
            yield Path.FILLS, self._positions

    async def _keep(self, path: Path, once: Callable[[], Awaitable[None]]) -> None:
        """Run one loop for ever; a venue without that stream ends it quietly."""
        pause_s, told_at, told = _FIRST_PAUSE_S, 0.0, ""
        while True:
            began = time.monotonic()
            try:
                await self._account.instrument(self._account.legs[0].symbol)
                await once()
            except (ccxt.NotSupported, NotOffered):
                return
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                cause = "stream closed"  # ccxt cancels its waiters when it drops a socket
            except Exception as error:  # noqa: BLE001 - a stream's failure is a fact, whatever it is
                cause = self._account.scrub(f"{type(error).__name__}: {error}")
            now = time.monotonic()
            if now - began > _LONGEST_PAUSE_S:
                pause_s = _FIRST_PAUSE_S
            if cause != told or now - told_at > _REPEAT_S:
                told, told_at = cause, now
                await self._queue.put(StreamLost(self._account.venue, path, cause))
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)
            # ccxt's own backoff reaches 30 s and would hide a venue that is back.
            self._client.ws_dial_backoff = {}

    async def _book(self, leg: Leg) -> None:
        instrument = await self._account.instrument(leg.symbol)
        while True:
            book = await self._client.watch_order_book(leg.symbol)
            # The cache is live: it is copied before anything else can run.
            await self._queue.put(reads.book_seen(book, instrument, stream=True))
            await self._queue.put(StreamMoved(self._account.venue, Path.BOOK))
            await asyncio.sleep(_BOOK_EVERY_S)

    async def _orders(self) -> None:
        while True:
            rows = await self._client.watch_orders()
            for row in rows:
                instrument = self._account.known(str(row.get("symbol")))
                if instrument is not None:
                    report = order_report(row, instrument, self._account.quirks)
                    await self._queue.put(OrderSeen(report, Source.STREAM))
            await self._moved(rows)

    async def _fills(self) -> None:
        while True:
            rows = await self._client.watch_my_trades()
            for row in rows:
                instrument = self._account.known(str(row.get("symbol")))
                if instrument is not None:
                    report = fill_report(row, instrument, self._account.quirks)
                    await self._queue.put(FillSeen(report, Source.STREAM))
            await self._moved(rows)

    async def _positions(self) -> None:
        while True:
            asked = time.monotonic()
            rows = await self._client.watch_positions()
            reports = tuple(reads.position_reports(self._account, list(rows)))
            seen = PositionsRead(self._account.venue, reports, Source.STREAM, asked, complete=False)
            await self._queue.put(seen)
            await self._moved(rows)

    async def _moved(self, rows: Any) -> None:
        if rows:
            await self._queue.put(StreamMoved(self._account.venue, Path.FILLS))


def _bound(work: Callable[[Leg], Awaitable[None]], leg: Leg) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        await work(leg)

    return run
