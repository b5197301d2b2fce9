"""The words that every part of the guard shares."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from typing import TypeAlias

VenueId: TypeAlias = str
"""The `id` of a `[[venue]]` in the policy, not ccxt's exchange id."""
Symbol: TypeAlias = str
"""A unified ccxt symbol such as `BTC/USDT:USDT`."""
Asset: TypeAlias = str
"""The risk carried, such as `BTC`: the `name` of an `[[asset]]`."""
ClientId: TypeAlias = str
"""Our own order id; always begins with `rg`."""

ZERO = Decimal(0)
ARITHMETIC = Context(prec=28, rounding=ROUND_HALF_EVEN)
"""How the core reckons, whatever others set in this process: ccxt 4.5.90 changes the rounding of everybody's
decimals (`decimal_to_precision`), and a replay without it must come to the same last digit."""


class Path(StrEnum):
    """One way through a venue's API, judged apart from the others."""

    PLACE = "place"
    REDUCE = "reduce"
    CANCEL = "cancel"
    QUERY = "query"
    ACCOUNT = "account"
    FILLS = "fills"
    BOOK = "book"


class Verdict(StrEnum):
    """What the evidence says of one path."""

    UNPROVEN = "unproven"
    """No evidence of its own yet; never counts as up."""
    UP = "up"
    SUSPECT = "suspect"
    CONFIRMED = "confirmed"
    """Near the information limit: act only in ways that are free and reversible."""
    DOWN = "down"
    """Near the persistence limit: hedge."""
    RECOVERING = "recovering"


class Condition(StrEnum):
    """The state of a venue as a trader would say it, worst last; SELF is ours."""

    FINE = "FINE"
    SLOW = "SLOW"
    DEGRADED = "DEGRADED"
    RECOVERING = "RECOVERING"
    MAINTENANCE = "MAINTENANCE"
    BLIND = "BLIND"
    TRAPPED = "TRAPPED"
    DARK = "DARK"
    SELF = "SELF"


class Mode(StrEnum):
    """How far the guard may go; sending anything that could fill also needs arming."""

    OBSERVE = "observe"
    PAPER = "paper"
    CONFIRM = "confirm"
    AUTO = "auto"


class Side(StrEnum):
    """The side of an order."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """Plus one for a buy, minus one for a sell."""
        return 1 if self is Side.BUY else -1


def side_of(signed_amount: Decimal) -> Side:
    """Give the side whose fill changes a position by `signed_amount` (not zero)."""
    return Side.BUY if signed_amount > 0 else Side.SELL


@dataclass(frozen=True, slots=True, order=True)
class Leg:
    """One instrument at one venue that carries an asset's risk."""

    venue: VenueId
    symbol: Symbol

    def __str__(self) -> str:
        return f"{self.venue} {self.symbol}"


@dataclass(frozen=True, slots=True)
class Market:
    """What must be known of an instrument to order it; amounts in base units, prices in quote units."""

    leg: Leg
    base: str
    quote: str
    lot: Decimal
    """The smallest step of an order's amount."""
    min_amount: Decimal
    min_notional: Decimal
    tick: Decimal
    """The smallest step of a price."""
    derivative: bool
    taker_fee_bps: Decimal = Decimal(5)
