"""The guard as its user starts it: `riskguard run` as a process, heard through its control socket."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from riskguard.attach import question
from riskguard.runtime.control_client import GuardUnreachable
from riskguard.runtime.socket_path import socket_path

END_S = 15.0
POLL_S = 0.1


class NotReached(Exception):  # noqa: N818 - an end of the script, not a defect
    """Something that the script waits for did not come."""


class GuardProcess:
    """One running guard."""

    def __init__(self, process: asyncio.subprocess.Process, journal: Path) -> None:
        self.process = process
        self.socket = socket_path(journal)

    async def status(self) -> Mapping[str, Any] | None:
        """Ask how things are; None while the guard does not answer."""
        try:
            found: Mapping[str, Any] = await question(self.socket, {"do": "status"})
        except GuardUnreachable:
            return None
        return found

    async def until(
        self, what: str, is_so: Callable[[Mapping[str, Any]], bool], timeout_s: float
    ) -> Mapping[str, Any]:
        """Wait until the guard's status is as wanted; raises `NotReached`."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + timeout_s
        while loop.time() < until_s:
            if self.process.returncode is not None:
                raise NotReached(f"the guard ended with code {self.process.returncode} while: {what}")
            found = await self.status()
            if found is not None and is_so(found):
                return found
            await asyncio.sleep(POLL_S)
        raise NotReached(f"not within {timeout_s:g} s: {what}")

    async def end(self) -> int:
        """Ask it to stop and give its exit code; kills it when it does not."""
        if self.process.returncode is None:
            self.process.terminate()
        try:
            return await asyncio.wait_for(self.process.wait(), END_S)
        except TimeoutError:
            self.process.kill()
            return await self.process.wait()


@asynccontextmanager
async def running_guard(
    policy: Path, environment: Mapping[str, str], log: Path
) -> AsyncIterator[GuardProcess]:
    """Run an armed guard on a policy file; it ends with the block."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "riskguard", "run", "-c", str(policy), "--headless", "--arm"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
        )
    guard = GuardProcess(process, policy.parent / "riskguard.db")
    try:
        yield guard
    finally:
        await guard.end()
