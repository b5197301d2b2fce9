"""The journal's file as one writer sees it: whole transactions, in order, and nothing forgotten.

Not bound to a thread: the journal on disk runs it in a thread of its own, a simulation in virtual time.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from riskguard.core.facts import Fact
from riskguard.journal.codec import encode
from riskguard.journal.compaction import Compactor, Sweep
from riskguard.journal.schema import DELETE, INSERT, connect, words

BACKLOG_ROWS = 200_000
"""Facts kept in memory while the disk refuses them; some hundred megabytes at most."""

Row = tuple[int, int, str, str]
"""Number, wall milliseconds, kind, body."""

log = logging.getLogger(__name__)


class Store:
    """Keeps facts in the order in which they were handed in, also while the disk refuses them."""

    def __init__(
        self,
        path: Path,
        next_seq: int,
        compactor: Compactor,
        connector: Callable[[Path], sqlite3.Connection] = connect,
    ) -> None:
        self.lost = 0
        """Facts dropped because the backlog was full or they could not be encoded."""
        self.backlog: list[Row] = []
        """Rows that are not on disk yet."""
        self._path = path
        self._connector = connector
        self._connection: sqlite3.Connection | None = None
        self._identity = _identity(path)
        self._next_seq = next_seq
        self._compactor = compactor

    def take(self, wall_ms: int, facts: Iterable[Fact]) -> None:
        """Queue facts behind all that came before."""
        self._compactor.at(wall_ms)
        for fact in facts:
            try:
                kind, body = encode(fact)
            except (TypeError, ValueError):
                log.exception("a %s cannot be encoded and is lost", type(fact).__name__)
                self.lost += 1
                continue
            if len(self.backlog) >= BACKLOG_ROWS:
                self.lost += 1
                continue
            self.backlog.append((self._next_seq, wall_ms, kind, body))
            self._compactor.note(self._next_seq, wall_ms, fact)
            self._next_seq += 1

    def write(self) -> str:
        """Make all that is queued durable; gives the cause of failure, empty where there is none."""
        try:
            if _identity(self._path) != self._identity:
                return "the journal's file was moved or replaced"
            if self._connection is None:
                self._connection = self._connector(self._path)
            if self.backlog:
                self._transact(self.backlog)
                self.backlog.clear()
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            return words(error)
        return ""

    def tidy(self) -> None:
        """Fold up what nobody needs row by row any more; a failure only means that it happens later."""
        sweep = self._compactor.due()
        if sweep is None or self._connection is None or self.backlog:
            return
        try:
            self._sweep(sweep)
        except (sqlite3.Error, OSError) as error:
            log.warning("the journal was not tidied: %s", words(error))
            self._disconnect()

    def close(self) -> None:
        """Release the file."""
        self._disconnect()

    def _sweep(self, sweep: Sweep) -> None:
        rows: list[Row] = []
        for seq, fact in enumerate(sweep.digests, self._next_seq):
            rows.append((seq, sweep.wall_ms, *encode(fact)))
        self._transact(rows, drop=sweep.rows)
        self._next_seq += len(rows)
        self._compactor.swept(sweep)

    def _transact(self, rows: Sequence[Row], *, drop: Sequence[int] = ()) -> None:
        connection = self._connection
        if connection is None:
            raise sqlite3.OperationalError("the journal is not open")
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, rows)
        connection.executemany(DELETE, [(seq,) for seq in drop])
        connection.execute("COMMIT")

    def _disconnect(self) -> None:
        """Drop the connection, and with it a transaction that failed half-way; the next try opens its own."""
        if self._connection is not None:
            try:
                self._connection.close()
            except sqlite3.Error as error:
                log.warning("closing the journal: %s", words(error))
            self._connection = None


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
