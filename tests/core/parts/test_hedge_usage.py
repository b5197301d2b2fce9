"""What our hedges cost and how much of a day's ceilings they take: exact, and the same for either side."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.facts import FillRecorded, HedgeAdjusted
from riskguard.core.hedge.usage import DAY_MS, MINUTE_MS, Cost, Usage, notional_today, orders_this_minute
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import Event
from riskguard.core.types import ZERO, Side, side_of

from .builders import EPOCH_MS, LEG, intent, ledger_of, moved

TRADES = st.lists(
    st.tuples(st.integers(-5, 5).filter(bool).map(Decimal), st.sampled_from([80, 100, 125]).map(Decimal)),
    max_size=8,
)


def fill(
    amount: Decimal, price: Decimal, *, fee: str = "0", why: Purpose = Purpose.HEDGE, at_ms: int = EPOCH_MS
) -> FillRecorded:
    identity = f"rga1{why.value}"
    return FillRecorded(identity, LEG, f"{at_ms}", side_of(amount), abs(amount), price, Decimal(fee), at_ms)


@given(TRADES)
def test_what_was_lost_and_what_is_still_open_add_up_to_what_was_paid(
    trades: list[tuple[Decimal, Decimal]],
) -> None:
    cost, lost = Cost(), ZERO
    for amount, price in trades:
        cost, loss = cost.trade(amount, price)
        lost += loss
    paid = sum((amount * price for amount, price in trades), ZERO)
    assert cost.amount == sum((amount for amount, _ in trades), ZERO)
    assert abs(lost + cost.amount * cost.average - paid) < Decimal("1e-15")


@given(TRADES)
def test_an_average_lies_among_the_prices_paid(trades: list[tuple[Decimal, Decimal]]) -> None:
    cost = Cost()
    for amount, price in trades:
        cost, _ = cost.trade(amount, price)
    if cost.amount != ZERO:
        prices = [price for _, price in trades]
        assert min(prices) - Decimal("1e-15") <= cost.average <= max(prices) + Decimal("1e-15")


@pytest.mark.parametrize("first", [Decimal(2), Decimal(-2)])
def test_fees_count_whether_or_not_anything_is_closed(first: Decimal) -> None:
    usage = Usage().fold(fill(first, Decimal(100), fee="3"), EPOCH_MS)
    assert usage.loss_today(EPOCH_MS) == 3
    usage = usage.fold(fill(-first, Decimal(100), fee="4"), EPOCH_MS)
    assert usage.loss_today(EPOCH_MS) == 7


@pytest.mark.parametrize("why", [Purpose.HOME, Purpose.FLATTEN])
def test_what_closes_the_traders_own_leg_costs_its_fee_and_no_more(why: Purpose) -> None:
    usage = Usage().fold(fill(Decimal(-1), Decimal(100)), EPOCH_MS)
    usage = usage.fold(fill(Decimal(1), Decimal(500), fee="2", why=why), EPOCH_MS)
    assert usage.loss_today(EPOCH_MS) == 2
    usage = usage.fold(fill(Decimal(1), Decimal(110)), EPOCH_MS)
    assert usage.loss_today(EPOCH_MS) == 12


def test_an_adopted_hedge_is_closed_at_the_price_it_was_built_at() -> None:
    adopted = HedgeAdjusted(LEG, "BTC", Decimal(-1), "adopted", "me", Decimal(100))
    usage = Usage().fold(adopted, EPOCH_MS).fold(fill(Decimal(1), Decimal(130)), EPOCH_MS)
    assert usage.loss_today(EPOCH_MS) == 30


def test_a_part_that_others_closed_wins_and_loses_nothing() -> None:
    usage = Usage().fold(fill(Decimal(-2), Decimal(100)), EPOCH_MS)
    usage = usage.fold(HedgeAdjusted(LEG, "BTC", Decimal(1), "closed by others", "me"), EPOCH_MS)
    assert usage.loss_today(EPOCH_MS) == 0
    assert usage.fold(fill(Decimal(1), Decimal(110)), EPOCH_MS).loss_today(EPOCH_MS) == 10


@pytest.mark.parametrize(("later_ms", "counts"), [(0, True), (DAY_MS - 1, True), (DAY_MS, False)])
def test_a_loss_counts_for_a_day(later_ms: int, counts: bool) -> None:
    usage = Usage().fold(fill(Decimal(1), Decimal(100), fee="5"), EPOCH_MS)
    assert (usage.loss_today(EPOCH_MS + later_ms) == 5) is counts
    # Old entries fall out when new ones come, and the new ones count at once.
    usage = usage.fold(fill(Decimal(1), Decimal(100), fee="7"), EPOCH_MS + later_ms)
    assert usage.loss_today(EPOCH_MS + later_ms) == (12 if counts else 7)


@pytest.mark.parametrize(
    ("events", "counted"),
    [
        ((), "100"),
        ((("UNKNOWN", "0"),), "100"),
        ((("ACCEPTED", "0"),), "100"),
        ((("FILLED", "0.4"),), "100"),
        ((("SEEN_CLOSED", "0.4"),), "40"),
        ((("SEEN_CLOSED", "1"),), "100"),
        ((("REJECTED", "0"),), "0"),
    ],
)
def test_a_days_notional_is_what_filled_and_what_may_fill(
    events: tuple[tuple[str, str], ...], counted: str
) -> None:
    ledger = ledger_of(intent("rga1h"))
    for event, filled in events:
        ledger = moved(ledger, "rga1h", Event[event], filled)
    for later_ms in (0, DAY_MS - 1):
        assert notional_today(ledger, EPOCH_MS + later_ms) == Decimal(counted)
    assert notional_today(ledger, EPOCH_MS + DAY_MS) == ZERO


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("why", list(Purpose))
def test_only_what_adds_risk_takes_of_the_ceilings(why: Purpose, side: Side) -> None:
    ledger = ledger_of(intent(f"rga1{why.value}", purpose=why, side=side))
    assert notional_today(ledger, EPOCH_MS) == (100 if why is Purpose.HEDGE else 0)
    adds = why in (Purpose.HEDGE, Purpose.PREFLIGHT)
    assert orders_this_minute(ledger, EPOCH_MS + MINUTE_MS - 1) == adds
    assert orders_this_minute(ledger, EPOCH_MS + MINUTE_MS) == 0
