"""Which probe to send next: cheap and sparse while all is well, quick while something is suspected."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from riskguard.core.detect.in_flight import InFlight
from riskguard.core.types import Path


class Rung(StrEnum):
    """How deep into the venue a probe reaches, cheapest first."""

    SIGNED_READ = "signed-read"
    CANCEL_UNKNOWN = "cancel-unknown"
    """Cancel an id that never existed: "not found" proves gateway, key and order lookup."""
    TEST_ORDER = "test-order"
    """An order that is checked and not booked."""
    PLACE_CANCEL = "place-cancel"
    """A far post-only order, cancelled again; costs quotas on some venues, so it stays sparse."""


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """One probe that is due; report it with `sent(..., canary=True)` when it leaves."""

    path: Path
    rung: Rung
    due: float
    fast: bool
    because: str


@dataclass(frozen=True, slots=True)
class Canary:
    """A rung and how often it is used while all is well."""

    rung: Rung
    every_s: float = 2.0


DEFAULT_LADDER: Mapping[Path, Canary] = {
    Path.CANCEL: Canary(Rung.CANCEL_UNKNOWN),
    Path.PLACE: Canary(Rung.TEST_ORDER),
    Path.QUERY: Canary(Rung.SIGNED_READ),
}

FAST_S = ((0.5, 0.15), (10.0, 0.25), (30.0, 0.5), (float("inf"), 1.0))
"""Until how long after the suspicion began which pause is kept between probes of one path."""
OWN_EVERY_S = 0.35
"""In a suspicion a probe of our own follows at the latest so long (and a pause) after the one before."""
RELAXED = 4.0
"""How much slower while the venue throttles us."""
MOST_OUT = {Rung.PLACE_CANCEL: 1}
MOST_OUT_ELSE = 8
OUT_FOR_S = 2.0
"""A probe out for longer no longer blocks the next: only a fresh one can show that the trouble is over."""


class ProbePlanner:
    """The ladder of one venue under a token bucket."""

    __slots__ = ("_asked_at", "_ladder", "_last", "_per_s", "_probed", "_tokens")

    def __init__(self, ladder: Mapping[Path, Canary] | None, per_s: float) -> None:
        """Use the rungs given (none for an empty ladder), at most `per_s` probes a second."""
        self._ladder = dict(DEFAULT_LADDER if ladder is None else ladder)
        self._per_s = per_s
        self._tokens = per_s
        self._asked_at: float | None = None
        self._last: dict[Path, float] = {}
        self._probed: dict[Path, float] = {}

    def sent(self, path: Path, now: float) -> None:
        """Note that any call left on a path: a trader's own call is as good as a canary."""
        self._last[path] = now

    def plan(
        self, now: float, since: float | None, throttled: bool, calls: InFlight, because: str
    ) -> ProbePlan | None:
        """Give the most overdue probe and count it as sent; None when none is due."""
        if self._asked_at is not None:
            self._tokens = min(self._per_s, self._tokens + (now - self._asked_at) * self._per_s)
        self._asked_at = now
        best: tuple[float, Path] | None = None
        for path in self._ladder:
            due = self.due(path, now, since, throttled)
            if due <= now and (best is None or due < best[0]) and not self._is_full(path, now, calls):
                best = (due, path)
        if best is None or self._tokens < 1.0:
            return None
        self._tokens -= 1.0
        due, path = best
        self._last[path] = self._probed[path] = now
        return ProbePlan(path, self._ladder[path].rung, due, since is not None, because)

    def due(self, path: Path, now: float, since: float | None, throttled: bool) -> float:
        """Give when the next probe of a path is due."""
        canary = self._ladder[path]
        last = self._last.get(path)
        if last is None:
            return now
        if (
            since is not None
        ):  # a fast trader's calls are all of one symbol, which must not speak for the path
            last = min(last, max(since, self._probed.get(path, since)) + OWN_EVERY_S)
        pause = canary.every_s
        if since is not None:
            pause = min(pause, next(fast for until, fast in FAST_S if now - since < until))
            if canary.rung is Rung.PLACE_CANCEL:
                pause = max(pause, 1.0)
        return last + (max(pause, 0.25) * RELAXED if throttled else pause)

    def next_due(self, now: float, since: float | None, throttled: bool) -> float | None:
        """Give when any probe is due next."""
        return min((self.due(path, now, since, throttled) for path in self._ladder), default=None)

    def _is_full(self, path: Path, now: float, calls: InFlight) -> bool:
        most = MOST_OUT.get(self._ladder[path].rung, MOST_OUT_ELSE)
        return calls.canaries_out(path, now - OUT_FOR_S) >= most
