"""From the first observation to a clean end: signals, the order of stopping, and what a defect leaves."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterator, Sequence

from riskguard.core.facts import Told
from riskguard.core.messages import Leaving
from riskguard.ports import Journal, JournalUnavailable, VenueGateway
from riskguard.runtime.executor import Executor
from riskguard.runtime.feeds import feed
from riskguard.runtime.runner import Runner
from riskguard.runtime.venue_calls import describe

ORDERS_S = 5.0
"""How long orders in flight may keep a stopping guard."""
CLOSE_S = 2.0
"""How long each border may take to release its sockets."""

log = logging.getLogger(__name__)


@contextlib.contextmanager
def stop_on_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on SIGTERM and SIGINT while the block runs; a repeated signal changes nothing."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def live(
    runner: Runner,
    executor: Executor,
    gateways: Sequence[VenueGateway],
    journal: Journal,
    stop: asyncio.Event,
) -> int:
    """Run the guard until `stop` is set (exit code 0) or the guard itself breaks (exit code 1).

    On the way out: first the guard undoes what is safe only while it runs, then no new order, streams end,
    orders in flight get up to `ORDERS_S` and their answers still reach guard and journal, then the journal
    is closed with all that was queued.
    """
    loop = asyncio.get_running_loop()
    feeds = [loop.create_task(feed(gateway, runner.emit)) for gateway in gateways]
    running = loop.create_task(runner.run())
    running.add_done_callback(lambda _task: stop.set())
    try:
        await stop.wait()
        await _say_goodbye(runner, running)
        await _end(feeds)
        if not running.done():
            await executor.close(ORDERS_S)
            runner.stop()
        return await _outcome(running, runner, journal)
    finally:
        await _end([*feeds, running])
        await executor.close(0)
        for gateway in gateways:
            await _released(gateway)
        await journal.close()


async def _say_goodbye(runner: Runner, running: "asyncio.Task[None]") -> None:
    """Let the guard undo first what is safe only while it runs; a broken guard is not waited for."""
    if running.done():
        return
    runner.emit(Leaving())
    settled = asyncio.get_running_loop().create_task(runner.settled())
    await asyncio.wait((settled, running), return_when=asyncio.FIRST_COMPLETED)
    await _end((settled,))


async def _outcome(running: "asyncio.Task[None]", runner: Runner, journal: Journal) -> int:
    try:
        await running
    except Exception as error:  # noqa: BLE001 - whatever it was, half a state must not go on deciding
        where = describe(error)
        log.critical("internal error, riskguard stops: %s", where)
        told = Told("alarm", "riskguard stopped: internal error", where)
        with contextlib.suppress(JournalUnavailable, TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await journal.commit(runner.now().wall_ms, (told,))
        return 1
    return 0


async def _released(gateway: VenueGateway) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await gateway.close()
    except Exception as error:  # noqa: BLE001 - the other gateways and the journal still need closing
        log.warning("closing %s: %s", gateway.venue, describe(error))


async def _end(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
