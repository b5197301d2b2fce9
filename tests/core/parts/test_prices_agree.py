"""Whose price is believed when books disagree: the side with more books, then the side with witnesses."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.exposure.prices import APART_BPS, bps, consensus

PRICES = st.lists(st.integers(9_000, 11_000).map(Decimal), max_size=6)


@pytest.mark.parametrize(
    ("mids", "witnesses", "found"),
    [
        ("", "", None),
        ("100", "", "100"),
        ("100", "104", "100"),
        ("100 100.4", "", "100.2"),
        ("100 100.2 97", "", "100.1"),
        ("100 102", "", None),
        ("100 102", "100.3", "100"),
        ("100 102", "102.5 102.1 100", "102"),
        ("100 102", "100 102", None),
        ("100 102", "105", None),
        ("100 102 104", "", None),
        ("100 100.1 104 104.1", "104", "104.05"),
        ("100 100.8 101.6", "", "100.8"),
    ],
)
def test_table(mids: str, witnesses: str, found: str | None) -> None:
    prices = [[Decimal(word) for word in words.split()] for words in (mids, witnesses)]
    assert consensus(*prices) == (None if found is None else Decimal(found))


@given(PRICES, PRICES)
def test_a_price_is_one_that_a_book_stands_by_and_order_does_not_matter(
    mids: list[Decimal], witnesses: list[Decimal]
) -> None:
    found = consensus(mids, witnesses)
    assert found == consensus(mids[::-1], witnesses[::-1])
    if found is not None:
        assert any(bps(mid, found) <= APART_BPS for mid in mids)


@given(st.integers(9_900, 10_000).map(Decimal), st.integers(10_300, 12_000).map(Decimal))
def test_one_book_alone_never_moves_two_that_agree(honest: Decimal, wrong: Decimal) -> None:
    found = consensus([honest, wrong, honest + 1], [wrong])
    assert found is not None
    assert abs(found - honest) <= 1
