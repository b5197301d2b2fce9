"""A quiet day leaves a small journal, also with an order as canary every two seconds; incidents are whole."""

from tests.journal.day import EVERY_S, measure

MOST_ROWS, MOST_BYTES = 5_000, 2_000_000
"""Of a day."""
YOUNG = {"IntentRecorded", "OrderMoved"}
"""Rows of canaries that are too young to be folded up: what twenty minutes bring, however long it runs."""
LIFE = ["open", "hedged", "recovering", "unwinding", "closed"]


def test_a_quiet_day_is_small() -> None:
    hours = 0.6
    found = measure(hours)
    assert not found.broken
    young = sum(count for kind, count in found.kinds.items() if kind in YOUNG)
    assert found.kinds["CanariesSettled"] >= 1
    assert young <= 3 * 1_300 * EVERY_S / 2.0
    per_day = young + (found.rows - young) * 24 / hours
    assert per_day <= MOST_ROWS
    bytes_a_row = found.bytes / found.rows
    assert bytes_a_row * per_day <= MOST_BYTES


def test_an_incident_is_on_record_from_its_opening_to_its_end() -> None:
    found = measure(0.15, incident_at_h=0.05)
    assert not found.broken
    assert found.incidents == {"s1": LIFE}
    assert found.kinds["PlanApproved"] == 1
    assert 2 <= found.kinds["FillRecorded"] <= 4  # the hedge and its way out, each perhaps in two fills
    assert found.report_lines > 40
