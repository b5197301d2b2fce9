"""Paints one frame per second and listens for keys; on a pipe it prints sentences instead.

It shares its process with the guard in `run` and `demo`, so it never blocks: a terminal that hangs only loses
frames, a control call runs beside the painting, and no error in here reaches the guard.
"""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from rich.text import Text

from riskguard.core.snapshot import Snapshot
from riskguard.dashboard.frame import difference, encoded, plain_ascii
from riskguard.dashboard.help_screen import help_lines
from riskguard.dashboard.keys import KeyState, Leave, Said, expired, press, typed_keys
from riskguard.dashboard.outlet import Outlet
from riskguard.dashboard.render import compose
from riskguard.dashboard.sentences import sentences
from riskguard.dashboard.terminal import Terminal, can_take_over, speaks_unicode, wants_colour
from riskguard.dashboard.words import clean, seconds

log = logging.getLogger(__name__)

FRAME_S = 1.0
STALE_AFTER_S = 3.0
CLOSING_WAIT_S = 1.0

Source = Callable[[], Snapshot | None] | AsyncIterator[Snapshot]
"""Asked once per frame, or a stream whose newest snapshot is shown."""
Control = Callable[[str, str], Awaitable[str]]
"""Takes a control word and an incident's id (or ""), and answers in a few words."""


class End(StrEnum):
    """Why the painter stopped; none of these says anything of the guard."""

    LEFT = "left"
    SOURCE_ENDED = "source ended"
    TERMINAL_GONE = "terminal gone"
    BROKEN = "broken"
    """A defect of the screen; it is logged."""


@dataclass(frozen=True, slots=True)
class Look:
    """How to draw."""

    colour: bool = True
    unicode: bool = True
    plain: bool = False
    """Sentences even on a terminal."""
    frame_s: float = FRAME_S


def look_of(stdout: int, *, plain: bool = False) -> Look:
    """Choose by terminal and environment."""
    return Look(colour=wants_colour(stdout), unicode=speaks_unicode(), plain=plain)


async def paint(
    source: Source,
    control: Control | None = None,
    *,
    look: Look | None = None,
    stdin: int = 0,
    stdout: int = 1,
) -> End:
    """Show snapshots until the trader leaves, the source ends or the terminal is gone; raises nothing."""
    look = look_of(stdout) if look is None else look
    outlet = Outlet(stdout)
    feed = Feed(source)
    try:
        if look.plain or not can_take_over(stdin, stdout):
            return await _print_sentences(feed, outlet, look)
        with Terminal(stdin, outlet):
            return await _Screen(feed, control, look, outlet, (stdin, stdout)).run()
    except Exception:
        log.exception("the dashboard stopped; the guard goes on")
        return End.BROKEN
    finally:
        await feed.close()
        outlet.close()


class Feed:
    """The newest snapshot of a source, and how old it is."""

    def __init__(self, source: Source) -> None:
        self._ask = source if callable(source) else None
        self._task = None if callable(source) else asyncio.ensure_future(self._follow(source))
        self._newest: Snapshot | None = None
        self._moved_s = asyncio.get_running_loop().time()
        self.ended = False

    def newest(self) -> Snapshot | None:
        """Give the newest snapshot; None while there was none."""
        if self._ask is not None:
            self._take(self._ask())
        return self._newest

    def silent_s(self) -> float:
        """Tell for how long nothing new came."""
        return asyncio.get_running_loop().time() - self._moved_s

    async def close(self) -> None:
        """Stop following the source."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CLOSING_WAIT_S)

    def _take(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None and (self._newest is None or snapshot.at_ms != self._newest.at_ms):
            self._moved_s = asyncio.get_running_loop().time()
        self._newest = snapshot if snapshot is not None else self._newest

    async def _follow(self, source: AsyncIterator[Snapshot]) -> None:
        try:
            async for snapshot in source:
                self._take(snapshot)
        except Exception:
            log.exception("no more news from the guard")
        finally:
            self.ended = True


async def _print_sentences(feed: Feed, outlet: Outlet, look: Look) -> End:
    previous: Snapshot | None = None
    while True:
        ended = feed.ended
        snapshot = feed.newest()
        if snapshot is not None and snapshot is not previous:
            for words in sentences(previous, snapshot):
                outlet.write_line(words if look.unicode else plain_ascii(words))
            previous = snapshot
        outlet.pump()
        if outlet.gone:
            return End.TERMINAL_GONE
        if ended:
            await _drain(outlet)
            return End.SOURCE_ENDED
        await asyncio.sleep(look.frame_s)


async def _drain(outlet: Outlet) -> None:
    """Give a slow reader a last chance, without holding up the loop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSING_WAIT_S):
            while not outlet.idle:
                await asyncio.sleep(0.01)
                outlet.pump()


