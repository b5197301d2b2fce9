"""What venues report, in base and quote units, and the names of what can be asked."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from riskguard.core.types import Leg, Side


class OrderStatus(StrEnum):
    """A venue's word on one order."""

    OPEN = "open"
    CLOSED = "closed"
    """Ended: filled, cancelled or expired; `filled` says how much was executed."""
    UNCLEAR = "unclear"
    """The answer does not say; never read as open or closed."""


class Source(StrEnum):
    """The channel on which a fact arrived; two channels must agree before the guard calls it certain."""

    ANSWER = "answer"
    """The venue's answer to our own order or cancel."""
    LOOKUP = "lookup"
    OPEN_ORDERS = "open-orders"
    HISTORY = "history"
    TRADES = "trades"
    POSITIONS = "positions"
    ACCOUNT = "account"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class OrderReport:
    """One order as a venue describes it; base and quote units."""

    leg: Leg
    order_id: str
    client_id: str
    side: Side
    amount: Decimal
    price: Decimal | None
    filled: Decimal
    average: Decimal | None
    status: OrderStatus
    reduce_only: bool = False
    conditional: bool = False
    """It waits for a price before it becomes an order."""
    trigger: Decimal | None = None
    """That price, where the venue tells it."""


@dataclass(frozen=True, slots=True)
class FillReport:
    """One execution as a venue describes it; base and quote units, venue time."""

    leg: Leg
    trade_id: str
    order_id: str
    client_id: str
    """Empty where the venue's trade does not carry it."""
    side: Side
    amount: Decimal
    price: Decimal
    fee: Decimal
    """Quote units; positive is a cost."""
    at_ms: int
    coins: Decimal | None = None
    """Contracts that coin margins: by how much coin they change position and margin together, at the price of
    this execution and before its fee. `amount` is at the price at which contracts are converted."""


@dataclass(frozen=True, slots=True)
class PositionReport:
    """What a venue says is held of one instrument; base units, signed."""

    leg: Leg
    amount: Decimal
    entry: Decimal | None = None
    mark: Decimal | None = None
    liquidation: Decimal | None = None
    margin: Decimal = Decimal(0)
    """The part of the amount that is no position but the coin that margins it."""
    listed: bool = True
    """False: the venue lists no position, and only its margin is certain."""
    isolated: bool = False
    """Its margin is its own: losses of the account's other positions bring its liquidation no nearer."""


class ReadKind(StrEnum):
    """What can be read from a venue."""

    POSITIONS = "positions"
    OPEN_ORDERS = "open-orders"
    BALANCE = "balance"
    BOOK = "book"
    MARKETS = "markets"
    TRADES = "trades"
    HISTORY = "history"
    """Ended orders of one market that bear a guard's mark; optional, never evidence on any path."""
    STATUS = "status"
    """What the venue says of itself; optional, never evidence on any path."""
    WITHDRAWALS = "withdrawals"
    """What may be withdrawn; optional, never evidence on any path."""
    FUNDING = "funding"
    """What holding one contract costs; optional, never evidence on any path."""


class StatusWord(StrEnum):
    """What a venue says of itself or of one market; only `maintenance` is a claim that it is closed."""

    OPEN = "open"
    """Never proof of health: venues say it while nothing works."""
    MAINTENANCE = "maintenance"
    CANCEL_ONLY = "cancel-only"
    POST_ONLY = "post-only"
    LIMIT_ONLY = "limit-only"
    REDUCE_ONLY = "reduce-only"
    HALTED = "halted"
    """One market does not trade."""


class LookupRung(StrEnum):
    """One way to ask what became of an order, in the order of the ladder."""

    CLIENT_ID = "client-id"
    OPEN = "open"
    HISTORY = "history"
    TRADES = "trades"
