"""The nats that convict, from the false alarms a trader accepts and the calls he makes."""

import math

YEAR_S = 365.25 * 86_400.0
OVERSHOOT = 1.6
"""A chart that crosses by whole failures alarms about ten times later than after e**h calls.

Of that, ln 2 is given back for the two ways of being dead that share a chart.
"""
LOWEST, HIGHEST = 12.0, 22.0
PRIOR_CALLS_PER_S, PRIOR_S = 1.0, 600.0


class Threshold:
    """A threshold that keeps the yearly rate as traffic grows, because a count has no clock."""

    __slots__ = ("_calls", "_from", "_per_year", "_until", "nats")

    def __init__(self, per_year: float) -> None:
        self._per_year = per_year
        self._calls = 0
        self._from: float | None = None
        self._until = 0.0
        self.nats = self._derive()

    def call(self, now: float, *, calm: bool) -> None:
        """Count one call; those of a suspicion are not the usual traffic."""
        if not calm:
            return
        if self._from is None:
            self._from = now
        self._calls += 1
        self._until = now
        if self._calls % 256 == 0:
            self.nats = self._derive()

    def _derive(self) -> float:
        watched_s = self._until - self._from if self._from is not None else 0.0
        per_s = (self._calls + PRIOR_CALLS_PER_S * PRIOR_S) / (watched_s + PRIOR_S)
        return min(HIGHEST, max(LOWEST, math.log(per_s * YEAR_S / self._per_year) - OVERSHOOT))
