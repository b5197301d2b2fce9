"""The level at which a leg would be liquidated, and whether the price elsewhere went beyond it."""

from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.exposure.prices import Extremes


@dataclass(frozen=True, slots=True)
class LegRisk:
    """One leg at a venue in trouble."""

    amount: Decimal
    """The trader's part of it when that was told last; base units, signed."""
    price: Decimal
    """The liquidation price that the venue gave."""
    crossed: bool = False
    """The price elsewhere went beyond it, and the venue has not told the position since."""
    since_s: float = float("-inf")
    """When that was found, on this run's clock."""
    asked_s: float = float("nan")
    """When the position was asked for that was agreed on last."""
    told: Extremes | None = None
    """How far the price elsewhere had gone by then."""
    beyond_s: float | None = None
    """Since when it is known to have gone beyond the level after that."""
    mark: Decimal = Decimal(0)
    """The venue's price when it told the level; zero where the account's other legs do not move the level."""
