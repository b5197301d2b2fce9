"""What was committed is on disk, in order, for one guard at a time, whatever the disk does."""

# ruff: noqa: ASYNC221, ASYNC240 - the loop has nothing else to do
import asyncio
import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from riskguard.core.facts import Told
from riskguard.journal import JournalLocked, JournalReader, SqliteJournal, open_journal
from riskguard.journal.schema import connect
from riskguard.ports import Journal, JournalUnavailable, JournalUnusable


def fact(number: int) -> Told:
    return Told("info", str(number), "")


def titles(journal: Journal) -> list[str]:
    return [kept.title for _, kept in journal.replay() if isinstance(kept, Told)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rg.db"


async def test_facts_come_back_in_order_with_their_moments(path: Path) -> None:
    journal = open_journal(path, 42)
    journal.append(10, [fact(1), fact(2)])
    await journal.commit(11, [fact(3)])
    journal.append(9, [fact(4)])
    await journal.close()
    again = open_journal(path, 99)
    assert again.epoch_ms == 42
    assert list(again.replay()) == [(10, fact(1)), (10, fact(2)), (11, fact(3)), (9, fact(4))]
    await again.commit(12, [fact(5)])
    assert titles(again) == ["1", "2", "3", "4", "5"]
    await again.close()


async def test_appended_facts_are_on_disk_soon_without_a_commit(path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        journal = open_journal(path, 1)
        stack.push_async_callback(journal.close)
        journal.append(1, [fact(1)])
        async with asyncio.timeout(10):
            while not titles(journal):  # noqa: ASYNC110 - a file gives no event
                await asyncio.sleep(0.01)


async def test_many_writers_of_one_loop_keep_their_order(path: Path) -> None:
    journal = open_journal(path, 1)
    commits = []
    for number in range(200):
        if number % 3:
            journal.append(number, [fact(number)])
        else:
            commits.append(asyncio.ensure_future(journal.commit(number, [fact(number)])))
            await asyncio.sleep(0)
    await asyncio.gather(*commits)
    await journal.close()
    with JournalReader(path) as reader:
        assert [number for number, _ in reader.facts()] == list(range(200))


def test_a_commit_waits_for_the_disk_itself(path: Path) -> None:
    with contextlib.closing(connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL, see SQLite's pragma page


async def test_what_is_on_disk_is_not_kept_in_memory(path: Path) -> None:
    journal = open_journal(path, 1)
    await journal.commit(1, [fact(1)])
    assert journal._writer.store.backlog == []
    await journal.close()


async def test_the_files_are_private(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    await open_journal(path, 1).close()
    path.chmod(0o644)
    journal = open_journal(path, 1)
    assert "could be read by others (mode 644)" in caplog.text
    await journal.commit(1, [fact(1)])
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(["rg.db", "rg.db-wal", "rg.db-shm", "rg.db.lock"], 0o600)
    await journal.close()


async def test_one_journal_has_one_guard(path: Path) -> None:
    journal = open_journal(path, 1)
    code = (
        "import sys; from pathlib import Path; from riskguard.journal import *\n"
        "try: open_journal(Path(sys.argv[1]), 1)\n"
        "except JournalLocked as error: print(error.pid, error)\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    pid = os.getpid()
    assert other.stdout == f"{pid} rg.db is in use by process {pid}\n"
    await journal.close()
    await open_journal(path, 1).close()


async def test_the_same_journal_by_another_name_is_locked_too(path: Path) -> None:
    link = path.with_name("link.db")
    link.symlink_to(path)
    journal = open_journal(path, 1)
    with pytest.raises(JournalLocked):
        open_journal(link, 1)
    await journal.close()


async def test_a_disk_that_refuses_is_reported_and_loses_nothing(path: Path) -> None:
    refuses = threading.Event()

    def connector(where: Path) -> sqlite3.Connection:
        connection = connect(where)
        if refuses.is_set():
            connection.execute("PRAGMA max_page_count = 1")  # SQLite then says that the disk is full
        return connection

    journal = open_journal(path, 1, connector)
    refuses.set()
    big = [Told("info", str(number), "x" * 10_000) for number in range(3)]
    with pytest.raises(JournalUnavailable, match="full"):
        await journal.commit(1, big)
    journal.append(2, [fact(3)])
    with pytest.raises(JournalUnavailable, match="full"):
        await journal.commit(3, [])
    assert titles(journal) == []
    refuses.clear()
    await journal.commit(4, [fact(4)])
    assert titles(journal) == ["0", "1", "2", "3", "4"]
    await journal.close()


async def test_a_database_shell_that_blocks_us_is_a_failure_and_then_over(path: Path) -> None:
    journal = open_journal(path, 1)
    shell = sqlite3.connect(path, isolation_level=None)
    shell.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalUnavailable, match="locked"):
        await journal.commit(1, [fact(1)])
    shell.execute("ROLLBACK")
    shell.close()
    await journal.commit(2, [fact(2)])
    assert titles(journal) == ["1", "2"]
    await journal.close()


async def test_a_slow_disk_does_not_hold_up_the_loop(path: Path) -> None:
    gate = threading.Event()

    def connector(where: Path) -> sqlite3.Connection:
        assert gate.wait(60)
        return connect(where)

    journal = open_journal(path, 1, connector)
    committing = asyncio.ensure_future(journal.commit(1, [fact(1)]))
    for number in range(2, 200):
        journal.append(number, [fact(number)])
        await asyncio.sleep(0)
    assert not committing.done()
    gate.set()
    await committing
    await journal.close()
    with JournalReader(path) as reader:
        assert reader.last_seq() == 199


async def test_a_cancelled_commit_is_written_once(path: Path) -> None:
    gate = threading.Event()

    def connector(where: Path) -> sqlite3.Connection:
        assert gate.wait(60)
        return connect(where)

    journal = open_journal(path, 1, connector)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await journal.commit(1, [fact(1)])
    gate.set()
    await journal.commit(2, [fact(2)])
    assert titles(journal) == ["1", "2"]
    await journal.close()


async def test_a_file_that_was_moved_away_is_not_written_behind_our_back(path: Path) -> None:
    journal = open_journal(path, 1)
    await journal.commit(1, [fact(1)])
    aside = path.with_name("aside.db")
    path.rename(aside)
    with pytest.raises(JournalUnavailable, match="No such file"):
        await journal.commit(2, [fact(2)])
    path.touch()
    with pytest.raises(JournalUnavailable, match="moved or replaced"):
        await journal.commit(2, [])
    aside.rename(path)
    await journal.commit(3, [fact(3)])
    assert titles(journal) == ["1", "2", "3"]
    await journal.close()


async def test_kinds_of_another_version_are_skipped_and_counted(path: Path) -> None:
    journal = open_journal(path, 1)
    await journal.commit(1, [fact(1)])
    await journal.close()
    with contextlib.closing(sqlite3.connect(path)) as shell:
        shell.execute("INSERT INTO facts VALUES (2, 5, 'TeaMade', '{}')")
        shell.commit()
    again = open_journal(path, 1)
    await again.commit(6, [fact(3)])
    assert titles(again) == ["1", "3"]
    assert again.skipped == 1
    await again.close()


async def test_a_known_fact_that_cannot_be_read_stops_the_start(path: Path) -> None:
    await open_journal(path, 1).close()
    with contextlib.closing(sqlite3.connect(path)) as shell:
        shell.execute("INSERT INTO facts VALUES (1, 5, 'IntentRecorded', '{}')")
        shell.commit()
    with pytest.raises(JournalUnusable, match=r"rg\.db: IntentRecorded: intent is missing"):
        open_journal(path, 1)


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["CREATE TABLE recipes (tea TEXT)"], "no journal of riskguard"),
        (["CREATE TABLE facts (a)", "CREATE TABLE meta (key, value)"], "meta table is incomplete"),
        (
            [
                "CREATE TABLE facts (a)",
                "CREATE TABLE meta (key, value)",
                "INSERT INTO meta VALUES ('version', '3'), ('epoch_ms', '1')",
            ],
            "newer riskguard",
        ),
        (
            [
                "CREATE TABLE facts (a)",
                "CREATE TABLE meta (key, value)",
                "INSERT INTO meta VALUES ('version', '0'), ('epoch_ms', '1')",
            ],
            "schema 0",
        ),
    ],
)
def test_another_database_is_left_alone(path: Path, statements: list[str], words: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as shell:
        for statement in statements:
            shell.execute(statement)
        shell.commit()
    with pytest.raises(JournalUnavailable, match=words):
        open_journal(path, 1)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(JournalUnavailable, match="not a database"):
        open_journal(path, 1)
    assert path.read_bytes().startswith(b"not a database")


async def test_a_corrupt_journal_is_refused(path: Path) -> None:
    journal = open_journal(path, 1)
    await journal.commit(1, [Told("info", "x" * 5_000, "y") for _ in range(20)])
    await journal.close()
    content = bytearray(path.read_bytes())
    content[3 * 4096 : 6 * 4096] = b"\xff" * (3 * 4096)
    path.write_bytes(content)
    with pytest.raises(JournalUnavailable, match=r"corrupt|malformed"):
        open_journal(path, 1)


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="No such file"):
        open_journal(tmp_path / "nowhere" / "rg.db", 1)


def test_a_refused_journal_is_not_left_locked(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 100)
    for _ in range(2):
        with pytest.raises(JournalUnavailable, match="not a database"):
            open_journal(path, 1)


async def test_after_closing_nothing_is_accepted(path: Path) -> None:
    journal: SqliteJournal = open_journal(path, 1)
    await journal.close()
    journal.append(1, [fact(1)])
    with pytest.raises(JournalUnavailable, match="closed"):
        await journal.commit(1, [fact(2)])
    assert titles(journal) == []
