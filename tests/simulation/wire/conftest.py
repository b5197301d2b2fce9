"""Loopback venues and real ccxt clients for them, one fresh pair per test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

import ccxt.pro  # type: ignore[import-untyped]
import pytest

from riskguard.simulation.wire.client import WireClient
from riskguard.simulation.wire.testing import credentials, embedded_wire, two_venues

Connect: TypeAlias = Callable[..., Any]


@pytest.fixture
async def wire() -> AsyncIterator[WireClient]:
    async with embedded_wire(two_venues()) as client:
        yield client


@pytest.fixture
async def connect(wire: WireClient) -> AsyncIterator[Connect]:
    """Give a function that makes a real ccxt.pro client of a venue by name; all are closed at the end."""
    opened: list[Any] = []

    def make(name: str, **config: Any) -> Any:
        venue = wire.venues[name]
        settings = {
            **credentials(name),
            "enableRateLimit": False,
            "timeout": 1000,
            "timeout_on_exit": 0,
            **venue["ccxt_config"],
            **config,
        }
        client = getattr(ccxt.pro, venue["face"])(settings)
        opened.append(client)
        return client

    yield make
    for client in opened:
        await client.close()
    await asyncio.sleep(0)
