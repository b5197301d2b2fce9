"""The command line's contract: exit codes, JSON, control words that last, clean ends, no secrets."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.sitting import Sitting, sit
from tests.e2e.stage import HELD, MARKS, PLANTED, PRIMARY, condition, environment, riskguard

pytestmark = pytest.mark.slow

STATUS_KEYS = ["mode", "armed", "self", "venues", "assets", "in_doubt", "incidents", "policy"]
ASSET_KEYS = ["name", "net", "low", "high", "trapped", "hedged", "target", "coverage"]
COVERAGE_KEYS = ["share", "cost_bps", "carry_bps_day", "limited_by"]
PATHS = ["place", "reduce", "cancel", "query", "account", "fills", "book"]
INCIDENT_KEYS = ["id", "state", "venue", "opened_at", "naked_s", "naked_usdt_s", "next_action", "at"]
VENUES = """\
[[venue]]
id   = "main"
ccxt = "binanceusdm"
role = "primary"
keys = "env:RG_NOT_SET"

[[asset]]
name = "BTC"
legs = ["main BTC/USDT:USDT"]
"""
FINE = f'version = 1\nmode = "observe"\n{VENUES}'


@pytest.fixture(scope="module")
def sitting(tmp_path_factory: pytest.TempPathFactory) -> Sitting:
    return asyncio.run(sit(tmp_path_factory.mktemp("sitting"), tmp_path_factory.mktemp("empty")))


def _file(directory: Path, text: str) -> str:
    path = directory / "p.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


# ------------------------------------------------------------------ before anything runs


async def test_without_arguments_it_says_how_to_see_the_demo() -> None:
    ended = await riskguard()
    assert (ended.code, ended.err) == (0, "")
    assert "  riskguard demo\n" in ended.out


@pytest.mark.parametrize(
    "words",
    [("bogus",), ("run", "--bogus"), ("demo", "--speed", "0"), ("report", "e1"), ("watch", "-c")],
    ids=" ".join,
)
async def test_wrong_usage_is_2(words: tuple[str, ...]) -> None:
    ended = await riskguard(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("usage: riskguard")


async def test_three_mistakes_are_three_lines_at_their_places(tmp_path: Path) -> None:
    text = FINE.replace("role", "rol").replace('"main BTC', '"mian BTC') + "[limits]\nmargin_left = 30\n"
    path = _file(tmp_path, text)
    expected = [
        f'{path}:6:1: unknown key "rol" (did you mean "role"?)',
        f'{path}:11:9: no venue "mian" (did you mean "main"?)',
        f'{path}:13:15: a bare number has no unit: 30 (as in "30%")',
    ]
    check, check_json, run = await asyncio.gather(
        riskguard("check", "-c", path), riskguard("check", "--json", "-c", path), riskguard("run", "-c", path)
    )
    assert [check.code, check_json.code, run.code] == [4, 4, 4]
    assert check.out.splitlines() == expected
    assert check_json.answer["problems"] == expected
    assert run.err.splitlines()[:3] == expected
    assert run.out == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (FINE, "RG_NOT_SET"),
        (FINE.replace("RG_NOT_SET", "RG_E2E_MAIN").replace("binanceusdm", "binanceusdx"), "binanceusdx"),
        (FINE.replace("env:RG_NOT_SET", "file:nowhere.env"), "nowhere.env"),
        ("version = 1\nversion = 1\n", "p.toml:2"),
        ("\0", "p.toml:1:1"),
    ],
    ids=["no key", "no exchange", "no key file", "twice", "no text"],
)
async def test_a_policy_that_cannot_run_is_4_and_says_why(tmp_path: Path, text: str, words: str) -> None:
    ended = await riskguard("run", "--headless", "-c", _file(tmp_path, text))
    assert (ended.code, ended.out) == (4, ""), ended
    assert words in ended.err


async def test_a_strategy_that_is_not_there_is_4(tmp_path: Path) -> None:
    rule = '[[rule]]\nname = "r"\nwhen = ["dark"]\ndo = ["tell"]\nhedge = { strategy = "nowhere" }\n'
    ended = await riskguard("check", "-c", _file(tmp_path, FINE + rule))
    assert ended.code == 4
    assert "nowhere" in ended.out


async def test_init_writes_once_and_what_it_writes_is_fine(tmp_path: Path) -> None:
    assert (await riskguard("init", directory=tmp_path)).code == 0
    again = await riskguard("init", directory=tmp_path)
    assert (again.code, again.out) == (3, "")
    assert "nothing was changed" in again.err
    check = await riskguard("check", "--json", directory=tmp_path)
    assert (check.code, check.answer["problems"]) == (0, [])


@pytest.mark.parametrize("words", [("--help",), ("check", "-c", "p.toml"), ("status", "-c", "p.toml")])
def test_what_must_answer_at_once_imports_no_ccxt(tmp_path: Path, words: tuple[str, ...]) -> None:
    _file(tmp_path, FINE)
    program = f"""
