"""A process of its own that paints two snapshots in turn; what the keys asked for is appended to a file."""

import asyncio
import dataclasses
import fcntl
import signal
import sys
import termios
from decimal import Decimal
from pathlib import Path

from riskguard.core.snapshot import IncidentPicture, Snapshot, VenuePicture
from riskguard.core.types import Mode
from riskguard.dashboard.painter import Look, paint

NOON_MS = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 43_200_000


def _snapshot() -> Snapshot:
    incident = IncidentPicture(
        "I-0042", "open", "main", "trapped", NOON_MS, None, 1.0, Decimal(5), "hedging", NOON_MS + 60_000
    )
    venue = VenuePicture("main", "primary", "TRAPPED", "cancels hang", (), None, None, None, None)
    return Snapshot(NOON_MS, Mode.AUTO, True, "FINE", "", True, (venue,), (), (), (incident,), ())


async def _main(record: Path, how: str) -> None:
    ticks = 0

    def source() -> Snapshot:
        nonlocal ticks
        ticks += 1
        return dataclasses.replace(_snapshot(), at_ms=NOON_MS + 50 * ticks)

    async def control(word: str, incident: str) -> str:
        with record.open("a", encoding="utf-8") as file:
            file.write(f"{word} {incident}\n")
        return "taken"

    task = asyncio.ensure_future(paint(source, control, look=Look(frame_s=0.05)))
    if how == "handled":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        end = await task
    except asyncio.CancelledError:
        end = None
    print(f"after the screen: {end}")  # noqa: T201 - the test reads it


if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # started in a session of its own, as under a login shell
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2]))
