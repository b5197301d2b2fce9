"""The trader's own bot hears by file, command or address that it should stop; the answer says if it could."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from riskguard.alerts.freezer import Freezer, write_frozen
from riskguard.core.messages import FreezeAnswered, FreezeTrading
from riskguard.core.policy import FreezePolicy

FREEZE = FreezeTrading("main", "i7", frozen=True)
THAW = FreezeTrading("main", "i7", frozen=False)
NOW_MS = 1_790_000_000_000
LOG = (sys.executable, "-c", "import sys; open('calls', 'a').write(' '.join(sys.argv[1:]) + '\\n')")


def freezer(directory: Path, **policy: Any) -> Freezer:
    return Freezer(FreezePolicy(**policy), directory, dict(os.environ))


def content(path: Path) -> Any:
    return json.loads(path.read_text())["frozen"]


async def test_the_file_says_who_is_frozen_since_when_and_why(tmp_path: Path) -> None:
    keeper = freezer(tmp_path, file="frozen.json")
    path = tmp_path / "frozen.json"
    assert await keeper.freeze(FREEZE, NOW_MS) == FreezeAnswered("main", ok=True)
    assert content(path) == {"main": {"since": "2026-09-21T14:13:20Z", "incident": "i7"}}
    await keeper.freeze(FreezeTrading("spot", "i8", frozen=True), NOW_MS)
    await keeper.freeze(THAW, NOW_MS)
    assert list(content(path)) == ["spot"]
    await keeper.freeze(FreezeTrading("spot", "i8", frozen=False), NOW_MS)
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - a look at one folder


async def test_a_restarted_guard_goes_on_with_the_file_that_it_finds(tmp_path: Path) -> None:
    await freezer(tmp_path, file="frozen.json").freeze(FREEZE, NOW_MS)
    later = freezer(tmp_path, file="frozen.json")
    await later.freeze(FreezeTrading("main", "i9", frozen=True), NOW_MS + 60_000)
    await later.freeze(FreezeTrading("spot", "i9", frozen=True), NOW_MS + 60_000)
    found = content(tmp_path / "frozen.json")
    assert found["main"] == {"since": "2026-09-21T14:13:20Z", "incident": "i7"}
    assert sorted(found) == ["main", "spot"]


@pytest.mark.parametrize("text", ["", "tea", "[]", '{"frozen": 7}', '{"other": {}}'])
def test_a_file_that_says_nothing_sensible_is_begun_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "frozen.json"
    path.write_text(text)
    write_frozen(path, FREEZE, NOW_MS)
    assert list(content(path)) == ["main"]


async def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    answer = await freezer(tmp_path, file="nowhere/frozen.json").freeze(FREEZE, NOW_MS)
    assert answer == FreezeAnswered("main", ok=False, cause="file: No such file or directory")


async def test_a_command_is_called_to_freeze_and_not_to_thaw(tmp_path: Path) -> None:
    keeper = freezer(tmp_path, run=(*LOG, "{venue}", "{incident}"))
    assert (await keeper.freeze(FREEZE, NOW_MS)).ok
    assert (await keeper.freeze(THAW, NOW_MS)).ok
    assert await asyncio.to_thread((tmp_path / "calls").read_text) == "main i7\n"


async def test_a_command_that_can_say_both_is_called_for_both_in_order(tmp_path: Path) -> None:
    keeper = freezer(tmp_path, run=(*LOG, "{venue}", "{frozen}"))
    await asyncio.gather(keeper.freeze(FREEZE, NOW_MS), keeper.freeze(THAW, NOW_MS))
    assert await asyncio.to_thread((tmp_path / "calls").read_text) == "main true\nmain false\n"


async def test_a_command_that_fails_is_said(tmp_path: Path) -> None:
    answer = await freezer(tmp_path, run=("./halt.sh", "{venue}")).freeze(FREEZE, NOW_MS)
    assert answer == FreezeAnswered("main", ok=False, cause="command: halt.sh: No such file or directory")


async def test_a_policy_without_a_way_says_so(tmp_path: Path) -> None:
    answer = await freezer(tmp_path).freeze(FREEZE, NOW_MS)
    assert answer == FreezeAnswered("main", ok=False, cause="the policy names no way to freeze")


@pytest.fixture
async def bot() -> AsyncIterator[tuple[str, list[Any]]]:
    received: list[Any] = []

    async def stop(request: web.Request) -> web.Response:
        received.append((request.path, await request.json()))
        return web.Response(status=401 if "locked" in request.path else 200)

    app = web.Application()
    app.router.add_post("/{path:.*}", stop)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}", received
    await runner.cleanup()


async def test_an_address_is_posted_to(bot: tuple[str, list[Any]], tmp_path: Path) -> None:
    url, received = bot
    keeper = freezer(tmp_path, url=f"{url}/stop/{{venue}}")
    assert (await keeper.freeze(FREEZE, NOW_MS)).ok
    assert (await keeper.freeze(THAW, NOW_MS)).ok
    assert received == [("/stop/main", {"venue": "main", "frozen": True, "incident": "i7"})]


async def test_every_way_that_failed_is_said_and_the_others_are_used(
    bot: tuple[str, list[Any]], tmp_path: Path
) -> None:
    url, _ = bot
    keeper = freezer(tmp_path, file="frozen.json", run=("./halt.sh",), url=f"{url}/locked")
    answer = await keeper.freeze(FREEZE, NOW_MS)
    assert answer == FreezeAnswered(
        "main", ok=False, cause="command: halt.sh: No such file or directory; address: 127.0.0.1: HTTP 401"
    )
    assert list(content(tmp_path / "frozen.json")) == ["main"]
