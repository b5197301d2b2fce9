"""Writes to a terminal or pipe that may hang: what cannot be written now waits, and never the guard."""

import os
import select

WRITE_BYTES_MAX = 4_096
"""A pipe that poll calls writable takes PIPE_BUF bytes without blocking (POSIX); 4096 on Linux."""
BACKLOG_BYTES_MAX = 262_144


class Outlet:
    """One file descriptor, written only when it takes bytes; `gone` once nobody reads it any more."""

    def __init__(self, descriptor: int) -> None:
        self._given = descriptor
        self._own = _own_terminal(descriptor)
        self._pending = bytearray()
        self.gone = False
        self.dropped = 0
        """Lines that were left out because the reader was too slow."""

    @property
    def idle(self) -> bool:
        """Whether everything was written."""
        return not self._pending

    def write(self, text: str) -> None:
        """Queue a text and write what can be written now."""
        self._pending += text.encode("utf-8", errors="replace")
        self.pump()

    def write_line(self, text: str) -> None:
        """Queue a line, or count it as dropped while too much is waiting."""
        if len(self._pending) > BACKLOG_BYTES_MAX:
            self.dropped += 1
            return
        if self.dropped:
            self._pending += f"({self.dropped} lines left out: the reader was too slow)\n".encode()
            self.dropped = 0
        self.write(f"{text}\n")

    def pump(self, wait_s: float = 0.0) -> None:
        """Write as much as the other side takes, waiting at most `wait_s` for each piece of it."""
        descriptor = self._given if self._own is None else self._own
        while self._pending and not self.gone:
            try:
                if not self._takes_bytes(descriptor, wait_s):
                    return
                written = os.write(descriptor, self._pending[:WRITE_BYTES_MAX])
            except BlockingIOError:
                return
            except OSError:
                self.gone = True
                self._pending.clear()
                return
            del self._pending[:written]

    @staticmethod
    def _takes_bytes(descriptor: int, wait_s: float) -> bool:
        poller = select.poll()
        poller.register(descriptor, select.POLLOUT)
        return bool(poller.poll(wait_s * 1_000))

    def drop(self) -> None:
        """Forget what waits; an escape sequence that was cut in two is ended."""
        if self._pending:
            self._pending = bytearray(b"\x18")

    def close(self) -> None:
        """Release our own handle on the terminal; the one given stays open."""
        if self._own is not None:
            os.close(self._own)
            self._own = None


def _own_terminal(descriptor: int) -> int | None:
    """Open the terminal anew, so that non-blocking writes change nothing for those who share `descriptor`."""
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None
