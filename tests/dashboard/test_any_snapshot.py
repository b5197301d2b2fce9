"""Whatever a snapshot holds, the screen and the sentences are drawn."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from riskguard.core.snapshot import (
    AssetPicture,
    CoveragePicture,
    DoubtPicture,
    EventPicture,
    IncidentPicture,
    PathPicture,
    PositionPicture,
    Snapshot,
    VenuePicture,
)
from riskguard.core.types import Leg, Mode, Path, Side
from riskguard.dashboard.render import render
from riskguard.dashboard.sentences import sentences

texts = st.text(max_size=60)
decimals = st.decimals() | st.sampled_from(
    [Decimal("1E+5000"), Decimal("-1E-5000"), Decimal(0), Decimal("-0")]
)
floats = st.floats()
times_ms = st.integers(-(10**15), 10**15)
maybe_decimals = st.none() | decimals
maybe_floats = st.none() | floats
legs = st.builds(Leg, texts, texts)
paths = st.builds(PathPicture, st.sampled_from(Path), texts, maybe_floats, maybe_floats, st.integers())
venues = st.builds(
    VenuePicture, id=texts, role=texts, condition=texts, because=texts, mid=maybe_decimals,
    paths=st.lists(paths, max_size=4).map(tuple), book_age_s=maybe_floats, equity=maybe_decimals,
    free=maybe_decimals,
)  # fmt: skip
assets = st.builds(
    AssetPicture, name=texts, net=maybe_decimals, low=maybe_decimals, high=maybe_decimals,
    trapped=maybe_decimals, hedged=decimals, target=maybe_decimals,
    coverage=st.builds(CoveragePicture, decimals, maybe_decimals, maybe_decimals, texts),
    positions=st.lists(
        st.builds(PositionPicture, legs, maybe_decimals, maybe_floats, decimals), max_size=2
    ).map(tuple),
)  # fmt: skip
doubts = st.builds(DoubtPicture, texts, texts, st.sampled_from(Side), decimals, floats, texts)
incidents = st.builds(
    IncidentPicture, id=texts, state=texts, venue=texts, rule=texts, opened_ms=times_ms,
    closed_ms=st.none() | times_ms, naked_s=floats, naked_usdt_s=decimals, next_action=texts,
    at_ms=st.none() | times_ms, vetoed=st.booleans(),
)  # fmt: skip
events = st.builds(EventPicture, times_ms, texts, texts, texts, texts)


def tuples_of(items: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=3).map(tuple)


snapshots = st.builds(
    Snapshot, at_ms=times_ms, mode=st.sampled_from(Mode), armed=st.booleans(), self_condition=texts,
    self_because=texts, journal_ok=st.booleans(), venues=tuples_of(venues), assets=tuples_of(assets),
    in_doubt=tuples_of(doubts), incidents=tuples_of(incidents), events=tuples_of(events),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(snapshots, st.integers(-3, 160), st.integers(-3, 50), st.booleans())
def test_any_snapshot_fits_any_screen(snapshot: Snapshot, width: int, height: int, colour: bool) -> None:
    rows = render(snapshot, width, height, colour=colour).plain.split("\n")
    assert len(rows) <= max(height, 1)
    assert all(cell_len(row) <= max(width, 1) for row in rows)
    assert all(row.isprintable() for row in rows)


@settings(max_examples=80, deadline=None)
@given(st.none() | snapshots, snapshots)
def test_any_change_can_be_said(previous: Snapshot | None, snapshot: Snapshot) -> None:
    assert all(line.isprintable() for line in sentences(previous, snapshot))
