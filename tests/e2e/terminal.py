"""A command on a terminal of its own, and what a person would see there."""

import asyncio
import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pyte

from tests.e2e.stage import PATIENCE_S, environment

COLUMNS, LINES = 100, 30
LAUNCH = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the controlling one, so that Ctrl-C reaches what runs on it."""


class Terminal:
    """A process on a pseudo-terminal and the screen that it draws."""

    def __init__(self, process: asyncio.subprocess.Process, master: int) -> None:
        self.process = process
        self.raw = b""
        self._master = master
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        asyncio.get_running_loop().add_reader(master, self._read)

    @property
    def text(self) -> str:
        """The screen as it is now."""
        return "\n".join(row.rstrip() for row in self._screen.display)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    async def until(self, what: str, holds: Callable[[str], bool]) -> str:
        """Wait until the screen is as wanted, and give it."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds(self.text):  # noqa: ASYNC110 - a screen has no event
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"never: {what}\n{self.text}") from None
        return self.text

    async def ended(self) -> int:
        """Wait for the process's end and give its exit code."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()

    def close(self) -> None:
        """Let go of the terminal."""
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)

    def _read(self) -> None:
        with suppress(OSError):  # the other end is closed: the process has ended
            data = os.read(self._master, 65_536)
            self.raw += data
            self._stream.feed(data)
            return
        asyncio.get_running_loop().remove_reader(self._master)


@asynccontextmanager
async def on_terminal(*command: str) -> AsyncIterator[Terminal]:
    """Run a command on a terminal; it ends with the block."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LAUNCH, *command),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**environment(), "TERM": "xterm", "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,
    )
    os.close(slave)
    terminal = Terminal(process, master)
    try:
        yield terminal
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 30)
            except TimeoutError:
                process.kill()
                await process.wait()
        terminal.close()