class _Screen:
    """The loop on a terminal: wake each second or on a key, draw, send what changed."""

    def __init__(
        self, feed: Feed, control: Control | None, look: Look, outlet: Outlet, ends: tuple[int, int]
    ) -> None:
        self._feed, self._control, self._look, self._outlet = feed, control, look, outlet
        self._stdin, self._stdout = ends
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._keys = KeyState()
        self._shown: list[str] = []
        self._size = (0, 0)
        self._end: End | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def run(self) -> End:
        """Paint until something ends it."""
        self._loop.add_reader(self._stdin, self._read_keys)
        with suppress(RuntimeError, ValueError):  # not the main thread: the size is seen at the next frame
            self._loop.add_signal_handler(signal.SIGWINCH, self._wake.set)
        try:
            while self._end is None:
                self._paint()
                if self._feed.ended:
                    return End.SOURCE_ENDED
                self._wake.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._look.frame_s)
                if self._outlet.gone:
                    return End.TERMINAL_GONE
            return self._end
        finally:
            self._loop.remove_reader(self._stdin)
            with suppress(RuntimeError, ValueError):
                self._loop.remove_signal_handler(signal.SIGWINCH)
            if self._calls:
                await asyncio.wait(self._calls, timeout=CLOSING_WAIT_S)

    def _paint(self) -> None:
        self._outlet.pump()
        if not self._outlet.idle:
            return  # the terminal still swallows the last frame; a later one will be newer
        size = _size_of(self._stdout)
        if size != self._size:
            self._size, self._shown = size, []
            self._outlet.write("\x1b[0m\x1b[2J")
        look = self._look
        lines = [encoded(line, colour=look.colour, unicode=look.unicode) for line in self._lines(*size)]
        self._outlet.write(difference(self._shown, lines))
        self._shown = lines

    def _lines(self, width: int, height: int) -> list[Text]:
        self._keys = expired(self._keys, self._loop.time())
        snapshot = self._feed.newest()
        if self._keys.helping or snapshot is None:
            return help_lines(width, height, waiting=snapshot is None)
        return compose(snapshot, width, height, note=self._note())

    def _note(self) -> str:
        silent_s = self._feed.silent_s()
        if silent_s > STALE_AFTER_S:
            words = f"STALE: no news from the guard for {seconds(silent_s)}; what follows is old"
            return f"{words}. {self._keys.words}" if self._keys.asked is None else self._keys.words
        return self._keys.words

    def _read_keys(self) -> None:
        try:
            typed = os.read(self._stdin, 64)
        except BlockingIOError:
            return
        except OSError:
            typed = b""
        if not typed:
            self._end = End.TERMINAL_GONE
        self._wake.set()
        for key in typed_keys(typed):
            self._press(key)

    def _press(self, key: str) -> None:
        may = self._control is not None
        self._keys, asked = press(self._keys, key, self._feed.newest(), self._loop.time(), may_control=may)
        if isinstance(asked, Leave):
            self._end = End.LEFT
        elif isinstance(asked, Said) and self._control is not None:
            call = self._loop.create_task(self._say(self._control, asked))
            self._calls.add(call)
            call.add_done_callback(self._calls.discard)

    async def _say(self, control: Control, said: Said) -> None:
        name = f"{said.word} {clean(said.incident)}".rstrip()
        try:
            answer = await control(said.word, said.incident)
        except Exception as error:  # noqa: BLE001 - whatever it is, the trader must hear that it did not work
            answer = f"FAILED: {str(error) or type(error).__name__}"
        self._keys = KeyState(note=f"{name}: {clean(answer) or 'done'}")
        self._wake.set()


def _size_of(descriptor: int) -> tuple[int, int]:
    try:
        size = os.get_terminal_size(descriptor)
    except OSError:
        return 80, 24
    return (size.columns or 80, size.lines or 24)
