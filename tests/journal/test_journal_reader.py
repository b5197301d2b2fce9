"""`incidents` and `report` read beside a running guard, after it, and after its violent end."""

# ruff: noqa: ASYNC240 - the loop has nothing else to do
import os
from pathlib import Path

import pytest

from riskguard.core.facts import Told
from riskguard.journal import JournalReader, open_journal
from riskguard.ports import JournalUnavailable


def facts(count: int) -> list[Told]:
    return [Told("info", str(number), "") for number in range(count)]


async def test_it_reads_beside_the_writer_and_goes_on_from_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "rg.db"
    journal = open_journal(path, 42)
    await journal.commit(1, facts(2_500))
    with JournalReader(path) as reader:
        assert reader.epoch_ms == 42
        rows = list(reader.rows())
        assert [fact for _, _, fact in rows] == facts(2_500)
        await journal.commit(2, [Told("alarm", "new", "")])
        assert list(reader.facts(after_seq=rows[-1][0])) == [(2, Told("alarm", "new", ""))]
    await journal.close()


async def test_it_reads_after_the_guard_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rg.db"
    journal = open_journal(path, 1)
    await journal.commit(1, facts(3))
    await journal.close()
    before = path.read_bytes()
    with JournalReader(path) as reader:
        assert reader.last_seq() == 3
    assert path.read_bytes() == before


@pytest.mark.skipif(os.getuid() == 0, reason="root may write to read-only folders")
async def test_it_reads_in_a_read_only_folder(tmp_path: Path) -> None:
    path = tmp_path / "rg.db"
    journal = open_journal(path, 1)
    await journal.commit(1, facts(3))
    await journal.close()
    tmp_path.chmod(0o500)
    try:
        with JournalReader(path) as reader:
            assert reader.last_seq() == 3
        with pytest.raises(JournalUnavailable):
            open_journal(tmp_path / "other.db", 1)
    finally:
        tmp_path.chmod(0o700)


def test_no_journal_is_said_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailable, match=r"rg\.db: no such journal"):
        JournalReader(tmp_path / "rg.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_journal_is_said(tmp_path: Path) -> None:
    (tmp_path / "rg.db").write_bytes(b"tea" * 1000)
    with pytest.raises(JournalUnavailable, match="not a database"):
        JournalReader(tmp_path / "rg.db")
