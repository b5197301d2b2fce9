"""The journal on disk: SQLite in WAL mode behind one writer thread, locked to one guard.

When the disk refuses (full, read-only, corrupt, moved away), `commit` raises `JournalUnavailable`, nothing is
forgotten: the facts stay in memory in their order and are written when the disk takes them again, so that the
record of an order that left in spite of it (a way out) still arrives.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from riskguard.core.facts import Fact
from riskguard.journal import schema
from riskguard.journal.compaction import KINDS, Compactor
from riskguard.journal.lock import JournalLock
from riskguard.journal.reader import JournalReader
from riskguard.journal.store import Store
from riskguard.journal.writer import Done, Job, Writer, settle
from riskguard.ports import JournalUnavailable

CLOSE_S = 5.0

log = logging.getLogger(__name__)


class SqliteJournal:
    """Keeps the `Journal` port; made by `open_journal`."""

    def __init__(self, path: Path, epoch_ms: int, lock: JournalLock, writer: Writer) -> None:
        self.epoch_ms = epoch_ms
        self.path = path
        self.skipped = 0
        """Facts of kinds that this version does not know, met by the last replay; their rows stay."""
        self._lock = lock
        self._writer = writer

    async def commit(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Return when these facts and all before them are on disk; raises `JournalUnavailable`.

        Facts of a failed or cancelled commit stay queued: they may become durable later, never twice.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        self._writer.put(Job(wall_ms, tuple(facts), settle(loop, answer)))
        cause = await answer
        if cause:
            raise JournalUnavailable(cause)

    def append(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Queue facts; they are on disk within about 200 ms or with the next commit."""
        self._writer.put(Job(wall_ms, tuple(facts)))

    def replay(self) -> Iterator[tuple[int, Fact]]:
        """Yield all facts on disk, oldest first. Raises `JournalUnavailable` where one cannot be read."""
        self.skipped = 0
        with contextlib.closing(JournalReader(self.path)) as reader:
            yield from reader.facts()
            self.skipped = reader.skipped

    def write_now(self, batches: Sequence[tuple[int, Sequence[Fact]]], done: Done) -> None:
        """Write batches of (wall milliseconds, facts) at once; `done` hears of it on the writer's thread."""
        for wall_ms, facts in batches[:-1]:
            self._writer.put(Job(wall_ms, tuple(facts)))
        wall_ms, facts = batches[-1] if batches else (0, ())
        self._writer.put(Job(wall_ms, tuple(facts), done))

    def abandon(self) -> None:
        """End the writer and let go of the file without waiting for a loop: a simulated crash."""
        self._writer.close(CLOSE_S)
        self._lock.release()

    async def close(self) -> None:
        """Write what is queued, then let the next guard in; gives up on a disk that hangs."""
        if not await asyncio.to_thread(self._writer.close, CLOSE_S):
            log.error("the journal's disk hangs; what was queued may be lost")
        self._lock.release()


def open_journal(
    path: Path, wall_ms: int, connector: Callable[[Path], sqlite3.Connection] = schema.connect
) -> SqliteJournal:
    """Open or create a journal for the one guard that may write it; `wall_ms` is the birth of a new one.

    Raises `JournalLocked` where another guard has it, `JournalUnusable` where the file is damaged or of a
    newer version, `JournalUnavailable` where the disk refuses.
    """
    path = path.resolve()
    lock = JournalLock(path)
    try:
        epoch_ms = schema.prepare(path, wall_ms)
        compactor = Compactor()
        with contextlib.closing(JournalReader(path)) as reader:
            next_seq = reader.last_seq() + 1
            compactor.restore(reader.rows(kinds=KINDS))
        writer = Writer(Store(path, next_seq, compactor, connector))
    except BaseException:
        lock.release()
        raise
    return SqliteJournal(path, epoch_ms, lock, writer)
