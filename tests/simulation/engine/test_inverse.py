"""Inverse contracts: counted in dollars, won and lost in coin."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from riskguard.simulation.engine import (
    Fill,
    Filled,
    Instrument,
    MakerShape,
    OrderKind,
    OrderRequest,
    Placed,
    Side,
    VenueEngine,
)

SYMBOL = "BTC/USD:BTC"
COIN_M = Instrument(
    SYMBOL,
    "BTC",
    "USD",
    lot=Decimal(1),
    min_amount=Decimal(1),
    max_amount=Decimal(10**6),
    contract_size=Decimal(100),
    inverse=True,
)
PLAIN = MakerShape(size=Decimal(100_000), jitter_pct=0)


def venue(coins: str, price: str = "50000") -> VenueEngine:
    made = VenueEngine("okx", {COIN_M: Decimal(price)}, shape=PLAIN)
    made.open_account("a", {"BTC": Decimal(coins)})
    return made


def equity(made: VenueEngine) -> Decimal:
    return made.balance("a", "BTC").equity


def test_a_long_wins_coin_as_the_price_rises_and_ever_less_of_it() -> None:
    made = venue("1")
    made.set_position("a", SYMBOL, Decimal(500), Decimal(50_000), 0)  # one coin's worth
    made.set_mid(SYMBOL, Decimal(100_000), 1)
    assert equity(made) == Decimal("1.5")  # 50 000 dollars more, half a coin at that price
    made.set_mid(SYMBOL, Decimal(40_000), 2)
    assert equity(made) == Decimal("0.75")


def test_what_is_gained_per_dollar_is_the_wallet_and_the_contracts_at_their_entry() -> None:
    made = venue("0.4")
    made.set_position("a", SYMBOL, Decimal(-500), Decimal(50_000), 0)
    worth = []
    for now_ms, price in enumerate((Decimal(45_000), Decimal(46_000))):
        made.set_mid(SYMBOL, price, now_ms)
        worth.append(equity(made) * price)
    assert abs((worth[1] - worth[0]) / 1000 - Decimal("-0.6")) < Decimal("1e-20")


def test_a_short_that_its_coin_covers_whole_cannot_be_liquidated() -> None:
    made = venue("1")
    made.set_position("a", SYMBOL, Decimal(-500), Decimal(50_000), 0)
    assert made.position("a", SYMBOL).liquidation_price == 0
    made.set_mid(SYMBOL, Decimal(500_000), 1)
    assert made.position("a", SYMBOL).amount == -500
    assert equity(made) * 500_000 == 50_000


@given(st.integers(-2000, 2000).filter(bool), st.integers(1, 20))
def test_the_level_told_is_the_one_at_which_the_account_is_closed(contracts: int, margin_pct: int) -> None:
    coins = Decimal(abs(contracts)) * 100 / 50_000 * margin_pct / 100
    made = venue(str(coins))
    made.set_position("a", SYMBOL, Decimal(contracts), Decimal(50_000), 0)
    level = made.position("a", SYMBOL).liquidation_price
    assert level > 0
    away = 1 if contracts > 0 else -1
    made.set_mid(SYMBOL, level * (1 + away * Decimal("0.0001")), 1)
    assert made.position("a", SYMBOL).amount == contracts
    made.set_mid(SYMBOL, level * (1 - away * Decimal("0.0001")), 2)
    assert made.position("a", SYMBOL).amount == 0
    assert equity(made) < coins


def test_orders_count_contracts_and_fees_are_coin() -> None:
    made = venue("1")
    fills: list[Fill] = []
    made.subscribe(lambda event: fills.append(event.fill) if isinstance(event, Filled) else None)
    for side, mid in ((Side.BUY, "50000"), (Side.BUY, "60000"), (Side.SELL, "60000")):
        made.set_mid(SYMBOL, Decimal(mid), 1)
        amount = Decimal(200) if side is Side.SELL else Decimal(100)
        request = OrderRequest(SYMBOL, side, amount, kind=OrderKind.MARKET)
        assert isinstance(made.place("a", request, 1), Placed)
    bought = [fill for fill in fills if fill.side is Side.BUY]
    for fill in bought:
        assert fill.fee_asset == "BTC"
        assert fill.fee == fill.amount * 100 / fill.price * COIN_M.taker_fee
    paid = sum(fill.amount * 100 / fill.price for fill in bought)
    won = paid - sum(fill.amount * 100 / fill.price for fill in fills if fill.side is Side.SELL)
    spent = sum(fill.fee for fill in fills)
    assert abs(made.balance("a", "BTC").wallet - (1 + won - spent)) < Decimal("1e-20")


def test_more_contracts_than_the_coin_can_carry_are_refused() -> None:
    made = venue("0.1")
    request = OrderRequest(SYMBOL, Side.BUY, Decimal(600), kind=OrderKind.MARKET)  # 1.2 coins at ten times
    assert not isinstance(made.place("a", request, 0), Placed)
    request = OrderRequest(SYMBOL, Side.BUY, Decimal(400), kind=OrderKind.MARKET)
    assert isinstance(made.place("a", request, 0), Placed)
