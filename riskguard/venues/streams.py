"""What a venue pushes: books, orders, fills and positions, each loop reconnecting for ever."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Final, Protocol

import ccxt  # type: ignore[import-untyped]

from riskguard.core.messages import (
    BookSeen,
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
from riskguard.venues.book_watch import BookWatch
from riskguard.venues.clients import Clients
from riskguard.venues.instruments import Instrument
from riskguard.venues.quirks.base import NotOffered
from riskguard.venues.reports import fill_report, order_report
from riskguard.venues.scrub import Scrubber

_BOOK_EVERY_S: Final = 0.1
_FIRST_PAUSE_S: Final = 0.25
_LONGEST_PAUSE_S: Final = 2.0
_HOPELESS: Final = 20
_HOPELESS_PAUSE_S: Final = 30.0
_REPEAT_S: Final = 30.0
"""A stream that stays broken says so again only this often."""
_QUEUE: Final = 4096
_WARM_EVERY_S: Final = 20.0
"""Well below the minute after which front ends close an idle connection."""
_POSITION_AGE_S: Final = 60.0

Once = Callable[[], Awaitable[None]]


class Account(reads.Account, Protocol):
    """What the streams need to know of the gateway."""

    clients: Clients
    scrub: Scrubber

    async def instrument(self, symbol: str, deadline_s: float = ...) -> Instrument:
        """Give one market, loading all where none is known yet."""

    def book_watch(self, leg: Leg) -> BookWatch:
        """Give what watches the book of a leg."""


class Streams:
    """All streams of one account, merged; their failures say nothing about order paths."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = account.clients.probe
        self._queue: asyncio.Queue[Observation] = asyncio.Queue(_QUEUE)
        self._told: dict[tuple[Path, str], float] = {}

    async def run(self) -> AsyncIterator[Observation]:
        """Yield until cancelled."""
        self._account.clients.open()
        tasks = [asyncio.create_task(self._keep(path, once)) for path, once in self._loops()]
        tasks.append(asyncio.create_task(self._keep_warm()))
        try:
            while True:
                yield await self._queue.get()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _loops(self) -> Iterable[tuple[Path, Once]]:
        if not self._account.clients.streams_allowed:
            return
        has = self._client.has
        if has.get("watchOrderBook"):
            for leg in self._account.legs:
                yield Path.BOOK, partial(self._book, leg)
        if not self._client.check_required_credentials(False):
            return
        if has.get("watchOrders"):
            yield Path.FILLS, self._orders
        if has.get("watchMyTrades"):
            yield Path.FILLS, self._fills
        if has.get("watchPositions") and self._account.quirks.has_contracts:
            yield Path.FILLS, self._positions

    async def _keep_warm(self) -> None:
        while True:
            await asyncio.sleep(_WARM_EVERY_S)
            await self._account.clients.keep_warm()

    async def _keep(self, path: Path, once: Once) -> None:
        """Run one loop for ever; a venue without that stream ends it quietly."""
        pause_s, failures, ever_worked = _FIRST_PAUSE_S, 0, False
        while True:
            began = time.monotonic()
            cause = await self._until_broken(once)
            if cause is None:
                return
            now = time.monotonic()
            worked = now - began > _LONGEST_PAUSE_S
            ever_worked = ever_worked or worked
            failures = 0 if worked else failures + 1
            if worked:
                pause_s = _FIRST_PAUSE_S
            if self._is_news(path, cause, now, worked=worked):
                await self._queue.put(StreamLost(self._account.venue, path, cause))
            await asyncio.sleep(pause_s)
            pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)
            if failures >= _HOPELESS and not ever_worked:
                pause_s = _HOPELESS_PAUSE_S  # a server without streams is not asked for them all the time
            # ccxt's own backoff reaches 30 s and would hide a venue that is back.
            self._client.ws_dial_backoff = {}

    def _is_news(self, path: Path, cause: str, now: float, *, worked: bool) -> bool:
        """Tell whether to say it: several loops share a socket, and a dead stream breaks again and again."""
        last = self._told.get((path, cause))
        if last is not None and now - last < (1.0 if worked else _REPEAT_S):
            return False
        self._told[path, cause] = now
        return True

    async def _until_broken(self, once: Once) -> str | None:
        """Run a loop until it breaks and say why; None where the venue has no such stream."""
        try:
            await self._account.instrument(self._account.legs[0].symbol)
            await once()
        except (ccxt.NotSupported, NotOffered):
            return None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return "stream closed"  # ccxt cancels its waiters when it drops a socket
        except Exception as error:  # noqa: BLE001 - a stream's failure is a fact, whatever it is
            return self._account.scrub(f"{type(error).__name__}: {error}")
        return "stream ended"

    async def _book(self, leg: Leg) -> None:
        await self._account.instrument(leg.symbol)
        watch = self._account.book_watch(leg)
        watch.begin(time.monotonic())
        while True:
            try:
                async with asyncio.timeout(watch.patience_s):
                    book = await self._client.watch_order_book(leg.symbol)
            except TimeoutError:
                await self._drop_sockets_if_all_silent()
                raise BookWrongError(f"nothing came for {watch.patience_s:g} s") from None
            # The cache is live: it is copied before anything else can run.
            found = reads.book_seen_of(self._account, leg, book, stream=True)
            for seen in found:
                if isinstance(seen, BookSeen):
                    watch.saw(seen, time.monotonic())
            if watch.wrong:
                await self._forget_book(leg)
                raise BookWrongError(watch.wrong)
            for seen in found:
                await self._queue.put(seen)
            await self._queue.put(StreamMoved(self._account.venue, Path.BOOK))
            await asyncio.sleep(_BOOK_EVERY_S)

    async def _forget_book(self, leg: Leg) -> None:
        """Drop a book that is wrong, so that the next watch begins with a snapshot."""
        self._client.orderbooks.pop(leg.symbol, None)
        await self._client.close_ws_clients()

    async def _drop_sockets_if_all_silent(self) -> None:
        """Close every socket when no book moves any more: pongs may go on while the feed is dead."""
        now = time.monotonic()
        if all(self._account.book_watch(leg).silent(now) for leg in self._account.legs):
            await self._client.close_ws_clients()

    async def _orders(self) -> None:
        while True:
            rows = await self._client.watch_orders()
            for pushed in list(rows):
                row = self._account.quirks.pushed_order(pushed) or {}
                instrument = self._account.known(str(row.get("symbol")))
                if instrument is not None:
                    report = order_report(row, instrument, self._account.quirks)
                    await self._queue.put(OrderSeen(report, Source.STREAM))
            await self._moved(rows)

    async def _fills(self) -> None:
        while True:
            rows = await self._client.watch_my_trades()
            for row in list(rows):
                instrument = self._account.known(str(row.get("symbol")))
                if instrument is not None:
                    report = fill_report(row, instrument, self._account.quirks)
                    await self._queue.put(FillSeen(report, Source.STREAM))
            await self._moved(rows)

    async def _positions(self) -> None:
        while True:
            rows = list(await self._client.watch_positions())
            reports = tuple(reads.position_reports(self._account, rows, complete=False))
            true_at = time.monotonic() - self._age_s(rows)
            seen = PositionsRead(self._account.venue, reports, Source.STREAM, true_at, complete=False)
            await self._queue.put(seen)
            await self._moved(rows)

    def _age_s(self, rows: Iterable[Any]) -> float:
        """Give how old a push is by the venue's own time stamps; one second where it has none."""
        stamps = [row.get("timestamp") for row in rows if isinstance(row.get("timestamp"), int | float)]
        if not stamps:
            return 1.0
        difference = self._client.options.get("timeDifference")
        shift = difference if isinstance(difference, int | float) else 0
        return float(min(_POSITION_AGE_S, max(0.0, (time.time() * 1000 - shift - min(stamps)) / 1000)))

    async def _moved(self, rows: Any) -> None:
        if rows:
            await self._queue.put(StreamMoved(self._account.venue, Path.FILLS))


class BookWrongError(Exception):
    """A book is silent, or contradicts itself or the venue's own REST answer."""
