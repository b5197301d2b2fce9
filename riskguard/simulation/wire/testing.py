"""Help for tests: a configuration of two venues, and venues in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from riskguard.simulation.wire.client import WireClient
from riskguard.simulation.wire.config import read_config
from riskguard.simulation.wire.server import WireServer

SYMBOL = "BTC/USDT:USDT"


def two_venues(position: str = "0", orders: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Give a configuration: `main` on Binance with a position and orders, `backup` on Bybit, BTC at 60,000.

    Each venue knows two keys of one account: NAME-key with NAME-secret, and NAME-key2 with NAME-secret2.
    """
    symbols = [{"symbol": SYMBOL, "price": "60000"}]
    return {
        "seed": 7,
        "venues": [
            {
                "name": "main",
                "face": "binanceusdm",
                "keys": keys("main"),
                "symbols": [{**symbols[0], "position": position}],
                "orders": orders or [],
            },
            {"name": "backup", "face": "bybit", "keys": keys("backup"), "symbols": symbols},
        ],
    }


def keys(name: str) -> list[dict[str, str]]:
    """Give the two keys of a venue of `two_venues`."""
    return [{"key": f"{name}-key{n}", "secret": f"{name}-secret{n}", "account": "main"} for n in ("", "2")]


def credentials(name: str) -> dict[str, str]:
    """Give ccxt's constructor settings for the first key of a venue of `two_venues`."""
    return {"apiKey": f"{name}-key", "secret": f"{name}-secret"}


async def until(question: Callable[[], Awaitable[object]], within_s: float = 20.0) -> None:
    """Ask the venues again and again until the answer is true; TimeoutError when it never is."""
    async with asyncio.timeout(within_s):
        while not await question():  # noqa: ASYNC110 - the answer lies in another process, no event tells it
            await asyncio.sleep(0.02)


@asynccontextmanager
async def embedded_wire(config: Mapping[str, Any]) -> AsyncIterator[WireClient]:
    """Run venues in this event loop; quicker than `running_wire`, but a blocked loop blocks them too."""
    server = WireServer(read_config(config))
    await server.start()
    try:
        async with WireClient(server.ready()) as client:
            yield client
    finally:
        await server.stop()
