"""Takes a terminal over for the screen and gives it back on every way out, signals included."""

import atexit
import os
import signal
import sys
import termios
from types import FrameType, TracebackType
from typing import Any, Self

from riskguard.dashboard.outlet import Outlet

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"
"""Alternate screen, cursor hidden, no automatic line wrap, cleared."""
LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"

_DEADLY = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
_RESTORE_WAIT_S = 0.05
"""How long a hung terminal may hold us up at the very end; the guard may share our loop."""


def can_take_over(stdin: int, stdout: int) -> bool:
    """Tell whether both are a capable terminal of ours; a background job would be stopped by touching it."""
    if not (os.isatty(stdin) and os.isatty(stdout)) or os.environ.get("TERM", "dumb") == "dumb":
        return False
    try:
        return os.tcgetpgrp(stdin) == os.getpgrp()
    except OSError:
        return False


class Terminal:
    """A context in which the terminal sends single keys and shows the alternate screen."""

    def __init__(self, stdin: int, outlet: Outlet) -> None:
        self._stdin = stdin
        self._outlet = outlet
        self._mode: list[Any] | None = None
        self._handled: list[signal.Signals] = []

    def __enter__(self) -> Self:
        self._mode = termios.tcgetattr(self._stdin)
        atexit.register(self.restore)
        self._catch_signals()
        termios.tcsetattr(self._stdin, termios.TCSANOW, _key_mode(self._mode))
        self._outlet.write(ENTER)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.restore()
        atexit.unregister(self.restore)
        for number in self._handled:
            if signal.getsignal(number) == self._die:
                signal.signal(number, signal.SIG_DFL)
        self._handled.clear()

    def restore(self) -> None:
        """Give the terminal back; does nothing the second time."""
        mode, self._mode = self._mode, None
        if mode is None:
            return
        self._outlet.drop()
        self._outlet.write(LEAVE)
        self._outlet.pump(_RESTORE_WAIT_S)
        try:
            # TCSANOW: waiting for output to drain would hang on a terminal that stopped reading.
            termios.tcsetattr(self._stdin, termios.TCSANOW, mode)
        except termios.error:
            return

    def _catch_signals(self) -> None:
        """Restore before a signal kills us, only where nobody else handles that signal."""
        for number in _DEADLY:
            if signal.getsignal(number) is signal.SIG_DFL:
                try:
                    signal.signal(number, self._die)
                except ValueError:
                    return  # not the main thread: whoever owns it handles signals
                self._handled.append(number)

    def _die(self, number: int, _frame: FrameType | None) -> None:
        self.restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _key_mode(mode: list[Any]) -> list[Any]:
    """Give single keys without echo; Ctrl-C stays, Ctrl-Z and Ctrl-S go: they would suspend the guard."""
    changed = [*mode[:6], list(mode[6])]
    changed[0] &= ~(termios.IXON | termios.ICRNL)
    changed[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    changed[6][termios.VMIN] = 1
    changed[6][termios.VTIME] = 0
    changed[6][termios.VSUSP] = b"\x00"
    return changed


def wants_colour(stdout: int) -> bool:
    """Tell whether colour is welcome: a terminal, and no `NO_COLOR` (no-color.org)."""
    return os.isatty(stdout) and not os.environ.get("NO_COLOR")


def speaks_unicode() -> bool:
    """Tell whether the terminal's locale shows more than ASCII."""
    return (sys.stdout.encoding or "ascii").lower().replace("-", "").startswith("utf8")
