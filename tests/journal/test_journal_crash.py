"""A guard that is killed has on disk every fact whose commit had returned, and a prefix of the rest."""

# ruff: noqa: ASYNC220 - the loop has nothing else to do
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from riskguard.core.facts import Told
from riskguard.journal import JournalReader, open_journal

WRITER = """
import asyncio, sys
from pathlib import Path
from riskguard.core.facts import Told
from riskguard.journal import open_journal

async def main():
    journal = open_journal(Path(sys.argv[1]), 1)
    number = 0
    while True:
        journal.append(number, [Told("info", str(number), "")])
        await journal.commit(number + 1, [Told("info", str(number + 1), "")])
        print(number + 1, flush=True)
        journal.append(number + 2, [Told("info", str(number + 2), "")])
        number += 3

asyncio.run(main())
"""


@pytest.mark.crash
@pytest.mark.parametrize("kill_after", [1, 7, 40])
async def test_what_was_committed_survives_a_kill(tmp_path: Path, kill_after: int) -> None:
    path = tmp_path / "rg.db"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as guard:
        assert guard.stdout is not None
        for _ in range(kill_after):
            guard.stdout.readline()
        os.kill(guard.pid, signal.SIGKILL)
        committed = [int(line) for line in guard.stdout.read().split()] or [3 * (kill_after - 1) + 1]
    with JournalReader(path) as reader:
        kept = [int(fact.title) for _, fact in reader.facts() if isinstance(fact, Told)]
    assert kept == list(range(len(kept)))
    assert len(kept) > committed[-1]
    journal = open_journal(path, 99)
    assert journal.epoch_ms == 1
    assert len(list(journal.replay())) == len(kept)
    await journal.close()


FILLED_DISK = """
import asyncio, resource, sys
from pathlib import Path
from riskguard.core.facts import Told
from riskguard.journal import open_journal
from riskguard.ports import JournalUnavailable

async def main():
    journal = open_journal(Path(sys.argv[1]), 1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
    written = 0
    try:
        while True:
            await journal.commit(1, [Told("info", str(written), "x" * 5_000)])
            written += 1
    except JournalUnavailable:
        print(written)
    journal.append(2, [Told("info", str(written + 1), "")])
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await journal.commit(3, [Told("info", str(written + 2), "")])
    await journal.close()

asyncio.run(main())
"""


def test_a_write_that_the_system_refuses_half_way_loses_and_doubles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rg.db"
    guard = subprocess.run(
        [sys.executable, "-c", FILLED_DISK, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    written = int(guard.stdout)
    assert written > 0
    with JournalReader(path) as reader:
        assert [int(fact.title) for _, fact in reader.facts() if isinstance(fact, Told)] == list(
            range(written + 3)
        )
