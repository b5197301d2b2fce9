"""Drawn worlds and habits against the facade alone: `python -m tests.bench.sweep --worlds 40`.

The guard is left out. Somebody makes a `VenueDetector`, reports calls at his own rates and paths,
perhaps reference pings, perhaps streams, ticks as he likes or not at all, asks for probes or never, and polls
`verdicts`. What must hold in any such world: nobody is down without an outage, and an outage is found.
"""

import argparse
import copy
import heapq
import itertools
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from riskguard.core.detect import OutcomeClass, VenueDetector
from riskguard.core.types import Path, Verdict

from . import faults
from .faults import Fault, Span, healthy
from .figures import quantile

FAR = Span(1e18, 1e18)
BAD = (Verdict.CONFIRMED, Verdict.DOWN)
TRAIN_S = (120.0, 900.0, 3600.0)
HORIZON_S = 90.0
LONG_LOSS_S = 40.0


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
        asks = "probes" if self.probes else f"canary {self.canary_s}" if self.canary_s else "no canary"
        ticks = f"tick {self.tick_s}" if self.tick_s else "polled"
        seed = f"{self.seed_latency_ms:.0f}" if self.seed_latency_ms else "-"
        return (
            f"{self.seed} {1e3 * self.median_s:.0f}ms s{self.sigma:.1f} tail {self.tail_share:.3f}/{self.tail_alpha:.1f} "
            f"err {self.error:.4f} lost {self.lost:.4f} dl {self.deadline_s:.0f} seed {seed} {calls} x{self.symbols} {asks} "
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
    return Habits(
        seed=seed,
        median_s=median,
        sigma=rng.uniform(0.3, 0.8),
        tail_share=rng.choice((0.0, 0.005, 0.01, 0.03)),
        tail_alpha=rng.uniform(1.1, 2.0),
        error=math.exp(rng.uniform(math.log(1e-4), math.log(0.03))),
        lost=rng.choice((0.0, 0.0001, 0.0005, 0.003)),
        deadline_s=max(rng.choice((2.0, 5.0, 10.0, 30.0)), 15.0 * median),
        seed_latency_ms=rng.choice((None, 1e3 * median, 60.0, 1e3 * median * rng.choice((0.05, 0.2, 5.0, 20.0)))),
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
    blip_s: float | None = None


@dataclass
class Seen:
    """What was said in one stretch, in seconds after its onset."""

    affected: float | None = None
    third: float | None = None
    """When the third affected call left."""
    count: int = 0
    confirmed: float | None = None
    down: float | None = None
    downs: set[Path] = field(default_factory=set)


class Run:
    """One facade and its user; time only runs forward."""

    def __init__(self, habits: Habits) -> None:
        self.h = habits
        self.rng = random.Random(habits.seed + 1)  # noqa: S311 - a simulation
        self.detector = VenueDetector("v", seed_latency_ms=habits.seed_latency_ms)
        self.now = 0.0
        self.ids = itertools.count()

    def go(self, seconds: float, trouble: Trouble, onset: float | None = None) -> Seen:
        """Run on; give what was said from the onset on."""
        h, rng = self.h, self.rng
        queue: list[tuple[float, int, int, Callable[[float], None]]] = []
        seen, end, begun = Seen(), self.now + seconds, self.now if onset is None else onset

        def later(after: float, what: Callable[[float], None], order: int = 1) -> None:
            heapq.heappush(queue, (self.now + after, order, next(self.ids), what))

        def call(path: Path, symbol: str | None, canary: bool) -> None:
            now, rid = self.now, next(self.ids)
            usual = h.median_s * math.exp(h.sigma * rng.gauss(0.0, 1.0))
            if rng.random() < h.tail_share:
                usual = 4.0 * h.median_s * (1.0 - rng.random()) ** (-1.0 / h.tail_alpha)
            usual *= trouble.times
            ending = trouble.fault(now, path, canary, usual)
            if ending is not None:
                seen.count += 1
                seen.affected = now - begun if seen.affected is None else seen.affected
                if seen.count == 3:
                    seen.third = now - begun
            else:
                luck = rng.random() - h.error
                kind = (
                    OutcomeClass.VENUE_FAULT
                    if luck < 0
                    else OutcomeClass.UNKNOWN
                    if luck < h.lost
                    else OutcomeClass.OK
                )
                ending = kind, faults.HANG if kind is OutcomeClass.UNKNOWN else usual
            outcome, after = ending
            if after >= h.deadline_s:
                outcome, after = OutcomeClass.UNKNOWN, h.deadline_s
            self.detector.sent(rid, now, path, symbol, canary)

            def answered(_due: float) -> None:
                self.detector.done(rid, self.now, outcome)
                if h.tick_s is None or outcome is not OutcomeClass.OK:
                    judge()

            later(after, answered)

        def user(path: Path, rate: float) -> Callable[[float], None]:
            def act(_due: float) -> None:
                call(path, f"S{rng.randrange(h.symbols)}", canary=False)
                later(rng.expovariate(rate), act)

            return act

        def canary(_due: float) -> None:
            call(h.rates[0][0], None, canary=True)
            later(h.canary_s or 1e9, canary)

        def judge() -> None:
            verdicts = self.detector.verdicts(self.now)
            if self.now < begun:
                return
            said = [p for p in (Path.PLACE, Path.CANCEL) if verdicts[p] in BAD]
            if said and seen.confirmed is None:
                seen.confirmed = self.now - begun
            for path in said:
                if verdicts[path] is Verdict.DOWN:
                    seen.downs.add(path)
                    seen.down = self.now - begun if seen.down is None else seen.down

        def beat(due: float) -> None:
            if h.tick_s is not None:
                self.detector.tick(self.now, due)
            while h.probes and (plan := self.detector.want_probe(self.now)) is not None:
                call(plan.path, None, canary=True)
            judge()
            pause = h.tick_s or 0.5
            later(pause * (rng.uniform(0.2, 3.0) if h.irregular else 1.0), beat, order=0)

        def ping(_due: float) -> None:
            asked, takes = self.now, h.reference_takes_s * rng.lognormvariate(0.0, 0.3)
            lost = asked in trouble.no_references
            if not lost:
                later(takes, lambda _due: self.detector.reference(asked, self.now, True))
            elif not trouble.silent:
                later(2.0, lambda _due: self.detector.reference(asked, self.now, False))
            later(h.references_s or 1e9, ping)

        def quote(_due: float) -> None:
            if self.now not in trouble.no_stream:
                self.detector.stream(self.now, Path.BOOK)
            later(rng.expovariate(h.stream_per_s), quote)

        for path, rate in h.rates:
            later(rng.expovariate(rate), user(path, rate))
        later(rng.random() * (h.tick_s or 0.5), beat, order=0)
        if h.canary_s is not None:
            later(rng.random() * h.canary_s, canary)
        if h.references_s is not None:
            later(rng.random() * h.references_s, ping)
        if h.stream_per_s > 0.0:
            later(rng.expovariate(h.stream_per_s), quote)
        while queue:
            due, order, _, what = heapq.heappop(queue)
            if due in trouble.stall:
                heapq.heappush(queue, (trouble.stall.end, order, next(self.ids), what))
                continue
            if due >= end:
                break
            self.now = max(self.now, due)
            what(due)
        self.now = end
        return seen


Make = Callable[[Span, random.Random], Trouble]


def _cut(span: Span, rng: random.Random, *, silent: bool = False) -> Trouble:
    return Trouble(faults.own_network(span, rng, 0.3), no_references=span, no_stream=span, silent=silent)


def _blip(shortest_s: float, longest_s: float) -> Make:
    def made(span: Span, rng: random.Random) -> Trouble:
        length = rng.uniform(shortest_s, longest_s)
        blip = Span(span.start, span.start + length)
        hang = rng.random() < 0.5
        return Trouble(faults.hangs(blip) if hang else faults.errors(blip, rng), blip_s=length)

    return made


OUTAGES: dict[str, Make] = {
    "hard down": lambda s, r: Trouble(faults.errors(s, r)),
    "black hole": lambda s, _r: Trouble(faults.hangs(s)),
    "black hole, silent stream": lambda s, _r: Trouble(faults.hangs(s), no_stream=s),
    "place only": lambda s, r: Trouble(faults.errors(s, r, 1.0, frozenset({Path.PLACE}))),
    "orders hang": lambda s, _r: Trouble(faults.hangs(s, faults.ORDERS)),
    "30 % errors": lambda s, r: Trouble(faults.errors(s, r, 0.3)),
    "latency x20": lambda s, _r: Trouble(faults.slow(s, 20.0)),
}
NUISANCES: dict[str, Make] = {
    "healthy": lambda _s, _r: Trouble(),
    "blip 1 to 5 s": _blip(1.0, 5.0),
    "latency x3": lambda _s, _r: Trouble(times=3.0),
    "own network, pings fail": _cut,
    "own network, pings unreported": lambda s, r: _cut(s, r, silent=True),
    "stalled loop": lambda s, r: Trouble(stall=Span(s.start, s.start + r.uniform(0.5, 6.0))),
    "rate limits": lambda s, _r: Trouble(faults.outcome_for(s, OutcomeClass.RATE_LIMITED)),
}


def trained(habits: Habits) -> tuple[Run, Seen]:
    """Give a facade that has watched the healthy world for a while, and what it said meanwhile."""
    run = Run(habits)
    return run, run.go(habits.trained_s, Trouble())


def tried(base: Run, make: Make, seed: int, lasts_s: float, horizon_s: float) -> Seen:
    """Let one trouble happen to a copy."""
    run = copy.deepcopy(base)
    run.rng = random.Random(seed)  # noqa: S311 - a simulation
    run.go(5.0 + 5.0 * run.rng.random(), Trouble())
    onset = run.now + 1.0
    return run.go(horizon_s + 1.0, make(Span(onset, onset + lasts_s), run.rng), onset)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every world in which something was wrong or late, and the sums."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sweep", description=__doc__)
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args(arguments)
    wrong: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for seed in range(options.seed, options.seed + options.worlds):
        habits = draw(seed)
        base, early = trained(habits)
        lines = []
        wrong["training"][0] += 1
        wrong["training"][1] += early.down is not None
        wrong["training"][2] += early.confirmed is not None
        if early.down is not None:
            lines.append(f"    training: WRONG DOWN at {early.down:.0f}")
        for name, make in NUISANCES.items():
            if "own network" in name and habits.references_s is None:
                continue  # nothing independent is known, so it looks like the venue
            for i in range(options.repeats):
                seen = tried(base, make, seed + 1000 * i + 7, LONG_LOSS_S, 2.0 * LONG_LOSS_S)
                wrong[name][0] += 1
                wrong[name][1] += seen.down is not None
                wrong[name][2] += seen.confirmed is not None
                if seen.down is not None:
                    lines.append(f"    {name}: WRONG DOWN at {seen.down:.1f} affected {seen.affected}")
        for name, make in OUTAGES.items():
            for i in range(options.repeats):
                seen = tried(base, make, seed + 1000 * i + 11, 1e9, HORIZON_S)
                if seen.third is None or seen.third > HORIZON_S - 30.0:
                    continue  # hardly anything was affected
                confirmed, down = (
                    math.inf if at is None else at - seen.third for at in (seen.confirmed, seen.down)
                )
                found[name].append((confirmed, down))
                if down > 20.0 or options.verbose:
                    lines.append(
                        f"    {name}: third {seen.third:.1f} of {seen.count}, then +{confirmed:.1f} +{down:.1f}"
                    )
        if lines:
            sys.stdout.write(f"{habits}\n" + "\n".join(lines) + "\n")
            sys.stdout.flush()
    for name, (runs, down, confirmed) in wrong.items():
        sys.stdout.write(f"{name}: {runs} runs, {down} wrongly down, {confirmed} confirmed\n")
    for name, delays in found.items():
        confirms, downs = [c for c, _ in delays], [d for _, d in delays]
        shares = " ".join(
            f"{q:.2f}:{quantile(confirms, q):.1f}/{quantile(downs, q):.1f}" for q in (0.5, 0.9, 0.95, 0.99)
        )
        sys.stdout.write(
            f"{name}: {len(delays)} runs, seconds after the third affected call left, {shares}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
