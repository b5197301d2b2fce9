"""How long healthy answers take: a histogram that forgets, and its survival function."""

import math

PER_OCTAVE = 4
"""Buckets per doubling, so that a factor of 2 or 4 is a whole shift."""
LOWEST_LOG2 = -10
"""The first bucket begins at 2**-10 s, about one millisecond."""
BUCKETS = 68
"""The last bucket begins at about 108 s and holds all beyond."""
FORGET_AFTER = 20_000
"""Observations after which old ones begin to fade."""


def bucket_of(duration_s: float) -> int:
    """Give the bucket of a duration; anything below a millisecond falls into the first."""
    if duration_s <= 0.001:
        return 0
    index = int((math.log2(duration_s) - LOWEST_LOG2) * PER_OCTAVE)
    return index if index < BUCKETS else BUCKETS - 1


def position_of(duration_s: float) -> float:
    """Give where a duration lies between the buckets' lower edges; the fraction is the way to the next."""
    if duration_s <= 0.001:
        return 0.0
    return min(BUCKETS - 1.0, max(0.0, (math.log2(duration_s) - LOWEST_LOG2) * PER_OCTAVE))


def edge_s(bucket: int) -> float:
    """Give the lower edge of a bucket in seconds."""
    return _EDGES_S[bucket] if 0 <= bucket <= BUCKETS else _edge_s(bucket)


def _edge_s(bucket: int) -> float:
    return float(2.0 ** (LOWEST_LOG2 + bucket / PER_OCTAVE))


_EDGES_S = tuple(_edge_s(bucket) for bucket in range(BUCKETS + 1))


class Durations:
    """Counts of durations in logarithmic buckets, begun with a broad guess that real ones outweigh."""

    __slots__ = ("_counts", "_total", "seen", "unread")

    def __init__(self, median_s: float, *, weight: float = 30.0, spread: float = 0.8) -> None:
        """Begin with a log-normal body around `median_s` and a 3 % Pareto tail, worth `weight` calls."""
        self.seen = 0
        self.unread = 0
        survival = [_guess(edge_s(b), median_s, spread) if b else 1.0 for b in range(BUCKETS)] + [0.0]
        self._counts = [weight * (survival[b] - survival[b + 1]) for b in range(BUCKETS)]
        self._total = weight

    def add(self, duration_s: float) -> None:
        """Count one duration seen while all was well."""
        self._counts[bucket_of(duration_s)] += 1.0
        self._total += 1.0
        self.seen += 1
        self.unread += 1

    def blended(self, other: "Durations", weight: float) -> list[float]:
        """Give the survival of these and of `weight` others, for what has hardly been seen itself."""
        ours, theirs, share = self.survival(), other.survival(), weight / (weight + self.seen)
        return [(1.0 - share) * a + share * b for a, b in zip(ours, theirs, strict=True)]

    def survival(self) -> list[float]:
        """Give P(longer than the lower edge of each bucket); forgets a quarter when there is plenty."""
        self.unread = 0
        if self._total > FORGET_AFTER:
            self._counts = [count * 0.75 for count in self._counts]
            self._total *= 0.75
        tail, left = [0.0] * BUCKETS, 0.0
        for b in range(BUCKETS - 1, -1, -1):
            left += self._counts[b]
            tail[b] = left / self._total
        return tail

    def quantile_s(self, beyond: float) -> float:
        """Give the shortest edge that is exceeded with at most the probability `beyond`."""
        left = 0.0
        for b in range(BUCKETS - 1, -1, -1):
            left += self._counts[b]
            if left > beyond * self._total:
                return edge_s(b + 1)
        return edge_s(0)


def _guess(t_s: float, median_s: float, spread: float) -> float:
    body = 0.5 * math.erfc(math.log(t_s / median_s) / (spread * math.sqrt(2.0)))
    start_s = 4.0 * median_s
    tail = 1.0 if t_s <= start_s else (start_s / t_s) ** 1.3
    return 0.97 * body + 0.03 * tail
