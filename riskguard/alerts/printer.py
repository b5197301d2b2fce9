"""Writes lines from a thread of its own: a paused terminal or a full pipe must not stop the guard."""

import atexit
import queue
import threading
from typing import TextIO

MOST_WAITING = 1_000
LAST_WORDS_S = 0.5
"""How long the end of the process waits for lines that are still queued."""


class Printer:
    """Queues lines and drops the newest ones while nobody reads."""

    def __init__(self, out: TextIO) -> None:
        self.dropped = 0
        self._out = out
        self._lines: queue.Queue[str] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None

    def say(self, line: str) -> None:
        """Queue one line; never blocks, never raises."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self.dropped += 1
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="printer", daemon=True)
            self._thread.start()
            atexit.register(self.drain)

    def drain(self, patience_s: float = LAST_WORDS_S) -> None:
        """Wait until all is written, but not longer than `patience_s`."""
        waiter = threading.Thread(target=self._lines.join, daemon=True)
        waiter.start()
        waiter.join(patience_s)

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            try:
                self._out.write(line + "\n")
                self._out.flush()
            except (OSError, ValueError):  # ValueError: the stream was closed
                self.dropped += 1
            finally:
                self._lines.task_done()


def one_line(text: str) -> str:
    """Make foreign text harmless on a terminal: no line ends, no control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
