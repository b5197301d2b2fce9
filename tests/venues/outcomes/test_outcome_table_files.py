"""Lint of the table files: each line readable, valid, and said once."""

from collections import Counter
from typing import Any

import pytest

from riskguard.venues.outcomes import TESTED_VENUES
from riskguard.venues.outcomes.table import READS, TABLES, documents
from riskguard.venues.outcomes.wire import READERS

DOCUMENTS = documents()
FILE_KEYS = {
    *("venues", "wire", "codes_count_with_http", "codes_by_prefix", "ignored_prefix", "id_taken"),
    *("when", "codes", "pages"),
}
WHEN_KEYS = {"codes", "http", "text", "text_is", "bare", "operations", "reads", "note"}
OPERATIONS = {"place", "cancel", "amend", "query"}
ISSUE_VENUES = {
    *("binance", "binanceusdm", "binancecoinm", "okx", "bybit", "kraken", "krakenfutures", "coinbase"),
    *("deribit", "bitget", "gate", "kucoin", "kucoinfutures", "hyperliquid", "bitfinex"),
}


@pytest.fixture(params=sorted(DOCUMENTS))
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return one table file as parsed."""
    return DOCUMENTS[request.param]


def test_the_tested_venues_are_those_of_the_issue() -> None:
    assert TESTED_VENUES == ISSUE_VENUES


def test_a_file_has_known_keys_and_a_reader(document: dict[str, Any]) -> None:
    assert set(document) <= FILE_KEYS
    assert document["wire"] in READERS
    assert document["venues"]
    assert 500 not in document["codes_count_with_http"] or document["wire"] == "bitfinex"


def test_every_line_reads_as_a_valid_reason_and_says_why(document: dict[str, Any]) -> None:
    for entry in document.get("when", []):
        assert set(entry) <= WHEN_KEYS
        assert entry["reads"] in READS
        assert entry["note"].strip()
        assert set(entry.get("operations", [])) <= OPERATIONS
        assert entry.keys() & {"codes", "text", "text_is"}, "a line without a code needs a text"
        assert "bare" not in entry or "http" in entry, "a bare text counts with its documented status only"
    for reads, meanings in document.get("codes", {}).items():
        assert reads in READS
        assert all(note.strip() and codes for note, codes in meanings.items())
    assert all(reads in READS for reads in document.get("pages", {}).values())


def test_a_code_that_says_id_taken_is_listed_as_a_refusal(document: dict[str, Any]) -> None:
    taken = document.get("id_taken", {"codes": []})
    listed = {
        code.casefold() for codes in document.get("codes", {}).get("order", {}).values() for code in codes
    }
    by_prefix = {code.rpartition(":")[0].casefold() for code in taken["codes"]} | {""}
    assert set(taken) <= {"codes", "text"}
    for code in taken["codes"]:
        assert code.casefold() in listed or by_prefix & listed
    texts = {entry.get("text") for entry in document.get("when", []) if entry["reads"] == "order"}
    assert taken.get("text") in {None, *texts}


def test_no_page_of_a_server_error_or_a_success_is_definite(document: dict[str, Any]) -> None:
    assert {int(status) for status in document.get("pages", {})} <= {401, 403, 418, 429, 451}


def test_a_line_for_a_server_error_names_the_very_code_or_text(document: dict[str, Any]) -> None:
    for entry in document.get("when", []):
        if any(isinstance(status, int) and status >= 500 for status in entry.get("http", [])):
            assert "codes" in entry or "text_is" in entry or document["wire"] == "bitmex"


@pytest.mark.parametrize("venue", sorted(TABLES))
def test_each_plain_code_is_listed_once_per_venue(venue: str) -> None:
    plain = Counter(
        code.casefold()
        for document in DOCUMENTS.values()
        if venue in document["venues"]
        for meanings in document.get("codes", {}).values()
        for codes in meanings.values()
        for code in codes
    )
    assert [code for code, times in plain.items() if times > 1] == []


@pytest.mark.parametrize("venue", sorted(TABLES))
def test_conditions_are_not_repeated(venue: str) -> None:
    conditions = Counter(
        (code, line.http, line.operations, line.text, line.text_is)
        for line in TABLES[venue].lines
        for code in line.codes or {""}
    )
    assert [condition for condition, times in conditions.items() if times > 1] == []


@pytest.mark.parametrize("venue", sorted(TABLES))
def test_one_reader_serves_all_files_of_a_venue(venue: str) -> None:
    assert len({document["wire"] for document in DOCUMENTS.values() if venue in document["venues"]}) == 1
