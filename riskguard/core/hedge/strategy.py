"""What a strategy sees and what it may say: a plain function from a situation to a target."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from riskguard.core.types import Asset, Condition, VenueId


@dataclass(frozen=True, slots=True)
class Situation:
    """One asset in one incident; base units, signed, the trader's part only (our hedge not counted)."""

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


@dataclass(frozen=True, slots=True)
class Target:
    """The hedge that should be held in all, over all backups; base units, signed."""

    amount: Decimal


class Strategy(Protocol):
    """A pure function; calling it twice is harmless, since it states an end and not a step.

    None means: no opinion, send nothing. Raising means the same, and the trader is told.
    """

    def __call__(self, situation: Situation, /, **params: object) -> Target | None:
        """Say what should be held."""
