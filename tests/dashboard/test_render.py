"""The screen as text: what must be on it at every size, and what must never happen."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from rich.cells import cell_len
from rich.text import Text

from riskguard.core.snapshot import Snapshot
from riskguard.dashboard.render import render

Pictures = dict[str, Snapshot]
NAMES = ("calm", "trapped", "self", "blind", "empty", "two incidents", "twelve venues", "long texts")
SIZES = ((60, 16), (60, 24), (80, 24), (100, 30), (120, 36), (200, 60))


def drawn(snapshot: Snapshot, width: int = 80, height: int = 24) -> str:
    return render(snapshot, width, height, colour=False).plain


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "height"), [*SIZES, (40, 8), (10, 3), (1, 1), (0, 0)])
def test_nothing_leaves_the_screen(pictures: Pictures, name: str, width: int, height: int) -> None:
    rows = drawn(pictures[name], width, height).split("\n")
    assert len(rows) <= max(height, 1)
    assert max(cell_len(row) for row in rows) <= max(width, 1)
    assert all(row.isprintable() for row in rows)


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("calm", ["AUTO · ARMED", "FINE: 2 of 2 venues", "COULD HEDGE NOW: BTC 100% at 7.1 bps", "+1.5"]),
        ("trapped", ["TRAPPED: main", "0 of 7 cancels", "hedging in 4 s, v to veto", "+0.9 .. +2.1", "CONF"]),
        ("self", ["SELF: our fault, nothing is hedged", "3 of 3 references sil"]),
        ("blind", ["BLIND: main", "? 42s", "? never", "? .. ?", "limited by margin"]),
        ("empty", ["OBSERVE · not armed", "no venue is watched yet", "NO ASSET is guarded"]),
        ("two incidents", ["DARK: okx", "TRAPPED: main", "cancelling in 1 s", "VETOED I-0042: no hedge"]),
        ("twelve venues", ["DARK: sick", "hedging in 4 s, v to veto"]),
        ("long texts", ["JOURNAL", "SELF: our fault", "TRAPPED?: a-venue", "in 4 s, v to veto", "…"]),
    ],
)  # fmt: skip
def test_the_essential_words_are_there_at_every_size(
    pictures: Pictures, name: str, words: list[str], width: int, height: int
) -> None:
    said = re.sub(r"\n +", " ", drawn(pictures[name], width, height))
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("height", range(10, 40))
def test_what_is_hidden_is_counted(pictures: Pictures, height: int) -> None:
    """Venues that are shown and venues that the title counts as hidden are all twelve of them."""
    said = drawn(pictures["twelve venues"], 80, height)
    title = re.search(r"─ VENUES (?:\+(\d+) more)?", said)
    if title is None:
        assert re.search(r"\+\d more parts do not fit", said)
        return
    shown = re.findall(r"^ (venue\d\d|sick) ", said, flags=re.MULTILINE)
    assert len(shown) + int(title[1] or 0) == 12


def test_the_sick_venue_is_the_last_to_be_hidden(pictures: Pictures) -> None:
    said = drawn(pictures["twelve venues"], 80, 20)
    assert "+" in said
    assert re.search(r"^ sick +prim DARK", said, flags=re.MULTILINE)


def test_newest_events_are_kept(pictures: Pictures) -> None:
    said = drawn(pictures["trapped"], 80, 24)
    assert "event 9" in said
    assert "event 0" not in said
    assert re.search(r"─ EVENTS \+\d more", said)


def test_unknown_is_never_drawn_as_zero(pictures: Pictures) -> None:
    row = next(row for row in drawn(pictures["blind"], 120, 30).split("\n") if row.startswith(" BTC"))
    assert row.split("  ")[0:2] == [" BTC ", " ? 42s"] or "? 42s" in row
    assert "+" not in row
    money = next(row for row in drawn(pictures["blind"], 140, 30).split("\n") if row.startswith(" main"))
    assert "? of ?" in money


def test_a_known_zero_is_drawn_as_zero(pictures: Pictures) -> None:
    calm = pictures["calm"]
    flat = replace(calm, assets=(replace(calm.assets[0], net=Decimal(0), low=Decimal(0), high=Decimal(0)),))
    row = next(row for row in drawn(flat).split("\n") if row.startswith(" BTC"))
    assert row.split()[:3] == ["BTC", "0", "certain"]


def test_numbers_are_rounded_with_a_mark_and_never_cut(pictures: Pictures) -> None:
    row = next(row for row in drawn(pictures["long texts"], 80, 30).split("\n") if " LONG" in row)
    assert "~+123M" in row


def test_the_countdown_is_rounded_up_and_ends_in_now(pictures: Pictures) -> None:
    trapped = pictures["trapped"]
    at_ms = trapped.incidents[0].at_ms or 0
    assert "hedging in 1 s" in drawn(replace(trapped, at_ms=at_ms - 1))
    assert "hedging now" in drawn(replace(trapped, at_ms=at_ms))
    assert "hedging now" in drawn(replace(trapped, at_ms=at_ms + 5_000))


def test_no_veto_is_offered_where_it_would_stop_nothing(pictures: Pictures) -> None:
    trapped = pictures["trapped"]
    unwinding = replace(trapped, incidents=(replace(trapped.incidents[0], state="unwinding"),))
    assert "v to veto" not in drawn(unwinding)


def test_a_note_is_the_first_line(pictures: Pictures) -> None:
    screen = render(pictures["calm"], 80, 24, colour=False, note="arm? y to confirm")
    assert "▌arm? y to confirm" in screen.plain.split("\n")[:2]


@pytest.mark.parametrize("name", NAMES)
def test_colour_adds_nothing_but_colour(pictures: Pictures, name: str) -> None:
    coloured = render(pictures[name], 100, 30, colour=True)
    plain = render(pictures[name], 100, 30, colour=False)
    assert coloured.plain == plain.plain
    assert not plain.spans
    assert isinstance(coloured, Text)


def test_trouble_is_coloured_and_calm_is_not(pictures: Pictures) -> None:
    def loud(name: str) -> bool:
        return any("red" in str(span.style) for span in render(pictures[name], 100, 30, colour=True).spans)

    assert loud("trapped")
    assert not loud("calm")


def test_what_is_left_is_net_and_hedge_together(pictures: Pictures) -> None:
    trapped = pictures["trapped"]
    half = replace(trapped, assets=(replace(trapped.assets[0], hedged=Decimal("-1.1")),))
    rows = drawn(half, 100, 30).split("\n")
    head = next(at for at, row in enumerate(rows) if "hedgeable now" in row)
    column = rows[head].index("left")
    assert rows[head + 1][column:].split()[0] == "+0.4"


def test_paths_that_are_not_up_are_counted_while_no_venue_is_ill(pictures: Pictures) -> None:
    calm = pictures["calm"]
    first, second, *rest = calm.venues[0].paths
    paths = (replace(first, verdict="suspect"), replace(second, verdict="unproven"), *rest)
    said = drawn(replace(calm, venues=(replace(calm.venues[0], paths=paths), calm.venues[1])))
    assert "FINE: 2 of 2 venues, and so are we; 1 paths suspect; 1 paths unproven" in said


def test_a_hedged_incident_says_what_it_waits_for(pictures: Pictures) -> None:
    trapped = pictures["trapped"]
    hedged = replace(trapped.incidents[0], state="hedged", next_action="", at_ms=None)
    assert "the hedge stays until main is well again" in drawn(replace(trapped, incidents=(hedged,)))
