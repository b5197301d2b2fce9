"""A book counts for as long as the policy says, and not a moment longer."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.exposure.prices import Prices
from riskguard.core.messages import BookSeen

from .builders import LEG

SECONDS = st.floats(0.1, 3_600.0)
ROW = ((Decimal(60_000), Decimal(1)),)


@given(SECONDS, st.floats(0.0, 3_600.0))
def test_only_a_book_within_its_age_gives_a_price(age_s: float, passed_s: float) -> None:
    prices = Prices().see(BookSeen(LEG, ROW, ((Decimal(60_001), Decimal(1)),)), 100.0)
    fresh = 100.0 + passed_s - 100.0 <= age_s
    assert (prices.fresh(LEG, 100.0 + passed_s, age_s) is not None) is fresh
    assert bool(prices.mids([LEG], 100.0 + passed_s, age_s)) is fresh
