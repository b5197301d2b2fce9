"""`watch`: a dashboard on a running guard, over its control socket; leaving never stops the guard."""

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path

from riskguard.attach import said, snapshots
from riskguard.cli.exits import Exit, say
from riskguard.config import locate_journal
from riskguard.dashboard.painter import End, look_of, paint
from riskguard.runtime.lifetime import stop_on_signals
from riskguard.runtime.socket_path import socket_path


def watch(arguments: argparse.Namespace) -> int:
    """Show a running guard until the trader leaves or the guard ends."""
    path = socket_path(locate_journal(arguments.config))
    end = asyncio.run(_watch(path, plain=arguments.plain))
    if end is End.SOURCE_ENDED:
        say("the guard went away, or never answered")
        return Exit.UNREACHABLE
    return Exit.FINE


async def _watch(path: Path, *, plain: bool) -> End:
    stop = asyncio.Event()
    with stop_on_signals(stop):
        painting = asyncio.ensure_future(
            paint(
                snapshots(path),
                lambda word, incident: said(path, word, incident),
                look=replace(look_of(1), plain=plain),
            )
        )
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait((painting, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not painting.done():
            painting.cancel()
            await asyncio.wait((painting,))
            return End.LEFT
        return painting.result()
