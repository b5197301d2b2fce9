"""The painter in a real pseudo-terminal, read back as a terminal would show it."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

pytestmark = pytest.mark.pty

SCRIPT = Path(__file__).with_name("screen_script.py")
ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0


class Session:
    """A child process on a pseudo-terminal and the screen that it draws."""

    def __init__(self, record: Path, how: str) -> None:
        self.record = record
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.mode_before = termios.tcgetattr(self.slave)
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        environment = {"TERM": "xterm", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)}
        self.child = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(record), how],
            stdin=self.slave, stdout=self.slave, stderr=self.slave,
            env={**os.environ, **environment}, start_new_session=True,
        )  # fmt: skip

    def until(self, holds: Callable[[], bool]) -> None:
        """Read from the terminal until something holds; fail with the screen after the patience is over."""
        limit = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < limit, "\n".join(self.screen.display)
            if select.select([self.master], [], [], 0.05)[0]:
                data = os.read(self.master, 65_536)
                self.raw += data
                self.stream.feed(data)

    def shows(self, words: str) -> bool:
        return any(words in row for row in self.screen.display)

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def ended(self) -> bool:
        return self.child.poll() is not None

    def recorded(self) -> list[str]:
        return self.record.read_text(encoding="utf-8").splitlines() if self.record.exists() else []

    def close(self) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture(params=["default"])
def session(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Session]:
    """Start the script, wait for its first picture, and end it afterwards."""
    started = Session(tmp_path / "record", str(request.param))
    try:
        started.until(lambda: started.shows("TRAPPED: main"))
        yield started
    finally:
        started.close()


def _is_restored(session: Session) -> bool:
    left = b"\x1b[?1049l" in session.raw and b"\x1b[?25h" in session.raw
    return left and termios.tcgetattr(session.slave) == session.mode_before


def test_first_picture_has_the_sentences_and_hides_the_cursor(session: Session) -> None:
    assert session.shows("NEXT I-0042: hedging in")
    assert session.shows("v to veto")
    assert b"\x1b[?1049h" in session.raw
    assert termios.tcgetattr(session.slave) != session.mode_before


def test_veto_needs_a_second_key_and_q_leaves_with_the_terminal_restored(session: Session) -> None:
    session.type("v")
    session.until(lambda: session.shows("veto I-0042? y to confirm"))
    assert session.recorded() == []
    session.type("x")
    session.until(lambda: not session.shows("y to confirm"))
    session.type("v")
    session.until(lambda: session.shows("y to confirm"))
    session.type("y")
    session.until(lambda: session.shows("veto I-0042: taken"))
    session.type("h")
    session.until(lambda: session.shows("hold I-0042: taken"))
    session.type("a")
    session.until(lambda: session.shows("arm? y to confirm"))
    session.type("y")
    session.until(lambda: session.shows("arm: taken"))
    assert session.recorded() == ["veto I-0042", "hold I-0042", "arm "]
    session.type("q")
    session.until(session.ended)
    session.until(lambda: b"after the screen: left" in session.raw)
    assert session.child.returncode == 0
    assert _is_restored(session)


def test_arrow_keys_are_no_commands(session: Session) -> None:
    session.type("\x1b[D")
    session.type("?")
    session.until(lambda: session.shows("this help"))
    assert session.recorded() == []


def test_a_resize_is_drawn_anew(session: Session) -> None:
    session.screen.resize(20, 70)
    fcntl.ioctl(session.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 70, 0, 0))
    session.until(lambda: session.shows("h hold  a arm"))
    assert session.shows("TRAPPED: main")


@pytest.mark.parametrize("session", ["default", "handled"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_a_restored_terminal(session: Session, number: signal.Signals) -> None:
    session.child.send_signal(number)
    session.until(session.ended)
    session.until(lambda: _is_restored(session))
    handled = b"after the screen: None" in session.raw
    assert session.child.returncode == (0 if handled else -number)


def test_ctrl_z_does_not_suspend_the_guard(session: Session) -> None:
    session.type("\x1a")
    session.type("?")
    session.until(lambda: session.shows("this help"))


@pytest.mark.parametrize("way", ["key", "signal"])
def test_a_terminal_that_stops_output_does_not_stop_the_process(session: Session, way: str) -> None:
    """As after a dropped line: no byte can be written any more, and still the way out is open."""
    termios.tcflow(session.slave, termios.TCOOFF)
    try:
        if way == "key":
            session.type("q")
        else:
            session.child.send_signal(signal.SIGTERM)
        session.until(lambda: termios.tcgetattr(session.slave) == session.mode_before)
    finally:
        termios.tcflow(session.slave, termios.TCOON)
    session.until(session.ended)
    assert session.child.returncode == (0 if way == "key" else -signal.SIGTERM)
