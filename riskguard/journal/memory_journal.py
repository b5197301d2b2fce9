"""A journal in memory for virtual time: no thread, no file; its crash loses what a crash would lose."""

import asyncio
from collections.abc import Iterable, Sequence

from riskguard.core.facts import Fact
from riskguard.journal.codec import UnreadableError, decode, encode
from riskguard.ports import JournalUnavailable

FLUSH_S = 0.2


class MemoryJournal:
    """Keeps the `Journal` port; rows are encoded, so that simulated histories exercise the codec too.

    Durable is a prefix of all that was handed in: a commit makes everything before it durable as well.
    A commit of `delay_s` becomes durable half-way, so that a crash can fall before and after that moment.
    """

    def __init__(self, epoch_ms: int, rows: Iterable[tuple[int, str, str]] = ()) -> None:
        self.epoch_ms = epoch_ms
        self.delay_s = 0.0
        """How long every commit takes from now on."""
        self.failing = ""
        """While not empty, commits fail with these words and nothing becomes durable."""
        self.commits = 0
        """Commits asked for; a simulation crashes at the n-th."""
        self._rows = list(rows)
        self._durable = len(self._rows)
        self._flush_armed = False
        self._crashed = False

    async def commit(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Make these facts and all before them durable; raises `JournalUnavailable` while told to fail."""
        self.commits += 1
        self._take(wall_ms, facts)
        upto = len(self._rows)
        await asyncio.sleep(self.delay_s / 2)
        if self.failing:
            raise JournalUnavailable(self.failing)
        self._keep(upto)
        await asyncio.sleep(self.delay_s / 2)

    def append(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Queue facts; they become durable after `FLUSH_S` or with the next commit."""
        self._take(wall_ms, facts)
        if not self._flush_armed:
            self._flush_armed = True
            asyncio.get_running_loop().call_later(FLUSH_S, self._flush)

    def replay(self) -> Iterable[tuple[int, Fact]]:
        """Yield the durable facts, oldest first."""
        for wall_ms, kind, body in self._rows[: self._durable]:
            try:
                fact = decode(kind, body)
            except UnreadableError as error:
                raise JournalUnavailable(f"a fact cannot be read: {error}") from error
            if fact is not None:
                yield wall_ms, fact

    async def close(self) -> None:
        """Make durable what is queued, unless told to fail."""
        if not self.failing:
            self._keep(len(self._rows))

    def crash(self) -> "MemoryJournal":
        """End this journal as a killed process would, and open the next one on what was durable."""
        self._crashed = True
        return MemoryJournal(self.epoch_ms, self._rows[: self._durable])

    def _take(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        for fact in facts:
            kind, body = encode(fact)
            self._rows.append((wall_ms, kind, body))

    def _flush(self) -> None:
        self._flush_armed = bool(self.failing) and not self._crashed
        if self._flush_armed:
            asyncio.get_running_loop().call_later(FLUSH_S, self._flush)
        else:
            self._keep(len(self._rows))

    def _keep(self, upto: int) -> None:
        if not self._crashed:
            self._durable = max(self._durable, upto)
