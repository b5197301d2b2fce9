"""A quiet day leaves a small journal, also with an order as canary every two seconds."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

MOST_ROWS, MOST_BYTES = 5_000, 2_000_000
"""Of a day."""
YOUNG = {"IntentRecorded", "OrderMoved"}
"""Rows of canaries that are too young to be folded up: what twenty minutes bring, however long it runs."""


@pytest.fixture(scope="module")
def day() -> ModuleType:
    spec = spec_from_file_location("day", Path(__file__).with_name("day.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_quiet_day_is_small(day: ModuleType) -> None:
    hours = 0.6
    found = day.measure(hours)
    assert not found["broken"]
    kinds: dict[str, int] = found["kinds"]
    young = sum(count for kind, count in kinds.items() if kind in YOUNG)
    assert kinds["CanariesSettled"] >= 1
    assert young <= 3 * 1_300 * day.EVERY_S / 2.0
    per_day = young + (found["rows"] - young) * 24 / hours
    assert per_day <= MOST_ROWS
    bytes_a_row = found["bytes"] / found["rows"]
    assert bytes_a_row * per_day <= MOST_BYTES
