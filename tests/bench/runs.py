"""Simulated delays and false alarms, scored on the shipped detector from a trained steady state."""

import copy
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from riskguard.core.detect import Learned

from . import faults
from .faults import Span
from .loop import Conditions, Loop
from .scenarios import Scenario
from .world import YEAR_S, WorldParameters, log_normal

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


def trained(world: WorldParameters, seed: int, learned: Learned | None = None) -> Loop:
    """Give a loop whose detector has seen enough of the healthy venue."""
    loop = Loop(world, random.Random(seed), learned)  # noqa: S311 - a simulation
    loop.run(world.top["trained_s"], Conditions())
    return loop


def measure(
    world: WorldParameters, scenario: Scenario, runs: int, seed: int, learned: Learned | None, until: float
) -> Delays:
    """Run one scenario many times with its onset anywhere in the probes' phase; stop early at `until`."""
    world = world.changed(**dict(scenario.traffic))
    base, found = trained(world, seed, learned), Delays()
    rng = random.Random(seed + 1)  # noqa: S311 - a simulation
    for _ in range(runs):
        if found.runs >= (20 if scenario.horizon_s < 100.0 else 10) and time.monotonic() > until:
            break
        loop = copy.deepcopy(base)
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


@dataclass
class FalseAlarms:
    """Counts by cause, with the years each cause was simulated for."""

    down: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    years: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    rivals: Counter[tuple[str, str]] = field(default_factory=Counter)
    taus: list[float] = field(default_factory=list)
    calls: int = 0
    probes: int = 0


Make = Callable[[random.Random, Loop], tuple[Conditions, float, bool]]
"""Conditions, how long they last, and whether an alarm would be true."""


def _blip(world: WorldParameters) -> Make:
    def make(rng: random.Random, loop: Loop) -> tuple[Conditions, float, bool]:
        blips = world.blips
        length = log_normal(rng, blips["median_s"], blips["sigma"])
        span = Span(loop.now + LEAD_S, loop.now + LEAD_S + length)
        hang = rng.random() < blips["hang_share"]
        fault = faults.hangs(span) if hang else faults.errors(span, rng)
        return Conditions(fault=fault), length, length >= blips["outage_s"]

    return make


def _own_network(world: WorldParameters) -> Make:
    def make(rng: random.Random, loop: Loop) -> tuple[Conditions, float, bool]:
        own = world.own_network
        length = min(120.0, log_normal(rng, own["median_s"], own["sigma"]))
        span = Span(loop.now + LEAD_S, loop.now + LEAD_S + length)
        cut = faults.own_network(span, rng, own["fail_fast_share"])
        return Conditions(fault=cut, elsewhere=cut, net_down=span, md_silent=span), length, False

    return make


def _busy(world: WorldParameters) -> Make:
    def make(rng: random.Random, _loop: Loop) -> tuple[Conditions, float, bool]:
        busy = world.busy
        conditions = Conditions(latency_times=busy["latency_times"], error=busy["error"])
        return conditions, rng.expovariate(1.0 / busy["mean_s"]), False

    return make


def _stall(world: WorldParameters) -> Make:
    def make(rng: random.Random, loop: Loop) -> tuple[Conditions, float, bool]:
        stalls = world.stalls
        length = min(stalls["longest_s"], log_normal(rng, stalls["median_s"], stalls["sigma"]))
        return Conditions(stall=Span(loop.now + LEAD_S, loop.now + LEAD_S + length)), length, False

    return make


def causes(world: WorldParameters) -> dict[str, tuple[float, Make]]:
    """Give how often a year each nuisance comes, and how it is made."""
    return {
        "venue blip": (12.0 * world.blips["per_month"], _blip(world)),
        "own network": (12.0 * world.own_network["per_month"], _own_network(world)),
        "busy market": (12.0 * world.busy["per_month"], _busy(world)),
        "loop stall": (8766.0 * world.stalls["per_hour"], _stall(world)),
        "sporadic": (YEAR_S / 600.0, lambda _rng, _loop: (Conditions(), 600.0, False)),
    }


def live(
    world: WorldParameters, cause: str, seconds: float, seed: int, into: FalseAlarms, *, years: float = 1.0,
    learned: Learned | None = None,
) -> Learned:  # fmt: skip
    """Run one venue's life of one nuisance, healthy time skipped; give what it learnt of blips."""
    per_year, make = causes(world)[cause]
    until = time.monotonic() + seconds
    loop = trained(world, seed, learned)
    rng = loop.rng
    lived = 0.0
    while lived < years and time.monotonic() < until:
        skipped_s = rng.expovariate(per_year) * YEAR_S if cause != "sporadic" else 600.0
        lived += skipped_s / YEAR_S
        if world.top["restart_every_s"] > 0.0:
            _restart(loop)
        _skip(loop, skipped_s)
        before = loop.calls_sent, loop.probes_sent
        conditions, length, is_true = make(rng, loop)
        alarms = loop.run(LEAD_S + length, conditions, rivals=cause != "sporadic")
        loop.run(2.0, Conditions())
        into.calls += loop.calls_sent - before[0]
        into.probes += loop.probes_sent - before[1]
        if alarms.down is not None or alarms.down_elsewhere is not None:
            if not is_true:
                into.down[cause] += 1
            loop = _recovered(loop)
        if alarms.confirmed is not None and not is_true:
            into.confirmed[cause] += 1
        for name in alarms.rivals:
            if not is_true:
                into.rivals[name, cause] += 1
    into.years[cause] += lived
    into.taus.append(loop.detector._persistence.tau_s)
    return loop.detector.learned()


def _skip(loop: Loop, skipped_s: float) -> None:
    """Let healthy time pass without running it: long enough on the clock that troubles stay apart."""
    jump_s = min(skipped_s, 150.0) if loop.world.top["market_data_per_s"] == 0.0 else 0.0
    loop.now += jump_s
    loop.detector._persistence.watched(max(0.0, skipped_s - jump_s - 20.0))


def _restart(loop: Loop) -> None:
    """Begin anew with what is known of blips, at any moment of the short time that follows a start."""
    loop.start(loop.detector.learned())
    loop.run(loop.rng.random() * loop.world.top["trained_s"], Conditions())


def _recovered(loop: Loop) -> Loop:
    """Let a venue that was called down come back."""
    loop.run(140.0, Conditions())
    return loop
