"""How far an asset's price went elsewhere since an incident opened; a fold of the journal."""

from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.types import ZERO

TEN_THOUSAND = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class PricePath:
    """The consensus price at the opening, and the least and the most since; quote units."""

    opening: Decimal
    low: Decimal
    high: Decimal

    @classmethod
    def begin(cls, mid: Decimal) -> "PricePath":
        """Start at a price."""
        return cls(mid, mid, mid)

    def reach(self, mid: Decimal) -> "PricePath":
        """Take in one more price."""
        return PricePath(self.opening, min(self.low, mid), max(self.high, mid))

    def goes_beyond(self, mid: Decimal) -> bool:
        """Tell whether a price lies outside of what was reached so far."""
        return not self.low <= mid <= self.high

    def against_bps(self, held: Decimal, mid: Decimal) -> Decimal:
        """Give how far `mid` lies from the opening in the direction that costs `held`; never negative."""
        if held == ZERO:
            return ZERO
        lost = self.opening - mid if held > ZERO else mid - self.opening
        return max(lost, ZERO) / self.opening * TEN_THOUSAND

    def worst_bps(self, held: Decimal) -> Decimal:
        """Give how far the price has been against `held` at the worst."""
        return self.against_bps(held, self.low if held > ZERO else self.high)

    def crossed(self, trigger: Decimal) -> bool:
        """Tell whether the price came to a level that it had not reached at the opening."""
        return self.low <= trigger if trigger < self.opening else self.high >= trigger
