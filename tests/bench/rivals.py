"""What others do, fed with the same calls; and the exact CUSUM, which knows the fault."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from riskguard.core.types import Path


@dataclass(slots=True)
class Seen:
    """One call under way or ended, as all rivals see it."""

    sent_at: float
    path: Path
    bad: bool = False
    latency_s: float = 0.0


@dataclass(slots=True)
class Consecutive:
    """Alarm after `most` failures in a row on one path."""

    most: int
    runs: dict[Path, int] = field(default_factory=dict)

    def done(self, _now: float, seen: Seen) -> bool:
        run = self.runs[seen.path] = self.runs.get(seen.path, 0) + 1 if seen.bad else 0
        return run >= self.most


@dataclass(slots=True)
class Ratio:
    """Alarm when half of the last `size` calls of one path failed, as circuit breakers do."""

    size: int
    share: float = 0.5
    windows: dict[Path, deque[bool]] = field(default_factory=dict)

    def done(self, _now: float, seen: Seen) -> bool:
        window = self.windows.setdefault(seen.path, deque(maxlen=self.size))
        window.append(seen.bad)
        return len(window) == self.size and sum(window) >= self.share * self.size


@dataclass(slots=True)
class Phi:
    """Phi accrual on the arrivals of good answers: normal (Akka) or exponential (Cassandra) gaps."""

    exponential: bool
    threshold: float = 8.0
    gaps: dict[Path, deque[float]] = field(default_factory=dict)
    sums: dict[Path, tuple[float, float]] = field(default_factory=dict)
    """Sum and sum of squares of the gaps that are kept."""
    last: dict[Path, float] = field(default_factory=dict)

    def done(self, now: float, seen: Seen) -> bool:
        if not seen.bad:
            if seen.path in self.last:
                self._learn(seen.path, now - self.last[seen.path])
            self.last[seen.path] = now
        return False

    def _learn(self, path: Path, gap: float) -> None:
        gaps = self.gaps.setdefault(path, deque(maxlen=200))
        total, squares = self.sums.get(path, (0.0, 0.0))
        if len(gaps) == gaps.maxlen:
            total, squares = total - gaps[0], squares - gaps[0] ** 2
        gaps.append(gap)
        self.sums[path] = total + gap, squares + gap**2

    def waits(self, now: float) -> bool:
        return any(self._phi(path, now) >= self.threshold for path in (Path.PLACE, Path.CANCEL))

    def _phi(self, path: Path, now: float) -> float:
        count = len(self.gaps.get(path, ()))
        if count < 10:
            return 0.0
        total, squares = self.sums[path]
        mean, silent = total / count, now - self.last[path]
        if self.exponential:
            return silent / mean / math.log(10.0)
        deviation = max(0.1, math.sqrt(max(0.0, squares / count - mean * mean)))
        beyond = 0.5 * math.erfc((silent - mean) / (deviation * math.sqrt(2.0)))
        return -math.log10(max(beyond, 1e-300))


ORACLE_NATS = 15.0
"""With 31 million calls a year this is about one false alarm a venue-year for every fault below."""
Nats = Callable[[Seen], float]
Censored = Callable[[float], float]


@dataclass(slots=True)
class Oracle:
    """Page's CUSUM with the true healthy and the true sick distribution, calls under way included."""

    answered: Nats
    censored: Censored
    paths: frozenset[Path]
    level: float = 0.0

    def done(self, _now: float, seen: Seen) -> bool:
        if seen.path in self.paths:
            self.level = max(0.0, self.level + self.answered(seen))
        return self.level >= ORACLE_NATS

    def waits(self, now: float, out: list[Seen]) -> bool:
        under_way = (s for s in out if s.path in self.paths and s.sent_at <= now)
        return self.level + sum(self.censored(now - s.sent_at) for s in under_way) >= ORACLE_NATS

    def crossing(self, before: float, now: float, out: list[Seen]) -> float:
        """Give when the calls under way crossed the threshold, which they had not `before`."""
        for _ in range(20):
            middle = 0.5 * (before + now)
            before, now = (before, middle) if self.waits(middle, out) else (middle, now)
        return now