import sys
from riskguard.cli import main
try:
    main({list(words)})
except SystemExit:
    pass
print("ccxt" in sys.modules)
"""
    found = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment(),
    )
    assert found.stdout.splitlines()[-1] == "False"


def test_without_a_guard_every_question_is_5(sitting: Sitting) -> None:
    for name, ended in sitting.without_guard.items():
        assert (name, ended.code, ended.out) == (name, 5, "")
        assert ended.err.count("\n") == 1


@pytest.mark.parametrize("word", ["arm", "hedge", "unwind"])
async def test_dangerous_words_need_yes_off_a_terminal(tmp_path: Path, word: str) -> None:
    ended = await riskguard(word, directory=tmp_path)
    assert (ended.code, ended.out) == (3, "")
    assert "--yes" in ended.err


# ------------------------------------------------------------------ with a guard that is well


def test_status_is_one_line_with_the_keys_of_the_contract(sitting: Sitting) -> None:
    assert sitting.said["status json"].code == 0
    found = sitting.said["status json"].answer
    (asset,) = found["assets"]
    assert _missing(STATUS_KEYS, found) == _missing(ASSET_KEYS, asset) == []
    assert _missing(COVERAGE_KEYS, asset["coverage"]) == []
    for venue in found["venues"]:
        assert _missing(["id", "condition", "because", "paths"], venue) == []
        assert list(venue["paths"]) == PATHS
        assert all(
            _missing(["verdict", "latency_ms", "age_s"], path) == [] for path in venue["paths"].values()
        )
    assert (found["mode"], found["armed"], asset["net"]) == ("auto", False, str(HELD))
    assert found["policy"]["ok"]
    assert found["policy"]["path"] == str(sitting.directory / "riskguard.toml")


def test_status_for_a_person_says_the_same(sitting: Sitting) -> None:
    said = sitting.said["status"]
    assert said.code == 0
    assert "not armed" in said.out
    assert "main: FINE" in said.out
    assert f"BTC: net {HELD}" in said.out


def test_one_journal_has_one_guard(sitting: Sitting) -> None:
    assert sitting.said["second guard"].code == 3
    assert "in use by process" in sitting.said["second guard"].err


def test_arm_off_a_terminal_needs_yes(sitting: Sitting) -> None:
    assert sitting.said["arm unasked"].code == 3
    assert sitting.seen["after arm unasked"]["armed"] is False
    assert sitting.said["arm"].code == 0
    assert sitting.said["arm"].answer["armed"] is True
    assert sitting.seen["armed"]["armed"] is True


def test_disarm_survives_a_restart_and_beats_the_command_line(sitting: Sitting) -> None:
    assert sitting.said["disarm"].code == 0
    assert sitting.said["disarm"].answer["armed"] is False
    found = sitting.seen["disarmed, started with --arm"]
    assert found["armed"] is False
    assert any("this guard was disarmed earlier" in event["title"] for event in found["events"])
    assert sitting.said["arm again"].code == 0


def test_words_about_no_incident_are_refused(sitting: Sitting) -> None:
    assert sitting.said["veto without incident"].code == 3
    assert sitting.said["veto without incident"].answer["ok"] is False
    assert sitting.said["veto of nothing"].code == 3
    assert "no open incident e77" in sitting.said["veto of nothing"].out
    assert sitting.said["incidents"].answer == []


# ------------------------------------------------------------------ with a venue in trouble


def test_status_is_10_when_a_venue_is_not_fine(sitting: Sitting) -> None:
    said = sitting.said["status in trouble"]
    assert said.code == 10
    assert condition(said.answer, PRIMARY).startswith("TRAPPED")
    (incident,) = said.answer["incidents"]
    assert _missing(INCIDENT_KEYS, incident) == []


def test_hold_puts_the_hedge_off(sitting: Sitting) -> None:
    assert sitting.said["hold"].code == 0
    before, after = sitting.seen["before hold"], sitting.seen["after hold"]
    assert _next_at(after) > _next_at(before)
    assert (_next_at(after) - datetime.fromisoformat(before["at"])).total_seconds() >= 60


def test_a_veto_survives_a_restart_and_no_hedge_is_sent(sitting: Sitting) -> None:
    assert sitting.said["veto"].code == 0
    assert sitting.said["veto"].answer["vetoed"] is True
    found = sitting.seen["vetoed, started anew"]
    (incident,) = found["incidents"]
    assert found["armed"] is True
    assert incident["vetoed"] is True
    assert "vetoed" in incident["next_action"]
    assert sitting.arrived_while_vetoed == []


def test_hedge_overrules_the_veto_and_the_countdown(sitting: Sitting) -> None:
    assert sitting.said["hedge"].code == 0
    (asset,) = sitting.seen["hedged"]["assets"]
    assert asset["hedged"] == str(-HELD)
    (incident,) = sitting.said["incidents in trouble"].answer
    assert (incident["id"], incident["state"]) == ("e1", "hedged")


# ------------------------------------------------------------------ ends


def test_run_ends_cleanly_by_either_signal_and_the_hedge_stays(sitting: Sitting) -> None:
    assert sitting.exits == {"SIGINT": 0, "SIGTERM": 0, "with a hedge": 0}
    assert sitting.left_at_backup == -HELD


def test_watch_in_a_pipe_says_sentences_and_ends_with_its_signal_or_its_guard(sitting: Sitting) -> None:
    codes = {"SIGTERM": 0, "SIGINT": 0}
    ended = {name: sitting.said[f"watch ended by {name}"] for name in codes}
    with_guard = sitting.said["watch ended with the guard"]
    assert {name: found.code for name, found in ended.items()} == codes
    assert with_guard.code == 5
    assert "the guard went away" in with_guard.err
    for found in (*ended.values(), with_guard):
        assert "TRAPPED" in found.out
        assert "\x1b" not in found.out


def test_what_needs_no_guard_works_afterwards(sitting: Sitting) -> None:
    assert sitting.said["status afterwards"].code == 5
    assert sitting.said["report afterwards"].code == 0
    assert "TRAPPED" in (sitting.directory / "e1.md").read_text(encoding="utf-8")


def test_no_secret_and_no_traceback_anywhere(sitting: Sitting) -> None:
    texts: dict[str, str] = {name: ended.out + ended.err for name, ended in sitting.said.items()}
    texts |= {f"argv {number}": line for number, line in enumerate(sitting.command_lines)}
    for path in sitting.directory.rglob("*"):
        if path.is_file():
            texts[str(path)] = path.read_bytes().decode(errors="replace")
    assert str(sitting.directory / "riskguard.db") in texts
    assert [name for name, text in texts.items() for mark in MARKS if mark in text] == []
    assert any(PLANTED in value for value in environment().values())


def test_only_its_owner_can_read_the_journal_and_reach_the_guard(sitting: Sitting) -> None:
    for path in (sitting.directory / "riskguard.db", sitting.directory / ".riskguard"):
        assert path.stat().st_mode & 0o077 == 0


def _missing(keys: list[str], found: Mapping[str, Any]) -> list[str]:
    return [key for key in keys if key not in found]


def _next_at(found: Mapping[str, Any]) -> datetime:
    (incident,) = found["incidents"]
    return datetime.fromisoformat(incident["at"])
