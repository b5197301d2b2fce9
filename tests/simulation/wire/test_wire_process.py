"""The venues as a process of their own: it tells when it is ready, and nothing of it stays behind."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from riskguard.simulation.wire.client import WireClient, WireError, running_wire
from riskguard.simulation.wire.config import ConfigError, read_config
from riskguard.simulation.wire.testing import SYMBOL, two_venues, until

pytestmark = pytest.mark.wire
COMMAND = (sys.executable, "-m", "riskguard.simulation.wire", "--config")


def alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


async def started(*arguments: str, config: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20
    )
    assert process.stdin is not None
    assert process.stdout is not None
    if config is not None:
        process.stdin.write(json.dumps(config).encode() + b"\n")
    async with asyncio.timeout(30):
        return process, json.loads(await process.stdout.readline())


async def test_it_runs_serves_and_ends_with_its_block() -> None:
    orders = [{"symbol": SYMBOL, "side": "buy", "amount": "0.1", "price": "58000", "client_id": "mine-1"}]
    async with running_wire(two_venues("1.5", orders)) as wire:
        pid = wire.pid
        account = await wire.account("main")
        assert account["positions"] == {SYMBOL: "1.5"}
        assert [order["client_id"] for order in account["open_orders"]] == ["mine-1"]
        assert alive(pid)
    assert not alive(pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signals_end_it_cleanly_even_while_requests_hang(
    number: signal.Signals, tmp_path: Path
) -> None:
    file = tmp_path / "venues.json"
    file.write_text(json.dumps(two_venues()))
    process, ready = await started(str(file))
    async with WireClient(ready) as wire, aiohttp.ClientSession() as session:
        await wire.set_fault("main", "hang")
        url = f"http://127.0.0.1:{wire.venues['main']['port']}/fapi/v1/time"
        hanging = asyncio.ensure_future(session.get(url))

        async def held() -> bool:
            return bool((await wire.state("main"))["held"])

        await until(held)
        process.send_signal(number)
        async with asyncio.timeout(20):
            assert await process.wait() == 0
        with pytest.raises(aiohttp.ClientError):
            await hanging


async def test_it_ends_when_its_parents_pipe_closes() -> None:
    process, _ = await started("-", "--parent-pipe", config=two_venues())
    process.stdin.close()
    async with asyncio.timeout(20):
        assert await process.wait() == 0


async def test_the_raw_log_goes_to_its_file(tmp_path: Path) -> None:
    file = tmp_path / "raw.jsonl"
    async with running_wire({**two_venues("1"), "log": str(file)}) as wire:
        rows = await wire.log()
    assert [json.loads(line) for line in file.read_text().splitlines()][: len(rows)] == rows


async def test_control_asks_for_its_token() -> None:
    async with running_wire({**two_venues(), "control": {"token": "t0"}}) as wire:
        url = wire.ready["control"]["url"]
        async with aiohttp.ClientSession() as session, session.post(f"{url}/state") as answer:
            assert answer.status == 403
        with pytest.raises(WireError, match="no /nothing"):
            await wire.ask("/nothing")
        with pytest.raises(WireError, match="no venue 'x'"):
            await wire.ask("/state", venue="x")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"venus": []}, "unknown key 'venus'"),
        ({"venues": []}, "at least one"),
        ({"venues": [{"name": "a", "face": "okex", "keys": [], "symbols": []}]}, "okex"),
        ({"venues": [{"name": "a", "face": "bybit", "symbols": []}]}, "'keys' is missing"),
        ({"venues": two_venues()["venues"] * 2}, "twice"),
    ],
)
def test_configuration_errors_name_the_key(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        read_config({**two_venues(), **change})


async def test_a_bad_configuration_ends_the_process_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "venues.json"
    file.write_text(json.dumps({"venues": []}))
    process = await asyncio.create_subprocess_exec(*COMMAND, str(file), stderr=asyncio.subprocess.PIPE)
    _, told = await process.communicate()
    assert process.returncode == 2
    assert told.decode() == "error: venues: at least one is needed\n"
