"""Whatever arrives, `classify` answers, and never with more certainty than the venue gave."""

import contextlib
import itertools
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskguard.core.orders.outcome import Accepted, Rejected, Unknown
from riskguard.venues.outcomes import TESTED_VENUES, classify
from riskguard.venues.outcomes.classify import ACT_SIZE_LIMIT

VENUES = st.sampled_from(sorted(TESTED_VENUES))
ACTS = st.sampled_from(["place", "reduce", "cancel", "amend"])
OPERATIONS = st.sampled_from(["place", "reduce", "cancel", "amend", "query", "any", "", "PLACE"])
STATUSES = st.one_of(st.integers(100, 599), st.integers(), st.sampled_from([200, 201, 202, 400, 429, 503]))
TEXTS = st.text(st.characters(), max_size=300)  # lone surrogates included

KEYS = st.sampled_from(
    [
        *("code", "msg", "data", "sCode", "ordId", "orderId", "retCode", "result", "error", "status", "id"),
        *("success", "results", "order_id", "label", "response", "statuses", "txid", "count", "order"),
        *("order_state", "sendStatus", "message"),
    ]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    TEXTS,
    st.sampled_from(
        ["0", "00000", "200000", "success", "ok", "error", "placed", "CANCELED", "1", 0, -2010, 10001]
    ),
)
ANSWERS = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(venue=VENUES, operation=OPERATIONS, http_status=STATUSES, body=TEXTS)
def test_arbitrary_text_is_never_accepted_and_never_not_sent(
    venue: str, operation: str, http_status: int, body: str
) -> None:
    outcome = classify(venue=venue, operation=operation, http_status=http_status, body=body)
    assert isinstance(outcome, Rejected | Unknown)
    if isinstance(outcome, Rejected):
        assert 400 <= http_status < 500


@given(venue=VENUES, operation=OPERATIONS, http_status=STATUSES, answer=ANSWERS)
def test_arbitrary_json_never_raises_and_shows_only_bounded_printable_words(
    venue: str, operation: str, http_status: int, answer: Any
) -> None:
    outcome = classify(venue=venue, operation=operation, http_status=http_status, body=json.dumps(answer))
    match outcome:
        case Rejected(code=code, text=text):
            shown = [code, text]
        case Unknown(cause=cause):
            shown = [cause]
        case Accepted(order_id=order_id):
            assert http_status in (200, 201)
            shown = [order_id]
        case _:
            pytest.fail("an answer that arrived was sent")
    assert all(len(one) <= 200 and one.isprintable() for one in shown)
    "".join(shown).encode()


@given(operation=ACTS, http_status=STATUSES, body=TEXTS)
def test_an_untested_venue_is_always_unknown(operation: str, http_status: int, body: str) -> None:
    outcome = classify(venue="mexc", operation=operation, http_status=http_status, body=body)
    assert isinstance(outcome, Unknown)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_accepted_answer_cut_anywhere_is_unknown(
    data: st.DataObject, own_rows: list[tuple[str, str, int, str, str]]
) -> None:
    venue, operation, http_status, body, _ = data.draw(
        st.sampled_from([r for r in own_rows if r[4] == "accepted"])
    )
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    outcome = classify(venue=venue, operation=operation, http_status=http_status, body=cut)
    assert isinstance(outcome, Unknown)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), http_status=st.integers(100, 599).filter(lambda status: status not in (200, 201)))
def test_an_accepted_answer_with_another_status_is_unknown(
    data: st.DataObject, http_status: int, own_rows: list[tuple[str, str, int, str, str]]
) -> None:
    venue, operation, _, body, _ = data.draw(st.sampled_from([r for r in own_rows if r[4] == "accepted"]))
    outcome = classify(venue=venue, operation=operation, http_status=http_status, body=body)
    assert isinstance(outcome, Unknown)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), http_status=st.sampled_from([500, 502, 504, 520, 524]))
def test_a_server_error_turns_every_refusal_but_the_documented_into_unknown(
    data: st.DataObject, http_status: int, own_rows: list[tuple[str, str, int, str, str]]
) -> None:
    refused = [
        r for r in own_rows if r[4] not in ("accepted", "unknown") and r[0] != "bitfinex" and r[2] != 500
    ]
    venue, operation, _, body, _ = data.draw(st.sampled_from(refused))
    outcome = classify(venue=venue, operation=operation, http_status=http_status, body=body)
    assert isinstance(outcome, Unknown)


