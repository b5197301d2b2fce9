"""`run` on a terminal opens the dashboard in a process of its own; `watch` attaches another and leaves."""

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from riskguard.runtime.socket_path import socket_path
from tests.e2e.stage import (
    PRIMARY,
    RISKGUARD,
    Guard,
    Script,
    Stage,
    Status,
    has_incident,
    is_ready,
    riskguard,
    stage,
)
from tests.e2e.terminal import Terminal, on_terminal

pytestmark = [pytest.mark.pty, pytest.mark.wire, pytest.mark.slow]


@dataclass(slots=True)
class Evening:
    """What the screens showed, and how everything ended."""

    calm: str = ""
    """The dashboard of `run` while all is well."""
    trouble: str = ""
    """The screen of `watch` in an outage."""
    beside: str = ""
    """The dashboard of `run` at the same time."""
    watch_exit: int = -1
    watch_left: bytes = b""
    after_watch: Status | None = None
    dashboards: tuple[int, ...] = ()
    """Processes that the guard had started."""
    run_exit: int = -1
    run_left: bytes = b""
    status_exit: int = -1
    words_after_q: str = ""
    """Written after `q` to the terminal of a second `run`, whose guard was spoken to before and after."""
    second_exit: int = -1


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    return asyncio.run(_evening(tmp_path_factory.mktemp("evening")))


async def _evening(directory: Path) -> Evening:
    seen = Evening()
    async with (
        stage(directory, Script(veto="60s")) as scene,
        on_terminal(*RISKGUARD, "run", "-c", str(scene.policy), "--arm") as run,
    ):
        guard = Guard(run.process, socket_path(scene.journal), directory / "nothing.log")
        guard.log.touch()
        await guard.until("all is well", is_ready)
        seen.calm = await run.until("the dashboard", lambda text: "ARMED" in text and "1.5" in text)
        seen.dashboards = _children(run.process.pid)
        await scene.wire.set_fault(PRIMARY, "hang", "place", "reduce", "cancel")
        await guard.until("an incident", has_incident("open"))
        await _watch(scene, seen)
        seen.beside = await run.until("the outage on the first screen too", _shows_trouble)
        seen.after_watch = await guard.status()
        run.type("\x03")
        seen.run_exit = await run.ended()
        seen.run_left = run.raw
        seen.status_exit = (await riskguard("status", "-c", str(scene.policy))).code
        await _left_by_q(scene, seen)
    return seen


async def _left_by_q(scene: Stage, seen: Evening) -> None:
    async with on_terminal(*RISKGUARD, "run", "-c", str(scene.policy)) as run:
        await run.until("the dashboard", lambda text: "AUTO" in text)
        await scene.say("disarm")
        await run.until("the word on the screen", lambda text: "disarmed by cli" in text)
        run.type("q")
        await _read_out(run)
        await scene.say("arm", "--yes")
        await run.until("more words", lambda _: b"WARNING armed by cli" in run.raw)
        seen.words_after_q = run.raw.rpartition(b"\x1b[?1049l")[2].decode()
        run.type("\x03")
        seen.second_exit = await run.ended()


async def _watch(scene: Stage, seen: Evening) -> None:
    async with on_terminal(*RISKGUARD, "watch", "-c", str(scene.policy)) as watch:
        seen.trouble = await watch.until("the outage", _shows_trouble)
        watch.type("q")
        seen.watch_exit = await watch.ended()
        await _read_out(watch)
        seen.watch_left = watch.raw


async def _read_out(terminal: Terminal) -> None:
    await terminal.until("the screen given back", lambda _: b"\x1b[?1049l" in terminal.raw)


def _shows_trouble(text: str) -> bool:
    return "TRAPPED" in text and "e1" in text


def _children(pid: int) -> tuple[int, ...]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return tuple(int(child) for child in text.split())


def _runs(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_run_on_a_terminal_shows_the_dashboard_from_a_process_of_its_own(evening: Evening) -> None:
    assert "riskguard" in evening.calm
    assert "AUTO" in evening.calm
    assert len(evening.dashboards) == 1


def test_the_screen_says_what_is_wrong_what_comes_next_and_how_to_stop_it(evening: Evening) -> None:
    for screen in (evening.trouble, evening.beside):
        for words in ("TRAPPED", "main", "e1", "BTC", "1.5", "v veto"):
            assert words in screen, f"{words}\n{screen}"


def test_the_guards_own_words_do_not_tear_the_screen(evening: Evening) -> None:
    lines = evening.beside.splitlines()
    assert not [line for line in lines if line.startswith(("ALARM ", "WARNING ", "INFO "))]
    between = evening.run_left.partition(b"\x1b[?1049h")[2].rpartition(b"\x1b[?1049l")[0]
    assert b"ALARM main is TRAPPED?: " not in between


def test_q_leaves_the_screen_and_the_guard_goes_on(evening: Evening) -> None:
    assert evening.watch_exit == 0
    assert b"\x1b[?1049l" in evening.watch_left
    assert evening.after_watch is not None
    assert has_incident("open")(evening.after_watch)


def test_q_on_the_screen_of_run_leaves_the_guard_and_its_words(evening: Evening) -> None:
    said = [line for line in evening.words_after_q.splitlines() if line.startswith("WARNING ")]
    assert said == ["WARNING disarmed by cli: mode auto", "WARNING armed by cli: mode auto"]
    assert evening.second_exit == 0


def test_ctrl_c_ends_guard_and_dashboard_and_gives_the_terminal_back(evening: Evening) -> None:
    assert evening.run_exit == 0
    assert not [pid for pid in evening.dashboards if _runs(pid)]
    assert evening.run_left.rfind(b"\x1b[?1049l") > evening.run_left.rfind(b"\x1b[?1049h")
    assert b"Traceback" not in evening.run_left
    assert evening.status_exit == 5
