"""What is missing, where to get it and at what price."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.exposure.prices import Book
from riskguard.core.hedge.plan import (
    band,
    fillable,
    missing,
    orderable,
    smallest,
    whole_lots,
)
from riskguard.core.types import Side

from .builders import market

AMOUNTS = st.decimals(-5, 5, places=3, allow_nan=False)
SIZES = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 40)), min_size=1, max_size=6)


def book(asks: list[tuple[str, str]], bids: list[tuple[str, str]] | None = None) -> Book:
    rows = bids or [("99.9", "5")]
    return Book(
        tuple((Decimal(p), Decimal(a)) for p, a in rows),
        tuple((Decimal(p), Decimal(a)) for p, a in asks),
        0.0,
    )


@pytest.mark.parametrize(
    ("target", "low", "high", "more"),
    [
        ("-1.5", "0", "0", "-1.5"),
        ("-1.5", "-1.5", "0", "0"),
        ("-1.5", "-1.5", "-1.5", "0"),
        ("-1.5", "-0.7", "0", "-0.8"),
        ("-1.5", "-2", "-1.8", "0.3"),
        ("0", "-1", "0", "0"),
    ],
)
def test_missing(target: str, low: str, high: str, more: str) -> None:
    assert missing(Decimal(target), Decimal(low), Decimal(high)) == Decimal(more)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_what_is_missing_never_overshoots_whatever_the_doubt_turns_out_to_be(
    target: Decimal, one: Decimal, other: Decimal
) -> None:
    low, high = min(one, other), max(one, other)
    more = missing(target, low, high)
    if more < 0:
        assert low + more <= target <= high
        assert low >= target - abs(more) or low + more >= min(low, target)
    for held in (low, high):
        after = held + more
        assert min(held, target, low) <= after <= max(held, target, high)


@given(AMOUNTS, AMOUNTS)
def test_without_doubt_exactly_the_difference_is_missing(target: Decimal, held: Decimal) -> None:
    assert missing(target, held, held) == target - held


@given(st.decimals("0.5", 100_000, places=2), st.sampled_from(Side), st.integers(0, 200))
def test_a_band_is_on_the_tick_and_never_beyond_the_slippage(mid: Decimal, side: Side, bps: int) -> None:
    tick = Decimal("0.1")
    price = band(mid, side, Decimal(bps), tick)
    assert price % tick == 0
    assert (price - mid) * side.sign <= mid * bps / 10_000


@given(st.decimals(0, 10, places=6), st.sampled_from([Decimal("0.001"), Decimal("0.5"), Decimal(1)]))
def test_whole_lots_never_round_up(amount: Decimal, lot: Decimal) -> None:
    assert whole_lots(amount, lot) <= amount < whole_lots(amount, lot) + lot


def test_minimums() -> None:
    assert not orderable(Decimal("0.01"), Decimal(100), market(min_notional="5"))
    assert orderable(Decimal("0.05"), Decimal(100), market(min_notional="5"))
    assert smallest((market(min_notional="5"), market(lot="0.5")), Decimal(100)) == Decimal("0.05")


@given(SIZES, st.integers(1, 60))
def test_a_walk_through_the_book_takes_no_more_than_is_there(
    levels: list[tuple[int, int]], wanted: int
) -> None:
    prices = sorted({price for price, _ in levels})
    rows = [(str(100 + price), str(size)) for price, (_, size) in zip(prices, levels, strict=False)]
    found, paid = fillable(book(rows), Side.BUY, Decimal(120), Decimal(wanted))
    there = sum((Decimal(size) for price, size in rows if Decimal(price) <= 120), Decimal(0))
    assert found == min(Decimal(wanted), there)
    assert found * 100 <= paid <= found * 120
