"""Without a terminal the painter prints sentences, and a reader that does not read holds up nobody."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from riskguard.core.snapshot import Snapshot
from riskguard.dashboard.outlet import BACKLOG_BYTES_MAX, Outlet
from riskguard.dashboard.painter import End, Look, paint

Pictures = dict[str, Snapshot]
Pipe = tuple[int, int]
FAST = Look(colour=False, frame_s=0.01)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """Give both ends of a pipe."""
    reading, writing = os.pipe()
    yield reading, writing
    for end in (reading, writing):
        try:
            os.close(end)
        except OSError:
            continue


async def _stream(*snapshots: Snapshot) -> AsyncIterator[Snapshot]:
    for snapshot in snapshots:
        yield snapshot
        await asyncio.sleep(0.05)


async def test_sentences_without_a_single_escape(pictures: Pictures, pipe: Pipe) -> None:
    end = await paint(
        _stream(pictures["calm"], pictures["trapped"]), look=FAST, stdin=pipe[0], stdout=pipe[1]
    )
    said = os.read(pipe[0], 65_536).decode()
    assert end is End.SOURCE_ENDED
    assert "\x1b" not in said
    assert "12:00:00 main: FINE -> TRAPPED: 0 of 7 cancels answered in 11.9 s\n" in said
    assert said.count("main: ") == 2


async def test_ascii_for_a_locale_that_has_no_more(pictures: Pictures, pipe: Pipe) -> None:
    look = replace(FAST, unicode=False)
    await paint(_stream(pictures["long texts"]), look=look, stdin=pipe[0], stdout=pipe[1])
    assert os.read(pipe[0], 65_536).isascii()


async def test_a_reader_that_went_away_ends_it(pictures: Pictures, pipe: Pipe) -> None:
    os.close(pipe[0])
    end = await paint(lambda: pictures["calm"], look=FAST, stdin=pipe[1], stdout=pipe[1])
    assert end is End.TERMINAL_GONE


async def test_a_source_that_fails_ends_it_and_harms_nobody(
    pictures: Pictures, pipe: Pipe, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> AsyncIterator[Snapshot]:
        yield pictures["calm"]
        raise OSError("socket closed")

    def broken_call() -> Snapshot:
        raise KeyError("no such thing")

    assert await paint(broken(), look=FAST, stdin=pipe[0], stdout=pipe[1]) is End.SOURCE_ENDED
    assert await paint(broken_call, look=FAST, stdin=pipe[0], stdout=pipe[1]) is End.BROKEN
    assert "socket closed" in caplog.text
    assert "the guard goes on" in caplog.text


def test_a_reader_that_does_not_read_blocks_nothing_and_hears_what_it_missed(pipe: Pipe) -> None:
    outlet = Outlet(pipe[1])
    line = "x" * 999
    count = 2 * BACKLOG_BYTES_MAX // 1_000
    for _ in range(count):
        outlet.write_line(line)
    assert not outlet.idle
    assert outlet.dropped > 0
    dropped = outlet.dropped
    received = b""
    while not outlet.idle:
        received += os.read(pipe[0], 65_536)
        outlet.pump()
    outlet.write_line("after")
    received += os.read(pipe[0], 65_536)
    while not received.endswith(b"after\n"):
        received += os.read(pipe[0], 65_536)
    assert f"({dropped} lines left out: the reader was too slow)\nafter\n".encode() in received
    assert received.count(line.encode()) == count - dropped
