"""Commands as an outsider tries them: a wrong policy, and Ctrl-C."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.outside_guard import KEYS, ROOT, Setup, outside

pytestmark = [pytest.mark.wire]

WRONG = """\
version = 1
mode = "auto"
journl = "riskguard.db"

[limits]
per_hedge = 60000
all_hedges = "100_000 USDT"

[[venue]]
id = "main"
ccxt = "binanceusdm"
role = "primary"
keys = "env:RG_MAIN"

[[venue]]
id = "backup"
ccxt = "bybit"
role = "backup"
keys = "env:RG_BACKUP"

[[asset]]
name = "BTC"
legs = ["main BTC/USDT:USDT", "bakcup BTC/USDT:USDT"]
"""


async def _ended(*words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "riskguard", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **KEYS},
        cwd=ROOT,
    )
    out, err = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, out.decode(), err.decode()


@pytest.mark.parametrize("command", [["check"], ["run", "--headless"], ["check", "--json"]])
async def test_three_errors_at_their_places(tmp_path: Path, command: list[str]) -> None:
    policy = tmp_path / "wrong.toml"
    policy.write_text(WRONG, encoding="utf-8")
    code, out, err = await _ended(command[0], "-c", str(policy), *command[1:])
    assert code == 4
    places = {(int(row), int(column)) for row, column in re.findall(r"wrong\.toml:(\d+):(\d+)", out + err)}
    assert {row for row, _ in places} >= {3, 6, 23}, out + err
    assert (3, 1) in places
    assert "Traceback" not in out + err
    assert "did you mean" in out + err


async def test_interrupted_run_ends_cleanly(tmp_path: Path) -> None:
    async with outside(tmp_path, Setup()) as (guard, _servers):
        await guard.start("--arm")
        await guard.ready()
        assert guard.process is not None
        guard.process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(guard.process.wait(), 20) == 0
        assert "Traceback" not in guard.words()


@pytest.mark.parametrize("after_s", [0.4, 1.0, 2.0])
async def test_interrupted_while_starting(tmp_path: Path, after_s: float) -> None:
    async with outside(tmp_path, Setup()) as (guard, _servers):
        await guard.start("--arm")
        assert guard.process is not None
        await asyncio.sleep(after_s)
        guard.process.send_signal(signal.SIGINT)
        code = await asyncio.wait_for(guard.process.wait(), 20)
        assert "Traceback" not in guard.words(), guard.words()
        # Before Python has begun to run our code its own end is all that can be had.
        assert code in ((0, 130, -signal.SIGINT) if after_s < 1 else (0,)), guard.words()


async def test_commands_without_a_guard(tmp_path: Path) -> None:
    async with outside(tmp_path, Setup()) as (guard, _servers):
        for words in (("status", "--json"), ("incidents", "--json"), ("arm", "--yes"), ("veto", "o1")):
            code, out, err = await guard.command(*words)
            assert code == 5, (words, out, err)
            assert "Traceback" not in err
            assert out == ""
