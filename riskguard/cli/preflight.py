"""`preflight`: a minimum-size hedge and its release on each backup, by a running guard or one of its own."""

import argparse
import asyncio
import time
from typing import Any

from riskguard.attach import question
from riskguard.cli.asking import confirm
from riskguard.cli.exits import Exit, Failed, answer, say
from riskguard.cli.guarding import carried_out
from riskguard.cli.policy_files import loaded_policy
from riskguard.config import Loaded
from riskguard.runtime.control_client import GuardUnreachable
from riskguard.runtime.socket_path import socket_path

FLOWN_WITHIN_S = 180.0
"""An order in doubt is settled by the venue's own evidence, which takes its time."""
POLL_S = 0.5


def preflight(arguments: argparse.Namespace) -> int:
    """Fly and say how it went; exit code 3 where it is refused, 5 where a backup failed."""
    loaded = loaded_policy(arguments)
    what = "a minimum-size order is bought and sold again on each backup, for real money"
    confirm("preflight", what, yes=arguments.yes)
    found = carried_out(_fly(loaded))
    for row in found["backups"]:
        how = f"{row['latency_ms']:.0f} ms, fee {row['fee']}, {row['cost_bps']} bps all in"
        say(f"{row['leg']}: {'passed' if row['ok'] else 'FAILED'}, {row['because']} ({how})")
    if arguments.json:
        answer(found)
    else:
        print(found["says"])
    return _code(found)


def _code(found: Any) -> Exit:
    if found["ok"]:
        return Exit.FINE
    refused = found["refused"] or any(row["because"].startswith("refused") for row in found["backups"])
    return Exit.REFUSED if refused else Exit.UNREACHABLE


async def _fly(loaded: Loaded) -> Any:
    path = socket_path(loaded.journal)
    try:
        begun = await question(path, {"do": "preflight", "by": "cli"})
    except GuardUnreachable:
        return await _fly_alone(loaded)
    return await _landed(loaded, begun)


async def _fly_alone(loaded: Loaded) -> Any:
    """Run a guard for this alone; it hedges nothing, since nobody armed it."""
    from riskguard.app import run_guard  # noqa: PLC0415 - ccxt takes seconds; a wrong policy must answer at once
    from riskguard.core.control.preflight import ALONE  # noqa: PLC0415 - likewise

    stop = asyncio.Event()
    guard = asyncio.ensure_future(run_guard(loaded, stop, arm=False))
    try:
        while not guard.done():
            try:
                begun = await question(socket_path(loaded.journal), {"do": "preflight", "by": ALONE})
            except GuardUnreachable:
                await asyncio.sleep(POLL_S)
            else:
                return await _landed(loaded, begun)
        guard.result()
        raise Failed(Exit.UNREACHABLE, "the guard ended by itself")
    finally:
        stop.set()
        if not guard.done():
            await guard


async def _landed(loaded: Loaded, found: Any) -> Any:
    until_s = time.monotonic() + FLOWN_WITHIN_S
    while not found["done"] and not found["refused"]:
        if time.monotonic() > until_s:
            raise Failed(Exit.UNREACHABLE, f"preflight is still under way: {found['says']}")
        await asyncio.sleep(POLL_S)
        found = await question(socket_path(loaded.journal), {"do": "preflight-state"})
    return found
