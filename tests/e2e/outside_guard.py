"""A guard and outside venues as processes, as somebody would run them who only has the documents."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from riskguard.attach import question
from riskguard.runtime.control_client import GuardUnreachable
from riskguard.runtime.socket_path import socket_path

ROOT = Path(__file__).parents[2]
END_S = 20.0
POLL_S = 0.25
KEYS = {
    "RG_MAIN_KEY": "main-key",
    "RG_MAIN_SECRET": "main-secret",
    "RG_BACKUP_KEY": "backup-key",
    "RG_BACKUP_SECRET": "backup-secret",
}
CANARIES = {
    "none": "",
    "cancel-unknown": 'canary = { rung = "cancel-unknown", every = "2s" }',
    "place-cancel": 'canary = { rung = "place-cancel", every = "2s", symbol = "BTC/USDT:USDT", '
    'distance = "3%", size = "0.002 BTC" }',
}
CCXT = {"binance": "binanceusdm", "bybit": "bybit"}
LIMITS = """\
[limits]
per_hedge  = "200_000 USDT"
all_hedges = "300_000 USDT"
per_day    = { hedges = 9, notional = "900_000 USDT" }
slippage   = "40bps"
loss       = "5_000 USDT"
"""


SILENT_S = 16.0
"""How long a fault on which no hedge may follow stays on: several times what `down` needs."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What differs between tries; the rest is as a trader would copy it from the documents."""

    canary: str = "place-cancel"
    faces: Mapping[str, str] = field(default_factory=lambda: {"main": "binance", "backup": "bybit"})
    positions: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {"main": {"BTC": "1.5"}})
    orders: tuple[Mapping[str, str], ...] = ()
    """The trader's own resting orders at the primary."""
    styles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mode: str = "auto"
    limits: str = LIMITS
    reference: bool = False
    bases: tuple[str, ...] = ("BTC",)
    detect: str = 'recover = { clean = "4s", acks = 3, stable = "2s" }'
    rule: str = 'veto = "2s"'
    hedge: str = 'strategy = "hedge"'
    unwind: str = 'when = "auto"\nafter = "2s"'
    own_key: str = "main-key"
    """The key that the trader's environment holds for the primary."""


class Servers:
    """The outside venues, spoken to over their control port."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self.ports = ports

    async def say(self, word: str, **said: Any) -> dict[str, Any]:
        """Give one control order and get the state of all venues."""
        url = f"http://127.0.0.1:{self.ports['control']}/{word}"
        async with aiohttp.ClientSession() as session, session.post(url, json=said) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def fault(self, venue: str, *operations: str, kind: str, **more: Any) -> None:
        """Switch a fault on."""
        await self.say("fault", venue=venue, ops=operations or ("*",), kind=kind, **more)

    async def state(self) -> dict[str, Any]:
        """Give what the venues hold and what they were sent."""
        return await self.say("state")

    async def held(self, venue: str, base: str = "BTC") -> Decimal:
        """Give a venue's position."""
        return Decimal((await self.state())[venue]["positions"].get(base, "0"))


class Failed(Exception):  # noqa: N818 - the end of a try
    """Something that had to come did not, with all that helps to see why."""


