"""Inverse contracts at the border of a simulated venue: counted by the product's own conversion.

The engine counts contracts of so many dollars and coins of margin; the guard hears base units. The one is
made of the other by what the real border uses (`venues.instruments`, `venues.coin_margin`), so its signs and
its fixed prices are tried in every history that holds such a leg. What is true is computed elsewhere, from
the engine's own figures, at any price (`truth.delta`).
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from riskguard.core.messages import FillReport, MarketsLoaded, OrderReport, PositionReport
from riskguard.core.orders.intent import OrderIntent
from riskguard.core.policy import Rung
from riskguard.core.types import Leg, Market, Symbol
from riskguard.simulation import engine
from riskguard.simulation.world.translate import (
    fill_report,
    levels,
    market_of,
    order_report,
    position_report,
    request_of,
)
from riskguard.venues.coin_margin import FixedPrices, margin_legs, margins, profit, with_margin
from riskguard.venues.instruments import Instrument, instrument_of

TICK_SIZE = 4
"""ccxt's precision mode in which precision is a step."""
RUNGS = (Rung.CANCEL_UNKNOWN, Rung.TEST_ORDER)


class Contracts:
    """One venue's amounts in one life of the guard: a restart fixes prices anew, as the real border does."""

    def __init__(self, venue: str, markets: engine.VenueEngine) -> None:
        self._venue, self._engine = venue, markets
        self._prices = FixedPrices()
        self._known: dict[Symbol, Instrument] = {}
        self._inverse = [Leg(venue, item.symbol) for item in markets.instruments.values() if item.inverse]
        spot = [Leg(venue, item.symbol) for item in markets.instruments.values() if _is_spot(item)]
        counted = margin_legs([*spot, *self._inverse], self._inverse)
        self._wallets: dict[Leg, Decimal | None] = dict.fromkeys(counted.values())
        self._profits: dict[Leg, Decimal] = {}
        for leg in self._inverse:  # as the real border learns them when it loads the markets
            self._prices.see(leg.symbol, markets.mid(leg.symbol))

    # ------------------------------------------------------------------ markets and books

    def markets(self) -> MarketsLoaded:
        """Describe all markets, inverse ones at their fixed prices."""
        rows = self._engine.instruments.values()
        return MarketsLoaded(self._venue, tuple(self._market(item) for item in rows), RUNGS)

    def moved(self, symbol: Symbol, mid: Decimal) -> MarketsLoaded | None:
        """Take a market's price in; gives the markets anew where amounts are now others than before."""
        if self._of(symbol) is None or not self._prices.see(symbol, mid):
            return None
        self._known.pop(symbol, None)
        return self.markets()

    def levels(
        self, symbol: Symbol, rows: tuple[engine.Level, ...], factor: Decimal
    ) -> tuple[tuple[Decimal, Decimal], ...]:
        """Copy one side of a book in base units, prices times `factor`."""
        found, inverse = levels(rows, factor), self._of(symbol)
        if inverse is None:
            return found
        return tuple((price, _known(inverse.to_base(size, price))) for price, size in found)

    # ------------------------------------------------------------------ orders and fills

    def request(self, intent: OrderIntent) -> tuple[engine.OrderRequest, Decimal]:
        """Write an intent as the engine's request; gives also the base units per unit of its size."""
        request, inverse = request_of(intent), self._of(intent.leg.symbol)
        if inverse is None:
            return request, Decimal(1)
        self._prices.hold(intent.leg.symbol)
        return replace(request, amount=inverse.to_size(inverse.whole(intent.amount))), _known(inverse.coin)

    def size(self, symbol: Symbol, amount: Decimal) -> Decimal:
        """Convert base units to the venue's unit of size."""
        inverse = self._of(symbol)
        return amount if inverse is None else inverse.to_size(inverse.whole(amount))

    def order(self, order: engine.Order) -> OrderReport:
        """Describe an order."""
        report, inverse = order_report(self._venue, order), self._of(order.symbol)
        if inverse is None:
            return report
        amount, filled = (_known(inverse.to_base(size, order.price)) for size in (order.amount, order.filled))
        return replace(report, amount=amount, filled=filled)

    def fill(self, fill: engine.Fill, *, named: bool = True) -> FillReport:
        """Describe an execution; a fee in coin is told in quote units."""
        report, inverse = fill_report(self._venue, fill, named=named), self._of(fill.symbol)
        if inverse is None:
            return report
        return replace(
            report,
            amount=_known(inverse.to_base(fill.amount, fill.price)),
            fee=fill.fee * fill.price,
            coins=inverse.coins(fill.amount, fill.price),
        )

    # ------------------------------------------------------------------ positions

    def wallets_read(self) -> None:
        """Learn what coin margins the account's inverse contracts."""
        for leg in self._wallets:
            coin = self._engine.instruments[leg.symbol].base
            self._wallets[leg] = self._engine.balance(self._engine.accounts[0], coin).wallet

    def coins_worth(self) -> tuple[Decimal, Decimal]:
        """Give equity and free margin of the coins that margin contracts, at the contracts' price."""
        equity = free = Decimal(0)
        for leg in self._wallets:
            balance = self._engine.balance(
                self._engine.accounts[0], self._engine.instruments[leg.symbol].base
            )
            price = _known(self._prices.price(leg.symbol))
            equity, free = equity + balance.equity * price, free + balance.free * price
        return equity, free

    def positions(self, rows: Iterable[engine.Position], *, complete: bool) -> list[PositionReport]:
        """Describe positions; coin margin is added to the leg that it counts with."""
        if not self._inverse:
            return [position_report(self._venue, row) for row in rows]
        found, profits = [], {}
        for row in rows:
            report, inverse = position_report(self._venue, row), self._of(row.symbol)
            if inverse is not None:
                report = replace(report, amount=_known(inverse.to_base(row.amount, row.mark_price)))
                profits[report.leg] = self._won(inverse, row)
            found.append(report)
        if complete:
            self._profits.clear()
        self._profits.update(profits)
        return with_margin(found, margins(self._wallets, self._profits), complete=complete)

    def _won(self, inverse: Instrument, row: engine.Position) -> Decimal:
        price = self._prices.price(row.symbol)
        if not row.amount or price is None:
            return Decimal(0)
        return profit(row.amount * inverse.contract, row.entry_price, price)

    # ------------------------------------------------------------------ inside

    def _market(self, item: engine.Instrument) -> Market:
        inverse = self._of(item.symbol)
        return market_of(self._venue, item) if inverse is None else inverse.market

    def _of(self, symbol: Symbol) -> Instrument | None:
        """Give an inverse market as the real border reads it from ccxt; None for all others."""
        item = self._engine.instruments.get(symbol)
        if item is None or not item.inverse:
            return None
        if symbol not in self._known:
            raw = {
                "base": item.base,
                "quote": item.quote,
                "contract": True,
                "inverse": True,
                "contractSize": item.contract_size,
                "precision": {"amount": item.lot, "price": item.tick},
                "limits": {"amount": {"min": item.min_amount}},
                "taker": item.taker_fee,
            }
            leg, price = Leg(self._venue, symbol), self._prices.price(symbol)
            self._known[symbol] = instrument_of(leg, raw, TICK_SIZE, price=price)
        return self._known[symbol]


def _is_spot(item: engine.Instrument) -> bool:
    return item.kind is engine.InstrumentKind.SPOT


def _known(value: Decimal | None) -> Decimal:
    if value is None:
        raise ValueError("an inverse market without a price")
    return value
