"""A stream that stopped: judged by how long its pauses usually are."""

from riskguard.core.detect.survival import BUCKETS, Durations, edge_s
from riskguard.core.types import Path, Verdict

SHORTEST_SILENCE_S = 0.5
RARE = 1e-4
"""A pause rarer than this among the stream's own pauses is a silence."""
WATCH_FIRST_S = {Path.FILLS: 300.0}
"""Fills come in bursts with hours between, so their rhythm must be known before silence means anything."""


class Stream:
    """One stream's pauses and its present silence."""

    __slots__ = ("_durations", "_limit_s", "_watched_from", "fine_until", "last_at", "verdict")

    def __init__(self, path: Path, now: float) -> None:
        self._watched_from = now + WATCH_FIRST_S.get(path, 5.0)
        self._durations = Durations(0.2, weight=5.0, spread=1.2)
        self._limit_s: float | None = None
        self.last_at = now
        self.verdict = Verdict.UP
        self.fine_until = now
        """Until then its silence means nothing."""

    def spoke(self, now: float) -> None:
        """Note a message; learns the pause before it."""
        if now > self.last_at:
            self._durations.add(now - self.last_at)
            self.last_at = now
            if self._durations.unread >= 200 or self._durations.unread * 4 >= self._durations.seen:
                self._durations.survival()
                self._limit_s = None
            self.fine_until = now + self._limit_s if self._limit_s is not None else now
        self.verdict = Verdict.UP

    def limit_s(self, now: float) -> float | None:
        """Give the pause beyond which the stream counts as silent; None while its rhythm is unknown."""
        if now < self._watched_from:
            return None
        if self._limit_s is None:
            self._limit_s = max(SHORTEST_SILENCE_S, self._durations.quantile_s(RARE))
        return self._limit_s if self._limit_s < edge_s(BUCKETS - 1) else None

    def silent_since(self, now: float) -> float | None:
        """Give since when the stream has been silent, if its pause is longer than usual."""
        limit = self.limit_s(now)
        return self.last_at if limit is not None and now - self.last_at >= limit else None

    def look(self, now: float, tau_s: float, vouched: bool, void_at: float = float("-inf")) -> None:
        """Judge the present silence, of which the part up to `void_at` may be our own fault."""
        limit = self.limit_s(now)
        pause = now - max(self.last_at, void_at)
        if limit is None or now - self.last_at < limit:
            self.verdict = Verdict.UP
        elif vouched and pause >= max(limit + tau_s, 3.0 * limit):
            self.verdict = Verdict.DOWN
        elif vouched and pause >= limit + max(1.0, limit):
            self.verdict = Verdict.CONFIRMED
        else:
            self.verdict = Verdict.SUSPECT
        if limit is not None:
            self.fine_until = self.last_at + limit
        elif now < self._watched_from:
            self.fine_until = self._watched_from

    def thresholds(self, now: float, tau_s: float) -> tuple[float, ...]:
        """Give the moments at which silence alone changes the verdict."""
        limit = self.limit_s(now)
        if limit is None:
            return ()
        pauses = (limit, limit + max(1.0, limit), max(limit + tau_s, 3.0 * limit))
        return tuple(self.last_at + pause for pause in pauses)