class Guard:
    """`riskguard run` on a policy file, and the commands that ask it."""

    def __init__(self, policy: Path, environ: Mapping[str, str]) -> None:
        self.policy = policy
        self.environ = environ
        self.process: asyncio.subprocess.Process | None = None
        self.log = policy.with_name("guard.log")
        self.seen: list[dict[str, Any]] = []
        """Every status that was asked for."""

    async def start(self, *more: str) -> None:
        """Start it."""
        with self.log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "riskguard", "run", "-c", str(self.policy), "--headless", *more),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environ,
                cwd=ROOT,
            )

    async def stop(self) -> int:
        """Send SIGTERM and give the exit code."""
        if self.process is None:
            raise Failed("not started")
        if self.process.returncode is None:
            self.process.terminate()
        try:
            return await asyncio.wait_for(self.process.wait(), END_S)
        except TimeoutError:
            self.process.kill()
            raise Failed(f"did not end within {END_S:g} s\n{self.words()}") from None

    async def kill(self) -> None:
        """Kill it at once."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def command(self, *words: str) -> tuple[int, str, str]:
        """Run a command of the product on the same policy; gives exit code, stdout, stderr."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "riskguard", words[0], "-c", str(self.policy), *words[1:]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environ,
            cwd=ROOT,
        )
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    async def status(self) -> dict[str, Any]:
        """Ask as `status` does, without a process for each look; empty while nothing answers."""
        try:
            found: dict[str, Any] = await question(
                socket_path(self.policy.with_name("riskguard.db")), {"do": "status"}
            )
        except GuardUnreachable:
            return {}
        return found

    async def told(self) -> dict[str, Any]:
        """Give what `status --json` prints: one line, exit code 0 or 10."""
        code, out, err = await self.command("status", "--json")
        if code not in (0, 10) or len(out.splitlines()) != 1:
            raise Failed(f"status ended with {code}: {out} {err}")
        found: dict[str, Any] = json.loads(out)
        return found

    async def until(
        self, what: str, is_so: Callable[[dict[str, Any]], bool], timeout_s: float
    ) -> dict[str, Any]:
        """Wait until the status is as wanted."""
        until = time.monotonic() + timeout_s
        found: dict[str, Any] = {}
        while time.monotonic() < until:
            if self.process is None or self.process.returncode is not None:
                raise Failed(f"the guard ended while: {what}\n{self.words()}")
            found = await self.status()
            if found:
                self.seen.append(found)
                with self.policy.with_name("status.jsonl").open("a", encoding="utf-8") as kept:
                    kept.write(json.dumps(found) + "\n")
                if is_so(found):
                    return found
            await asyncio.sleep(POLL_S)
        raise Failed(f"not within {timeout_s:g} s: {what}\n{json.dumps(found)}\n{self.words()}")

    async def watch(self, seconds: float) -> list[dict[str, Any]]:
        """Look at the status for a while; gives all that was seen meanwhile."""
        before, until = len(self.seen), time.monotonic() + seconds
        while time.monotonic() < until:
            await self.until("an answer", lambda _: True, 20.0)
            await asyncio.sleep(POLL_S)
        return self.seen[before:]

    async def incidents(self) -> list[dict[str, Any]]:
        """Give `incidents --json`."""
        code, out, err = await self.command("incidents", "--json")
        if code:
            raise Failed(f"incidents ended with {code}: {err}")
        found: list[dict[str, Any]] = json.loads(out)
        return found

    async def hedged(self, timeout_s: float = 60.0) -> dict[str, Any]:
        """Wait for the first incident to be hedged."""
        await self.until("hedged", lambda found: incident(found) == "hedged", timeout_s)
        return await self.told()

    async def closed(self, timeout_s: float = 120.0) -> dict[str, Any]:
        """Wait for the first incident to be closed."""
        return await self.until("closed", lambda found: incident(found) == "closed", timeout_s)

    async def ready(self) -> dict[str, Any]:
        """Wait until it sees every position and has proof of the order paths at both venues."""
        return await self.until("ready", _ready, 60.0)

    def words(self) -> str:
        """Give what it printed."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


def incident(found: Mapping[str, Any]) -> str:
    """Give the state of the newest incident, empty for none."""
    return str(found["incidents"][0]["state"]) if found["incidents"] else ""


def condition(found: Mapping[str, Any], venue: str) -> str:
    """Give a venue's condition word."""
    return next(str(row["condition"]) for row in found["venues"] if row["id"] == venue)


def verdicts(found: Mapping[str, Any], venue: str) -> dict[str, str]:
    """Give a venue's verdict per path."""
    row = next(row for row in found["venues"] if row["id"] == venue)
    return {name: path["verdict"] for name, path in row["paths"].items()}


def _ready(found: Mapping[str, Any]) -> bool:
    known = all(
        asset["net"] is not None and asset["coverage"]["share"] is not None for asset in found["assets"]
    )
    fine = all(row["condition"] == "FINE" for row in found["venues"])
    alive = all(row["paths"]["cancel"]["verdict"] == "up" for row in found["venues"])
    return known and fine and alive and found["self"]["condition"] == "FINE"


