"""Drawn worlds and habits against the facade alone: `python -m tests.bench.sweep --worlds 40`.

The guard is left out. Somebody makes a `VenueDetector`, reports calls at his own rates and paths, perhaps
reference pings, perhaps streams, ticks as he likes or not at all, asks for probes or never, and polls
`verdicts`. What must hold in any such world: nobody is down without an outage, and an outage is found.
"""

import argparse
import copy
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence

from riskguard.core.detect import OutcomeClass
from riskguard.core.types import Path

from . import faults
from .faults import Span
from .figures import quantile, share_upper
from .habits import Seen, Trouble, User, draw

HORIZON_S = 90.0
LASTS_S = 40.0
LATE_S = 20.0
"""A verdict `down` later than this after the third affected call is printed."""

Make = Callable[[Span, random.Random], Trouble]


def _cut(span: Span, rng: random.Random, *, silent: bool = False) -> Trouble:
    return Trouble(faults.own_network(span, rng, 0.3), no_references=span, no_stream=span, silent=silent)


def _blip(shortest_s: float, longest_s: float) -> Make:
    def made(span: Span, rng: random.Random) -> Trouble:
        length = rng.uniform(shortest_s, longest_s)
        blip = Span(span.start, span.start + length)
        hang = rng.random() < 0.5
        return Trouble(faults.hangs(blip) if hang else faults.errors(blip, rng))

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


class Tally:
    """What was said in all worlds."""

    def __init__(self) -> None:
        self.runs: defaultdict[str, int] = defaultdict(int)
        self.down: defaultdict[str, int] = defaultdict(int)
        self.confirmed: defaultdict[str, int] = defaultdict(int)
        self.found: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)

    def nuisance(self, name: str, seen: Seen) -> str | None:
        """Count a stretch without an outage; give a line if somebody was convicted."""
        self.runs[name] += 1
        self.down[name] += seen.down is not None
        self.confirmed[name] += seen.confirmed is not None
        return None if seen.down is None else f"    {name}: WRONG DOWN at {seen.down:.1f}"

    def outage(self, name: str, seen: Seen) -> str | None:
        """Count an outage, timed from its third call: with fewer, nobody can be sure; give a line if late."""
        if seen.third is None or seen.third > HORIZON_S - 30.0:
            return None
        third = seen.third
        confirmed, down = (math.inf if at is None else at - third for at in (seen.confirmed, seen.down))
        self.found[name].append((confirmed, down))
        late = f"    {name}: third of {seen.count} at {third:.1f}, then +{confirmed:.1f} and +{down:.1f}"
        return late if down > LATE_S else None

    def __str__(self) -> str:
        lines = [
            f"{name}: {runs} runs, {self.down[name]} wrongly down ({share_upper(self.down[name], runs):.2%} "
            f"at most), {self.confirmed[name]} confirmed"
            for name, runs in self.runs.items()
        ]
        for name, delays in self.found.items():
            confirmed, down = [c for c, _ in delays], [d for _, d in delays]
            shares = " ".join(
                f"{q}: {quantile(confirmed, q):.1f}/{quantile(down, q):.1f}" for q in (0.5, 0.9, 0.95)
            )
            lines.append(f"{name}: {len(delays)} runs, confirmed/down after its third call: {shares}")
        return "\n".join(lines)


def tried(base: User, make: Make, seed: int, lasts_s: float, horizon_s: float) -> Seen:
    """Let one trouble happen to a copy."""
    user = copy.deepcopy(base)
    user.rng = random.Random(seed)  # noqa: S311 - a simulation
    user.go(5.0 + 5.0 * user.rng.random(), Trouble())
    onset = user.now + 1.0
    return user.go(horizon_s + 1.0, make(Span(onset, onset + lasts_s), user.rng), onset)


def score(seed: int, repeats: int, tally: Tally) -> list[str]:
    """Try everything in one drawn world; give what was wrong or late."""
    habits = draw(seed)
    base = User(habits)
    lines = [tally.nuisance("training", base.go(habits.trained_s, Trouble()))]
    for i in range(repeats):
        for name, make in NUISANCES.items():
            if "own network" in name and habits.references_s is None:
                continue  # nothing independent is known, so it looks like the venue
            seen = tried(base, make, seed + 1000 * i + 7, LASTS_S, 2.0 * LASTS_S)
            lines.append(tally.nuisance(name, seen))
        for name, make in OUTAGES.items():
            lines.append(tally.outage(name, tried(base, make, seed + 1000 * i + 11, 1e9, HORIZON_S)))
    found = [line for line in lines if line is not None]
    return [str(habits), *found] if found else []


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every world in which something was wrong or late, and the sums."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sweep", description=__doc__)
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=2)
    options = parser.parse_args(arguments)
    tally = Tally()
    for seed in range(options.seed, options.seed + options.worlds):
        for line in score(seed, options.repeats, tally):
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    sys.stdout.write(f"{tally}\n")
    return 1 if sum(tally.down.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