def leaves(answer: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Name every place in an answer."""
    inner: Any = (
        answer.items() if isinstance(answer, dict) else enumerate(answer) if isinstance(answer, list) else ()
    )
    return [path, *(place for key, value in inner for place in leaves(value, (*path, key)))]


def changed(answer: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Give the answer with another value in one place."""
    if not path:
        return value
    if isinstance(answer, dict):
        return {key: changed(one, path[1:], value) if key == path[0] else one for key, one in answer.items()}
    return [changed(one, path[1:], value) if at == path[0] else one for at, one in enumerate(answer)]


DAMAGE: list[Any] = [None, "", 0, "0", [], {}, "unexpected", -1, True]


@pytest.mark.parametrize("venue", sorted(TESTED_VENUES))
def test_one_damaged_field_never_makes_a_refusal_of_a_success_or_the_other_way_round(
    venue: str, own_rows: list[tuple[str, str, int, str, str]]
) -> None:
    """Every place in one answer of each kind; only a count of zero (Kraken, Deribit) refuses by itself."""
    kinds: dict[tuple[str, str], tuple[int, str]] = {}
    for row_venue, operation, http_status, body, means in own_rows:
        if row_venue == venue and body[:1] in ("{", "[") and means not in ("throttled", "banned"):
            kinds.setdefault((operation, means), (http_status, body))
    wrong = []
    for (operation, means), (http_status, body) in kinds.items():
        with contextlib.suppress(ValueError):
            answer = json.loads(body)
            for place, value in itertools.product(leaves(answer), DAMAGE):
                damaged = json.dumps(changed(answer, place, value))
                given = classify(venue=venue, operation=operation, http_status=http_status, body=damaged)
                turned = (
                    isinstance(given, Rejected) and given.reason.value != "gone"
                    if means == "accepted"
                    else isinstance(given, Accepted) and means != "unknown"
                )
                if turned:
                    wrong.append((operation, means, damaged, given))
    assert len(kinds) >= 10
    assert wrong == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_words_of_a_timeout_make_a_plain_refusal_unknown(
    data: st.DataObject, own_rows: list[tuple[str, str, int, str, str]]
) -> None:
    """Whatever the code; at other venues the code itself is the text, or the text is read for its words."""
    worded = {"binance": "msg", "bybit": "retMsg", "bitget": "msg", "kucoin": "msg", "kucoinfutures": "msg"}
    kinds = ("order", "funds", "refused")
    rows = [row for row in own_rows if row[0] in worded and row[4] in kinds and row[3].startswith("{")]
    venue, operation, http_status, body, _ = data.draw(st.sampled_from(rows))
    answer = json.loads(body)
    answer[worded[venue]] = f"{answer.get(worded[venue])} Timeout waiting for response from backend server."
    outcome = classify(venue=venue, operation=operation, http_status=http_status, body=json.dumps(answer))
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"code":' + "9" * 5_000 + "}",
        '{"retCode":110007,"retCode":10001,"retMsg":"x"}',
        '{"orderId":1,"orderId":2,"status":"NEW"}',
        '{"retCode":10001,"retMsg":"x","time":NaN}',
        '{"retCode":10001,"retMsg":"x","time":' + "9" * 1_000 + "}",
        '{"code":-Infinity,"orderId":1}',
        '{"retCode":110007.0,"retMsg":"x"}',
        '{"retCode":true,"retMsg":"x"}',
        '{"retCode":0,"result":{"orderId":"1"}} trailing',
        '{"retCode":0,"result":{"orderId":"' + "9" * 10_000 + '"}}',
        '{"retCode":0,"result":{"orderId":"a\\u0000b"}}',
        "\x00" * 1_000,
        "x" * (ACT_SIZE_LIMIT + 1),
    ],
)
@pytest.mark.parametrize("venue", ["binance", "bybit", "okx"])
@pytest.mark.parametrize("operation", ["place", "cancel"])
def test_hostile_bodies_are_unknown(venue: str, operation: str, body: str) -> None:
    assert isinstance(classify(venue=venue, operation=operation, http_status=200, body=body), Unknown)


def test_the_words_of_a_venue_cannot_reach_the_screen_as_control_characters() -> None:
    body = json.dumps({"retCode": 10001, "retMsg": "\x1b[31mbad\nline \ud800 " + "x" * 500, "result": {}})
    outcome = classify(venue="bybit", operation="place", http_status=200, body=body)
    assert isinstance(outcome, Rejected)
    assert outcome.code == "10001"
    assert outcome.text == "[31mbad line ?"  # half of a long word might be half of a signature
