"""Whole years of nuisances, healthy time skipped: how often somebody is blamed for nothing."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from riskguard.core.detect import Learned, OutcomeClass

from . import faults
from .faults import Span
from .loop import Alarms, Conditions, Loop
from .runs import LEAD_S, trained
from .world import YEAR_S, WorldParameters, log_normal, share_longer

SHORTEST_STALL_S = 0.2
"""A timer this late is what the detector calls late; less has no effect at all."""
PROBES_OF_A_SUSPICION = 8.0
LOSSES_S = {1.0: 50, 10.0: 35, 60.0: 14, 600.0: 1}
"""Lengths of own-network losses, and how many of a hundred have them."""


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

    def note(self, cause: str, alarms: Alarms) -> None:
        """Count what was said in a stretch without a true outage."""
        self.down[cause] += alarms.down is not None or alarms.down_elsewhere is not None
        self.confirmed[cause] += alarms.confirmed is not None
        self.rivals.update((name, cause) for name in alarms.rivals)


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


def _late_share(world: WorldParameters) -> float:
    stalls = world.stalls
    return share_longer(stalls["median_s"], stalls["sigma"], SHORTEST_STALL_S)


def _stall(world: WorldParameters) -> Make:
    def make(rng: random.Random, loop: Loop) -> tuple[Conditions, float, bool]:
        stalls = world.stalls
        length = 0.0
        while length < SHORTEST_STALL_S:
            length = min(stalls["longest_s"], log_normal(rng, stalls["median_s"], stalls["sigma"]))
        return Conditions(stall=Span(loop.now + LEAD_S, loop.now + LEAD_S + length)), length, False

    return make


def _strays(world: WorldParameters) -> Make:
    """Two stray failures within ten seconds; one alone is worth 5.5 nats and convicts nobody."""

    def make(rng: random.Random, loop: Loop) -> tuple[Conditions, float, bool]:
        first = loop.now + LEAD_S
        lost = rng.random() < world.calls["lost"] / (world.calls["lost"] + world.calls["error"])
        outcome = OutcomeClass.UNKNOWN if lost else OutcomeClass.VENUE_FAULT
        return Conditions(fault=faults.strays([first, first + 10.0 * rng.random()], outcome)), 12.0, False

    return make


def _pairs_per_year(world: WorldParameters) -> float:
    """Give how often a call fails by chance and another within ten seconds, probes included."""
    canaries = 3.0 / world.top["canary_every_s"] if world.top["canary_every_s"] > 0.0 else 0.0
    calls_per_s = world.top["user_place_per_s"] + world.top["user_cancel_per_s"] + canaries
    failing = world.calls["error"] + world.calls["lost"]
    return YEAR_S * calls_per_s * failing * failing * (10.0 * calls_per_s + PROBES_OF_A_SUSPICION)


def causes(world: WorldParameters) -> dict[str, tuple[float, Make]]:
    """Give how often a year each nuisance comes, and how it is made."""
    return {
        "venue blip": (12.0 * world.blips["per_month"], _blip(world)),
        "own network": (12.0 * world.own_network["per_month"], _own_network(world)),
        "busy market": (12.0 * world.busy["per_month"], _busy(world)),
        "loop stall": (8766.0 * world.stalls["per_hour"] * _late_share(world), _stall(world)),
        "stray failures": (_pairs_per_year(world), _strays(world)),
    }


def live(
    world: WorldParameters, seconds: float, seed: int, into: FalseAlarms, *, years: float = 1.0,
    only: Collection[str] | None = None,
) -> Learned:  # fmt: skip
    """Live with all nuisances (or some) from the first day, healthy time skipped; give what was learnt."""
    made = {name: made for name, made in causes(world).items() if only is None or name in only}
    until = time.monotonic() + seconds
    loop = trained(world, seed)
    rng, lived = loop.rng, 0.0
    per_year = sum(rate for rate, _ in made.values())
    while lived < years and time.monotonic() < until:
        skipped_s = rng.expovariate(per_year) * YEAR_S
        lived += skipped_s / YEAR_S
        if world.top["restart_every_s"] > 0.0:
            _restart(loop)
        _skip(loop, skipped_s)
        (cause,) = rng.choices(list(made), [rate for rate, _ in made.values()])
        loop.run(rng.random() * world.top["canary_every_s"], Conditions())  # the canaries' phase is anywhere
        before = loop.calls_sent, loop.probes_sent
        conditions, length, is_true = made[cause][1](rng, loop)
        alarms = loop.run(LEAD_S + length, conditions, simple=True)
        into.calls += loop.calls_sent - before[0]
        into.probes += loop.probes_sent - before[1]
        if not is_true:
            into.note(cause, alarms)
        if alarms.down is not None or alarms.down_elsewhere is not None:
            loop.run(140.0, Conditions())  # it comes back
        else:
            loop.run(2.0, Conditions())
    for cause in made:
        into.years[cause] += lived
    into.taus.append(loop.detector._persistence.tau_s)
    return loop.detector.learned()


def lose_own_network(
    world: WorldParameters, seconds: float, seed: int, most: int
) -> tuple[Counter[float], int]:
    """Cut our own network for mixed lengths; give how often each, and how often a venue was blamed."""
    until, lengths, blamed = time.monotonic() + seconds, Counter[float](), 0
    loop = trained(world, seed)
    while sum(lengths.values()) < most and time.monotonic() < until:
        (length,) = loop.rng.choices(list(LOSSES_S), list(LOSSES_S.values()))
        _skip(loop, loop.rng.expovariate(1.0 / 3600.0))
        cut = Span(loop.now + LEAD_S, loop.now + LEAD_S + length)
        fault = faults.own_network(cut, loop.rng, world.own_network["fail_fast_share"])
        conditions = Conditions(fault=fault, elsewhere=fault, net_down=cut, md_silent=cut)
        alarms = loop.run(LEAD_S + length + 15.0, conditions)
        lengths[length] += 1
        if alarms.down is not None or alarms.down_elsewhere is not None:
            blamed += 1
            loop.run(140.0, Conditions())
    return lengths, blamed


def _skip(loop: Loop, skipped_s: float) -> None:
    """Let healthy time pass without running it: long enough on the clock that troubles stay apart."""
    jump_s = min(skipped_s, 150.0) if loop.world.top["market_data_per_s"] == 0.0 else 0.0
    loop.now += jump_s
    loop.unlearn()
    loop.detector._persistence.watched(max(0.0, skipped_s - jump_s - 20.0))


def _restart(loop: Loop) -> None:
    """Begin anew with what is known of blips, at any moment of the short time that follows a start."""
    loop.start(loop.detector.learned())
    loop.run(loop.rng.random() * loop.world.top["trained_s"], Conditions())
    loop.settle()
