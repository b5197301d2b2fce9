"""A small scripted world: venues that answer, fail or hang on schedule, judged by the shipped detector."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from riskguard.core.detect import OutcomeClass, OwnHealth, VenueDetector
from riskguard.core.types import Path, Verdict

Answer = tuple[OutcomeClass, float] | None
"""How a call ends and after how many seconds; None hangs until the caller's own deadline."""
Fault = Callable[[float, Path, float], Answer]
"""(now, path, usual latency) to an answer."""

DEADLINE_S = 3.0


def fine(_now: float, _path: Path, latency_s: float) -> Answer:
    return OutcomeClass.OK, latency_s


@dataclass
class Venue:
    """One scripted venue."""

    detector: VenueDetector
    answers: Fault = fine
    book: Callable[[float], bool] = lambda _now: True
    history: list[tuple[float, Path, Verdict]] = field(default_factory=list)
    verdicts: dict[Path, Verdict] = field(default_factory=dict)

    def first(self, path: Path, verdict: Verdict) -> float | None:
        return next((at for at, p, v in self.history if p is path and v is verdict), None)


class World:
    """Runs venues, their probes and reference pings in virtual time."""

    def __init__(
        self,
        names: str = "A",
        *,
        refs: Callable[[float], bool] | None = None,
        seed: int = 1,
        seed_latency_ms: float | None = 60,
    ) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a simulation
        self.now = 0.0
        self.own = OwnHealth(references=("ref",) if refs else ())
        self.refs = refs
        self.venues = {
            n: Venue(VenueDetector(n, own_health=self.own, seed_latency_ms=seed_latency_ms)) for n in names
        }
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._ids = itertools.count()
        self.selves: list[tuple[float, str]] = []
        self.place_exclusive = False
        self.exempts_reduce = False
        self._place_busy_until: dict[str, float] = {}
        self.at(0.0, self._tick)
        if refs:
            self.at(0.0, self._ping)
        for name in names:
            self.at(0.0, partial(self._quote, name))
            self.at(0.1, partial(self._read, name))

    def at(self, when: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (when, next(self._ids), what))

    def run(self, until: float) -> None:
        while self._queue and self._queue[0][0] <= until:
            self.now, _, what = heapq.heappop(self._queue)
            what()
        self.now = until

    def call(self, name: str, path: Path, *, canary: bool = False, symbol: str | None = None) -> None:
        venue, rid, now = self.venues[name], next(self._ids), self.now
        venue.detector.sent(rid, now, path, symbol=symbol, canary=canary)
        answer = venue.answers(now, path, 0.06 * self.random.lognormvariate(0, 0.4))
        outcome, after = answer if answer is not None else (OutcomeClass.UNKNOWN, DEADLINE_S)
        if after >= DEADLINE_S:
            outcome, after = OutcomeClass.UNKNOWN, DEADLINE_S
        exempt = self.exempts_reduce and outcome is OutcomeClass.VENUE_FAULT
        self.at(now + after, lambda: venue.detector.done(rid, self.now, outcome, exempts_reduce=exempt))

    def late(self, late_s: float) -> None:
        """Report a timer that ran late."""
        self.own.tick(self.now, self.now - late_s)

    def _tick(self) -> None:
        for name, venue in self.venues.items():
            venue.detector.tick(self.now, self.now)
            while (plan := venue.detector.want_probe(self.now)) is not None:
                if plan.path is Path.PLACE and self.place_exclusive:
                    if self.now < self._place_busy_until.get(name, 0.0):
                        continue
                    self._place_busy_until[name] = self.now + DEADLINE_S + 1.0
                self.call(name, plan.path, canary=True)
            for path, verdict in venue.detector.verdicts(self.now).items():
                if venue.verdicts.get(path) is not verdict:
                    venue.verdicts[path] = verdict
                    venue.history.append((self.now, path, verdict))
        ours = self.own.condition(self.now)
        if not self.selves or self.selves[-1][1] != ours.condition:
            self.selves.append((self.now, str(ours.condition)))
        self.at(self.now + 0.05, self._tick)

    def _ping(self) -> None:
        assert self.refs is not None
        sent_at, ok = self.now, self.refs(self.now)
        self.own.reference_sent("ref", sent_at)
        self.at(sent_at + (0.03 if ok else 1.0), lambda: self.own.reference(sent_at, self.now, ok, "ref"))
        self.at(sent_at + 1.0, self._ping)

    def _quote(self, name: str) -> None:
        venue = self.venues[name]
        if venue.book(self.now):
            venue.detector.stream(self.now, Path.BOOK)
        self.at(self.now + self.random.expovariate(20.0), lambda: self._quote(name))

    def _read(self, name: str) -> None:
        self.call(name, Path.ACCOUNT)
        self.at(self.now + 2.0, lambda: self._read(name))
