"""Known answers of venues, from this repository and from the research table, read by the outcome tables."""

import json
from collections import Counter
from pathlib import Path

import pytest

from riskguard.core.orders.outcome import Accepted, Rejected, Unknown
from riskguard.venues.outcomes import TESTED_VENUES, classify

RIGHT_SHARE = 0.97
"""Of the definite refusals; the rest may only be read as unknown."""


def reading(venue: str, operation: str, http_status: int, body: str) -> str:
    """Return what `classify` makes of an answer, in the word that rows use."""
    outcome = classify(venue=venue, operation=operation, http_status=http_status, body=body)
    match outcome:
        case Accepted():
            return "accepted"
        case Rejected(reason=reason):
            return reason.value
        case Unknown():
            return "unknown"
        case _:
            return "not sent"


@pytest.mark.parametrize("venue", sorted(TESTED_VENUES))
def test_every_row_of_this_repository_is_read_as_it_means(
    venue: str, own_rows: list[tuple[str, str, int, str, str]]
) -> None:
    rows = [row for row in own_rows if row[0] == venue]
    misread = [(row, found) for row in rows if (found := reading(*row[:4])) != row[4]]
    assert len(rows) > 100
    assert misread == []


def test_the_rows_cover_every_meaning_and_several_hundred_answers(
    own_rows: list[tuple[str, str, int, str, str]],
) -> None:
    answers = {(row[0], row[2], row[3]) for row in own_rows if row[0] != "*"}
    meanings = Counter(row[4] for row in own_rows)
    assert len(answers) > 1_500
    assert min(meanings.values()) >= 10
    assert len(meanings) == 13


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parent / "rows").glob("*.json")), ids=lambda f: f.stem
)
def test_each_row_is_complete_names_its_source_and_is_given_once(file: Path) -> None:
    rows = json.loads(file.read_text(encoding="utf-8"))
    assert all(set(row) == {"venue", "http", "call", "body_example", "meaning", "source"} for row in rows)
    assert all(row["source"].strip() for row in rows)
    given = Counter((row["venue"], row["http"], row["call"], row["body_example"]) for row in rows)
    assert [row for row, times in given.items() if times > 1] == []


def test_no_research_row_that_means_unknown_is_read_as_anything_else(
    research_rows: list[tuple[str, str, int, str, str]],
) -> None:
    rows = [row for row in research_rows if row[4] == "unknown"]
    misread = [(row, found) for row in rows if (found := reading(*row[:4])) != "unknown"]
    assert len(rows) > 150
    assert misread == []


def test_every_definite_refusal_of_the_research_is_read_as_that_or_as_unknown(
    research_rows: list[tuple[str, str, int, str, str]],
) -> None:
    rows = [row for row in research_rows if row[4] not in ("unknown", "accepted")]
    found = [(row, reading(*row[:4])) for row in rows]
    wrong = [(row, word) for row, word in found if word not in (row[4], "unknown")]
    right = sum(word == row[4] for row, word in found)
    assert len(rows) > 300
    assert wrong == []
    assert right / len(rows) >= RIGHT_SHARE
