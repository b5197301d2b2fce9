"""Drawn worlds, and somebody who uses the facade alone in his own way."""

import heapq
import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from riskguard.core.detect import OutcomeClass, VenueDetector
from riskguard.core.types import Path, Verdict

from . import faults
from .faults import Ending, Fault, Span, healthy

FAR = Span(1e18, 1e18)
BAD = (Verdict.CONFIRMED, Verdict.DOWN)
TRAIN_S = (120.0, 900.0, 3600.0)
NEVER_S = 1e9


@dataclass(frozen=True)
class Habits:
    """One drawn world and what its user does."""

    seed: int
    median_s: float
    sigma: float
    tail_share: float
    tail_alpha: float
    error: float
    lost: float
    deadline_s: float
    seed_latency_ms: float | None
    rates: tuple[tuple[Path, float], ...]
    """Calls a second of each path that the trader makes."""
    symbols: int
    probes: bool
    """Whether what `want_probe` asks for is sent."""
    canary_s: float | None
    """A canary of his own, on a fixed beat."""
    tick_s: float | None
    """None: no ticks, `verdicts` are polled instead."""
    irregular: bool
    references_s: float | None
    reference_takes_s: float
    stream_per_s: float
    trained_s: float

    def __str__(self) -> str:
        calls = "+".join(f"{path}:{rate:.2g}" for path, rate in self.rates)
        tail = f"{self.tail_share:.3f}/{self.tail_alpha:.1f}"
        asks = "probes" if self.probes else f"canary {self.canary_s}" if self.canary_s else "no canary"
        ticks = f"tick {self.tick_s}" if self.tick_s else "polled"
        seed = f"{self.seed_latency_ms:.0f}" if self.seed_latency_ms else "-"
        return (
            f"{self.seed} {1e3 * self.median_s:.0f}ms s{self.sigma:.1f} tail {tail} err {self.error:.4f} "
            f"lost {self.lost:.4f} deadline {self.deadline_s:.0f} seed {seed} {calls} x{self.symbols} {asks} "
            f"{ticks}{'~' if self.irregular else ''} refs {self.references_s} ({self.reference_takes_s:.2f}) "
            f"md {self.stream_per_s:.0f} trained {self.trained_s:.0f}"
        )


def draw(seed: int) -> Habits:
    """Draw a world and its user."""
    rng = random.Random(seed)  # noqa: S311 - a simulation
    median = math.exp(rng.uniform(math.log(0.005), math.log(1.5)))
    rate = math.exp(rng.uniform(math.log(0.05), math.log(10.0)))
    mixes: tuple[tuple[tuple[Path, float], ...], ...] = (
        ((Path.PLACE, 1.0),),
        ((Path.PLACE, 0.5), (Path.CANCEL, 0.5)),
        ((Path.PLACE, 0.3), (Path.CANCEL, 0.3), (Path.QUERY, 0.4)),
        ((Path.PLACE, 0.1), (Path.CANCEL, 0.1), (Path.ACCOUNT, 0.8)),
    )
    asks = rng.random()
    guess_ms = 1e3 * median * rng.choice((0.05, 0.2, 5.0, 20.0))
    return Habits(
        seed=seed,
        median_s=median,
        sigma=rng.uniform(0.3, 0.8),
        tail_share=rng.choice((0.0, 0.005, 0.01, 0.03)),
        tail_alpha=rng.uniform(1.1, 2.0),
        error=math.exp(rng.uniform(math.log(1e-4), math.log(0.03))),
        lost=rng.choice((0.0, 0.0001, 0.0005, 0.003)),
        deadline_s=max(rng.choice((2.0, 5.0, 10.0, 30.0)), 15.0 * median),
        seed_latency_ms=rng.choice((None, 1e3 * median, 60.0, guess_ms)),
        rates=tuple((path, share * rate) for path, share in rng.choice(mixes)),
        symbols=rng.choice((1, 1, 2, 5)),
        probes=asks < 0.5,
        canary_s=None if asks < 0.75 else rng.choice((1.0, 2.0, 5.0, 10.0)),
        tick_s=rng.choice((None, 0.05, 0.1, 0.25, 1.0, 1.0)),
        irregular=rng.random() < 0.3,
        references_s=rng.choice((None, 1.0, 1.0, 3.0, 10.0)),
        reference_takes_s=rng.choice((0.02, 0.05, 0.2, 0.5)),
        stream_per_s=rng.choice((0.0, 0.0, 2.0, 20.0)),
        trained_s=rng.choice(TRAIN_S),
    )  # fmt: skip


@dataclass
class Trouble:
    """What goes wrong in one stretch."""

    fault: Fault = healthy
    no_references: Span = FAR
    silent: bool = False
    """Lost pings are never reported, instead of reported as failed."""
    no_stream: Span = FAR
    stall: Span = FAR
    times: float = 1.0


@dataclass
class Seen:
    """What was said in one stretch, in seconds after its onset."""

    affected: float | None = None
    third: float | None = None
    """When the third affected call left."""
    count: int = 0
    confirmed: float | None = None
    down: float | None = None


class User:
    """One facade and its user; time only runs forward."""

    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        self.rng = random.Random(habits.seed + 1)  # noqa: S311 - a simulation
        self.detector = VenueDetector("v", seed_latency_ms=habits.seed_latency_ms)
        self.now = 0.0
        self.ids = itertools.count()

    def go(self, seconds: float, trouble: Trouble, onset: float | None = None) -> Seen:
        """Run on; give what was said from the onset on."""
        return _Stretch(self, seconds, trouble, onset).run()


