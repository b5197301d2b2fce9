"""Shows once that skipping healthy stretches does not change the counts: whole days beside skipped ones."""

import math
import random
import sys

from .figures import poisson_interval
from .lives import FalseAlarms, causes, live
from .loop import Conditions
from .runs import LEAD_S, trained
from .world import YEAR_S, WorldParameters

DAY_S = 86_400.0
CALM = {"reference_every_s": 10.0, "peer_answers_per_s": 0.1}
"""Witnesses that answer seldom while all is well, so that many days can be afforded."""
SKIPPED_YEARS = 10.0


def compare(world: WorldParameters, seed: int, days: float) -> dict[str, object]:
    """Count confirmed and down alarms from venue blips and from chance, run whole and run skipped."""
    world = world.changed(**CALM)
    whole = _whole_days(world, seed, days)
    skipped = FalseAlarms()
    live(
        world,
        math.inf,
        seed + 1,
        skipped,
        years=min(SKIPPED_YEARS, 10.0 * days / 365.25),
        only=["venue blip"],
    )
    years = skipped.years["venue blip"]
    return {
        "days": days,
        "whole_confirmed_per_year": _rate(whole["confirmed"], days * DAY_S / YEAR_S),
        "skipped_confirmed_per_year": _rate(skipped.confirmed["venue blip"], years),
        "whole_down_per_year": _rate(whole["down"], days * DAY_S / YEAR_S),
        "skipped_down_per_year": _rate(skipped.down["venue blip"], years),
        "whole_confirmed_without_a_blip": whole["confirmed_alone"],
        "whole_down_without_a_blip": whole["down_alone"],
        "whole_calls": whole["calls"],
    }


def _rate(count: int, years: float) -> str:
    low, high = poisson_interval(count)
    return f"{count / years:.2f} ({low / years:.2f} to {high / years:.2f})"


def _whole_days(world: WorldParameters, seed: int, days: float) -> dict[str, int]:
    per_year, make = causes(world)["venue blip"]
    loop = trained(world, seed)
    rng = random.Random(seed + 7)  # noqa: S311 - a simulation
    counts = {"confirmed": 0, "down": 0, "confirmed_alone": 0, "down_alone": 0}
    end, told = loop.now + days * DAY_S, loop.now
    while loop.now < end:
        quiet_s = min(end - loop.now, rng.expovariate(per_year) * YEAR_S)
        while quiet_s > 0.0:
            alarms = loop.run(min(quiet_s, 600.0), Conditions())
            quiet_s -= 600.0
            counts["confirmed_alone"] += alarms.confirmed is not None
            counts["down_alone"] += alarms.down is not None
        conditions, length, is_true = make(rng, loop)
        alarms = loop.run(LEAD_S + length, conditions)
        counts["confirmed"] += alarms.confirmed is not None and not is_true
        counts["down"] += alarms.down is not None and not is_true
        if loop.now > told + 10.0 * DAY_S:
            told = loop.now
            sys.stderr.write(f"  {days - (end - loop.now) / DAY_S:.0f} whole days: {counts}\n")
    return counts | {"calls": loop.calls_sent}
