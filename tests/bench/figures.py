"""Quantiles and exact intervals, without any library."""

import math
from collections.abc import Sequence


def mean(values: Sequence[float]) -> float:
    """Give the mean, NaN of nothing."""
    return sum(values) / len(values) if values else math.nan


def quantile(values: Sequence[float], share: float) -> float:
    """Give the value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else math.nan


def mean_interval(values: Sequence[float]) -> float:
    """Give the half width of the mean's 95 % interval."""
    n = len(values)
    if n < 2:
        return math.nan
    centre = mean(values)
    return 1.96 * math.sqrt(sum((v - centre) ** 2 for v in values) / (n - 1) / n)


def ratio_interval(above: Sequence[float], below: Sequence[float]) -> tuple[float, float, float]:
    """Give mean(above)/mean(below) of paired values with its 95 % interval (delta method)."""
    n, a, b = len(above), mean(above), mean(below)
    ratio = a / b
    spread = (
        math.sqrt(sum((x - ratio * y) ** 2 for x, y in zip(above, below, strict=True)) / max(1, n - 1) / n)
        / b
    )
    return ratio, ratio - 1.96 * spread, ratio + 1.96 * spread


def poisson_interval(count: int) -> tuple[float, float]:
    """Give the exact 95 % interval of a Poisson mean."""

    def below(k: int, mu: float) -> float:
        return (
            sum(math.exp(-mu + i * math.log(mu) - math.lgamma(i + 1)) for i in range(k + 1))
            if mu > 0
            else 1.0
        )

    def solve(k: int, target: float) -> float:
        low, high = 0.0, 4.0 * count + 20.0
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if below(k, middle) > target else (low, middle)
        return high

    return (0.0 if count == 0 else solve(count - 1, 0.975)), solve(count, 0.025)


def sum_interval(parts: Sequence[tuple[int, float]]) -> tuple[float, float, float]:
    """Give the sum of independent rates (count, time) with its 95 % interval, by variance recovery (MOVER).

    Of one rate it is the exact Poisson interval.
    """
    if min(time for _, time in parts) <= 0.0:
        return math.nan, 0.0, math.inf
    rates = [(count / time, *(bound / time for bound in poisson_interval(count))) for count, time in parts]
    centre = sum(rate for rate, _, _ in rates)
    below = math.sqrt(sum((rate - low) ** 2 for rate, low, _ in rates))
    above = math.sqrt(sum((high - rate) ** 2 for rate, _, high in rates))
    return centre, max(0.0, centre - below), centre + above


def share_upper(count: int, of: int) -> float:
    """Give the upper 95 % bound of a share (Poisson bound, safe for small shares)."""
    return min(1.0, poisson_interval(count)[1] / of) if of else 1.0
