"""What a strategy sees and what it may say: a plain function from a situation to a target."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from riskguard.core.types import ZERO, Asset, Condition, Side, VenueId


@dataclass(frozen=True, slots=True)
class Stop:
    """One of the trader's conditional orders at the venue in trouble, as it was last listed there."""

    venue: VenueId
    side: Side
    amount: Decimal
    """What is left of it; base units, positive."""
    trigger: Decimal
    reached: bool
    """Whether the price elsewhere has crossed the trigger since the incident opened."""
    protects: bool
    """Whether it stops a loss: the trigger lies on the losing side of the price at the opening.

    Venues' lists do not say so themselves. One that was crossed in the moments before the opening, and not
    executed, looks like an order that takes profit.
    """

    @property
    def signed_amount(self) -> Decimal:
        """What its fill would add to the position."""
        return self.amount * self.side.sign


@dataclass(frozen=True, slots=True)
class Situation:
    """One asset in one incident; base units, signed, the trader's part only (our hedge not counted).

    Everything here is told afresh at each call. What happened earlier in the incident (`opening_mid`,
    `worst_bps`, `lasted_s`, `Stop.reached`) comes from the journal, so a strategy needs no memory of its own.
    """

    asset: Asset
    venue: VenueId
    """Where the trouble is."""
    condition: Condition
    net: Decimal
    low: Decimal
    high: Decimal
    trapped: Decimal
    """The part at venues that are not FINE."""
    point: Decimal
    """The exposure to offset, by the policy's `doubts`."""
    size: Decimal
    """The share of it that the policy wants offset; 1 is all."""
    hedged: Decimal
    """What is surely held as hedge now."""
    mid: Decimal
    """The consensus price, quote units."""
    naked_s: float
    """How long this incident has left the asset naked so far."""
    opening_mid: Decimal = ZERO
    """The consensus price when the incident opened; zero where none is known."""
    lasted_s: float = 0.0
    """How long ago the incident opened; never runs backwards."""
    adverse_bps: Decimal = ZERO
    """How far the price has moved against `point` since the opening; never negative."""
    worst_bps: Decimal = ZERO
    """The farthest that it has been so far; never shrinks while `point` keeps its sign."""
    notional: Decimal = ZERO
    """`point` in quote units, without sign."""
    stops: tuple[Stop, ...] = ()
    """The trader's conditional orders at the venue that would reduce what is held there."""
    unstopped: Decimal = ZERO
    """`point` as it is if none of these stops has worked."""


@dataclass(frozen=True, slots=True)
class Target:
    """The hedge that should be held in all, over all backups; base units, signed.

    It may offset what is held or may be held, and no more: any other target is refused, and told.
    """

    amount: Decimal
    flatten: bool = False
    """When the venue is well again, close the hedged part of the leg there in step with the hedge."""


class Strategy(Protocol):
    """A pure function; calling it twice is harmless, since it states an end and not a step.

    None means: no opinion, send nothing. Raising means the same, and the trader is told.
    """

    def __call__(self, situation: Situation, /, **params: object) -> Target | None:
        """Say what should be held."""
