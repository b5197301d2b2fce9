"""What a key press means; dangerous keys need a second, different key within a few seconds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from riskguard.core.snapshot import IncidentPicture, Snapshot
from riskguard.dashboard.severity import can_be_vetoed, open_incidents
from riskguard.dashboard.words import clean

CONFIRM_WITHIN_S = 5.0
"""A question that nobody answers is a no."""

HELP: Sequence[tuple[str, str]] = (
    ("v y", "veto: no hedge for the incident named; v again names the next one"),
    ("h", "hold: 60 s more before the incident's next step; again for 60 s more"),
    ("a y", "arm: let the guard send orders within its limits"),
    ("d y", "disarm: the guard sends nothing that adds risk"),
    ("?", "this help"),
    ("q", "leave the screen; the guard goes on"),
)
"""Every key and its meaning; the help screen is made from it, so it cannot lag behind."""


_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)
"""What a terminal sends for arrows, function keys and Alt (ECMA-48 control sequences)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A control word for the guard, as `riskguard veto ID` would give it."""

    word: str
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """Close the screen."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What the keyboard waits for, and whether the help is shown."""

    asked: Said | None = None
    asked_s: float = 0.0
    helping: bool = False
    note: str = ""
    """An answer to the last key, shown as the screen's first line."""

    @property
    def words(self) -> str:
        """Give the question that is open, or the last answer."""
        if self.asked is None:
            return self.note
        again = ", v for the next incident" if self.asked.word == "veto" else ""
        return f"{_question(self.asked)}? y to confirm{again}, any other key: no"


def typed_keys(typed: bytes) -> str:
    """Give the letters typed, without arrows and function keys, whose letters are not commands."""
    return _SEQUENCE.sub("", typed.decode("utf-8", errors="replace"))


def press(
    state: KeyState, key: str, snapshot: Snapshot | None, now_s: float, *, may_control: bool
) -> tuple[KeyState, Said | Leave | None]:
    """Give the next state and what is to be done for one key."""
    state = expired(state, now_s)
    if state.asked is not None and key == "y":
        return KeyState(note=f"{_question(state.asked)}: asked the guard"), state.asked
    if key in ("q", "Q"):
        return KeyState(), Leave()
    if key in ("v", "h", "a", "d"):
        if not may_control:
            return KeyState(note="this screen only looks: it has no way to control the guard"), None
        return _control(state, key, snapshot, now_s)
    if key == "?":
        return KeyState(helping=not state.helping), None
    return KeyState(note="no" if state.asked is not None else ""), None


def expired(state: KeyState, now_s: float) -> KeyState:
    """Drop a question that was not answered in time."""
    if state.asked is not None and now_s - state.asked_s > CONFIRM_WITHIN_S:
        return KeyState(note="no answer, so: no", helping=state.helping)
    return state


def _control(
    state: KeyState, key: str, snapshot: Snapshot | None, now_s: float
) -> tuple[KeyState, Said | None]:
    if key in ("a", "d"):
        return KeyState(asked=Said("arm" if key == "a" else "disarm"), asked_s=now_s), None
    incidents = [] if snapshot is None else open_incidents(snapshot)
    if key == "h":
        if not incidents:
            return KeyState(note="no incident to hold"), None
        return KeyState(note=f"hold {clean(incidents[0].id)}: asked the guard"), Said("hold", incidents[0].id)
    choices = [item for item in incidents if can_be_vetoed(item)]
    if not choices:
        return KeyState(note="no incident that a veto would stop"), None
    return KeyState(asked=Said("veto", _next_after(choices, state.asked).id), asked_s=now_s), None


def _next_after(choices: Sequence[IncidentPicture], asked: Said | None) -> IncidentPicture:
    ids = [item.id for item in choices]
    named = asked.incident if asked is not None and asked.word == "veto" else None
    return choices[(ids.index(named) + 1) % len(ids)] if named in ids else choices[0]


def _question(said: Said) -> str:
    return f"{said.word} {clean(said.incident)}".rstrip()
