"""What a venue talks about: instruments, orders, fills, positions, answers and events, all frozen."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

ZERO = Decimal(0)


class Side(StrEnum):
    """The side of an order."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """Plus one for a buy, minus one for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        """The side that trades against this one."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderKind(StrEnum):
    """Limit or market; stops are not simulated."""

    LIMIT = "limit"
    MARKET = "market"


class Tif(StrEnum):
    """How long an order stays."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


class Status(StrEnum):
    """The life of an order that the engine accepted."""

    NEW = "new"
    PARTLY_FILLED = "partly_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    """Taken off by its owner, by the dead-man's switch or by a liquidation."""
    EXPIRED = "expired"
    """Taken off by its own terms: IOC, FOK, post-only, reduce-only."""

    @property
    def is_open(self) -> bool:
        """Whether the order still rests."""
        return self in (Status.NEW, Status.PARTLY_FILLED)


class CancelCause(StrEnum):
    """Why an order left the book unfilled."""

    USER = "user"
    IOC = "ioc"
    FOK = "fok"
    POST_ONLY = "post_only"
    REDUCE_ONLY = "reduce_only"
    DEAD_MAN = "dead_man"
    LIQUIDATION = "liquidation"
    VENUE = "venue"


class Refusal(StrEnum):
    """Why the engine refused a request; a face translates it into its venue's code."""

    NO_SYMBOL = "no_symbol"
    TICK = "tick"
    LOT = "lot"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    MIN_NOTIONAL = "min_notional"
    PRICE_BAND = "price_band"
    BAD_REQUEST = "bad_request"
    FUNDS = "funds"
    DUPLICATE_CLIENT_ID = "duplicate_client_id"
    POST_ONLY = "post_only"
    REDUCE_ONLY = "reduce_only"
    GONE = "gone"
    CANCEL_ONLY = "cancel_only"
    POST_ONLY_MODE = "post_only_mode"
    HALTED = "halted"


class TradingMode(StrEnum):
    """What the venue as a whole, or one symbol of it, lets through."""

    FULL = "full"
    POST_ONLY = "post_only"
    CANCEL_ONLY = "cancel_only"
    HALTED = "halted"


class InstrumentKind(StrEnum):
    """A swap, linear unless its instrument says inverse, or spot."""

    SWAP = "swap"
    SPOT = "spot"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One market; amounts in base units, whatever a face shows, but of an inverse swap in contracts."""

    symbol: str
    """The unified name: `BTC/USDT:USDT` for a swap, `BTC/USD:BTC` for an inverse one, `BTC/USDT` for spot."""
    base: str
    quote: str
    lot: Decimal = Decimal("0.001")
    tick: Decimal = Decimal("0.1")
    min_amount: Decimal = Decimal("0.001")
    max_amount: Decimal = Decimal(1000)
    min_notional: Decimal = Decimal(5)
    kind: InstrumentKind = InstrumentKind.SWAP
    maker_fee: Decimal = Decimal("0.0002")
    taker_fee: Decimal = Decimal("0.0005")
    maintenance_rate: Decimal = Decimal("0.005")
    contract_size: Decimal = Decimal(1)
    """Base units per contract as a face shows it, which the engine does not use; of an inverse swap the quote
    units that one contract is worth, at any price."""
    inverse: bool = False
    """Counted in contracts, margined and settled in the base: a contract of so many dollars gains
    `contract_size / entry - contract_size / price` coins (OKX and Bybit, "inverse contract: PnL")."""

    @property
    def settle(self) -> str:
        """The currency of margin, profit and fees."""
        return self.base if self.inverse else self.quote

    def notional(self, amount: Decimal, price: Decimal) -> Decimal:
        """Give what an amount is worth in quote units."""
        return amount * self.contract_size if self.inverse else amount * price

    def worth(self, amount: Decimal, price: Decimal) -> Decimal:
        """Give what an amount is worth in the settlement currency."""
        return amount * self.contract_size / price if self.inverse else amount * price

    def profit(self, amount: Decimal, entry: Decimal, price: Decimal) -> Decimal:
        """Give what a signed amount has won since `entry`, in the settlement currency."""
        if not self.inverse:
            return amount * (price - entry)
        return amount * self.contract_size * (1 / entry - 1 / price) if amount else ZERO

    def entry_after(self, held: Decimal, entry: Decimal, added: Decimal, price: Decimal) -> Decimal:
        """Give the mean entry price after adding to a position, at which its profit stays what it was."""
        if not self.inverse or not held:
            return (held * entry + added * price) / (held + added)
        return (held + added) / (held / entry + added / price)


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a client asks for; `price` is needed for a limit order and ignored for a market order."""

    symbol: str
    side: Side
    amount: Decimal
    price: Decimal | None = None
    kind: OrderKind = OrderKind.LIMIT
    tif: Tif = Tif.GTC
    post_only: bool = False
    reduce_only: bool = False
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One version of an accepted order; every change makes a new version."""

    order_id: str
    client_id: str
    account: str
    symbol: str
    side: Side
    kind: OrderKind
    tif: Tif
    post_only: bool
    reduce_only: bool
    price: Decimal
    """Zero for a market order."""
    amount: Decimal
    created_ms: int
    updated_ms: int
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    """Sum of amount times price over the fills, in quote units."""
    fee: Decimal = ZERO
    status: Status = Status.NEW
    cause: CancelCause | None = None

    @property
    def remaining(self) -> Decimal:
        """What is not filled, whether or not it can still fill."""
        return self.amount - self.filled

    @property
    def average(self) -> Decimal:
        """The mean fill price, zero when nothing is filled."""
        return self.cost / self.filled if self.filled else ZERO


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of an order."""

    fill_id: str
    order_id: str
    client_id: str
    account: str
    symbol: str
    side: Side
    amount: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    liquidation: bool
    realized: Decimal
    """Profit booked into the wallet by this fill, before its fee."""
    ts_ms: int


@dataclass(frozen=True, slots=True)
class Position:
    """A position with what the venue derives from it; `amount` is signed, in base units."""

    account: str
    symbol: str
    amount: Decimal
    entry_price: Decimal
    mark_price: Decimal
    unrealized: Decimal
    initial_margin: Decimal
    maintenance: Decimal
    liquidation_price: Decimal
    """Zero when no price of this symbol alone would liquidate the account."""
    leverage: Decimal
    updated_ms: int


@dataclass(frozen=True, slots=True)
class Balance:
    """One asset of an account; for a margin currency with the margin figures of its swaps."""

    asset: str
    wallet: Decimal
    equity: Decimal
    free: Decimal
    initial_margin: Decimal
    maintenance: Decimal
    unrealized: Decimal


@dataclass(frozen=True, slots=True)
class Placed:
    """The engine took the order; `order` is its state after matching."""

    order: Order


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The order was taken off."""

    order: Order


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine did nothing."""

    code: Refusal
    text: str = ""


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order was accepted, filled, cancelled or expired."""

    order: Order
    ts_ms: int


@dataclass(frozen=True, slots=True)
class Filled:
    """An execution, with the order as it is after it."""

    fill: Fill
    order: Order
    ts_ms: int


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """The amount or entry price of a position changed (not: its mark)."""

    position: Position
    ts_ms: int


@dataclass(frozen=True, slots=True)
class BalanceChanged:
    """Wallets of an account changed."""

    account: str
    ts_ms: int


@dataclass(frozen=True, slots=True)
class MidChanged:
    """The market maker's middle price moved."""

    symbol: str
    mid: Decimal
    ts_ms: int


Event: TypeAlias = OrderChanged | Filled | PositionChanged | BalanceChanged | MidChanged
