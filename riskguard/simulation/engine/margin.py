"""Cross margin of the swaps settled in one currency, as pure arithmetic over an account's legs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from riskguard.simulation.engine.words import ZERO, Instrument


@dataclass(frozen=True, slots=True)
class MarginLeg:
    """One swap position with the orders that could enlarge it."""

    market: Instrument
    amount: Decimal
    entry_price: Decimal
    mark: Decimal
    leverage: Decimal
    open_buys: Decimal = ZERO
    """Amount of resting buys that are not reduce-only."""
    open_sells: Decimal = ZERO

    @property
    def symbol(self) -> str:
        """The market's name."""
        return self.market.symbol

    @property
    def unrealized(self) -> Decimal:
        """Profit at the mark, not yet in the wallet."""
        return self.market.profit(self.amount, self.entry_price, self.mark)

    @property
    def maintenance(self) -> Decimal:
        """The margin below which the venue liquidates."""
        return self.market.worth(abs(self.amount), self.mark) * self.market.maintenance_rate

    @property
    def position_margin(self) -> Decimal:
        """Initial margin of the position alone."""
        return self.market.worth(abs(self.amount), self.mark) / self.leverage

    @property
    def initial_margin(self) -> Decimal:
        """Initial margin of the worse of the two sides if every order filled."""
        worst = max(abs(self.amount + self.open_buys), abs(self.amount - self.open_sells), abs(self.amount))
        return self.market.worth(worst, self.mark) / self.leverage


@dataclass(frozen=True, slots=True)
class MarginState:
    """An account's margin in its settlement currency."""

    wallet: Decimal
    unrealized: Decimal
    initial_margin: Decimal
    maintenance: Decimal

    @property
    def equity(self) -> Decimal:
        """Wallet plus open profit."""
        return self.wallet + self.unrealized

    @property
    def free(self) -> Decimal:
        """What may back new orders."""
        return max(ZERO, self.equity - self.initial_margin)

    @property
    def must_liquidate(self) -> bool:
        """Whether equity no longer covers the maintenance margin."""
        return self.maintenance > 0 and self.equity <= self.maintenance


def state_of(wallet: Decimal, legs: Iterable[MarginLeg]) -> MarginState:
    """Add up an account."""
    rows = tuple(legs)
    return MarginState(
        wallet,
        sum((leg.unrealized for leg in rows), ZERO),
        sum((leg.initial_margin for leg in rows), ZERO),
        sum((leg.maintenance for leg in rows), ZERO),
    )


def liquidation_price(wallet: Decimal, legs: Sequence[MarginLeg], symbol: str) -> Decimal:
    """Give the mark of `symbol` that liquidates the account, others standing still; zero when none does.

    Solves wallet + other profit + q (P - entry) = other maintenance + |q| P rate for P; of an inverse leg of
    q quote units wallet + other profit + q (1 / entry - 1 / P) = other maintenance + |q| rate / P.
    """
    own = next((leg for leg in legs if leg.symbol == symbol), None)
    if own is None or own.amount == 0:
        return ZERO
    others = [leg for leg in legs if leg.symbol != symbol]
    cushion = wallet + sum((leg.unrealized - leg.maintenance for leg in others), ZERO)
    rate = own.market.maintenance_rate
    if own.market.inverse:
        quote = own.amount * own.market.contract_size
        coins = cushion + quote / own.entry_price
        slope = quote + abs(quote) * rate
        return slope / coins if coins * slope > 0 else ZERO
    slope = own.amount - abs(own.amount) * rate
    price = (own.amount * own.entry_price - cushion) / slope
    return max(ZERO, price)
