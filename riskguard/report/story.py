"""The parts of a report, free of any format."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from riskguard.core.types import ZERO


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline."""

    at_ms: int
    kind: str
    """venue · incident · position · plan · order · fill · person · told · why · guard."""
    words: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One of our orders and what became of it."""

    client_id: str
    order_id: str
    purpose: str
    leg: str
    side: str
    amount: Decimal
    price: Decimal
    filled: Decimal
    average: Decimal | None
    created_ms: int
    ended: str
    """The order's state by its lifecycle; `in doubt` when that is how the journal ends."""
    doubted_ms: int | None = None
    """When its outcome first was unknown."""
    settled_ms: int | None = None
    """When that doubt ended."""
    settled_by: str = ""


@dataclass(frozen=True, slots=True)
class FillLine:
    """One execution of one of our orders; venue time."""

    at_ms: int
    client_id: str
    trade_id: str
    leg: str
    side: str
    amount: Decimal
    price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class Costs:
    """What protecting cost, in quote units; positive costs, negative earns."""

    hedge_fees: Decimal = ZERO
    unwind_fees: Decimal = ZERO
    price_result: Decimal = ZERO
    """Profit (plus) or loss (minus) of the part of the hedge that was taken off again, before fees."""
    still_held: Mapping[str, Decimal] | None = None
    """Hedge that was not taken off, by leg."""

    @property
    def total(self) -> Decimal:
        """Fees minus what the closed part of the hedge earned; the hedged leg moved the other way."""
        return self.hedge_fees + self.unwind_fees - self.price_result


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that a report of one incident says."""

    incident: str
    venue: str
    rule: str
    state: str
    because: str
    opened_ms: int
    closed_ms: int | None
    zero_ms: int
    """The moment from which the report counts: the fault's onset where it is known, else the opening."""
    naked_s: float
    naked_usdt_s: Decimal
    vetoed: bool
    timeline: tuple[Moment, ...]
    known: tuple[str, ...]
    not_known: tuple[str, ...]
    orders: tuple[OrderLine, ...]
    fills: tuple[FillLine, ...]
    costs: Costs
    positions: Mapping[str, Decimal]
    """The last basis of every leg, without our own orders."""
    figures: Mapping[str, Any] | None = None
    """The guard's own figures, where the onset is known."""
    truth: Mapping[str, Any] | None = None
    """The same keys from the venues' own logs."""
