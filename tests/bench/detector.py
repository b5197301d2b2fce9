"""Score the shipped detector in a simulated world: `python -m tests.bench.detector --world base`.

Healthy stretches are skipped from a trained steady state; every nuisance and every trouble runs the shipped
code. `--unbiased 1` also runs whole days with nothing skipped and prints both counts side by side.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from typing import Any

from riskguard.core.detect import Learned

from .figures import mean, mean_interval, poisson_interval, quantile, ratio_interval, share_upper
from .runs import Delays, FalseAlarms, causes, live, measure
from .scenarios import FOUND, NOT_FOUND
from .tables import markdown
from .unbiased import compare
from .world import WorldParameters, load, persistence_limit_s

SHARES = {"found": 0.45, "not found": 0.2, "false alarms": 0.35}
CAUSE_SHARES = {"venue blip": 0.5, "own network": 0.2, "busy market": 0.1, "loop stall": 0.1, "sporadic": 0.1}
TRAFFIC = {"idle": 0.0, "usual": 0.2, "busy": 2.0}
"""User orders a second, and as many cancels."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    options = _parser().parse_args(arguments)
    world = load(options.world)
    budget_s = float(options.budget.removesuffix("s"))
    _tell(f"world {world.name}, seed {options.seed}, budget {budget_s:.0f} s")
    learned = _learn(world, options.seed, 0.1 * budget_s)
    result: dict[str, Any] = {
        "world": world.name,
        "seed": options.seed,
        "persistence_limit_s": round(_limit_s(world), 2),
        "found": _found(world, learned, options, SHARES["found"] * budget_s),
        "not_found": _not_found(world, learned, options, SHARES["not found"] * budget_s),
        "false_alarms": _false_alarms(world, learned, options, SHARES["false alarms"] * budget_s),
    }
    if options.unbiased:
        result["unbiased"] = compare(world, options.seed, float(options.unbiased))
    sys.stdout.write((json.dumps(result) if options.json else markdown(result)) + "\n")
    return 0


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.detector", description=__doc__)
    parser.add_argument("--world", default="base", help="base, benign, hostile or a file")
    parser.add_argument("--budget", default="240s", help="about how long to run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=400, help="most runs per scenario")
    parser.add_argument(
        "--unbiased", default=None, metavar="DAYS", help="run whole days, nothing skipped, too"
    )
    parser.add_argument("--json", action="store_true")
    return parser


def _limit_s(world: WorldParameters) -> float:
    blips = world.blips
    return persistence_limit_s(blips["per_month"], blips["median_s"], blips["sigma"], 1.0)


def _learn(world: WorldParameters, seed: int, seconds: float) -> Learned:
    """Let the detector know the venue's blips as after one year (three where they are rare)."""
    years = 1.0 if world.blips["per_month"] > 15.0 else 3.0
    return live(world, "venue blip", seconds, seed + 900, FalseAlarms(), years=years)


def _row(delays: Sequence[float]) -> dict[str, float]:
    found = [value for value in delays if value < math.inf]
    return {
        "mean": round(mean(found), 2),
        "half_width": round(mean_interval(found), 2),
        "p50": round(quantile(delays, 0.5), 2),
        "p95": round(quantile(delays, 0.95), 2),
        "p99": round(quantile(delays, 0.99), 2),
        "found": round(len(found) / max(1, len(delays)), 3),
    }


def _ratio(delays: Delays) -> list[float] | None:
    pairs = [(c, o) for c, o in zip(delays.confirmed, delays.oracle, strict=True) if max(c, o) < math.inf]
    if len(pairs) < 2:
        return None
    return [round(x, 3) for x in ratio_interval([c for c, _ in pairs], [o for _, o in pairs])]


def _found(
    world: WorldParameters, learned: Learned, options: argparse.Namespace, budget_s: float
) -> list[Any]:
    rows = []
    for i, scenario in enumerate(FOUND):
        until = time.monotonic() + budget_s / len(FOUND)
        delays = measure(world, scenario, options.runs, options.seed + i, learned, until)
        rows.append(
            {
                "name": scenario.name,
                "runs": delays.runs,
                "first_affected": _row(delays.affected),
                "confirmed": _row(delays.confirmed),
                "down": _row(delays.down),
                "exact_cusum": _row(delays.oracle) if scenario.oracle is not None else None,
                "ratio": _ratio(delays) if scenario.oracle is not None else None,
                "rivals": {name: _row(values) for name, values in delays.rivals.items()},
            }
        )
        _tell(f"  {scenario.name}: {delays.runs} runs")
    return rows


def _not_found(
    world: WorldParameters, learned: Learned, options: argparse.Namespace, budget_s: float
) -> list[Any]:
    rows = []
    for i, scenario in enumerate(NOT_FOUND):
        until = time.monotonic() + budget_s / len(NOT_FOUND)
        runs = measure(world, scenario, 10 * options.runs, options.seed + 50 + i, learned, until)
        rivals = {name: sum(value < math.inf for value in values) for name, values in runs.rivals.items()}
        rows.append(
            {
                "name": scenario.name,
                "runs": runs.runs,
                "down": runs.blamed,
                "down_upper": round(share_upper(runs.blamed, runs.runs), 5),
                "confirmed": runs.doubted,
                "self": runs.selves,
                "rivals": rivals,
            }
        )
        _tell(f"  {scenario.name}: {runs.runs} runs")
    return rows


def _per_year(count: int, years: float) -> list[float]:
    low, high = poisson_interval(count)
    return [round(value / years, 3) if years else math.inf for value in (count, low, high)]


def _false_alarms(
    world: WorldParameters, learned: Learned, options: argparse.Namespace, budget_s: float
) -> list[Any]:
    rows = []
    for traffic, rate in TRAFFIC.items():
        share = 0.6 if traffic == "usual" else 0.2
        used = world.changed(user_place_per_s=rate, user_cancel_per_s=rate)
        for cause in causes(world):
            counts, until = FalseAlarms(), time.monotonic() + budget_s * share * CAUSE_SHARES[cause]
            seed = options.seed + 100
            known = learned if cause != "venue blip" else None  # a venue's blips are learnt from its own
            while time.monotonic() < until:
                live(used, cause, until - time.monotonic(), seed, counts, learned=known)
                seed += 1
            years = counts.years[cause]
            rivals = {name: round(count / years, 2) for (name, _), count in counts.rivals.items()}
            rows.append(
                {
                    "traffic": traffic,
                    "cause": cause,
                    "years": round(years, 2),
                    "down_per_year": _per_year(counts.down[cause], years),
                    "confirmed_per_year": _per_year(counts.confirmed[cause], years),
                    "rivals_per_year": rivals,
                    "persistence_s": [round(tau, 1) for tau in counts.taus],
                }
            )
        _tell(f"  false alarms, {traffic}")
    return rows


if __name__ == "__main__":
    sys.exit(main())
