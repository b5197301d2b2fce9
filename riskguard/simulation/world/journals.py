"""Journals of a virtual world: each write can be the moment of a crash, in memory or in a real file.

Moments are named `commit` and `durable` (just before and just after an intent is on disk) and `flush` and
`flushed` (the same for facts that were only queued).
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol, Self

from riskguard.core.facts import Fact
from riskguard.journal import MemoryJournal, SqliteJournal, open_journal
from riskguard.ports import Journal, JournalUnavailable

FLUSH_S = 0.2


class DoomedJournal(Journal, Protocol):
    """A journal that can fail, be slow, and die with its process."""

    delay_s: float
    failing: str
    commits: int
    """Writes asked for with an intent in them."""
    moment: Callable[[str], None]
    """Told of every write, before and after."""

    def crash(self) -> Self:
        """End as a killed process would, and open the next one on what is on disk."""


def nothing(_moment: str) -> None:
    """Take note of no moment."""


class CountingJournal(MemoryJournal):
    """The journal in memory, with moments."""

    def __init__(self, epoch_ms: int, rows: Iterable[tuple[int, str, str]] = ()) -> None:
        super().__init__(epoch_ms, rows)
        self.moment: Callable[[str], None] = nothing

    async def commit(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Make durable, and say so before and after."""
        if facts:
            self.moment("commit")
        await super().commit(wall_ms, facts)
        if facts:
            self.moment("durable")

    def crash(self) -> Self:
        """Lose what was not durable."""
        super().crash()
        return type(self)(self.epoch_ms, self._rows[: self._durable])


class DiskJournal:
    """The real journal on a real disk under virtual time: time stands still while its thread writes.

    Appended facts are handed to the writer when the real one would flush them, so that one history gives one
    file. `stop` must be called at the end: the writer is a thread.
    """

    def __init__(self, path: Path, epoch_ms: int) -> None:
        self._inner: SqliteJournal = open_journal(path, epoch_ms)
        self.epoch_ms = self._inner.epoch_ms
        self.delay_s = 0.0
        self.failing = ""
        self.commits = 0
        self.moment: Callable[[str], None] = nothing
        self._queued: list[tuple[int, tuple[Fact, ...]]] = []
        self._is_flush_due = False
        self._is_dead = False

    async def commit(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Make these facts and all before them durable; raises `JournalUnavailable` while told to fail."""
        self.commits += 1
        self._queued.append((wall_ms, tuple(facts)))
        if facts:
            self.moment("commit")
        await asyncio.sleep(self.delay_s / 2)
        if self.failing:
            raise JournalUnavailable(self.failing)
        self._push()
        await asyncio.sleep(self.delay_s / 2)
        if facts:
            self.moment("durable")

    def append(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Queue facts; they are written after `FLUSH_S` or with the next commit."""
        self._queued.append((wall_ms, tuple(facts)))
        if not self._is_flush_due:
            self._is_flush_due = True
            asyncio.get_running_loop().call_later(FLUSH_S, self._flush)

    def replay(self) -> Iterable[tuple[int, Fact]]:
        """Yield the facts on disk."""
        return self._inner.replay()

    async def close(self) -> None:
        """Write what is queued."""
        if not self.failing:
            self._push()

    def crash(self) -> Self:
        """Lose what was not written; the next one finds the same file."""
        self._is_dead = True
        self.stop()
        return type(self)(self._inner.path, self.epoch_ms)

    def stop(self) -> None:
        """End the thread and let go of the file; writes nothing more."""
        self._queued.clear()
        self._inner.abandon()

    def _flush(self) -> None:
        self._is_flush_due = bool(self.failing) and not self._is_dead
        if self._is_flush_due:
            asyncio.get_running_loop().call_later(FLUSH_S, self._flush)
        elif self._queued and not self._is_dead:
            self.moment("flush")
            self._push()
            self.moment("flushed")

    def _push(self) -> None:
        """Write all that is queued, and wait for the disk."""
        if self._is_dead:
            return
        written = threading.Event()
        causes: list[str] = []

        def done(cause: str) -> None:
            causes.append(cause)
            written.set()

        self._inner.write_now(self._queued, done)
        self._queued = []
        if not written.wait(60.0):
            raise RuntimeError("the disk does not answer")
        if causes[0]:
            raise JournalUnavailable(causes[0])
