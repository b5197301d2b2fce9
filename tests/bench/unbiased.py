"""Shows once that skipping healthy stretches does not change the counts: whole days beside skipped ones."""

import random

from .figures import poisson_interval
from .loop import Conditions
from .runs import LEAD_S, FalseAlarms, causes, live, trained
from .world import YEAR_S, WorldParameters

DAY_S = 86_400.0


def compare(world: WorldParameters, seed: int, days: float) -> dict[str, object]:
    """Count confirmed and down alarms per year from venue blips, run whole and run skipped."""
    whole = _whole_days(world, seed, days)
    skipped = FalseAlarms()
    live(world, "venue blip", 1e9, seed + 1, skipped, years=3.0 * days * DAY_S / YEAR_S)
    years = skipped.years["venue blip"]
    return {
        "days": days,
        "whole_confirmed_per_year": _rate(whole["confirmed"], days * DAY_S / YEAR_S),
        "skipped_confirmed_per_year": _rate(skipped.confirmed["venue blip"], years),
        "whole_confirmed_without_a_blip": whole["alone"],
        "whole_down": whole["down"],
    }


def _rate(count: int, years: float) -> str:
    low, high = poisson_interval(count)
    return f"{count / years:.1f} ({low / years:.1f}–{high / years:.1f})"


def _whole_days(world: WorldParameters, seed: int, days: float) -> dict[str, int]:
    per_year, make = causes(world)["venue blip"]
    loop = trained(world, seed)
    rng = random.Random(seed + 7)  # noqa: S311 - a simulation
    counts = {"confirmed": 0, "down": 0, "alone": 0}
    end = loop.now + days * DAY_S
    while loop.now < end:
        quiet_s = min(end - loop.now, rng.expovariate(per_year) * YEAR_S)
        while quiet_s > 0.0:
            alarms = loop.run(min(quiet_s, 600.0), Conditions())
            quiet_s -= 600.0
            counts["alone"] += alarms.confirmed is not None
            counts["confirmed"] += alarms.confirmed is not None
        conditions, length, is_true = make(rng, loop)
        alarms = loop.run(LEAD_S + length, conditions)
        counts["confirmed"] += alarms.confirmed is not None and not is_true
        counts["down"] += alarms.down is not None and not is_true
    return counts
