"""Streams reach the queue, and a defect of a gateway's streams costs one venue a moment."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from riskguard.core.messages import (
    CancelOrder,
    LookUpOrder,
    Observation,
    PlaceOrder,
    ProbeVenue,
    ReadVenue,
    SetDeadMan,
    StreamLost,
    StreamMoved,
)
from riskguard.core.types import Path
from riskguard.ports import Answer
from riskguard.runtime.feeds import feed
from riskguard.simulation.world.virtual_loop import run_virtual

BOOK = StreamMoved("main", Path.BOOK)
FILLS = StreamMoved("main", Path.FILLS)


class FakeStreams:
    """A gateway whose streams end or break as told, once per beginning."""

    def __init__(self, *lives: list[Observation | Exception]) -> None:
        self.venue = "main"
        self.began_s: list[float] = []
        self._lives = list(lives)

    async def streams(self) -> AsyncIterator[Observation]:
        self.began_s.append(asyncio.get_running_loop().time())
        for item in self._lives.pop(0) if self._lives else [RuntimeError("token=SECRET")]:
            if isinstance(item, Exception):
                raise item
            yield item

    async def place(self, command: PlaceOrder) -> Answer:
        raise NotImplementedError(command)

    async def cancel(self, command: CancelOrder) -> Answer:
        raise NotImplementedError(command)

    async def look_up(self, command: LookUpOrder) -> Answer:
        raise NotImplementedError(command)

    async def read(self, command: ReadVenue) -> Answer:
        raise NotImplementedError(command)

    async def probe(self, command: ProbeVenue) -> Answer:
        raise NotImplementedError(command)

    async def dead_man(self, command: SetDeadMan) -> Answer:
        raise NotImplementedError(command)

    async def close(self) -> None:
        """Release nothing."""


def seen_within(gateway: FakeStreams, duration_s: float) -> list[Observation]:
    async def main() -> list[Observation]:
        seen: list[Observation] = []
        running = asyncio.ensure_future(feed(gateway, seen.append))
        await asyncio.sleep(duration_s)
        running.cancel()
        return seen

    return run_virtual(main())


def test_an_end_is_reported_for_the_paths_that_moved_and_the_streams_begin_again() -> None:
    gateway = FakeStreams([BOOK, FILLS, BOOK], [FILLS])
    assert seen_within(gateway, 0.9) == [
        BOOK,
        FILLS,
        BOOK,
        StreamLost("main", Path.BOOK, "the stream ended"),
        StreamLost("main", Path.FILLS, "the stream ended"),
        FILLS,
        StreamLost("main", Path.FILLS, "the stream ended"),
    ]


def test_a_defect_is_survived_and_its_words_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    gateway = FakeStreams([BOOK, ValueError("token=SECRET")])
    seen = seen_within(gateway, 0.2)
    assert seen == [BOOK, StreamLost("main", Path.BOOK, "internal error ValueError")]
    assert "ValueError at test_feeds.py" in caplog.text
    assert "SECRET" not in caplog.text


def test_streams_that_never_begin_are_tried_ever_more_seldom() -> None:
    gateway = FakeStreams()
    assert seen_within(gateway, 60.0) == []
    assert gateway.began_s == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 25.5, 35.5, 45.5, 55.5]
