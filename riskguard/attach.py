"""A running guard as seen from another process: its pictures, its answers, and a word in its ear."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from riskguard.core.snapshot import Snapshot
from riskguard.journal.codec import from_plain
from riskguard.runtime.control_client import GuardRefused, GuardUnreachable, ask
from riskguard.runtime.control_client import watch as pictures

FIRST_WAIT_S = 20.0
"""A screen may be started before its guard listens."""


async def question(path: Path, request: Mapping[str, str]) -> Any:
    """Ask once; raises `GuardUnreachable` or `GuardRefused`."""
    return await asyncio.to_thread(ask, path, request)


async def snapshots(path: Path) -> AsyncIterator[Snapshot]:
    """Yield the guard's pictures; ends when it goes away."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + FIRST_WAIT_S
    while True:
        try:
            source = pictures(path)
            while True:
                plain = await loop.run_in_executor(None, next, source)
                until_s = 0.0
                yield from_plain(Snapshot, plain)
        except GuardUnreachable:
            if loop.time() > until_s:
                return
            await asyncio.sleep(0.3)


async def said(path: Path, word: str, incident: str) -> str:
    """Hand a key press to the guard; gives its answer in a few words."""
    request = {"do": word, "by": f"dashboard of {os.environ.get('USER', 'somebody')}"[:60]}
    if incident:
        request["incident"] = incident
    try:
        answer = await question(path, request)
    except (GuardUnreachable, GuardRefused) as error:
        return str(error)
    return str(answer["says"])
