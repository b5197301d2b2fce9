"""Steer loopback venues from another process, and start that process."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self

import aiohttp

_READY_S = 30.0
_END_S = 5.0


class WireError(RuntimeError):
    """The control endpoint refused a request, or the process did not start."""


class WireClient:
    """The control endpoint's operations as methods; see `control` for what each takes and answers.

    `venues` has, by name, `face`, `port` and `ccxt_config`.
    """

    def __init__(self, ready: Mapping[str, Any]) -> None:
        """Take the line that the process printed when it was ready."""
        self.ready = ready
        self.pid: int = ready.get("pid", 0)
        self.venues: dict[str, dict[str, Any]] = ready["venues"]
        self._url: str = ready["control"]["url"]
        self._session = aiohttp.ClientSession(
            headers={"X-Token": ready["control"]["token"]}, timeout=aiohttp.ClientTimeout(total=10)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; the venues run on."""
        await self._session.close()

    async def set_fault(self, venue: str, kind: str, *groups: str, **keys: Any) -> str:
        """Put one fault rule in force (venue `*`: everywhere) and give its id at the first venue."""
        rule = {"kind": kind, "groups": list(groups) or ["all"], **keys}
        answer = await self.ask("/faults/set", venue=venue, rule=rule)
        return str(next(iter(answer["ids"].values()))[0])

    async def clear_faults(self, venue: str = "*", *ids: str) -> None:
        """Lift the named rules, or all."""
        await self.ask("/faults/clear", venue=venue, ids=list(ids) or None)

    async def set_mid(self, symbol: str, price: object, venue: str = "*") -> None:
        """Move the market at once."""
        await self.ask("/mid", venue=venue, symbol=symbol, price=str(price))

    async def follow(self, symbol: str, legs: list[tuple[object, float]], venue: str = "*") -> None:
        """Move the market along `(to, over_s)` legs."""
        rows = [{"to": str(to), "over_s": over_s} for to, over_s in legs]
        await self.ask("/path", venue=venue, symbol=symbol, legs=rows)

    async def set_mode(self, venue: str, mode: str, symbol: str = "") -> None:
        """Restrict trading."""
        await self.ask("/mode", venue=venue, mode=mode, symbol=symbol)

    async def place(self, venue: str, **order: Any) -> dict[str, Any]:
        """Place an order that no API call carried."""
        return await self.ask("/order", venue=venue, **order)

    async def state(self, venue: str) -> dict[str, Any]:
        """Give the truth about one venue."""
        answer: dict[str, Any] = (await self.ask("/state", venue=venue))[venue]
        return answer

    async def account(self, venue: str, account: str = "main") -> dict[str, Any]:
        """Give the truth about one account: positions, balances, orders, open orders, number of fills."""
        answer: dict[str, Any] = (await self.state(venue))["accounts"][account]
        return answer

    async def log(self, after: int = 0, venue: str | None = None) -> list[dict[str, Any]]:
        """Give rows of the raw log."""
        rows: list[dict[str, Any]] = (await self.ask("/log", after=after, venue=venue))["rows"]
        return rows

    async def ask(self, path: str, **body: Any) -> dict[str, Any]:
        """Call one operation of the control endpoint."""
        async with self._session.post(self._url + path, json=body) as response:
            answer: dict[str, Any] = await response.json()
        if response.status != 200:
            raise WireError(f"{path}: {answer.get('error', response.status)}")
        return answer


@asynccontextmanager
async def running_wire(config: Mapping[str, Any]) -> AsyncIterator[WireClient]:
    """Run loopback venues in a process of their own; it ends with the block, or when this process dies."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "riskguard.simulation.wire",
        "--config",
        "-",
        "--parent-pipe",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        limit=1 << 20,
    )
    try:
        async with WireClient(await _ready(process, config)) as client:
            yield client
    finally:
        await _end(process)


async def _ready(process: asyncio.subprocess.Process, config: Mapping[str, Any]) -> dict[str, Any]:
    if process.stdin is None or process.stdout is None:
        raise WireError("the process has no pipes")
    process.stdin.write(json.dumps(config).encode() + b"\n")
    await process.stdin.drain()
    line = await asyncio.wait_for(process.stdout.readline(), _READY_S)
    if not line:
        raise WireError("the venues did not start; their error is on stderr")
    ready: dict[str, Any] = json.loads(line)
    return ready


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    with suppress(ProcessLookupError):
        try:
            await asyncio.wait_for(process.wait(), _END_S)
        except TimeoutError:
            process.kill()
            await process.wait()
