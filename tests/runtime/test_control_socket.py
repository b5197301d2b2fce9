"""The control socket answers its owner, whatever it is sent, and nobody else can open it."""

import asyncio
import json
import socket
import stat
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from riskguard.core.messages import Observation, OperatorSaid
from riskguard.runtime.control_client import GuardRefused, GuardUnreachable, ask, watch
from riskguard.runtime.control_socket import LONGEST_LINE, MOST_CLIENTS, Answers, ControlSocket, SocketInUse
from riskguard.runtime.socket_path import make_private_folder, socket_path


class World:
    """A control socket over a guard that handles what it hears only when it is asked to settle."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard: list[Observation] = []
        self.handled: list[Observation] = []
        self.status: Callable[[], dict[str, Any]] = lambda: {"mode": "observe"}
        answers = Answers(
            status=lambda: self.status(),  # noqa: PLW0108 - a test replaces it later
            incidents=lambda: [{"id": "i1"}],
            picture=lambda: {"at_ms": 1},
            after=lambda said: {"will": said.word, "handled": said in self.handled},
        )
        self.control = ControlSocket(path, emit=self.heard.append, settled=self.settle, answers=answers)

    async def settle(self) -> None:
        await asyncio.sleep(0)
        self.handled = list(self.heard)

    async def raw(self, *lines: bytes) -> list[dict[str, Any]]:
        """Send lines as they are and give all replies until the guard closes."""
        reader, writer = await asyncio.open_unix_connection(str(self.path))
        writer.write(b"".join(lines))
        writer.write_eof()
        replies = [json.loads(line) async for line in reader]
        writer.close()
        return replies


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    # A short path, because a socket's has at most 107 bytes.
    made = World(tmp_path / "s" / "c.sock")
    await made.control.open()
    yield made
    await made.control.close()


async def test_status_and_incidents(world: World) -> None:
    assert await asyncio.to_thread(ask, world.path, {"do": "status"}) == {"mode": "observe"}
    assert await asyncio.to_thread(ask, world.path, {"do": "incidents"}) == [{"id": "i1"}]


async def test_a_control_word_is_handled_before_its_reply_says_what_follows(world: World) -> None:
    reply = await asyncio.to_thread(ask, world.path, {"do": "veto", "incident": "i1", "by": "ann"})
    assert reply == {"will": "veto", "handled": True}
    assert world.heard == [OperatorSaid("veto", "i1", "ann")]


async def test_only_the_owner_can_open_it(world: World) -> None:
    def modes() -> tuple[int, int]:
        return stat.S_IMODE(world.path.stat().st_mode), stat.S_IMODE(world.path.parent.stat().st_mode)

    assert await asyncio.to_thread(modes) == (0o600, 0o700)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"tea please\n", "not a JSON object"),
        (b"[1]\n", "not a JSON object"),
        (b"{}\n", "not a JSON object"),
        (b"\xff\xfe\n", "not a JSON object"),
        (b"[" * 5_000 + b"\n", "not a JSON object"),
        (b'{"do": "dance"}\n', "unknown request 'dance'"),
        (b'{"do": 7}\n', "'do' is not a short string"),
        (b'{"do": "veto", "incident": {"a": 1}}\n', "'incident' is not a short string"),
        (b'{"do": "veto", "incident": "' + b"x" * 300 + b'"}\n', "'incident' is not a short string"),
        (b'{"do": "' + b"x" * LONGEST_LINE + b'"}\n', "a line is longer than"),
    ],
)
async def test_nonsense_gets_an_error_and_does_no_harm(world: World, line: bytes, words: str) -> None:
    replies = await world.raw(line)
    assert len(replies) == 1
    assert words in replies[0]["error"]
    assert world.heard == []
    assert await asyncio.to_thread(ask, world.path, {"do": "status"}) == {"mode": "observe"}


async def test_one_connection_may_ask_several_times_also_after_nonsense(world: World) -> None:
    replies = await world.raw(b'{"do":"status"}\n', b"tea\n", b'{"do":"status"}\n')
    assert ["answer" in reply for reply in replies] == [True, False, True]


async def test_a_defect_in_an_answer_is_an_error_and_not_the_end(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> dict[str, Any]:
        raise KeyError("SECRET")

    world.status = broken
    with pytest.raises(GuardRefused, match="internal error KeyError"):
        await asyncio.to_thread(ask, world.path, {"do": "status"})
    assert "SECRET" not in caplog.text


async def test_clients_beyond_the_limit_are_turned_away_and_places_become_free(world: World) -> None:
    held = []
    for _ in range(MOST_CLIENTS):
        reader, writer = await asyncio.open_unix_connection(str(world.path))
        writer.write(b'{"do":"status"}\n')
        await reader.readline()
        held.append(writer)
    with pytest.raises(GuardRefused, match="too many clients"):
        await asyncio.to_thread(ask, world.path, {"do": "status"})
    for writer in held:
        writer.close()
        await writer.wait_closed()
    async with asyncio.timeout(10):
        while world.control._clients:  # noqa: ASYNC110 - a socket's end gives no event here
            await asyncio.sleep(0.01)
    assert await asyncio.to_thread(ask, world.path, {"do": "status"})


async def test_watching_gives_pictures_until_the_guard_goes_away(world: World) -> None:
    seen: list[Any] = []
    first = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look() -> None:
        for picture in watch(world.path):
            seen.append(picture)
            loop.call_soon_threadsafe(first.set)

    watching = asyncio.ensure_future(asyncio.to_thread(look))
    await first.wait()
    await world.control.close()
    with pytest.raises(GuardUnreachable, match="went away"):
        await watching
    assert seen == [{"at_ms": 1}] * len(seen)
    assert seen


async def test_closing_removes_the_socket(world: World) -> None:
    await world.control.close()
    with pytest.raises(GuardUnreachable, match="no guard answers"):
        await asyncio.to_thread(ask, world.path, {"do": "status"})
    assert list(world.path.parent.iterdir()) == []


async def test_what_a_killed_guard_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "s" / "c.sock"
    make_private_folder(path.parent)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    world = World(path)
    await world.control.open()
    assert await asyncio.to_thread(ask, path, {"do": "status"})
    await world.control.close()


async def test_a_socket_in_use_is_not_taken(world: World) -> None:
    with pytest.raises(SocketInUse):
        await World(world.path).control.open()
    assert await asyncio.to_thread(ask, world.path, {"do": "status"})


async def test_a_file_in_its_place_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    path.write_text("mine")
    with pytest.raises(OSError, match="no socket"):
        await World(path).control.open()
    assert path.read_text() == "mine"


def test_a_silent_guard_is_unreachable_within_the_timeout(tmp_path: Path) -> None:
    path = tmp_path / "c.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        with pytest.raises(GuardUnreachable, match="did not answer"):
            ask(path, {"do": "status"}, timeout_s=0.05)


@pytest.mark.parametrize("reply", [b"tea\n", b"[]\n", b"{}\n"])
def test_something_else_that_answers_is_no_guard(tmp_path: Path, reply: bytes) -> None:
    path = tmp_path / "c.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()

        def answer() -> None:
            accepted, _ = other.accept()
            with accepted:
                accepted.recv(1_000)
                accepted.sendall(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(GuardUnreachable):
            ask(path, {"do": "status"})
        thread.join()


def test_the_path_lies_beside_the_journal_or_under_a_short_private_name(tmp_path: Path) -> None:
    assert socket_path(Path("/var/rg/guard.db")) == Path("/var/rg/.riskguard/guard.db.sock")
    deep = Path("/" + "d" * 200) / "guard.db"
    short = socket_path(deep)
    assert len(bytes(short)) <= 107
    assert short == socket_path(deep)
    assert short != socket_path(deep.with_name("other.db"))
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o777)
    make_private_folder(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o700


def test_a_link_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        make_private_folder(tmp_path / "link")
