"""The mutable heart of one venue, shared by the functions that check, match, settle and liquidate."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.simulation.engine.account import Account
from riskguard.simulation.engine.liquidity import MarketMaker
from riskguard.simulation.engine.margin import MarginLeg, MarginState, liquidation_price, state_of
from riskguard.simulation.engine.price_path import PricePath
from riskguard.simulation.engine.rules import VenueRules
from riskguard.simulation.engine.trade_log import TradeLog
from riskguard.simulation.engine.words import (
    ZERO,
    Balance,
    Event,
    Instrument,
    InstrumentKind,
    Order,
    OrderChanged,
    Position,
    Side,
    TradingMode,
)


@dataclass(slots=True)
class VenueState:
    """Accounts, quotes, modes and the clock of one venue."""

    name: str
    rules: VenueRules
    instruments: dict[str, Instrument]
    makers: dict[str, MarketMaker]
    log: TradeLog
    accounts: dict[str, Account] = field(default_factory=dict)
    paths: dict[str, PricePath] = field(default_factory=dict)
    modes: dict[str, TradingMode] = field(default_factory=dict)
    """Trading mode by symbol; the empty symbol stands for the whole venue."""
    marks: dict[str, Decimal] = field(default_factory=dict)
    """Mark prices that were set apart from the mid."""
    listeners: list[Callable[[Event], None]] = field(default_factory=list)
    now_ms: int = 0
    next_order: int = 1
    next_fill: int = 1

    def emit(self, event: Event) -> None:
        """Tell every listener."""
        for listener in self.listeners:
            listener(event)

    def write(self, kind: str, **fields: object) -> None:
        """Add a row to the raw log."""
        self.log.append(self.name, kind, self.now_ms, **fields)

    def mode(self, symbol: str) -> TradingMode:
        """Give the stricter of the venue's and the symbol's mode."""
        order = list(TradingMode)
        modes = (self.modes.get("", TradingMode.FULL), self.modes.get(symbol, TradingMode.FULL))
        return max(modes, key=order.index)

    def mark(self, symbol: str) -> Decimal:
        """Give the mark price: the mid, unless it was set apart."""
        return self.marks.get(symbol, self.makers[symbol].mid)

    def store(self, order: Order) -> Order:
        """Record a version of an order and tell it."""
        self.accounts[order.account].record(order, self.rules.kept_orders)
        self.emit(OrderChanged(order, self.now_ms))
        return order

    def leverage(self, account: Account, symbol: str) -> Decimal:
        """Give the leverage an account uses on a symbol."""
        return account.leverage.get(symbol, self.rules.default_leverage)

    def legs(
        self, account: Account, settle: str, extra: "tuple[str, Side, Decimal] | None" = None
    ) -> list[MarginLeg]:
        """List an account's swaps settled in `settle`; `extra` counts an order only asked for."""
        legs: list[MarginLeg] = []
        for symbol, instrument in self.instruments.items():
            if instrument.kind is not InstrumentKind.SWAP or instrument.settle != settle:
                continue
            holding = account.holding(symbol)
            buys, sells = account.resting(symbol, Side.BUY), account.resting(symbol, Side.SELL)
            if extra is not None and extra[0] == symbol:
                buys += extra[2] if extra[1] is Side.BUY else ZERO
                sells += extra[2] if extra[1] is Side.SELL else ZERO
            legs.append(
                MarginLeg(
                    instrument,
                    holding.amount,
                    holding.entry_price,
                    self.mark(symbol),
                    self.leverage(account, symbol),
                    buys,
                    sells,
                )
            )
        return legs

    def margin(self, account: Account, settle: str) -> MarginState:
        """Add up an account's margin in one settlement currency."""
        return state_of(account.wallets.get(settle, ZERO), self.legs(account, settle))

    def position(self, account: Account, symbol: str) -> Position:
        """Derive what the venue shows of a position."""
        instrument = self.instruments[symbol]
        legs = self.legs(account, instrument.settle)
        leg = next(item for item in legs if item.symbol == symbol)
        wallet = account.wallets.get(instrument.settle, ZERO)
        return Position(
            account.name,
            symbol,
            leg.amount,
            leg.entry_price,
            leg.mark,
            leg.unrealized,
            leg.position_margin,
            leg.maintenance,
            liquidation_price(wallet, legs, symbol),
            leg.leverage,
            account.holding(symbol).updated_ms,
        )

    def balance(self, account: Account, asset: str) -> Balance:
        """Derive what the venue shows of one asset."""
        wallet = account.wallets.get(asset, ZERO)
        margin = self.margin(account, asset)
        return Balance(
            asset,
            wallet,
            margin.equity,
            max(ZERO, margin.free - self.locked_spot(account, asset)),
            margin.initial_margin,
            margin.maintenance,
            margin.unrealized,
        )

    def locked_spot(self, account: Account, asset: str) -> Decimal:
        """Add up what resting spot orders hold of an asset."""
        locked = ZERO
        for order in account.open.values():
            instrument = self.instruments[order.symbol]
            if instrument.kind is not InstrumentKind.SPOT:
                continue
            if order.side is Side.SELL and instrument.base == asset:
                locked += order.remaining
            if order.side is Side.BUY and instrument.quote == asset:
                locked += order.remaining * order.price
        return locked
