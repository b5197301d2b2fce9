"""Simulated delays and false alarms, scored on the shipped detector from a trained steady state."""

import copy
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from riskguard.core.detect import Learned

from .faults import Span
from .figures import mean
from .loop import Conditions, Loop
from .scenarios import Scenario
from .world import WorldParameters

LEAST_RUNS = 10
LEAD_S = 4.0
"""Healthy seconds that are run before each trouble."""


@dataclass
class Delays:
    """What one scenario gave; times are seconds after its onset, infinite when not found."""

    confirmed: list[float] = field(default_factory=list)
    down: list[float] = field(default_factory=list)
    affected: list[float] = field(default_factory=list)
    oracle: list[float] = field(default_factory=list)
    rivals: dict[str, list[float]] = field(default_factory=dict)
    early: int = 0
    selves: int = 0
    blamed: int = 0
    """Runs in which the venue was called down."""
    doubted: int = 0
    """Runs in which the venue was confirmed."""
    runs: int = 0
    waits_s: float = 0.0
    """Seconds that the detector has learnt to wait before `down`."""


def trained(world: WorldParameters, seed: int, learned: Learned | None = None) -> Loop:
    """Give a loop whose detector has seen enough of the healthy venue."""
    loop = Loop(world, random.Random(seed), learned)  # noqa: S311 - a simulation
    loop.run(world.top["trained_s"], Conditions())
    loop.settle()
    return loop


def measure(
    bases: Sequence[Loop], scenario: Scenario, runs: int, seed: int, until: float = math.inf
) -> Delays:
    """Run one scenario many times with its onset anywhere in the probes' phase; stop early at `until`."""
    world = bases[0].world
    found = Delays(waits_s=mean([base.detector._persistence.tau_s for base in bases]))
    rng = random.Random(seed)  # noqa: S311 - a simulation
    for run in range(runs):
        if found.runs >= LEAST_RUNS and time.monotonic() > until:
            break
        loop = copy.deepcopy(bases[run % len(bases)])
        loop.rng = random.Random(rng.random())  # noqa: S311 - a simulation
        loop.run(LEAD_S + 6.0 * rng.random(), Conditions())
        span = Span(loop.now + 1.0, loop.now + 1.0 + scenario.horizon_s)
        oracle = scenario.oracle(world) if scenario.oracle is not None else None
        alarms = loop.run(
            scenario.horizon_s + 1.0, scenario.make(span, loop.rng), oracle=oracle, rivals=True,
            stop_at_down=oracle is not None, onset=span.start,
        )  # fmt: skip
        found.runs += 1

        def after(at: float | None, span: Span = span) -> float:
            return math.inf if at is None else at - span.start

        found.confirmed.append(after(alarms.confirmed))
        found.down.append(after(alarms.down))
        found.affected.append(after(alarms.first_affected))
        found.oracle.append(after(alarms.oracle))
        for name in ("N=3", "N=5", "10 calls 50 %", "phi normal 8", "phi exp 8"):
            found.rivals.setdefault(name, []).append(after(alarms.rivals.get(name)))
        found.selves += alarms.self_said is not None
        found.blamed += alarms.down is not None or alarms.down_elsewhere is not None
        found.doubted += alarms.confirmed is not None
    return found
