"""What the guard says while a screen has its terminal: kept, and written once the screen is gone."""

import contextlib
import io
import logging
import sys
import threading
from collections import deque
from collections.abc import Iterator
from typing import TextIO

MOST_KEPT = 1_000
"""Pieces of text; the oldest go first. The journal and the screen have all that matters."""


class BehindScreen(io.TextIOBase):
    """A stderr that a screen covers; safe to write to from any thread."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._kept: deque[str] = deque(maxlen=MOST_KEPT)
        self._covered = True
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        """Keep a text, or write it when the screen is gone."""
        with self._lock:
            if self._covered:
                self._kept.append(text)
            else:
                self._out.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what may be written."""
        with self._lock:
            if not self._covered:
                self._out.flush()

    def uncover(self) -> None:
        """Write what was kept, and from now on everything."""
        with self._lock:
            self._covered = False
            self._out.writelines(self._kept)
            self._out.flush()
            self._kept.clear()


@contextlib.contextmanager
def behind_screen() -> Iterator[BehindScreen]:
    """Hold back all that this process would write to stderr, its log included, until it is uncovered."""
    words = BehindScreen(sys.stderr)
    streams = [
        handler for handler in logging.getLogger().handlers if isinstance(handler, logging.StreamHandler)
    ]
    before = [handler.setStream(words) for handler in streams]
    try:
        with contextlib.redirect_stderr(words):
            yield words
    finally:
        words.uncover()
        for handler, stream in zip(streams, before, strict=True):
            if stream is not None:
                handler.setStream(stream)
