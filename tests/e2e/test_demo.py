"""`riskguard demo` as a newcomer runs it: its figures against the venues' own logs, and every way to end."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from riskguard.demo.outage import Outcome, Places
from riskguard.demo.scene import KEYS
from riskguard.demo.score import Score, score
from riskguard.simulation.ground_truth import read_logs
from tests.e2e.stage import BACKUP, PATIENCE_S, PRIMARY, RISKGUARD, Ended, environment, is_ours
from tests.e2e.terminal import on_terminal

pytestmark = [pytest.mark.wire, pytest.mark.slow]

FIGURES = [
    *("detected_after_s", "hedged_after_s", "naked_s", "naked_usdt_s"),
    *("orders_sent", "target", "final_net", "overshoot"),
]
LOT = Decimal("0.001")
TO_ITS_END_S = 300.0
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One demo that ran to its end."""

    places: Places
    ended: Ended

    @property
    def rows(self) -> list[Row]:
        """The venues' raw log."""
        return [dict(row) for row in read_logs([self.places.venue_log])]

    @property
    def onset_ms(self) -> int:
        """When the fault was switched on, venue clock."""
        return int(next(row["ts_ms"] for row in self.rows if row["kind"] == "fault"))


class Demo:
    """A demo that runs."""

    def __init__(self, process: asyncio.subprocess.Process, places: Places) -> None:
        self.process = process
        self.places = places
        self.said = ""

    async def until(self, words: str) -> None:
        """Read what it says until these words come."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            while words not in self.said:
                line = await self.process.stderr.readline()
                assert line, self.said
                self.said += line.decode()

    async def ended(self) -> Ended:
        """Wait for its end."""
        async with asyncio.timeout(TO_ITS_END_S):
            out, err = await self.process.communicate()
        return Ended(self.process.returncode or 0, out.decode(), self.said + err.decode())


def guard_pid(places: Places) -> int:
    """Give the guard's process, as the journal's lock names it."""
    return int(places.journal.with_name("riskguard.db.lock").read_text(encoding="utf-8"))


async def begun(directory: Path) -> Demo:
    process = await asyncio.create_subprocess_exec(
        *RISKGUARD,
        *("demo", "--headless", "--json", "--speed", "10", "--keep", str(directory)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )
    return Demo(process, Places(directory))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    async def run() -> Shown:
        demo = await begun(tmp_path_factory.mktemp("demo"))
        return Shown(demo.places, await demo.ended())

    return asyncio.run(run())


# ------------------------------------------------------------------ what it prints


def test_it_ends_well_with_one_line_of_json(shown: Shown) -> None:
    assert shown.ended.code == 0, shown.ended
    assert shown.ended.answer["broken"] == []
    assert [key for key in FIGURES if key not in shown.ended.answer] == []
    assert sorted(shown.ended.answer["ground_truth"]) == sorted(FIGURES)


@pytest.mark.parametrize("key", ["detected_after_s", "hedged_after_s", "naked_s"])
def test_seconds_agree_with_the_venues_within_a_tenth(shown: Shown, key: str) -> None:
    ours, theirs = shown.ended.answer[key], shown.ended.answer["ground_truth"][key]
    assert theirs > 0
    assert abs(ours - theirs) <= 0.1


@pytest.mark.parametrize("key", ["target", "final_net"])
def test_amounts_agree_with_the_venues_within_a_lot(shown: Shown, key: str) -> None:
    ours, theirs = shown.ended.answer[key], shown.ended.answer["ground_truth"][key]
    assert abs(Decimal(ours) - Decimal(theirs)) <= LOT


def test_money_over_time_agrees_but_for_the_price_between_two_looks(shown: Shown) -> None:
    ours, theirs = (Decimal(side["naked_usdt_s"]) for side in _both(shown))
    assert theirs > 0
    assert abs(ours - theirs) <= theirs * Decimal("0.03")


def test_the_hedge_is_exact_and_only_on_the_backup(shown: Shown) -> None:
    for side in _both(shown):
        assert side["target"] == "-1.5"
        assert side["overshoot"] == "0"
        assert side["final_net"] == "1.5"
        assert side["orders_sent"][PRIMARY] == 0
        assert side["orders_sent"][BACKUP] > 0
    filled = [row for row in shown.rows if row["kind"] == "fill" and row["client_id"].startswith("rg")]
    assert {row["venue"] for row in filled} == {BACKUP}


def test_the_traders_own_orders_did_not_fill(shown: Shown) -> None:
    assert not [row for row in shown.rows if row["kind"] == "fill" and row["client_id"].startswith("mine")]


def test_it_leaves_a_report_and_no_secret(shown: Shown) -> None:
    report = Path(shown.ended.answer["report"])
    assert report.parent == shown.places.directory
    assert "<html" in report.read_text(encoding="utf-8")
    secrets = [secret for keys in KEYS.values() for secret in keys.values()]
    for path in (path for path in shown.places.directory.rglob("*") if path.is_file()):
        text = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in text], path
        assert b"Traceback" not in text, path


def _both(shown: Shown) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return shown.ended.answer, shown.ended.answer["ground_truth"]


# ------------------------------------------------------------------ a promise that does not hold


def _judged(shown: Shown, directory: Path, rows: list[Row], guard_exit: int = 0) -> Score:
    """Judge the same run again, as if the venues had written other rows."""
    places = Places(directory)
    for path in (shown.places.journal, shown.places.freeze_log):
        shutil.copy(path, directory / path.name)
    places.venue_log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return score(places, Outcome("", guard_exit, shown.onset_ms))


def _hedge_fills(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["kind"] == "fill" and is_ours(row["client_id"], "h")]


def _beyond(rows: list[Row]) -> list[Row]:
    """Hedge ten lots too many for a moment."""
    last = _hedge_fills(rows)[-1]
    more = {**last, "amount": "0.010", "position": "-1.510", "fill_id": "more"}
    back = {**last, "amount": "0.010", "position": "-1.5", "fill_id": "back", "side": "buy"}
    at = rows.index(last) + 1
    return [*rows[:at], {**more, "seq": last["seq"] + 0.1}, {**back, "seq": last["seq"] + 0.2}, *rows[at:]]


def _left_over(rows: list[Row]) -> list[Row]:
    """Leave some of the hedge there at the end."""
    last = _hedge_fills(rows)[-1]
    end = {"seq": rows[-1]["seq"] + 1, "ts_ms": rows[-1]["ts_ms"]}
    return [*rows, {**last, **end, "amount": "0.010", "position": "-0.010", "fill_id": "left"}]


def _elsewhere(rows: list[Row]) -> list[Row]:
    """Let a hedge order reach the venue that is in trouble."""
    sent = next(row for row in rows if row["kind"] == "arrived" and row["op"] == "place")
    return [*rows, {**sent, "seq": rows[-1]["seq"] + 1, "venue": PRIMARY, "client_id": "rgd00h"}]


def _unhedged(rows: list[Row]) -> list[Row]:
    """Let nothing happen after the fault."""
    fault = next(row for row in rows if row["kind"] == "fault")
    return rows[: rows.index(fault) + 1]


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        (_beyond, "nothing beyond the target was ever held"),
        (_left_over, "the final net position is the start's"),
        (_elsewhere, "orders went to backup only"),
        (_unhedged, "the hedge reached its target"),
    ],
)
def test_a_promise_that_the_venues_contradict_is_broken(
    shown: Shown, tmp_path: Path, change: Callable[[list[Row]], list[Row]], promise: str
) -> None:
    assert promise in _judged(shown, tmp_path, change(shown.rows)).broken


def test_the_unchanged_rows_break_nothing_but_a_guard_that_fails_does(shown: Shown, tmp_path: Path) -> None:
    assert list(_judged(shown, tmp_path, shown.rows).broken) == []
    failed = _judged(shown, tmp_path, shown.rows, guard_exit=1)
    assert list(failed.broken) == ["the guard ended with code 1"]


def test_a_figure_of_the_guard_that_the_venues_do_not_confirm_is_named(shown: Shown, tmp_path: Path) -> None:
    later = [
        {**row, "ts_ms": row["ts_ms"] + 500} if row["kind"] in ("fill", "order", "arrived") else row
        for row in shown.rows
    ]
    assert "guard and venues disagree on hedged_after_s" in _judged(shown, tmp_path, later).broken


# ------------------------------------------------------------------ every way to end


@dataclass(frozen=True, slots=True)
class Cut:
    """A demo that did not come to its end."""

    ended: Ended
    guard_pid: int


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Cut | BaseException]:
    """Interrupt demos side by side, each at its own place."""

    async def signalled(number: signal.Signals, words: str) -> Cut:
        demo = await begun(tmp_path_factory.mktemp("signalled"))
        await demo.until(words)
        pid = guard_pid(demo.places)
        demo.process.send_signal(number)
        return Cut(await demo.ended(), pid)

    async def killed() -> Cut:
        demo = await begun(tmp_path_factory.mktemp("killed"))
        await demo.until("now at main")
        pid = guard_pid(demo.places)
        os.kill(pid, signal.SIGKILL)
        return Cut(await demo.ended(), pid)

    async def left() -> Cut:
        directory = tmp_path_factory.mktemp("left")
        async with on_terminal(*RISKGUARD, "demo", "--keep", str(directory)) as terminal:
            await terminal.until("the dashboard", lambda text: "AUTO" in text and "main" in text)
            pid = guard_pid(Places(directory))
            terminal.type("q")
            code = await terminal.ended()
            return Cut(Ended(code, "", terminal.raw.decode()), pid)

    acts: Mapping[str, Callable[[], Awaitable[Cut]]] = {
        "SIGINT": partial(signalled, signal.SIGINT, "the guard holds"),
        "SIGTERM": partial(signalled, signal.SIGTERM, "now at main"),
        "q": left,
        "killed": killed,
    }

    async def all_of_them() -> list[Cut | BaseException]:
        return list(await asyncio.gather(*(act() for act in acts.values()), return_exceptions=True))

    return dict(zip(acts, asyncio.run(all_of_them()), strict=True))


def _cut(cut: Mapping[str, Cut | BaseException], name: str) -> Cut:
    found = cut[name]
    if isinstance(found, BaseException):
        raise found
    return found


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "q"])
def test_a_signal_or_leaving_the_screen_ends_it_cleanly_and_nothing_is_left_running(
    cut: Mapping[str, Cut | BaseException], name: str
) -> None:
    found = _cut(cut, name)
    assert found.ended.code == 0, found.ended
    assert "Traceback" not in found.ended.err
    assert "nothing was left running" in found.ended.err
    assert not _runs(found.guard_pid)


def test_a_guard_that_dies_in_the_outage_breaks_the_promise(cut: Mapping[str, Cut | BaseException]) -> None:
    found = _cut(cut, "killed")
    assert found.ended.code == 10, found.ended
    assert "the hedge reached its target" in found.ended.answer["broken"]
    assert any("the guard ended with code -9" in words for words in found.ended.answer["broken"])
    assert found.ended.answer["ground_truth"]["hedged_after_s"] is None
    assert "Traceback" not in found.ended.err


def _runs(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
