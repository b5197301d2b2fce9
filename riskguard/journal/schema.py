"""The journal's file: its tables, version and birth, and how a connection to it is opened."""

import os
import sqlite3
from pathlib import Path

from riskguard.ports import JournalUnavailable

VERSION = 1
BUSY_S = 2.0
"""How long a foreign writer (a person with a database shell) may hold us up before that is a failure."""

COLUMNS = "seq INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL"
CREATE = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    f"CREATE TABLE facts ({COLUMNS})",
)
MIGRATIONS: dict[int, tuple[str, ...]] = {}
"""Statements that lead from a version to the next one."""
INSERT = "INSERT OR REPLACE INTO facts (seq, wall_ms, kind, body) VALUES (?, ?, ?, ?)"
"""Repeatable: after a failed sync a row may be there already, under the number that it keeps."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the journal for writing: WAL, and a commit returns only when the disk has it."""
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_size_limit = 16777216")
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
    """Create or check the file and give its birth in wall milliseconds. Raises `JournalUnavailable`."""
    try:
        _make_private(path)
        connection = connect(path)
    except (OSError, sqlite3.Error) as error:
        raise JournalUnavailable(f"{path.name}: {words(error)}") from error
    try:
        return _check(connection, path, wall_ms)
    except sqlite3.Error as error:
        raise JournalUnavailable(f"{path.name}: {words(error)}") from error
    finally:
        connection.close()


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


def _make_private(path: Path) -> None:
    is_new = not path.exists()
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.fchmod(fd, 0o600)
    os.close(fd)
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)  # else a power cut could take the file, and with it the ids already used
        finally:
            os.close(folder)


def _check(connection: sqlite3.Connection, path: Path, wall_ms: int) -> int:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        _create(connection, wall_ms)
    elif not {"meta", "facts"} <= tables:
        raise JournalUnavailable(f"{path.name} is a database, but no journal of riskguard")
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise JournalUnavailable(f"{path.name} is corrupt: {verdict}")
    try:
        version, epoch_ms = read_meta(connection)
    except ValueError as error:
        raise JournalUnavailable(f"{path.name} is corrupt: {error}") from error
    if version > VERSION:
        raise JournalUnavailable(f"{path.name} was written by a newer riskguard (schema {version})")
    if any(step not in MIGRATIONS for step in range(version, VERSION)):
        raise JournalUnavailable(f"{path.name} has schema {version}, which nothing leads on from")
    _migrate(connection, version)
    return epoch_ms


def _create(connection: sqlite3.Connection, wall_ms: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in CREATE:
        connection.execute(statement)
    rows = [("version", str(VERSION)), ("epoch_ms", str(wall_ms))]
    connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", rows)
    connection.execute("COMMIT")


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    for step in range(version, VERSION):
        connection.execute("BEGIN IMMEDIATE")
        for statement in MIGRATIONS[step]:
            connection.execute(statement)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'version'", (str(step + 1),))
        connection.execute("COMMIT")
