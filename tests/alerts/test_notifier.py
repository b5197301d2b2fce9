"""Words get out by every way that the policy names, or their failure is counted; secrets never do."""

import asyncio
import io
import json
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from riskguard.alerts import PolicyNotifier
from riskguard.alerts.outlets import OutletFailed, run_command
from riskguard.alerts.printer import MOST_WAITING, Printer
from riskguard.core.messages import Severity, TellPerson
from riskguard.core.policy import FreezePolicy, Limits, Money, Policy, Tell
from riskguard.core.types import Mode
from riskguard.ports import Notifier

MONEY = Money(Decimal(1), "USDT")
LIMITS = Limits(
    MONEY, MONEY, 1, MONEY, Decimal(40), 30, MONEY, Decimal("0.15"), Decimal("0.3"), 3.0, 86_400.0, 604_800.0
)
ALARM = TellPerson(Severity.ALARM, "main is TRAPPED", "cancel is down; $(reboot) {title}", "i7")


def policy(tell: Tell | None = None, freeze: FreezePolicy | None = None) -> Policy:
    return Policy(Mode.OBSERVE, "a", LIMITS, (), (), tell=tell or Tell(), freeze=freeze or FreezePolicy())


class Inbox:
    """A loopback web server that keeps what is posted to it and answers as told."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.url = ""

    async def receive(self, request: web.Request) -> web.Response:
        self.received.append((str(request.rel_url), json.loads(await request.text())))
        headers = {"Location": "/elsewhere"} if 300 <= self.status < 400 else {}
        return web.Response(status=self.status, headers=headers)


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    made = Inbox()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}"
    yield made
    await runner.cleanup()


def notifier(
    tell: Tell, directory: Path, environ: Mapping[str, str] | None = None, out: io.StringIO | None = None
) -> PolicyNotifier:
    return PolicyNotifier(policy(tell), directory, environ or dict(os.environ), out=out or io.StringIO())


def script(*lines: str) -> tuple[str, ...]:
    return (sys.executable, "-c", "\n".join(lines))


async def test_a_message_is_one_line_without_control_characters(tmp_path: Path) -> None:
    out = io.StringIO()
    keeper: Notifier = notifier(Tell(), tmp_path, out=out)
    await keeper.tell(TellPerson(Severity.WARNING, "main\x1b[2J", "two\nlines", "i7"))
    assert isinstance(keeper, PolicyNotifier)
    await asyncio.to_thread(keeper._printer.drain, 10.0)
    assert out.getvalue() == "WARNING main [2J: two lines [i7]\n"


async def test_webhook_and_addresses_get_the_words(inbox: Inbox, tmp_path: Path) -> None:
    tell = Tell(now=("env:ALERT",), webhook=f"{inbox.url}/hook")
    keeper = notifier(tell, tmp_path, {"ALERT": f"{inbox.url}/alert?token=SECRET"})
    await keeper.tell(ALARM)
    received = dict(inbox.received)
    assert sorted(received) == ["/alert?token=SECRET", "/hook"]
    assert received["/hook"] == {
        "text": f"{ALARM.title}\n{ALARM.body}",
        "content": f"{ALARM.title}\n{ALARM.body}",
        "severity": "alarm",
        "title": ALARM.title,
        "body": ALARM.body,
        "incident": "i7",
    }
    assert not keeper.failures


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_an_answer_that_is_no_success_is_counted_and_shows_no_secret(
    inbox: Inbox, tmp_path: Path, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.status = status
    keeper = notifier(Tell(now=("env:ALERT",)), tmp_path, {"ALERT": f"{inbox.url}/x?token=SECRET"})
    await keeper.tell(ALARM)
    assert keeper.failures == {"env:ALERT": 1}
    assert f"HTTP {status}" in caplog.text
    assert "SECRET" not in caplog.text
    assert len(inbox.received) == 1


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:1/SECRET", "ClientConnectorError"),
        ("tgram://SECRET/chat", "only http and https"),
        ("http://", "InvalidUrl"),
        ("", "env:ALERT is not set"),
    ],
)
async def test_addresses_that_do_not_work_are_counted(
    address: str, words: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = notifier(Tell(now=("env:ALERT",)), tmp_path, {"ALERT": address})
    await keeper.tell(ALARM)
    assert keeper.failures == {"env:ALERT": 1}
    assert words in caplog.text
    assert "SECRET" not in caplog.text


async def test_a_literal_address_is_named_by_its_host_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = notifier(Tell(webhook="http://user:SECRET@127.0.0.1:1/SECRET?SECRET"), tmp_path)
    await keeper.tell(ALARM)
    assert keeper.failures == {"127.0.0.1": 1}
    assert "SECRET" not in caplog.text


async def test_a_command_gets_the_words_without_a_shell_and_without_our_keys(tmp_path: Path) -> None:
    run = script(
        "import json, os, sys",
        "seen = {'stdin': sys.stdin.read(), 'argv': sys.argv[1:], 'env': dict(os.environ)}",
        "json.dump(seen, open('seen.json', 'w'))",
    )
    tell = Tell(run=(*run, "{text}", "{severity}:{incident}:{other}"))
    keeper = notifier(tell, tmp_path, {**os.environ, "RG_MAIN_SECRET": "SECRET"})
    await keeper.tell(ALARM)
    assert not keeper.failures
    seen = json.loads(await asyncio.to_thread((tmp_path / "seen.json").read_text))
    assert seen["argv"] == [f"{ALARM.title}\n{ALARM.body}", "alarm:i7:{other}"]
    assert seen["stdin"] == f"{ALARM.title}\n{ALARM.body}\n"
    assert seen["env"]["RISKGUARD_TITLE"] == ALARM.title
    assert seen["env"]["RISKGUARD_SEVERITY"] == "alarm"
    assert "RG_MAIN_SECRET" not in seen["env"]


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (("./not-there.sh",), "not-there.sh: No such file"),
        (script("raise SystemExit(3)"), "exit code 3"),
        (("echo", "a\0b"), "cannot be arguments"),
    ],
)
async def test_a_command_that_fails_is_counted(
    run: tuple[str, ...], words: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = notifier(Tell(run=run), tmp_path)
    await keeper.tell(ALARM)
    assert keeper.failures == {"run": 1}
    assert words in caplog.text


async def test_one_way_that_fails_does_not_spoil_the_others(inbox: Inbox, tmp_path: Path) -> None:
    out = io.StringIO()
    tell = Tell(now=("env:NOT_SET", f"{inbox.url}/a"), run=("./not-there.sh",), webhook=f"{inbox.url}/b")
    keeper = notifier(tell, tmp_path, out=out)
    await keeper.tell(ALARM)
    assert sorted(path for path, _ in inbox.received) == ["/a", "/b"]
    assert keeper.failures == {"env:NOT_SET": 1, "run": 1}


class Stuck(io.StringIO):
    """A terminal that was paused."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def write(self, text: str) -> int:
        assert self.released.wait(60)
        return super().write(text)


