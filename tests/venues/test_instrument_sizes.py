"""A venue's sizes in base units and back: the same amount, the same side, never more than was meant."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.messages import PositionReport
from riskguard.core.types import Leg
from riskguard.venues.coin_margin import FixedPrices, margin_legs, profit, with_margin
from riskguard.venues.instruments import Instrument, instrument_of

LEG = Leg("v", "BTC/USD:BTC")
TICKS = 4
SIZES = st.integers(-500, 500).map(Decimal)
BASES: st.SearchStrategy[Decimal] = st.decimals("0.0001", 500, places=4)
PRICES = st.sampled_from([Decimal(20_000), Decimal(50_000), Decimal(64_000)])


def raw(size: float, *, inverse: bool = False, lot: float = 1.0, least: float = 1.0) -> dict[str, Any]:
    return {
        "base": "BTC",
        "quote": "USD",
        "contract": True,
        "contractSize": size,
        "inverse": inverse,
        "limits": {"amount": {"min": least}, "cost": {"min": 5}},
        "precision": {"amount": lot, "price": 0.5},
        "taker": 0.0004,
    }


def linear(size: float = 0.01) -> Instrument:
    return instrument_of(LEG, raw(size, lot=1.0, least=2.0), TICKS)


def inverse(price: Decimal | None = Decimal(50_000), size: float = 100.0) -> Instrument:
    return instrument_of(LEG, raw(size, inverse=True, least=2.0), TICKS, price=price)


def test_a_linear_contract_is_its_size_in_coin() -> None:
    one = linear()
    assert (one.market.lot, one.market.min_amount) == (Decimal("0.01"), Decimal("0.02"))
    assert one.to_base(Decimal(-3), None) == Decimal("-0.03")
    assert one.to_size(Decimal("0.03")) == 3
    assert one.market.min_notional == 5
    assert one.market.taker_fee_bps == 4


@pytest.mark.parametrize(("price", "coin"), [("50000", "0.002"), ("20000", "0.005"), ("64000", "0.0015625")])
def test_an_inverse_contract_is_worth_less_coin_the_higher_the_price(price: str, coin: str) -> None:
    one = inverse(Decimal(price))
    assert one.to_base(Decimal(1), None) == Decimal(coin)
    assert one.market.lot == Decimal(coin)
    assert one.market.min_amount == 2 * Decimal(coin)
    assert one.market.min_notional == 0


@given(SIZES, PRICES)
def test_there_and_back_is_the_same_size_with_the_same_side(size: Decimal, price: Decimal) -> None:
    for one in (linear(), linear(10.0), inverse(price), inverse(price, 10.0)):
        base = one.to_base(size, price)
        assert base is not None
        assert one.to_size(base) == size
        assert base * size >= 0


@given(SIZES, PRICES)
def test_without_a_fixed_price_the_one_that_is_told_converts(size: Decimal, price: Decimal) -> None:
    assert inverse(None).to_base(size, price) == size * 100 / price
    assert inverse(None).to_base(size, None) is None
    assert not inverse(None).orderable


@given(BASES, PRICES)
def test_an_order_is_cut_to_whole_contracts_and_never_grows(base: Decimal, price: Decimal) -> None:
    one = inverse(price)
    cut = one.whole(base)
    assert cut <= base < cut + one.market.lot
    assert one.to_size(cut) % 1 == 0


@given(SIZES, PRICES, PRICES)
def test_a_position_and_its_margin_are_as_much_coin_at_any_price(
    contracts: Decimal, entry: Decimal, price: Decimal
) -> None:
    """A long of dollars gains coin when the price rises; what it has won and what it still is add up."""
    quote = contracts * 100
    won = profit(quote, entry, price)
    assert won * (price - entry) * quote >= 0
    # Wallet + contracts / entry is what one dollar of the price is worth; it does not depend on the price.
    assert abs(won + quote / price - quote / entry) < Decimal("1e-20")


def test_a_price_that_an_order_depends_on_never_moves_again() -> None:
    prices = FixedPrices()
    assert prices.see("X", Decimal(100))
    assert not prices.see("X", Decimal("100.4"))
    assert prices.see("X", Decimal(101))
    prices.hold("X")
    assert not prices.see("X", Decimal(200))
    assert prices.price("X") == 101


def test_coin_margin_is_counted_once() -> None:
    spot, swap, other = (Leg("v", symbol) for symbol in ("BTC/USD", "BTC/USD:BTC", "ETH/USD:ETH"))
    assert margin_legs((swap, other), (swap, other)) == {"BTC": swap, "ETH": other}
    assert margin_legs((spot, swap, other), (swap, other)) == {"ETH": other}
    (told,) = with_margin([PositionReport(swap, Decimal(-2))], {swap: Decimal("2.5")}, complete=True)
    assert (told.amount, told.margin) == (Decimal("0.5"), Decimal("2.5"))
    assert with_margin([PositionReport(swap, Decimal(-2))], {swap: None}, complete=True) == []
    (alone,) = with_margin([], {swap: Decimal(1)}, complete=True)
    assert (alone.amount, alone.listed) == (Decimal(1), False)
    assert with_margin([], {swap: Decimal(1)}, complete=False) == []