def orders(state: Mapping[str, Any], venue: str, *operations: str) -> list[dict[str, Any]]:
    """Give the orders a venue was sent that could have filled at once: everything but post-only."""
    found = []
    for row in state[venue]["log"]:
        params = row["params"]
        if row["op"] in (operations or ("place", "reduce")) and params.get("timeInForce") not in (
            "GTX",
            "PostOnly",
        ):
            found.append(row)
    return found


def policy_text(setup: Setup, ports: Mapping[str, int]) -> str:
    """Write the policy as a trader would, from the contract alone."""
    lines = [
        "version = 1",
        f'mode = "{setup.mode}"',
        'journal = "riskguard.db"',
        'instance = "o"',
        "",
        setup.limits,
    ]
    for name, face in setup.faces.items():
        role = "primary" if name == "main" else "backup"
        lines += [
            "[[venue]]",
            f'id = "{name}"',
            f'ccxt = "{CCXT[face]}"',
            f'role = "{role}"',
            f'keys = "env:RG_{name.upper()}"',
            CANARIES[setup.canary],
            f"ccxt_config = {{ urls = {{ api = {_urls(face, ports[name])} }} }}",
            "",
        ]
    for base in setup.bases:
        lines += [
            "[[asset]]",
            f'name = "{base}"',
            f'legs = ["main {base}/USDT:USDT", "backup {base}/USDT:USDT"]',
            f'guard = "0.01 {base}"',
            "",
        ]
    lines += ["[detect]", setup.detect, ""]
    if setup.reference:
        lines += ["[self_check]", f'refs = ["http://127.0.0.1:{ports["reference"]}/"]', "need = 1", ""]
    lines += [
        "[[rule]]",
        'name = "trapped"',
        'when = ["trapped", "dark"]',
        'do = ["tell", "cancel", "hedge"]',
        setup.rule,
        f"hedge = {{ {setup.hedge} }}",
        "",
        "[unwind]",
        setup.unwind,
    ]
    return "\n".join(lines) + "\n"


def _urls(face: str, port: int) -> str:
    at = f"http://127.0.0.1:{port}"
    if face == "bybit":
        return f'{{ public = "{at}", private = "{at}" }}'
    versions = {"": "v1", "V2": "v2", "V3": "v3"}
    pairs = [
        f'fapi{side}{suffix} = "{at}/fapi/{version}"'
        for side in ("Public", "Private")
        for suffix, version in versions.items()
    ]
    return f"{{ {', '.join(pairs)} }}"


def _config(setup: Setup) -> dict[str, Any]:
    prices = {"BTC": "60000", "ETH": "3000", "PAXG": "2500", "BNB": "600"}
    venues = {
        name: {
            "face": face,
            "key": KEYS[f"RG_{name.upper()}_KEY"],
            "secret": KEYS[f"RG_{name.upper()}_SECRET"],
            "equity": "200000",
            "positions": setup.positions.get(name, {}),
            "orders": setup.orders if name == "main" else (),
            "style": setup.styles.get(name, {}),
        }
        for name, face in setup.faces.items()
    }
    return {"prices": {base: prices[base] for base in setup.bases}, "venues": venues}


@asynccontextmanager
async def outside(directory: Path, setup: Setup) -> AsyncIterator[tuple[Guard, Servers]]:
    """Run the venues, and give a guard that is not started yet; both end with the block."""
    config = directory / "venues.json"
    await asyncio.to_thread(config.write_text, json.dumps(_config(setup)), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.outside_venues", str(config)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    if process.stdout is None or process.stdin is None:
        raise Failed("no pipes")
    ports = json.loads(await process.stdout.readline())
    policy = directory / "riskguard.toml"
    policy.write_text(policy_text(setup, ports), encoding="utf-8")
    guard = Guard(policy, {**os.environ, **KEYS, "RG_MAIN_KEY": setup.own_key})
    try:
        yield guard, Servers(ports)
    finally:
        await guard.kill()
        process.stdin.close()
        await process.wait()