def test_a_paused_terminal_costs_lines_and_no_time() -> None:
    out = Stuck()
    printer = Printer(out)
    for number in range(MOST_WAITING + 100):
        printer.say(str(number))
    assert 98 <= printer.dropped <= 100
    out.released.set()
    printer.drain(30.0)
    assert out.getvalue().split()[:3] == ["0", "1", "2"]


def test_a_closed_stream_is_survived() -> None:
    out = io.StringIO()
    out.close()
    printer = Printer(out)
    printer.say("x")
    printer.say("y")
    printer.drain(30.0)
    assert printer.dropped == 2


async def test_a_command_that_hangs_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(OutletFailed, match=r"sleep: not done within 0\.01 s"):
        await run_command(
            ("sleep", "600"), words="", variables={}, environ=os.environ, directory=tmp_path, timeout_s=0.01
        )


async def test_a_command_that_is_ended_takes_its_children_along(tmp_path: Path) -> None:
    child = script(
        "import os, subprocess, sys, time",
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])",
        "open('draft', 'w').write(f'{os.getpid()} {child.pid}')",
        "os.rename('draft', 'pids')",
        "time.sleep(600)",
    )
    running = asyncio.ensure_future(
        run_command(child, words="", variables={}, environ=os.environ, directory=tmp_path, timeout_s=600.0)
    )
    pids = tmp_path / "pids"
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(pids.exists):  # noqa: ASYNC110 - a foreign process gives no event
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        for pid in (await asyncio.to_thread(pids.read_text)).split():
            while _runs(int(pid)):  # noqa: ASYNC110 - idem
                await asyncio.sleep(0.01)


def _runs(pid: int) -> bool:
    """Tell whether a process still executes; one that only waits to be collected does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_nothing_is_logged_above_warning(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    asyncio.run(notifier(Tell(run=("./not-there.sh",)), tmp_path).tell(ALARM))
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
