"""Reads a journal without disturbing the guard that writes it, whether it runs or not."""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from riskguard.core.facts import Fact
from riskguard.journal.codec import UnreadableError, decode
from riskguard.journal.schema import check_version, connect_read_only, read_meta, words
from riskguard.ports import JournalUnavailable, JournalUnusable

BATCH_ROWS = 1_000
SELECT = "SELECT seq, wall_ms, kind, body FROM facts WHERE seq > ?{kinds} ORDER BY seq LIMIT ?"


class JournalReader:
    """A read-only view; every batch is its own short read, so that the writer's log can be tidied."""

    def __init__(self, path: Path) -> None:
        """Open; raises `JournalUnavailable` where there is no readable journal."""
        self.skipped = 0
        """Rows of kinds that this version does not know."""
        self._name = path.name
        if not path.is_file():
            raise JournalUnavailable(f"{path.name}: no such journal")
        with self._errors():
            self._connection = connect_read_only(path)
            try:
                self.version, self.epoch_ms = read_meta(self._connection)
                check_version(path, self.version)
            except BaseException:
                self._connection.close()
                raise

    def facts(self, after_seq: int = 0) -> Iterator[tuple[int, Fact]]:
        """Yield (wall milliseconds, fact), oldest first. Raises `JournalUnavailable`."""
        for _seq, wall_ms, fact in self.rows(after_seq):
            yield wall_ms, fact

    def rows(self, after_seq: int = 0, kinds: Sequence[str] = ()) -> Iterator[tuple[int, int, Fact]]:
        """Yield (number, wall milliseconds, fact), to go on from where one stopped; of some kinds only."""
        only = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        select = SELECT.format(kinds=only)
        while True:
            with self._errors():
                batch = self._connection.execute(select, (after_seq, *kinds, BATCH_ROWS)).fetchall()
            for seq, wall_ms, kind, body in batch:
                after_seq = seq
                with self._errors():
                    fact = decode(kind, body)
                if fact is None:
                    self.skipped += 1
                else:
                    yield seq, wall_ms, fact
            if len(batch) < BATCH_ROWS:
                return

    def last_seq(self) -> int:
        """Give the number of the newest fact, zero where there is none."""
        with self._errors():
            return int(self._connection.execute("SELECT COALESCE(MAX(seq), 0) FROM facts").fetchone()[0])

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise JournalUnavailable(f"{self._name}: {words(error)}") from error
        except (sqlite3.Error, UnreadableError, ValueError) as error:
            raise JournalUnusable(f"{self._name}: {words(error)}") from error
