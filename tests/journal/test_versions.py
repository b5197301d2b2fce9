"""Journals of other versions: older ones are led on, newer ones refused, damaged ones left as they are."""

# ruff: noqa: ASYNC240 - the loop has nothing else to do
import contextlib
import sqlite3
from pathlib import Path

import pytest

from riskguard.cli.arguments import parser
from riskguard.cli.exits import Exit, Failed
from riskguard.cli.guarding import run as run_command
from riskguard.core.facts import GuardStarted, OrderMoved, Told
from riskguard.journal import JournalReader, open_journal
from riskguard.journal.schema import VERSION
from riskguard.ports import JournalUnavailable, JournalUnusable

ROOT = Path(__file__).parents[2]
FIRST_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE facts
    (seq INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
INSERT INTO meta VALUES ('version', '1'), ('epoch_ms', '42');
INSERT INTO facts VALUES
    (1, 10, 'GuardStarted', '{"policy_hash":"h","mode":"auto","version":""}'),
    (2, 11, 'OrderMoved', '{"client_id":"rga1h","event":"accepted"}'),
    (3, 12, 'TeaMade', '{"sugar":true}'),
    (4, 13, 'Told', '{"severity":"info","title":"t","body":"","colour":"red"}');
"""
"""As the first released schema was, with a fact and a field that nobody knows any more."""


def make(path: Path, script: str) -> Path:
    with contextlib.closing(sqlite3.connect(path)) as shell:
        shell.executescript(script)
    path.chmod(0o600)
    return path


def version_of(path: Path) -> int:
    with JournalReader(path) as reader:
        return reader.version


async def test_a_journal_of_the_first_schema_is_led_on_and_keeps_every_row(tmp_path: Path) -> None:
    path = make(tmp_path / "rg.db", FIRST_SCHEMA)
    journal = open_journal(path, 99)
    assert journal.epoch_ms == 42
    assert list(journal.replay()) == [
        (10, GuardStarted("h", "auto")),
        (11, OrderMoved("rga1h", "accepted")),
        (13, Told("info", "t", "")),
    ]
    assert journal.skipped == 1
    await journal.commit(14, [Told("info", "new", "")])
    await journal.close()
    assert version_of(path) == VERSION
    with contextlib.closing(sqlite3.connect(path)) as shell:
        bodies = [body for (body,) in shell.execute("SELECT body FROM facts ORDER BY seq")]
    assert bodies[2] == '{"sugar":true}'
    assert "colour" in bodies[3]


def test_an_older_journal_is_read_as_it_is(tmp_path: Path) -> None:
    path = make(tmp_path / "rg.db", FIRST_SCHEMA)
    assert version_of(path) == 1
    with JournalReader(path) as reader:
        assert len(list(reader.facts())) == 3


async def test_a_led_on_journal_is_like_a_new_one(tmp_path: Path) -> None:
    old = make(tmp_path / "old.db", FIRST_SCHEMA)
    for path in (old, tmp_path / "new.db"):
        await open_journal(path, 1).close()
    made = []
    for path in (old, tmp_path / "new.db"):
        with contextlib.closing(sqlite3.connect(path)) as shell:
            made.append(sorted(shell.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()))
    assert made[0] == made[1]


def test_a_newer_journal_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = make(tmp_path / "rg.db", FIRST_SCHEMA.replace("'version', '1'", f"'version', '{VERSION + 1}'"))
    before = path.read_bytes()
    for attempt in (lambda: open_journal(path, 1), lambda: JournalReader(path)):
        with pytest.raises(JournalUnusable, match=f"newer riskguard .schema {VERSION + 1}"):
            attempt()
    assert path.read_bytes() == before


def test_run_refuses_a_newer_journal_as_invalid(tmp_path: Path) -> None:
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    policy = tmp_path / "riskguard.toml"
    policy.write_text(text.replace('"env:RG_MAIN"', '"file:k"').replace('"env:RG_BYBIT"', '"file:k"'))
    keys = tmp_path / "k"
    keys.write_text('key = "k"\nsecret = "s"\n', encoding="utf-8")
    keys.chmod(0o600)
    make(tmp_path / "riskguard.db", FIRST_SCHEMA.replace("'version', '1'", "'version', '77'"))
    with pytest.raises(Failed, match="newer riskguard") as failed:
        run_command(parser().parse_args(["run", "--headless", "-c", str(policy)]))
    assert failed.value.code is Exit.INVALID


@pytest.mark.parametrize("kept_bytes", [0, 50, 100, 4096, 5000, 8192])
async def test_a_truncated_journal_is_told_and_never_overwritten(tmp_path: Path, kept_bytes: int) -> None:
    path = tmp_path / "rg.db"
    journal = open_journal(path, 1)
    await journal.commit(1, [Told("info", "x" * 2_000, "y") for _ in range(20)])
    await journal.close()
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(JournalUnusable, match=r"empty|corrupt|malformed|not a database"):
        open_journal(path, 1)
    assert path.stat().st_size == kept_bytes
    for other in tmp_path.glob("rg.db-*"):
        assert other.stat().st_size == 0 or other.name.endswith("-shm")


def test_half_a_creation_leaves_no_journal_behind(tmp_path: Path) -> None:
    (tmp_path / "rg.db.new").write_bytes(b"half")
    journal_path = tmp_path / "rg.db"
    with pytest.raises(JournalUnavailable, match="no such journal"):
        JournalReader(journal_path)


async def test_a_creation_that_was_cut_short_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "rg.db.new").write_bytes(b"half")
    journal = open_journal(tmp_path / "rg.db", 7)
    assert journal.epoch_ms == 7
    await journal.close()
    assert not (tmp_path / "rg.db.new").exists()
