"""What can be asked of a venue, now or as it was a while ago (`as_of_ms`), as answers that lag show it."""

from decimal import Decimal

from riskguard.simulation.engine.account import Account
from riskguard.simulation.engine.clockwork import next_event_ms
from riskguard.simulation.engine.liquidity import Book, Level, MakerShape
from riskguard.simulation.engine.state import VenueState
from riskguard.simulation.engine.words import (
    Balance,
    Fill,
    Instrument,
    InstrumentKind,
    Order,
    Position,
    Side,
    TradingMode,
)


class VenueQueries:
    """Read-only questions; none of them lets time pass."""

    def __init__(self, state: VenueState) -> None:
        self._state = state

    @property
    def name(self) -> str:
        """The venue's name in the raw log."""
        return self._state.name

    @property
    def now_ms(self) -> int:
        """The latest moment the venue has seen."""
        return self._state.now_ms

    @property
    def instruments(self) -> dict[str, Instrument]:
        """Instruments by unified symbol."""
        return self._state.instruments

    @property
    def accounts(self) -> tuple[str, ...]:
        """Names of the accounts."""
        return tuple(self._state.accounts)

    def next_event_ms(self) -> int | None:
        """Give the moment at which something happens by itself, None when nothing will."""
        return next_event_ms(self._state)

    def mode(self, symbol: str = "") -> TradingMode:
        """Give the trading mode of a symbol, or of the whole venue."""
        return self._state.mode(symbol)

    def mid(self, symbol: str) -> Decimal:
        """Give the middle price of the book."""
        return self._state.makers[symbol].mid

    def mark(self, symbol: str) -> Decimal:
        """Give the mark price: the mid, unless it was set apart."""
        return self._state.mark(symbol)

    def shape(self, symbol: str) -> MakerShape:
        """Give how the market maker quotes a symbol."""
        return self._state.makers[symbol].shape

    def book(self, symbol: str, depth: int = 20) -> Book:
        """Give the book with all accounts' resting orders in it."""
        sides: dict[Side, tuple[Level, ...]] = {}
        for side in Side:
            sizes: dict[Decimal, Decimal] = {}
            for level in self._state.makers[symbol].levels(side, self._state.now_ms, depth):
                sizes[level.price] = sizes.get(level.price, Decimal(0)) + level.amount
            for account in self._state.accounts.values():
                for order in account.open.values():
                    if order.symbol == symbol and order.side is side:
                        sizes[order.price] = sizes.get(order.price, Decimal(0)) + order.remaining
            prices = sorted(sizes, reverse=side is Side.BUY)[:depth]
            sides[side] = tuple(Level(price, sizes[price]) for price in prices)
        return Book(symbol, sides[Side.BUY], sides[Side.SELL], self._state.now_ms)

    def order_by_id(self, account: str, order_id: str, as_of_ms: int | None = None) -> Order | None:
        """Look an order up by the venue's id."""
        return self._account(account).order(order_id, as_of_ms)

    def order_by_client_id(self, account: str, client_id: str, as_of_ms: int | None = None) -> Order | None:
        """Look the newest order with a client id up."""
        holder = self._account(account)
        for order_id in reversed(holder.by_client_id.get(client_id, [])):
            order = holder.order(order_id, as_of_ms)
            if order is not None:
                return order
        return None

    def orders(self, account: str, symbol: str = "", as_of_ms: int | None = None) -> list[Order]:
        """List all known orders, oldest first."""
        holder = self._account(account)
        rows = (holder.order(order_id, as_of_ms) for order_id in holder.versions)
        return [order for order in rows if order is not None and symbol in ("", order.symbol)]

    def open_orders(self, account: str, symbol: str = "", as_of_ms: int | None = None) -> list[Order]:
        """List resting orders, oldest first."""
        if as_of_ms is None:
            return [o for o in self._account(account).open.values() if symbol in ("", o.symbol)]
        return [order for order in self.orders(account, symbol, as_of_ms) if order.status.is_open]

    def fills_since(
        self, account: str, since_ms: int = 0, symbol: str = "", as_of_ms: int | None = None
    ) -> list[Fill]:
        """List fills not older than `since_ms`, oldest first."""
        return [
            fill
            for fill in self._account(account).fills
            if fill.ts_ms >= since_ms
            and symbol in ("", fill.symbol)
            and (as_of_ms is None or fill.ts_ms <= as_of_ms)
        ]

    def position(self, account: str, symbol: str, as_of_ms: int | None = None) -> Position:
        """Give a swap position, flat when there is none; the mark is always the present one."""
        holder = self._account(account)
        if as_of_ms is None:
            return self._state.position(holder, symbol)
        shadow = Account(holder.name, holder.wallets, holder.leverage)
        for other in self._state.instruments:
            shadow.holdings[other] = holder.holding_as_of(other, as_of_ms)
        return self._state.position(shadow, symbol)

    def positions(self, account: str, as_of_ms: int | None = None) -> list[Position]:
        """List swap positions that are not flat."""
        swaps = [item for item in self._state.instruments.values() if item.kind is InstrumentKind.SWAP]
        rows = (self.position(account, item.symbol, as_of_ms) for item in swaps)
        return [row for row in rows if row.amount]

    def balance(self, account: str, asset: str) -> Balance:
        """Give one asset of an account."""
        return self._state.balance(self._account(account), asset)

    def balances(self, account: str) -> list[Balance]:
        """List every asset the account ever held."""
        return [self.balance(account, asset) for asset in sorted(self._account(account).wallets)]

    def leverage(self, account: str, symbol: str) -> Decimal:
        """Give the leverage an account uses on a symbol."""
        return self._state.leverage(self._account(account), symbol)

    def dead_man(self, account: str) -> dict[str, int]:
        """Give the deadlines of the dead-man's switches that are set, by symbol; empty: the whole account."""
        return dict(self._account(account).dead_man)

    def _account(self, name: str) -> Account:
        return self._state.accounts[name]
