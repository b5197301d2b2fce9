"""Plain ccxt, as installed, against a scripted venue: what it does on its own, without this border."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import ccxt.async_support  # type: ignore[import-untyped]
import pytest

from tests.venues.conftest import KEY, PASSWORD, SECRET, WALLET, loopback_urls
from tests.venues.loopback import Loopback, Seen
from tests.venues.markets import KNOWN, PRECISION, market

Plain = Callable[[str], Awaitable[Any]]
Call = Callable[[Any, str], Awaitable[Any]]
"""A client and a symbol in, whatever ccxt makes of the answer out."""


@pytest.fixture
async def plain(loopback: Loopback) -> AsyncIterator[Plain]:
    """Make ordinary ccxt clients, pointed at the scripted venue."""
    made: list[Any] = []

    async def make(ccxt_id: str) -> Any:
        config = {"apiKey": KEY, "secret": SECRET, "password": PASSWORD, "enableRateLimit": False, **KNOWN}
        if ccxt_id == "hyperliquid":
            config |= WALLET.secrets
        client = getattr(ccxt.async_support, ccxt_id)(
            {**config, "urls": loopback_urls(ccxt_id, loopback.port)}
        )
        client.timeout_on_exit = 0
        client.set_markets([market(ccxt_id)])
        client.options |= {"enableUnifiedAccount": True, "approvedBuilderFee": True, "refSet": True}
        made.append(client)
        return client

    yield make
    for client in made:
        await client.close()


def order(params: dict[str, Any] | None = None) -> Call:
    """Give the call that places a limit order with ccxt's unified params."""

    async def place(client: Any, symbol: str) -> Any:
        amount = 10 if client.id in PRECISION else 0.01  # contracts, or coins
        return await client.create_order(symbol, "limit", "buy", amount, 60000, dict(params or {}))

    return place


async def made_of(client: Any, call: Call) -> str:
    """Run a call and name what ccxt made of the answer: an exception's class, or what it returned."""
    try:
        given = await call(client, market(client.id)["symbol"])
    except Exception as error:  # noqa: BLE001 - its class is what is looked at
        return type(error).__name__
    if isinstance(given, dict):
        return f"an order, id {given.get('id')}, status {given.get('status')}"
    return f"returned {given!r}"


async def requests_of(loopback: Loopback, client: Any, call: Call) -> list[Seen]:
    """Run a call whatever comes of it, and give the requests that it made."""
    before = len(loopback.seen)
    await made_of(client, call)
    return loopback.seen[before:]


def spelled(seen: Seen) -> str:
    """Give method, path and everything that a request said, in one text."""
    query = "&".join(f"{key}={value}" for key, value in seen.query.items())
    return f"{seen.method} {seen.path} {query} {seen.body}"
