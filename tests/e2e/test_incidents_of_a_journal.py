"""`incidents` tells of the past whether its guard runs or not."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from riskguard.core.facts import Fact, GuardStarted, IncidentMoved, NakedCounted
from riskguard.journal import open_journal

POLICY = Path(__file__).parents[2] / "config.example.toml"
FACTS: tuple[Fact, ...] = (
    GuardStarted("", "observe"),
    IncidentMoved("a1", "main", "opened", "open", "trapped", "cancel fails"),
    NakedCounted("a1", 12.5, Decimal(90_000), Decimal(60_000)),
    IncidentMoved("a1", "main", "cleared", "closed", "trapped", "it is well"),
    IncidentMoved("a2", "main", "opened", "open", "trapped", "place fails"),
)


def incidents(folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "riskguard", "incidents", "-c", str(folder / "riskguard.toml"), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


async def recorded(folder: Path) -> None:
    (folder / "riskguard.toml").write_text(POLICY.read_text())
    journal = open_journal(folder / "riskguard.db", 1_800_000_000_000)
    await journal.commit(1_800_000_001_000, FACTS)
    await journal.close()


async def test_without_a_guard_its_journal_answers(tmp_path: Path) -> None:
    await recorded(tmp_path)
    said = incidents(tmp_path, "--json")
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert [(row["id"], row["state"], row["naked_s"]) for row in found] == [
        ("a2", "open", 0.0),
        ("a1", "closed", 12.5),
    ]
    assert "a1" in incidents(tmp_path).stdout


async def test_without_a_journal_there_is_nothing_to_ask(tmp_path: Path) -> None:
    (tmp_path / "riskguard.toml").write_text(POLICY.read_text())
    said = incidents(tmp_path, "--json")
    assert said.returncode == 5
    assert said.stdout == ""
