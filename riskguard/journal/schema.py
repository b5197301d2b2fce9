"""The journal's file: its tables, version and birth, and how a connection to it is opened."""

import logging
import os
import sqlite3
import stat
from pathlib import Path

from riskguard.ports import JournalUnavailable, JournalUnusable

log = logging.getLogger(__name__)

VERSION = 2
BUSY_S = 2.0
"""How long a foreign writer (a person with a database shell) may hold us up before that is a failure."""

COLUMNS = "seq INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL"
INDEX = "CREATE INDEX facts_kind ON facts (kind, seq)"
CREATE = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    f"CREATE TABLE facts ({COLUMNS})",
    INDEX,
)
MIGRATIONS: dict[int, tuple[str, ...]] = {1: (INDEX,)}
"""Statements that lead from a version to the next one.

2: settled canaries are folded up (`CanariesSettled`). A guard of version 1 would not know their numbers to be
used, so it must refuse such a file.
"""
INSERT = "INSERT OR REPLACE INTO facts (seq, wall_ms, kind, body) VALUES (?, ?, ?, ?)"
"""Repeatable: after a failed sync a row may be there already, under the number that it keeps."""
DELETE = "DELETE FROM facts WHERE seq = ?"


def connect(path: Path) -> sqlite3.Connection:
    """Open the journal for writing: WAL, and a commit returns only when the disk has it."""
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 256")
        connection.execute("PRAGMA journal_size_limit = 4194304")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Open for reading, beside a running guard or after it; `sqlite3.Error` where that fails."""
    uri = path.resolve().as_uri()
    connection = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=BUSY_S)
    try:
        connection.execute("SELECT COUNT(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        connection.close()
        if path.with_name(path.name + "-wal").exists():
            raise
        # A read-only directory: nothing can be written beside a file that nobody writes to.
        return sqlite3.connect(f"{uri}?immutable=1", uri=True)
    return connection


def prepare(path: Path, wall_ms: int) -> int:
    """Create or check the file and give its birth in wall milliseconds.

    Raises `JournalUnusable` where the file is damaged, no journal, or of a newer version: it is never written
    then. Raises `JournalUnavailable` where the disk does not let it be read or made.
    """
    try:
        if not path.exists():
            _create(path, wall_ms)
        _make_private(path)
        _look_at(path)
        connection = connect(path)
    except (OSError, sqlite3.Error) as error:
        raise _told(path, error) from error
    try:
        return _migrated(connection, path)
    except sqlite3.Error as error:
        raise _told(path, error) from error
    finally:
        connection.close()


def check_version(path: Path, version: int) -> None:
    """Raise `JournalUnusable` for a schema that this version cannot read."""
    if version > VERSION:
        text = f"{path.name} was written by a newer riskguard (schema {version}, this one knows {VERSION})"
        raise JournalUnusable(f"{text}; use that one, or another journal")
    if version < VERSION and any(step not in MIGRATIONS for step in range(version, VERSION)):
        raise JournalUnusable(f"{path.name} has schema {version}, which nothing leads on from")


def read_meta(connection: sqlite3.Connection) -> tuple[int, int]:
    """Give version and birth. Raises `sqlite3.Error` or `ValueError` where it is no journal."""
    meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    if "version" not in meta or "epoch_ms" not in meta:
        raise ValueError("its meta table is incomplete")
    return int(meta["version"]), int(meta["epoch_ms"])


def words(error: Exception) -> str:
    """Say in a few words what failed; SQLite's messages carry no data."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error) or type(error).__name__


def _create(path: Path, wall_ms: int) -> None:
    """Make a new journal beside its place, then put it there: an empty file there is never ours."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(fresh, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        for statement in CREATE:
            connection.execute(statement)
        rows = [("version", str(VERSION)), ("epoch_ms", str(wall_ms))]
        connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", rows)
        connection.execute("COMMIT")
    finally:
        connection.close()
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)  # else a power cut could take the file, and with it the ids already used
    finally:
        os.close(folder)


def _make_private(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        path.chmod(0o600)
        log.warning("%s could be read by others (mode %o); now only by its owner", path.name, mode)


def _look_at(path: Path) -> None:
    """Check the file without writing to it. Raises `JournalUnusable` or `sqlite3.Error`."""
    if path.stat().st_size == 0:
        text = f"{path.name} is empty: it was truncated, or never was a journal"
        raise JournalUnusable(f"{text}; move it away to begin a new one")
    connection = connect_read_only(path)
    try:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"meta", "facts"} <= tables:
            raise JournalUnusable(f"{path.name} is a database, but no journal of riskguard")
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise JournalUnusable(f"{path.name} is corrupt: {verdict}; move it away or bring a copy back")
        try:
            version, _ = read_meta(connection)
        except ValueError as error:
            raise JournalUnusable(f"{path.name} is corrupt: {error}") from error
        check_version(path, version)
    finally:
        connection.close()


def _told(path: Path, error: Exception) -> JournalUnavailable:
    """Say what failed, and whether trying again later can help."""
    damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
    kind = JournalUnusable if damaged else JournalUnavailable
    return kind(f"{path.name}: {words(error)}")


def _migrated(connection: sqlite3.Connection, path: Path) -> int:
    """Lead an older journal on to this version, step by step; gives its birth."""
    version, epoch_ms = read_meta(connection)
    for step in range(version, VERSION):
        connection.execute("BEGIN IMMEDIATE")
        for statement in MIGRATIONS[step]:
            connection.execute(statement)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'version'", (str(step + 1),))
        connection.execute("COMMIT")
        log.warning("%s: schema %d is now %d", path.name, step, step + 1)
    return epoch_ms
