"""The fault book without sockets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.simulation.wire.faults import BadRuleError, FaultBook, FaultKind, FaultRule, Group

BTC = "BTC/USDT:USDT"


def rule(kind: str, *groups: str, **keys: Any) -> FaultRule:
    return FaultRule.from_json({"kind": kind, "groups": list(groups) or ["all"], **keys})


def test_the_newest_rule_that_fits_strikes() -> None:
    book = FaultBook()
    book.add(rule("hang"))
    newest = book.add(rule("http", "place", symbol=BTC))
    assert book.strike(Group.PLACE, BTC) == newest
    assert getattr(book.strike(Group.PLACE, "ETH/USDT:USDT"), "kind", None) is FaultKind.HANG
    assert getattr(book.strike(Group.PLACE), "kind", None) is FaultKind.HANG


@pytest.mark.parametrize("kind", ["refuse", "silent", "lag", "freeze"])
def test_some_kinds_let_requests_through(kind: str) -> None:
    book = FaultBook()
    book.add(rule(kind, lag_s=3.0))
    assert all(book.strike(group) is None for group in Group)


def test_lag_is_the_greatest_of_its_rules() -> None:
    book = FaultBook()
    book.add(rule("lag", "query", lag_s=3.0))
    book.add(rule("lag", "query", "fills", lag_s=1.5))
    assert [book.lag_ms(group) for group in (Group.QUERY, Group.FILLS, Group.ACCOUNT)] == [3000, 1500, 0]


def test_a_rule_of_the_same_id_replaces_and_lifting_forgets() -> None:
    book = FaultBook()
    book.add(rule("hang", id="x"))
    book.add(rule("reset", id="x"))
    assert [item.kind for item in book.rules] == [FaultKind.RESET]
    assert book.lift(["nothing"]) == []
    assert len(book.lift()) == 1
    assert book.strike(Group.PLACE) is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "x"},
        {"kind": "hang", "groups": ["x"]},
        {"kind": "hang", "x": 1},
        {"kind": "slow", "after_s": "5"},
    ],
)
def test_what_cannot_be_read_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(BadRuleError):
        FaultRule.from_json(data)


@given(
    st.sampled_from(FaultKind),
    st.sets(st.sampled_from(Group), min_size=1),
    st.floats(0, 1),
    st.sampled_from([None, BTC]),
    st.booleans(),
)
def test_rules_survive_being_written_and_read(
    kind: FaultKind, groups: set[Group], probability: float, symbol: str | None, executed: bool
) -> None:
    first = FaultRule(kind, frozenset(groups), probability=probability, symbol=symbol, executed=executed)
    assert FaultRule.from_json(first.to_json()) == first


def test_chance_repeats_with_its_seed() -> None:
    def struck(seed: int) -> list[bool]:
        book = FaultBook(seed)
        book.add(rule("hang", probability=0.5))
        return [book.strike(Group.PLACE) is not None for _ in range(50)]

    assert struck(1) == struck(1) != struck(2)
    assert 10 < sum(struck(1)) < 40
