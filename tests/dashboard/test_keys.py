"""Keys as a pure state: dangerous ones need a second key in time."""

from dataclasses import replace

import pytest

from riskguard.core.snapshot import Snapshot
from riskguard.dashboard.help_screen import help_lines
from riskguard.dashboard.keys import CONFIRM_WITHIN_S, HELP, KeyState, Leave, Said, expired, press, typed_keys

Pictures = dict[str, Snapshot]


def typed(
    keys: str, snapshot: Snapshot | None, *, may_control: bool = True
) -> tuple[KeyState, list[Said | Leave]]:
    """Type keys a tenth of a second apart; give the last state and all that was asked for."""
    state, asked = KeyState(), []
    for at, key in enumerate(keys):
        state, wanted = press(state, key, snapshot, at / 10, may_control=may_control)
        asked += [wanted] if wanted is not None else []
    return state, asked


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ("vy", [Said("veto", "I-0042")]),
        ("v", []),
        ("vx", []),
        ("vxy", []),
        ("y", []),
        ("vhy", [Said("hold", "I-0042")]),
        ("h", [Said("hold", "I-0042")]),
        ("hh", [Said("hold", "I-0042"), Said("hold", "I-0042")]),
        ("ay", [Said("arm")]),
        ("aay", [Said("arm")]),
        ("ady", [Said("disarm")]),
        ("yyy", []),
        ("q", [Leave()]),
        ("aq", [Leave()]),
        ("A", []),
        ("1 \r", []),
    ],
)
def test_keys_and_what_they_ask_for(pictures: Pictures, keys: str, asked: list[Said | Leave]) -> None:
    assert typed(keys, pictures["trapped"])[1] == asked


def test_a_question_names_the_incident_and_v_goes_to_the_next(pictures: Pictures) -> None:
    snapshot = pictures["two incidents"]
    both = replace(snapshot, incidents=tuple(replace(item, vetoed=False) for item in snapshot.incidents))
    state, _ = typed("v", both)
    assert state.words == "veto I-0043? y to confirm, v for the next incident, any other key: no"
    assert typed("vvy", both)[1] == [Said("veto", "I-0042")]
    assert typed("vvvy", both)[1] == [Said("veto", "I-0043")]


def test_an_answer_that_comes_too_late_is_no(pictures: Pictures) -> None:
    asked, _ = press(KeyState(), "a", pictures["calm"], 0.0, may_control=True)
    in_time = press(asked, "y", pictures["calm"], CONFIRM_WITHIN_S, may_control=True)
    late = press(asked, "y", pictures["calm"], CONFIRM_WITHIN_S + 0.1, may_control=True)
    assert in_time[1] == Said("arm")
    assert late[1] is None
    assert expired(asked, CONFIRM_WITHIN_S + 0.1).words == "no answer, so: no"


def test_without_an_incident_there_is_nothing_to_veto_or_hold(pictures: Pictures) -> None:
    for key in "vh":
        state, asked = typed(f"{key}y", pictures["calm"])
        assert asked == []
    assert typed("v", pictures["calm"])[0].words == "no incident that a veto would stop"
    assert typed("h", None)[0].words == "no incident to hold"
    assert state == KeyState()


def test_a_screen_that_only_looks_says_so(pictures: Pictures) -> None:
    state, asked = typed("ay", pictures["calm"], may_control=False)
    assert asked == []
    assert typed("a", pictures["calm"], may_control=False)[0].words.startswith("this screen only looks")
    assert typed("q", pictures["calm"], may_control=False)[1] == [Leave()]
    assert state == KeyState()


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        (b"\x1b[D", ""),
        (b"\x1b[1;5Dv", "v"),
        (b"\x1bOPq", "q"),
        (b"\x1ba", ""),
        (b"\x1b", ""),
        (b"vy", "vy"),
        (b"\xff", "�"),
    ],
)
def test_function_keys_are_not_letters(sent: bytes, keys: str) -> None:
    assert typed_keys(sent) == keys


def test_the_help_names_every_key_and_fits() -> None:
    said = [text.plain for text in help_lines(80, 40)]
    assert all(any(row.startswith(f" {key} ") for row in said) for key, _ in HELP)
    assert len(help_lines(30, 6)) == 6
    assert max(len(text.plain) for text in help_lines(30, 6)) <= 30
    assert help_lines(30, 6)[-1].plain.strip().startswith("+")
