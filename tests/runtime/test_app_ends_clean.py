"""A guard that ends leaves no socket of its own open, references included."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from aiohttp import web

from riskguard.app import run_guard
from riskguard.config import Loaded, load
from riskguard.core.messages import (
    CancelOrder,
    LookUpOrder,
    Observation,
    PlaceOrder,
    ProbeVenue,
    ReadFailed,
    ReadVenue,
    SetDeadMan,
    StreamMoved,
)
from riskguard.core.types import Path as VenuePath
from riskguard.ports import Answer, VenueGateway
from tests.venues.loopback import Loopback

POLICY = """\
version = 1
mode = "observe"
[[venue]]
id = "main"
ccxt = "binanceusdm"
role = "primary"
keys = "env:RG_MAIN"
canary = {{}}
[[venue]]
id = "bybit"
ccxt = "bybit"
role = "backup"
keys = "env:RG_BYBIT"
[[asset]]
name = "BTC"
legs = ["main BTC/USDT:USDT", "bybit BTC/USDT:USDT"]
[self_check]
refs = ["http://127.0.0.1:{port}/"]
need = 1
"""


class Mute:
    """A venue that never says anything."""

    def __init__(self, venue: str) -> None:
        self.venue = venue

    async def place(self, command: PlaceOrder) -> Answer:
        raise NotImplementedError(command)

    async def cancel(self, command: CancelOrder) -> Answer:
        raise NotImplementedError(command)

    async def look_up(self, command: LookUpOrder) -> Answer:
        raise NotImplementedError(command)

    async def read(self, command: ReadVenue) -> Answer:
        return Answer("unknown", (ReadFailed(self.venue, command.what),))

    async def probe(self, command: ProbeVenue) -> Answer:
        raise NotImplementedError(command)

    async def dead_man(self, command: SetDeadMan) -> Answer:
        raise NotImplementedError(command)

    async def streams(self) -> AsyncIterator[Observation]:
        await asyncio.Event().wait()
        yield StreamMoved(self.venue, VenuePath.BOOK)

    async def close(self) -> None:
        """Release nothing."""


def mute(loaded: Loaded, _environ: Mapping[str, str]) -> list[VenueGateway]:
    return [Mute(venue.id) for venue in loaded.policy.venues]


async def test_the_session_of_the_references_is_closed(tmp_path: Path) -> None:
    """An open one warns when it is collected, and a warning fails a test here."""
    place = Loopback()
    await place.start()
    stop = asyncio.Event()

    async def pinged(_request: web.Request) -> web.StreamResponse:
        stop.set()
        return web.Response()

    place.everything = pinged
    policy = tmp_path / "p.toml"
    policy.write_text(POLICY.format(port=place.port), "utf-8")
    assert await run_guard(load(policy), stop, arm=False, environ={}, connect=mute) == 0
    assert place.seen
    gc.unfreeze()
    gc.collect()
    await place.stop()
