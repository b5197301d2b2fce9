"""How long a suspicion must last before it is worth money: learnt from the venue's own micro-outages.

A blip looks like an outage while it lasts, so whoever alarms after T pays at least rate x P(blip > T) false
alarms. Blip lengths are taken as log-normal with unknown centre, spread and rate; a grid posterior (Poisson
counts, gamma-distributed rate, lengths seen only beyond a shortest length) gives the predicted rate of false
alarms for each T. The prior is one month's worth of an assumed venue and gives way to what is measured.
"""

import math
from dataclasses import dataclass

from riskguard.core.types import Path

YEAR_S = 365.25 * 86_400.0
MONTH_S = YEAR_S / 12.0
SHORTEST_S = 1.0
"""Lengths below are seen only by luck and say nothing about the tail."""
OUTAGE_S = 60.0
"""Longer ones are outages, not blips, and must not teach patience."""
TRUE_S = 15.0
"""An alarm in a trouble that lasts this long is no false one, so nobody waits for longer."""
CLAMP_S = (1.5, TRUE_S)
KEPT = 2048
MARGIN = 0.78
"""Share of the allowed false alarms to plan for, so that the measured rate stays within with confidence."""


@dataclass(frozen=True, slots=True)
class Blip:
    """One confirmed trouble that passed by itself."""

    start: float
    length_s: float
    paths: tuple[Path, ...]
    cause: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What earlier runs measured of a venue: lengths of blips and the time watched."""

    watched_s: float = 0.0
    lengths_s: tuple[float, ...] = ()

    def blip(self, length_s: float) -> "Learned":
        """Take in one more blip; the time that belonged to forgotten ones goes with them."""
        if not SHORTEST_S < length_s < OUTAGE_S:
            return self
        lengths = (*self.lengths_s, length_s)
        share = min(1.0, KEPT / len(lengths))
        return Learned(self.watched_s * share, lengths[-KEPT:])

    def watched(self, seconds: float) -> "Learned":
        """Take in more time in which a blip would have been seen."""
        return Learned(self.watched_s + seconds, self.lengths_s)


class Persistence:
    """The venue's blips and the persistence time that follows from them."""

    __slots__ = ("_budget", "_fixed_s", "_lengths", "_tau_s", "_unread", "_watched_s", "blips", "count")

    def __init__(self, per_year: float, learned: Learned, fixed_s: float | None) -> None:
        """Allow `per_year` false alarms; `fixed_s` overrides what is learnt."""
        self._budget = per_year
        self._fixed_s = fixed_s
        self._lengths = [x for x in learned.lengths_s if SHORTEST_S < x < OUTAGE_S][-KEPT:]
        self._watched_s = learned.watched_s
        self._unread = 0.0
        self.blips: list[Blip] = []
        """The last ones of this run."""
        self.count = 0
        """All of this run, those that are no longer kept too."""
        self._tau_s = self._derive()

    @property
    def tau_s(self) -> float:
        """The seconds that bad evidence must persist before `down`."""
        return self._tau_s

    @property
    def learned(self) -> Learned:
        """What to hand to the next run."""
        return Learned(self._watched_s, tuple(self._lengths))

    def watched(self, seconds: float) -> None:
        """Count time in which a blip would have been seen."""
        self._watched_s += seconds
        self._unread += seconds
        if self._unread > 0.25 * MONTH_S:
            self._tau_s = self._derive()

    def ended(self, blip: Blip) -> None:
        """Record a trouble that passed."""
        self.blips.append(blip)
        self.count += 1
        del self.blips[:-KEPT]
        if SHORTEST_S < blip.length_s < OUTAGE_S:
            self._lengths.append(blip.length_s)
            if len(self._lengths) > KEPT:  # the time that belonged to the forgotten ones goes with them
                self._watched_s *= KEPT / len(self._lengths)
                del self._lengths[:-KEPT]
            self._tau_s = self._derive()

    def _derive(self) -> float:
        self._unread = 0.0
        if self._fixed_s is not None:
            return self._fixed_s
        return waiting_s(self._budget, self.learned)


def waiting_s(false_alarms_per_year: float, learned: Learned) -> float:
    """Give the seconds of bad evidence that a detector with this budget waits for before `down`."""
    lengths = [x for x in learned.lengths_s if SHORTEST_S < x < OUTAGE_S][-KEPT:]
    return persistence_s(MARGIN * false_alarms_per_year, learned.watched_s, lengths)


PRIOR_CENTRES = tuple(math.log(0.4) + 0.14 * i for i in range(13))
PRIOR_SPREADS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15)
PRIOR_BLIPS = 4.0
"""Weight of the assumed rate, in blips."""
PRIOR_PER_MONTH = 60.0
"""Twice as many as are assumed: what is allowed holds from the first day, before anything is learnt."""


def _beyond(length_s: float, centre: float, spread: float) -> float:
    return 0.5 * math.erfc((math.log(length_s) - centre) / (spread * math.sqrt(2.0)))


def persistence_s(per_year: float, watched_s: float, lengths_s: list[float]) -> float:
    """Give the shortest time whose predicted false alarms stay within `per_year`."""
    months, n = watched_s / MONTH_S, len(lengths_s)
    logs = [math.log(x) for x in lengths_s]
    total, squares = sum(logs), sum(x * x for x in logs)
    cells: list[tuple[float, float, float, float]] = []
    for centre in PRIOR_CENTRES:
        for spread in PRIOR_SPREADS:
            seen = _beyond(SHORTEST_S, centre, spread)
            fit = -(squares - 2.0 * centre * total + n * centre * centre) / (2.0 * spread * spread)
            fit -= n * math.log(spread)
            shape, exposure = PRIOR_BLIPS + n, PRIOR_BLIPS / PRIOR_PER_MONTH + months * seen
            prior = -0.5 * ((centre / 0.25) ** 2 + ((spread - 0.69) / 0.085) ** 2)
            cells.append((fit + prior - shape * math.log(exposure), shape / exposure, centre, spread))
    best = max(cell[0] for cell in cells)
    weighted = [(math.exp(cell[0] - best), cell[1], cell[2], cell[3]) for cell in cells]
    norm = sum(cell[0] for cell in weighted)

    def per_month(t_s: float) -> float:
        return (
            sum(
                w * rate * (_beyond(t_s, centre, spread) - _beyond(TRUE_S, centre, spread))
                for w, rate, centre, spread in weighted
            )
            / norm
        )

    low, high = CLAMP_S
    if per_month(high) > per_year / 12.0:
        return high
    for _ in range(24):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if per_month(middle) <= per_year / 12.0 else (middle, high)
    return high
