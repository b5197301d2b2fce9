"""One stage for the end-to-end tests: loopback venues, a policy file, and real guards as processes.

The judges are the venues' own books and raw log; what a guard says of itself is asked over its socket.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from riskguard.attach import question
from riskguard.core.facts import Fact
from riskguard.journal import JournalReader
from riskguard.runtime.control_client import GuardUnreachable
from riskguard.runtime.socket_path import socket_path
from riskguard.simulation.wire.client import WireClient, running_wire

ROOT = Path(__file__).parents[2]
PRIMARY, BACKUP = "main", "backup"
FACES = {PRIMARY: "binanceusdm", BACKUP: "bybit"}
SYMBOL = "BTC/USDT:USDT"
HELD = Decimal("1.5")
PATIENCE_S = 120.0
"""How long anything may take on a slow machine before it counts as never."""
PLANTED = "PLANTED"
"""Part of every key and secret of the stage; it may stand nowhere but in the guard's environment."""
MARKS = (PLANTED, "Traceback (most recent call last)")

Status = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Script:
    """What one scene's policy differs in."""

    mode: str = "auto"
    veto: str = "1s"
    slices: int = 1
    canaries: Mapping[str, str] = field(default_factory=dict)
    """Per venue; by default one is placed and cancelled every two seconds."""
    more: str = ""
    """Further tables."""


def canary(every: str) -> str:
    """Give a canary that is placed far away and cancelled at once."""
    where = f'symbol = "{SYMBOL}", distance = "3%", size = "0.002 BTC"'
    return f'{{ rung = "place-cancel", every = "{every}", {where} }}'


@dataclass(slots=True)
class Guard:
    """One guard process, heard through its control socket."""

    process: asyncio.subprocess.Process
    socket: Path
    log: Path

    async def status(self) -> Status | None:
        """Ask how things are; None while nobody answers."""
        try:
            found: Status = await question(self.socket, {"do": "status"})
        except GuardUnreachable:
            return None
        return found

    async def until(self, what: str, holds: Callable[[Status], bool]) -> Status:
        """Wait for a status; AssertionError with the guard's last words when it never comes."""
        found: Status | None = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self.process.returncode is None:
                    found = await self.status()
                    if found is not None and holds(found):
                        return found
                    await asyncio.sleep(0.1)
        except TimeoutError:
            pass
        code, said = self.process.returncode, self.log.read_text(encoding="utf-8")
        raise AssertionError(f"never: {what} (exit code {code})\n{json.dumps(found)}\n{said}")

    async def ended(self) -> int:
        """Wait for its end and give the exit code."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and give the exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ended()


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """Read the one line of `--json`; AssertionError when stdout holds anything else."""
        assert self.out.count("\n") == 1, self.out
        assert self.out.endswith("\n"), self.out
        return json.loads(self.out)


@dataclass(slots=True)
class Stage:
    """Venues that run, and the place where policy, journal and logs lie."""

    directory: Path
    wire: WireClient

    @property
    def policy(self) -> Path:
        """The policy file."""
        return self.directory / "riskguard.toml"

    @property
    def journal(self) -> Path:
        """The guard's journal."""
        return self.directory / "riskguard.db"

    @property
    def venue_log(self) -> Path:
        """What the venues wrote down."""
        return self.directory / "venues.jsonl"

    def write_policy(self, script: Script) -> None:
        """Write the policy for these venues."""
        self.policy.write_text(policy(script, self.wire), encoding="utf-8")

    @asynccontextmanager
    async def guard(self, *program: str, arm: bool = True) -> AsyncIterator[Guard]:
        """Run `riskguard run --headless`, or another program that guards; it ends with the block."""
        command = program or (*RISKGUARD, "run", "-c", str(self.policy), "--headless", *(["--arm"] * arm))
        log = self.directory / "guard.log"
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, env=environment()
            )
        guard = Guard(process, socket_path(self.journal), log)
        try:
            yield guard
        finally:
            if process.returncode is None:
                process.terminate()
                try:
                    await asyncio.wait_for(process.wait(), 30)
                except TimeoutError:
                    process.kill()
                    await process.wait()

    async def say(self, *arguments: str) -> Ended:
        """Run a command about this stage's policy."""
        return await riskguard(arguments[0], "-c", str(self.policy), *arguments[1:])

    def facts(self) -> list[Fact]:
        """Read the journal."""
        with JournalReader(self.journal) as reader:
            return [fact for _, fact in reader.facts()]

    async def orders(self, venue: str, purpose: str) -> list[dict[str, Any]]:
        """Give the orders of guards in a venue's books whose id ends with a letter."""
        orders = (await self.wire.account(venue))["orders"]
        return [order for order in orders if is_ours(order["client_id"], purpose)]

    async def position(self, venue: str) -> Decimal:
        """Give what a venue's books hold."""
        return Decimal((await self.wire.account(venue))["positions"].get(SYMBOL, "0"))

    async def arrived(self, venue: str, purpose: str) -> list[str]:
        """Give the ids of the order requests of guards that reached a venue, whatever became of them."""
        rows = await self.wire.log(venue=venue)
        acts = (row for row in rows if row["kind"] == "arrived" and row["op"] in ("place", "reduce"))
        return [row["client_id"] for row in acts if is_ours(row["client_id"], purpose)]


RISKGUARD = (sys.executable, "-m", "riskguard")