class _Stretch:
    def __init__(self, user: User, seconds: float, trouble: Trouble, onset: float | None) -> None:
        self.user, self.h, self.rng, self.detector = user, user.habits, user.rng, user.detector
        self.trouble, self.seen, self.end = trouble, Seen(), user.now + seconds
        self.onset = user.now if onset is None else onset
        self.queue: list[tuple[float, int, int, Callable[[float], None]]] = []
        h, rng = self.h, self.rng
        for path, rate in h.rates:
            self._later(rng.expovariate(rate), self._trader(path, rate))
        self._later(rng.random() * (h.tick_s or 0.5), self._beat, order=0)
        if h.canary_s is not None:
            self._later(rng.random() * h.canary_s, self._canary)
        if h.references_s is not None:
            self._later(rng.random() * h.references_s, self._ping)
        if h.stream_per_s > 0.0:
            self._later(rng.expovariate(h.stream_per_s), self._quote)

    def run(self) -> Seen:
        stall, user = self.trouble.stall, self.user
        while True:
            due, order, _, what = heapq.heappop(self.queue)
            if due in stall:
                heapq.heappush(self.queue, (stall.end, order, next(user.ids), what))
                continue
            if due >= self.end:
                break
            user.now = max(user.now, due)
            what(due)
        user.now = self.end
        return self.seen

    def _later(self, after: float, what: Callable[[float], None], order: int = 1) -> None:
        heapq.heappush(self.queue, (self.user.now + after, order, next(self.user.ids), what))

    def _call(self, path: Path, symbol: str | None, *, canary: bool) -> None:
        now, rid = self.user.now, next(self.user.ids)
        outcome, after = self._ending(now, path, canary)
        if after >= self.h.deadline_s:
            outcome, after = OutcomeClass.UNKNOWN, self.h.deadline_s
        self.detector.sent(rid, now, path, symbol, canary)

        def answered(_due: float) -> None:
            self.detector.done(rid, self.user.now, outcome)
            if self.h.tick_s is None or outcome is not OutcomeClass.OK:
                self._judge()

        self._later(after, answered)

    def _ending(self, now: float, path: Path, canary: bool) -> Ending:
        h, rng, seen = self.h, self.rng, self.seen
        usual_s = h.median_s * math.exp(h.sigma * rng.gauss(0.0, 1.0))
        if rng.random() < h.tail_share:
            usual_s = 4.0 * h.median_s * (1.0 - rng.random()) ** (-1.0 / h.tail_alpha)
        usual_s *= self.trouble.times
        ending = self.trouble.fault(now, path, canary, usual_s)
        if ending is not None:
            seen.count += 1
            if seen.affected is None:
                seen.affected = now - self.onset
            if seen.count == 3:
                seen.third = now - self.onset
            return ending
        luck = rng.random() - h.error
        if luck < 0.0:
            return OutcomeClass.VENUE_FAULT, usual_s
        return (OutcomeClass.UNKNOWN, faults.HANG) if luck < h.lost else (OutcomeClass.OK, usual_s)

    def _trader(self, path: Path, rate: float) -> Callable[[float], None]:
        def act(_due: float) -> None:
            self._call(path, f"S{self.rng.randrange(self.h.symbols)}", canary=False)
            self._later(self.rng.expovariate(rate), act)

        return act

    def _canary(self, _due: float) -> None:
        self._call(self.h.rates[0][0], None, canary=True)
        self._later(self.h.canary_s or NEVER_S, self._canary)

    def _judge(self) -> None:
        now, seen = self.user.now, self.seen
        verdicts = self.detector.verdicts(now)
        said = {verdicts[path] for path in (Path.PLACE, Path.CANCEL)} if now >= self.onset else set()
        if seen.confirmed is None and said & set(BAD):
            seen.confirmed = now - self.onset
        if seen.down is None and Verdict.DOWN in said:
            seen.down = now - self.onset

    def _beat(self, due: float) -> None:
        h, now = self.h, self.user.now
        if h.tick_s is not None:
            self.detector.tick(now, due)
        while h.probes and (plan := self.detector.want_probe(now)) is not None:
            self._call(plan.path, None, canary=True)
        self._judge()
        pause_s = h.tick_s or 0.5
        self._later(pause_s * (self.rng.uniform(0.2, 3.0) if h.irregular else 1.0), self._beat, order=0)

    def _ping(self, _due: float) -> None:
        asked, takes_s = self.user.now, self.h.reference_takes_s * self.rng.lognormvariate(0.0, 0.3)
        cut = self.trouble.no_references
        if asked not in cut and asked + takes_s not in cut:
            self._later(takes_s, self._pong(asked, ok=True))
        elif not self.trouble.silent:
            self._later(2.0, self._pong(asked, ok=False))
        self._later(self.h.references_s or NEVER_S, self._ping)

    def _pong(self, asked: float, *, ok: bool) -> Callable[[float], None]:
        return lambda _due: self.detector.reference(asked, self.user.now, ok)

    def _quote(self, _due: float) -> None:
        if self.user.now not in self.trouble.no_stream:
            self.detector.stream(self.user.now, Path.BOOK)
        self._later(self.rng.expovariate(self.h.stream_per_s), self._quote)
