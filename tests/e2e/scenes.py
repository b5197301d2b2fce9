"""The outages that the end-to-end tests judge, acted out side by side, each with a guard of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import web

from riskguard.core.facts import Fact
from riskguard.core.orders.intent import Purpose
from tests.e2e.stage import (
    BACKUP,
    HELD,
    PRIMARY,
    Guard,
    Script,
    Stage,
    Status,
    condition,
    eventually,
    has_incident,
    is_ready,
    stage,
)

ORDERS = ("place", "reduce", "cancel")
QUIET_S = 8.0
"""How long nothing more may happen after the state under test is reached."""


@dataclass(slots=True)
class Played:
    """What was seen in one scene."""

    statuses: list[Status] = field(default_factory=list)
    """The guard's own words from the fault on, several a second."""
    facts: list[Fact] = field(default_factory=list)
    hedges: list[dict[str, Any]] = field(default_factory=list)
    """Hedge orders in the backup's books."""
    arrived: Mapping[str, list[str]] = field(default_factory=dict)
    """Per venue: hedge requests that reached it, whatever became of them."""
    positions: Mapping[str, Decimal] = field(default_factory=dict)
    exit_code: int = -1

    @property
    def last(self) -> Status:
        """The guard's last word under the fault."""
        return self.statuses[-1]

    def conditions(self, venue: str) -> set[str]:
        """Give all conditions that a venue had."""
        return {condition(found, venue) for found in self.statuses}


Scene = Callable[[Path], Awaitable[Played]]


async def hedge_answer_lost(directory: Path) -> Played:
    """Orders hang at the primary; the backup executes the hedge, but its answer and its stream are lost."""
    script = Script(canaries={BACKUP: '{ rung = "cancel-unknown", every = "2s" }'})
    async with _under_way(directory, script, _primary_ready) as (scene, guard, played):
        await scene.wire.set_fault(PRIMARY, "hang", *ORDERS)
        async with _sampling(guard, played):
            # No canary is placed there by policy: the guard asks for one proof once a hedge is near.
            await guard.until("an incident, and the backup proven", _backup_proven)
            lost = await scene.wire.set_fault(BACKUP, "lost", "place")
            await scene.wire.set_fault(BACKUP, "silent", "stream-private")

            async def is_sent() -> bool:
                return bool(await scene.arrived(BACKUP, Purpose.HEDGE))

            await eventually("the hedge is sent", is_sent)
            await scene.wire.clear_faults(BACKUP, lost)
            await guard.until("hedged and nothing in doubt about it", _is_hedged)
            await guard.until(
                "orders are given up too", lambda found: _verdict(found, PRIMARY, "place") == "down"
            )
    return played


async def everything_hangs(directory: Path) -> Played:
    """No venue answers anything any more, as when our own network dies; later all is well again."""
    return await _all_dead(directory, "hang")


async def everything_refuses(directory: Path) -> Played:
    """No venue takes a connection, as when our own network is cut off; later all is well again."""
    return await _all_dead(directory, "refuse")


async def both_sick(directory: Path) -> Played:
    """Orders and cancels hang at both venues, while a place that has nothing to do with them answers."""
    async with _reference() as url:
        script = Script(more=f'[self_check]\nrefs = ["{url}"]\n')
        async with _under_way(directory, script) as (scene, guard, played):
            await scene.wire.set_fault("*", "hang", *ORDERS)
            async with _sampling(guard, played):
                await guard.until("both are trapped, and that is all", _both_trapped)
                await asyncio.sleep(QUIET_S)
                await guard.until("both are still trapped", _both_trapped)
    return played


SCENES: Mapping[str, Scene] = {
    scene.__name__: scene for scene in (hedge_answer_lost, everything_hangs, everything_refuses, both_sick)
}


async def play_all(directory: Path) -> Mapping[str, Played | BaseException]:
    """Act all scenes out at once; one that fails does not end the others."""
    places = [directory / name for name in SCENES]
    for place in places:
        place.mkdir()
    acts = (scene(place) for scene, place in zip(SCENES.values(), places, strict=True))
    return dict(zip(SCENES, await asyncio.gather(*acts, return_exceptions=True), strict=True))


async def _all_dead(directory: Path, kind: str) -> Played:
    async with _under_way(directory, Script()) as (scene, guard, played):
        await scene.wire.set_fault("*", kind, "all")
        async with _sampling(guard, played):
            await guard.until("the guard blames itself", _is_self)
            await asyncio.sleep(QUIET_S)
            await guard.until("the guard still blames itself", _is_self)
        await scene.wire.clear_faults()
        await guard.until("all is well again", lambda found: not _is_self(found) and is_ready(found))
    return played


@asynccontextmanager
async def _under_way(
    directory: Path, script: Script, ready: Callable[[Status], bool] = is_ready
) -> AsyncIterator[tuple[Stage, Guard, Played]]:
    """Lead a guard to where all is well; afterwards collect what venues and journal say."""
    played = Played()
    async with stage(directory, script) as scene, scene.guard() as guard:
        await guard.until("all is well", ready)
        yield scene, guard, played
        both = (PRIMARY, BACKUP)
        played.arrived = {venue: await scene.arrived(venue, Purpose.HEDGE) for venue in both}
        played.positions = {venue: await scene.position(venue) for venue in both}
        played.hedges = await scene.orders(BACKUP, Purpose.HEDGE)
        played.exit_code = await guard.stop()
        played.facts = scene.facts()


@asynccontextmanager
async def _sampling(guard: Guard, played: Played) -> AsyncIterator[None]:
    async def sample() -> None:
        while True:
            found = await guard.status()
            if found is not None:
                played.statuses.append(found)
            await asyncio.sleep(0.2)

    sampling = asyncio.ensure_future(sample())
    try:
        yield
    finally:
        sampling.cancel()
        await asyncio.wait((sampling,))
    last = await guard.status()
    assert last is not None
    played.statuses.append(last)


@asynccontextmanager
async def _reference() -> AsyncIterator[str]:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="here")

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/"
    finally:
        await runner.cleanup()


def _verdict(found: Status, venue: str, path: str) -> str:
    (paths,) = (entry["paths"] for entry in found["venues"] if entry["id"] == venue)
    return str(paths[path]["verdict"])


def _primary_ready(found: Status) -> bool:
    return _verdict(found, PRIMARY, "place") == "up" and found["assets"][0]["net"] == str(HELD)


def _backup_proven(found: Status) -> bool:
    return has_incident("open")(found) and _verdict(found, BACKUP, "place") == "up"


def _is_hedged(found: Status) -> bool:
    hedges = [row for row in found["in_doubt"] if row["client_id"].endswith(Purpose.HEDGE)]
    return has_incident("hedged")(found) and not hedges


def _is_self(found: Status) -> bool:
    return bool(found["self"]["condition"] == "SELF")


def _both_trapped(found: Status) -> bool:
    return not _is_self(found) and {condition(found, venue) for venue in (PRIMARY, BACKUP)} == {"TRAPPED"}
