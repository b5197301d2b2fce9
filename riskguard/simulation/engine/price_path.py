"""A scripted price: straight lines between points, sampled on a fixed grid of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

STEP_MS = 100


@dataclass(frozen=True, slots=True)
class PricePath:
    """Prices over time as `(at_ms, price)` points in rising order of time."""

    points: tuple[tuple[int, Decimal], ...]

    @staticmethod
    def line(start_ms: int, start: Decimal, legs: Sequence[tuple[Decimal, float]]) -> "PricePath":
        """Go from `start` to each leg's price within its seconds, one leg after the other."""
        points = [(start_ms, start)]
        for price, seconds in legs:
            points.append((points[-1][0] + max(STEP_MS, round(seconds * 1000)), price))
        return PricePath(tuple(points))

    @property
    def end_ms(self) -> int:
        """When the path is over; its last price stays."""
        return self.points[-1][0]

    def next_step_ms(self, after_ms: int) -> int | None:
        """Give the next sampling moment later than `after_ms`, None when the path is over."""
        if after_ms >= self.end_ms:
            return None
        start = self.points[0][0]
        steps = (after_ms - start) // STEP_MS + 1
        return min(start + max(0, steps) * STEP_MS, self.end_ms)

    def price_at(self, at_ms: int) -> Decimal:
        """Give the price on the line at a moment."""
        before = self.points[0]
        for point in self.points:
            if point[0] >= at_ms:
                span = point[0] - before[0]
                if span == 0:
                    return point[1]
                return before[1] + (point[1] - before[1]) * (at_ms - before[0]) / span
            before = point
        return before[1]
