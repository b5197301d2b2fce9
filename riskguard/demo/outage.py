"""The script: quiet, then orders and cancels hang while the market falls, then the venue comes back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskguard.attach import said, snapshots
from riskguard.dashboard.painter import look_of, paint
from riskguard.demo.freeze_ear import listening
from riskguard.demo.guard_process import GuardProcess, NotReached, running_guard
from riskguard.demo.scene import (
    BACKUP,
    FALLEN_PRICE,
    POSITION,
    PRIMARY,
    START_PRICE,
    SYMBOL,
    Tempo,
    environment,
    policy,
    venues,
)
from riskguard.simulation.wire.client import WireClient, running_wire

READY_S, HEDGED_S, CLOSED_S = 60.0, 90.0, 120.0
FAULT = "order and cancel calls hang; reads, books and the engine go on"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the demo leaves its files."""

    directory: Path

    @property
    def policy(self) -> Path:
        """The policy file."""
        return self.directory / "demo.toml"

    @property
    def journal(self) -> Path:
        """The guard's journal."""
        return self.directory / "riskguard.db"

    @property
    def venue_log(self) -> Path:
        """What the venues wrote down."""
        return self.directory / "venues.jsonl"

    @property
    def freeze_log(self) -> Path:
        """When the trader's bot was told to stop."""
        return self.directory / "freeze.jsonl"

    @property
    def guard_log(self) -> Path:
        """What the guard printed."""
        return self.directory / "guard.log"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the script itself saw."""

    broken: str
    """What did not come; empty when all did."""
    guard_exit: int
    onset_ms: int | None
    """When the fault was switched on, venue clock."""


async def act(
    places: Places, pace: Tempo, *, screen: bool, stop: asyncio.Event, say: Callable[[str], None]
) -> Outcome:
    """Act the outage out; raises nothing that the guard did wrong, it is in the outcome."""
    broken, onset = "", None
    async with listening(places.freeze_log) as freeze_url, running_wire(venues(places.venue_log)) as wire:
        configs = {name: entry["ccxt_config"] for name, entry in wire.venues.items()}
        places.policy.write_text(policy(pace, configs, freeze_url), encoding="utf-8")
        async with running_guard(places.policy, environment(), places.guard_log) as guard:
            async with _screen(guard, stop) if screen else contextlib.nullcontext():
                try:
                    onset = await _unless(stop, _script(guard, wire, pace, say))
                except NotReached as error:
                    broken = str(error)
            code = await guard.end()
        if onset is None:
            rows = await wire.log(venue=PRIMARY)
            onset = next((row["ts_ms"] for row in rows if row["kind"] == "fault"), None)
    return Outcome(broken, code, onset)


async def _unless(stop: asyncio.Event, script: Coroutine[Any, Any, int]) -> int:
    """Act to the end, unless a person stops it wherever it stands."""
    acting = asyncio.ensure_future(script)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((acting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not acting.done():
            raise NotReached("stopped by a person")
        return acting.result()
    finally:
        for task in (acting, stopping):
            task.cancel()
        await asyncio.wait((acting, stopping))


async def _script(guard: GuardProcess, wire: WireClient, pace: Tempo, say: Callable[[str], None]) -> int:
    say(f"{PRIMARY} (Binance USDⓈ-M) and {BACKUP} (Bybit) are up on loopback; starting the guard")
    await guard.until("the guard knows the position and could hedge it", _ready, READY_S)
    say(f"the guard holds {POSITION} BTC in view and could hedge all of it; some quiet seconds")
    await asyncio.sleep(pace.quiet_s)
    say(f"now at {PRIMARY}: {FAULT}")
    rules = [
        {"kind": "late", "groups": ["place", "reduce"], "after_s": 3600},
        {"kind": "hang", "groups": ["cancel"]},
    ]
    await wire.ask("/faults/set", venue=PRIMARY, rules=rules)
    onset = next(row["ts_ms"] for row in await wire.log(venue=PRIMARY) if row["kind"] == "fault")
    await wire.follow(SYMBOL, [(START_PRICE, 1.0), (FALLEN_PRICE, pace.fall_s)])
    await guard.until("the position is hedged", lambda found: _incident(found, "hedged"), HEDGED_S)
    say(f"hedged on {BACKUP}; the market goes on falling")
    await asyncio.sleep(pace.hold_s)
    say(f"{PRIMARY} is back; its histories come late")
    await wire.set_fault(PRIMARY, "lag", "query", "fills", lag_s=pace.history_lag_s)
    lagging = await wire.ask("/faults/list", venue=PRIMARY)
    hung = [rule["id"] for rule in lagging[PRIMARY] if rule["kind"] != "lag"]
    await wire.clear_faults(PRIMARY, *hung)
    await asyncio.sleep(pace.history_lag_s)
    await wire.clear_faults(PRIMARY)
    await guard.until(
        "the hedge is off and the incident closed", lambda found: _incident(found, "closed"), CLOSED_S
    )
    say("reconciled, the hedge is off")
    await asyncio.sleep(1.0)
    return int(onset)


def _ready(found: Mapping[str, Any]) -> bool:
    (asset,) = found["assets"]
    fine = all(venue["condition"] == "FINE" for venue in found["venues"])
    placing = all(venue["paths"]["place"]["verdict"] == "up" for venue in found["venues"])
    return fine and placing and asset["net"] == str(POSITION) and asset["coverage"]["share"] in ("1", 1)


def _incident(found: Mapping[str, Any], state: str) -> bool:
    return any(incident["state"] == state for incident in found["incidents"])


@contextlib.asynccontextmanager
async def _screen(guard: GuardProcess, stop: asyncio.Event) -> AsyncIterator[None]:
    """Show the dashboard meanwhile; leaving it ends the demo."""

    async def show() -> None:
        await paint(
            snapshots(guard.socket),
            lambda word, incident: said(guard.socket, word, incident),
            look=look_of(1),
        )
        stop.set()

    showing = asyncio.ensure_future(show())
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.wait((showing,))
