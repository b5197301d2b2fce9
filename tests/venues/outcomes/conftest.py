"""Answers of venues with their meaning, for the tests of the outcome tables.

`rows/*.json` follow the schema of the research table (venue, http, call, body_example, meaning, source),
with one more meaning, `accepted`; the venue is a ccxt id, and `*` stands for every tested one.
"""

import json
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from riskguard.venues.outcomes import TESTED_VENUES

Row: TypeAlias = tuple[str, str, int, str, str]
"""Venue, operation, HTTP status, body, and what it means: a reason, `accepted` or `unknown`."""

REASON_OF_MEANING = {
    "bad_request": "order",
    "insufficient_funds": "funds",
    "rate_limited": "throttled",
    "banned": "banned",
    "auth": "credentials",
    "symbol_halted": "symbol",
    "cancel_only": "restricted",
    "post_only": "restricted",
    "overload": "overload",
    "maintenance": "maintenance",
    "order_not_found": "gone",
    "not_executed": "refused",
}

OPERATIONS_OF_CALL = {
    "any": ("place", "reduce", "cancel"),
    "place": ("place", "reduce"),
    "cancel": ("cancel",),
    "query": ("query",),
}


def _spread(given: list[dict[str, Any]]) -> list[Row]:
    found = []
    for row in given:
        venues = sorted(TESTED_VENUES) if row["venue"] == "*" else [row["venue"]]
        means = REASON_OF_MEANING.get(row["meaning"], row["meaning"])
        for operation in OPERATIONS_OF_CALL[row["call"]]:
            found += [(venue, operation, row["http"], row["body_example"], means) for venue in venues]
    return found


@pytest.fixture(scope="session")
def own_rows() -> list[Row]:
    """Return the rows of this repository, one per venue and operation."""
    files = sorted((Path(__file__).parent / "rows").glob("*.json"))
    return [row for file in files for row in _spread(json.loads(file.read_text(encoding="utf-8")))]


@pytest.fixture(scope="session")
def research_rows() -> list[Row]:
    """Return the rows of the shared research table that came over HTTP; skip where it is not present."""
    file = Path(__file__).parents[3].parent / "shared" / "data" / "outcomes.json"
    if not file.exists():
        pytest.skip("the research table ../shared/data/outcomes.json is not beside this checkout")
    given = json.loads(file.read_text(encoding="utf-8"))
    answered = [row for row in given if row["http"] is not None and not row["venue"].startswith("*")]
    return _spread([{**row, "venue": _ccxt_id(row["venue"])} for row in answered])


def _ccxt_id(venue: str) -> str:
    if venue == "kucoin (futures)":
        return "kucoinfutures"
    return venue.split(" ", maxsplit=1)[0]