@asynccontextmanager
async def stage(directory: Path, script: Script | None = None) -> AsyncIterator[Stage]:
    """Run two loopback venues with a position at the first, and write a policy that guards it."""
    async with running_wire(venues(directory / "venues.jsonl")) as wire:
        made = Stage(directory, wire)
        made.write_policy(script or Script())
        yield made


async def riskguard(*arguments: str, directory: Path | None = None) -> Ended:
    """Run one command to its end, without a terminal; no output may show a traceback or a key."""
    process = await asyncio.create_subprocess_exec(
        *RISKGUARD,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
        cwd=directory,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    ended = Ended(process.returncode or 0, out.decode(), err.decode())
    assert not any(mark in ended.out + ended.err for mark in MARKS), ended
    return ended


async def eventually(what: str, question: Callable[[], Awaitable[object]]) -> None:
    """Ask again and again until the answer is true."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await question():  # noqa: ASYNC110 - it lies in another process, no event tells it
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"never: {what}") from None


def is_ours(identity: str, purpose: str) -> bool:
    """Tell whether an order id is a guard's, and for that purpose (h hedge, u unwind, o orphan, c canary)."""
    return identity.startswith("rg") and identity.endswith(purpose)


def is_ready(found: Status) -> bool:
    """Tell whether the guard knows the position, both venues are proven and the hedge could be had."""
    (asset,) = found["assets"]
    up = all(venue["paths"]["place"]["verdict"] == "up" for venue in found["venues"])
    fine = all(venue["condition"] == "FINE" for venue in found["venues"])
    return up and fine and asset["net"] == str(HELD) and asset["coverage"]["share"] == 1


def has_incident(state: str) -> Callable[[Status], bool]:
    """Give a question: is any incident in that state."""
    return lambda found: any(incident["state"] == state for incident in found["incidents"])


def condition(found: Status, venue: str) -> str:
    """Give a venue's condition in a status."""
    (shown,) = (entry["condition"] for entry in found["venues"] if entry["id"] == venue)
    return str(shown)


def environment() -> dict[str, str]:
    """Give this process's environment with the planted keys in it."""
    keys = {
        f"RG_E2E_{venue.upper()}_{name}": value
        for venue in FACES
        for name, value in (("KEY", planted(venue, "key")), ("SECRET", planted(venue, "secret")))
    }
    package = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, **keys, "PYTHONPATH": package}


def planted(venue: str, what: str) -> str:
    """Give a venue's key or secret."""
    return f"{PLANTED}{what}OF{venue}"


def venues(log: Path) -> dict[str, Any]:
    """Configure the loopback venues: a long position and one resting order of the trader at the primary."""
    rows = []
    for name, face in FACES.items():
        mine = {"symbol": SYMBOL, "side": "buy", "amount": "0.3", "price": "50000", "client_id": "mine-1"}
        rows.append(
            {
                "name": name,
                "face": face,
                "keys": [{"key": planted(name, "key"), "secret": planted(name, "secret")}],
                "wallets": {"USDT": "100000"},
                "symbols": [
                    {"symbol": SYMBOL, "price": "60000", "position": str(HELD) if name == PRIMARY else "0"}
                ],
                "orders": [mine] if name == PRIMARY else [],
            }
        )
    return {"seed": 1, "log": str(log), "venues": rows}


def policy(script: Script, wire: WireClient) -> str:
    """Write a policy file with short times."""
    blocks = [_HEAD.format(mode=script.mode)]
    for name, face in FACES.items():
        fields = {"id": name, "face": face, "env": name.upper()}
        role = "primary" if name == PRIMARY else "backup"
        chosen = script.canaries.get(name, canary("2s"))
        config = toml(wire.venues[name]["ccxt_config"])
        blocks.append(_VENUE.format(role=role, canary=chosen, config=config, **fields))
    blocks.append(_RULES.format(veto=script.veto, slices=script.slices))
    return "\n".join([*blocks, script.more])


def toml(value: object) -> str:
    """Write plain data as one TOML value."""
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{json.dumps(str(key))} = {toml(item)}" for key, item in value.items()) + " }"
        )
    return json.dumps(value)


_HEAD = """\
version  = 1
mode     = "{mode}"
journal  = "riskguard.db"
instance = "e"

[limits]
per_hedge  = "150_000 USDT"
all_hedges = "150_000 USDT"
per_day    = {{ hedges = 5, notional = "400_000 USDT" }}
slippage   = "40bps"
orders     = "30/min"
loss       = "5_000 USDT"
"""

_VENUE = """\
[[venue]]
id     = "{id}"
ccxt   = "{face}"
role   = "{role}"
keys   = "env:RG_E2E_{env}"
canary = {canary}
budget = {{ reads = "20/s", orders = "20/s", reserve = "40%" }}
ccxt_config = {config}
"""

_RULES = f"""\
[[asset]]
name     = "BTC"
legs     = ["{PRIMARY} {SYMBOL}", "{BACKUP} {SYMBOL}"]
hedge_on = ["{BACKUP} {SYMBOL}"]
guard    = "0.005 BTC"

[detect]
recover = {{{{ clean = "2s", acks = 3, stable = "1s" }}}}

[[rule]]
name   = "trapped"
when   = ["trapped", "dark"]
venues = ["{PRIMARY}"]
do     = ["tell", "freeze", "cancel", "hedge"]
veto   = "{{veto}}"
hedge  = {{{{ strategy = "hedge", size = "100%", to = ["{BACKUP}"], slices = {{slices}} }}}}

[freeze]
file = "frozen.json"

[unwind]
when  = "auto"
after = "0s"
"""
