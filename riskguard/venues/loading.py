"""What is learnt on a loop of its own, in a thread: thousands of markets would stall the guard's."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import ccxt  # type: ignore[import-untyped]

from riskguard.venues.client_factory import ClientFactory, Credentials
from riskguard.venues.coin_margin import mid_of
from riskguard.venues.quirks import Quirks

WARM_S: Final = 2.0
_CLOCK_ANSWER_MS: Final = 1000


async def alone(
    factory: ClientFactory,
    credentials: Credentials | None,
    work: Callable[[Any], Awaitable[Any]],
    timeout_s: float,
) -> Any:
    """Let a client of its own do one thing and close it."""
    client = factory.make(credentials)
    factory.open_session(client, limit=2)
    session = client.session
    try:
        async with asyncio.timeout(timeout_s):
            return await work(client)
    finally:
        await client.close()
        await session.close()


async def load_alone(factory: ClientFactory, credentials: Credentials | None, timeout_s: float) -> Any:
    """Load markets, clock difference and facts of the account with a client of its own."""
    loader = factory.make(credentials)
    loader.timeout = int(timeout_s * 1000)
    loader.riskguard_prices = {}
    factory.open_session(loader, limit=8)
    session = loader.session
    try:
        clock = asyncio.create_task(_first_clock(loader))
        try:
            async with asyncio.timeout(timeout_s):
                await loader.load_markets()
                await _first_prices(factory.quirks, loader)
            await asyncio.wait({clock}, timeout=WARM_S / 2)
            await _warm(factory.quirks, loader, WARM_S / 2)
        finally:
            clock.cancel()
            await asyncio.gather(clock, return_exceptions=True)
    finally:
        await loader.close()
        await session.close()
    return loader


async def _first_prices(quirks: Quirks, loader: Any) -> None:
    """Learn at what price inverse contracts are converted; one that fails is learnt from the next book."""
    for symbol in quirks.symbols:
        raw = loader.markets.get(symbol)
        if raw is None or not raw.get("inverse"):
            continue
        with contextlib.suppress(ccxt.BaseError):
            loader.riskguard_prices[symbol] = mid_of(await loader.fetch_order_book(symbol, 20))


async def _warm(quirks: Quirks, loader: Any, timeout_s: float) -> None:
    """Learn facts about the account; without them the first order asks on its way."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(timeout_s):
            await quirks.warm(loader)


async def _first_clock(client: Any) -> None:
    """Measure the clock at the start, which a missing time endpoint must not stop."""
    try:
        await read_clock(client)
    except Exception:  # noqa: BLE001 - whatever it was, zero difference is the honest default
        client.options.setdefault("timeDifference", 0)


async def read_clock(client: Any) -> None:
    """Measure how far our clock is ahead; an answer that took long says too little of its own moment."""
    if not client.has.get("fetchTime"):
        return
    before_ms = client.milliseconds()
    theirs_ms = await client.fetch_time()
    after_ms = client.milliseconds()
    if isinstance(theirs_ms, int | float) and after_ms - before_ms <= _CLOCK_ANSWER_MS:
        client.options["timeDifference"] = int((before_ms + after_ms) / 2 - theirs_ms)
