"""`why`, `blips` and `replay` answer from the journal's file, without a guard and without ccxt."""

import json
import subprocess
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from riskguard.cli.arguments import parser
from riskguard.cli.exits import Exit, Failed
from riskguard.cli.explaining import blips_command, replay_command, why_command
from riskguard.config import locate_journal
from riskguard.core.facts import (
    BlipSeen,
    Decided,
    Fact,
    IncidentMoved,
    IntentRecorded,
    OperatorDecided,
    OrderMoved,
    PlanApproved,
    VenueWatched,
)
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.types import Leg, Side
from riskguard.journal import open_journal

ROOT = Path(__file__).parents[2]
AT_MS = 1_790_000_000_000
COMMANDS = {"why": why_command, "blips": blips_command, "replay": replay_command}


def intent(name: str, purpose: Purpose = Purpose.HEDGE) -> OrderIntent:
    return OrderIntent(
        name, Leg("bybit", "BTC/USDT:USDT"), "BTC", Side.SELL, Decimal("0.5"), Decimal(60_000),
        TimeInForce.IOC, reduce_only=False, purpose=purpose, incident="a1", plan="a1.BTC.1", created_ms=AT_MS,
    )  # fmt: skip


FACTS: Sequence[Fact] = (
    BlipSeen("main", AT_MS - 9_000, 2.5, "place,cancel", "slow"),
    BlipSeen("main", AT_MS - 5_000, 0.4, "place", "slow"),
    VenueWatched("main", 7_200.0),
    IncidentMoved("a1", "main", "opened", "open", "trapped", "cancel does not answer"),
    Decided("target", "a1", '{"asset":"BTC","target":"-0.5"}'),
    PlanApproved("a1.BTC.1", "a1", "BTC", Decimal("-0.5"), Decimal(30_000)),
    Decided("send hedge", "a1", '{"client_id":"rg1h","mid":"60000"}'),
    IntentRecorded(intent("rg1h")),
    OrderMoved("rg1h", "unknown", because="no answer in 2 s"),
    OrderMoved("rg1h", "seen closed", "77", Decimal("0.5"), Decimal(59_990), "lookup: closed"),
    OperatorDecided("unwind", "a1", "cli"),
    Decided("send unwind", "a1", '{"client_id":"rg2u","mid":"59000"}'),
    IntentRecorded(intent("rg2u", Purpose.UNWIND)),
    OrderMoved("rg2u", "rejected", because="margin"),
)


@pytest.fixture
async def policy(tmp_path: Path) -> Path:
    path = tmp_path / "riskguard.toml"
    path.write_text((ROOT / "config.example.toml").read_text(encoding="utf-8"), encoding="utf-8")
    journal = open_journal(locate_journal(path), AT_MS)
    await journal.commit(AT_MS, FACTS)
    await journal.close()
    return path


def run(policy: Path, command: str, *words: str) -> int:
    return COMMANDS[command](parser().parse_args([command, *words, "-c", str(policy)]))


def asked(capsys: pytest.CaptureFixture[str], policy: Path, command: str, *words: str) -> dict[str, Any]:
    assert run(policy, command, *words, "--json") == Exit.FINE
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    found = json.loads(told)
    assert isinstance(found, dict)
    return found


def test_why_of_an_order_tells_the_target_and_the_inputs_that_led_to_it(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked(capsys, policy, "why", "rg1h")
    assert found["kind"] == "order"
    assert [decision["what"] for decision in found["decisions"]] == ["target", "send hedge"]
    assert found["decisions"][1]["inputs"] == {"client_id": "rg1h", "mid": "60000"}
    assert (found["orders"][0]["state"], found["orders"][0]["filled"]) == ("closed", "0.5")
    assert any("unknown" in event["what"] for event in found["events"])
    assert not any("rg2u" in event["what"] for event in found["events"])


def test_why_of_an_incident_tells_all_its_decisions(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, policy, "why", "a1")
    assert found["kind"] == "incident"
    assert [decision["what"] for decision in found["decisions"]] == ["target", "send hedge", "send unwind"]
    assert [order["client_id"] for order in found["orders"]] == ["rg1h", "rg2u"]


def test_why_of_a_plan_tells_its_orders(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, policy, "why", "a1.BTC.1")
    assert found["kind"] == "plan"
    assert [order["client_id"] for order in found["orders"]] == ["rg1h", "rg2u"]


def test_why_reads_as_lines(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(policy, "why", "rg1h") == Exit.FINE
    told = capsys.readouterr().out
    assert told.startswith("order rg1h\n  rg1h: hedge sell 0.5 on bybit BTC/USDT:USDT, limit 60000\n")
    assert "send hedge\n    client_id: rg1h\n    mid: 60000\n" in told


def test_why_of_what_nobody_knows_is_wrong_usage(policy: Path) -> None:
    with pytest.raises(Failed, match="no order, incident or plan rg9h") as failed:
        run(policy, "why", "rg9h")
    assert failed.value.code is Exit.USAGE


def test_blips_are_counted_per_path_and_teach_a_waiting_time(
    policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    venues = {row["venue"]: row for row in asked(capsys, policy, "blips")["venues"]}
    main = venues["main"]
    assert main["all"]["count"] == 2
    assert (main["paths"]["cancel"]["count"], main["paths"]["place"]["count"]) == (1, 2)
    assert main["paths"]["place"]["longest_s"] == 2.5
    assert main["paths"]["place"]["lengths"]["to 5 s"] == 1
    assert (main["watched_s"], main["learned_from"]) == (7_200.0, 1)
    assert main["persistence_s"] != main["persistence_untaught_s"]
    assert venues["bybit"]["all"]["count"] == 0


def test_blips_read_as_lines(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(policy, "blips") == Exit.FINE
    told = capsys.readouterr().out
    assert "main: 2 blips in 2.0 h watched while calm" in told
    assert "place: 2, median 1.4 s, longest 2.5 s (to 1 s: 1, to 5 s: 1)" in told


def test_replay_names_what_it_cannot_say(policy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, policy, "replay")
    assert found["facts"] == len(FACTS)
    assert {row["what"] for row in found["decisions"]} >= {"target", "order rg1h", "unwind by cli"}
    assert found["counts"]["cannot be said"] >= 1


def test_replay_takes_another_journal(policy: Path, tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no such journal") as failed:
        run(policy, "replay", "--journal", str(tmp_path / "other.db"))
    assert failed.value.code is Exit.UNREACHABLE


@pytest.mark.parametrize("command", ["why rg1h", "blips", "replay"])
def test_no_journal_is_told(tmp_path: Path, command: str) -> None:
    path = tmp_path / "riskguard.toml"
    path.write_text((ROOT / "config.example.toml").read_text(encoding="utf-8"), encoding="utf-8")
    name, *words = command.split()
    with pytest.raises(Failed, match="no such journal") as failed:
        run(path, name, *words)
    assert failed.value.code is Exit.UNREACHABLE


def test_they_never_import_ccxt() -> None:
    code = "import sys, riskguard.cli.explaining; sys.exit('ccxt' in sys.modules or 'aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
