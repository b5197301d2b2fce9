"""Score the shipped detector in a simulated world: `python -m tests.bench.detector --world base`.

Healthy stretches are skipped from a trained steady state; every nuisance and every trouble runs the shipped
code. Parts: the troubles that must be found (`found`), what must convict nobody (`not-found`), whole years of
blips, and of everything together (`years`), and losses of our own network (`losses`). `--unbiased 30` also
runs whole days with nothing skipped and prints both counts side by side; `--wire 3` adds real calls against
venues on loopback, in real time.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from .figures import mean, mean_interval, quantile, ratio_interval, share_upper, sum_interval
from .lives import FalseAlarms, causes, live, lose_own_network
from .loop import Loop
from .runs import Delays, measure, trained
from .scenarios import FOUND, NOT_FOUND, Scenario
from .tables import markdown
from .unbiased import compare
from .world import WorldParameters, load, persistence_limit_s

PARTS = {"found": 0.35, "not-found": 0.2, "years": 0.35, "losses": 0.1}
"""Share of the budget that each part gets."""
TRAFFIC = {"idle": 0.0, "usual": 0.2, "busy": 2.0}
"""User orders a second, and as many cancels."""
TRAFFIC_SHARES = {"idle": 0.15, "usual": 0.7, "busy": 0.15}
Row = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One row to be made, perhaps in a process of its own."""

    world: str
    seed: int
    part: str
    what: int | str
    seconds: float
    runs: int
    lives: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    options = _parser().parse_args(arguments)
    world, parts = load(options.world), options.parts.split(",")
    budget_s = float(options.budget.removesuffix("s"))
    _tell(f"world {world.name}, seed {options.seed}, budget {budget_s:.0f} s")
    rows = _run(_jobs(options, parts, budget_s), options.jobs)
    result: Row = {
        "world": world.name,
        "seed": options.seed,
        "persistence_limit_s": round(_limit_s(world), 2),
        "found": rows.get("found", []),
        "not_found": rows.get("not-found", []),
        "false_alarms": [row for found in rows.get("years", []) for row in found],
        "losses": rows.get("losses", []),
    }
    if options.unbiased:
        result["unbiased"] = compare(world, options.seed, float(options.unbiased))
    if options.wire:
        from .wire import on_the_wire  # noqa: PLC0415 - ccxt and the loopback venues only where they are asked for

        result["wire"] = on_the_wire(int(options.wire))
    sys.stdout.write((json.dumps(result) if options.json else markdown(result)) + "\n")
    return 0


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.detector", description=__doc__)
    parser.add_argument("--world", default="base", help="a file of tests/bench/worlds, or a path")
    parser.add_argument("--budget", default="240s", help="about how long to run, on one core")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=400, help="most runs per scenario")
    parser.add_argument("--lives", type=int, default=6, help="years of blips that taught the waiting times")
    parser.add_argument("--rows", default="", metavar="TEXT", help="only rows whose name has this in it")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--parts", default=",".join(PARTS), help="which parts to run, with commas")
    parser.add_argument(
        "--unbiased", default=None, metavar="DAYS", help="run whole days, nothing skipped, too"
    )
    parser.add_argument(
        "--wire", default=None, metavar="RUNS", help="real calls against loopback venues, too"
    )
    parser.add_argument("--json", action="store_true")
    return parser


def _limit_s(world: WorldParameters) -> float:
    blips = world.blips
    return persistence_limit_s(blips["per_month"], blips["median_s"], blips["sigma"], 1.0)


def _jobs(options: argparse.Namespace, parts: Sequence[str], budget_s: float) -> list[Job]:
    whole = sum(PARTS[part] for part in parts)
    jobs = []
    for part in parts:
        seconds = budget_s * PARTS[part] / whole
        for what, share in _shares(part, options.rows).items():
            jobs.append(
                Job(options.world, options.seed, part, what, seconds * share, options.runs, options.lives)
            )
    return jobs


def _shares(part: str, text: str) -> dict[int | str, float]:
    """Give the rows of a part whose name has the text, with their shares of its budget."""
    rows: dict[int | str, float] = {0: 1.0}
    if part == "years":
        rows = {traffic: share for traffic, share in TRAFFIC_SHARES.items() if text in traffic}
    elif part in ("found", "not-found"):
        table = FOUND if part == "found" else NOT_FOUND
        rows = {i: 1.0 for i, scenario in enumerate(table) if text in scenario.name}
    whole = sum(rows.values())
    return {what: share / whole for what, share in rows.items()}


def _run(jobs: Sequence[Job], processes: int) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {}
    made = map(_make, jobs) if processes <= 1 else ProcessPoolExecutor(processes).map(_make, jobs)
    for job, row in zip(jobs, made, strict=True):
        rows.setdefault(job.part, []).append(row)
        _tell(f"  {job.part} {job.what}")
    return rows


def _make(job: Job) -> Any:
    makers: dict[str, Callable[[Job], Any]] = {
        "found": _found,
        "not-found": _not_found,
        "years": _years,
        "losses": _losses,
    }
    return makers[job.part](job)


@cache
def _bases(world: str, traffic: tuple[tuple[str, float], ...], seed: int, lives: int) -> list[Loop]:
    """Give loops that know the venue's blips as after a year (three where rare) of this very traffic.

    What a year teaches differs from year to year, so there are several.
    """
    parameters = load(world).changed(**dict(traffic))
    years = 1.0 if parameters.blips["per_month"] > 15.0 else 3.0
    loops = []
    silent = parameters.changed(market_data_per_s=0.0)  # with a stream no time can be jumped over
    for life in range(lives):
        learned = live(silent, math.inf, seed + life, FalseAlarms(), years=years, only=["venue blip"])
        loops.append(trained(parameters, seed + life, learned))
    return loops


def _measured(job: Job, scenario: Scenario, seed: int, most: int) -> Delays:
    bases = _bases(job.world, scenario.traffic, job.seed + 900, job.lives)
    return measure(bases, scenario, most, seed, time.monotonic() + job.seconds)


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


def _found(job: Job) -> Row:
    scenario = FOUND[int(job.what)]
    delays = _measured(job, scenario, job.seed + int(job.what), job.runs)
    return {
        "name": scenario.name,
        "runs": delays.runs,
        "first_affected": _row(delays.affected),
        "confirmed": _row(delays.confirmed),
        "down": _row(delays.down),
        "exact_cusum": _row(delays.oracle) if scenario.oracle is not None else None,
        "ratio": _ratio(delays) if scenario.oracle is not None else None,
        "rivals": {name: _row(values) for name, values in delays.rivals.items()},
        "waits_s": round(delays.waits_s, 2),
    }


def _not_found(job: Job) -> Row:
    scenario = NOT_FOUND[int(job.what)]
    runs = _measured(job, scenario, job.seed + 50 + int(job.what), 10 * job.runs)
    return {
        "name": scenario.name,
        "runs": runs.runs,
        "down": runs.blamed,
        "down_upper": round(share_upper(runs.blamed, runs.runs), 5),
        "confirmed": runs.doubted,
        "self": runs.selves,
        "rivals": {name: sum(value < math.inf for value in v) for name, v in runs.rivals.items()},
    }


def _losses(job: Job) -> Row:
    lengths, blamed = lose_own_network(load(job.world), job.seconds, job.seed + 300, 25 * job.runs)
    count = sum(lengths.values())
    return {
        "runs": count,
        "lengths": {f"{length:g} s": lengths[length] for length in sorted(lengths)},
        "down": blamed,
        "down_upper": round(share_upper(blamed, count), 6),
    }


def _years(job: Job) -> list[Row]:
    """Live through whole years: of blips alone, which cost little, and of everything together."""
    traffic = str(job.what)
    rate = TRAFFIC[traffic]
    world = load(job.world).changed(user_place_per_s=rate, user_cancel_per_s=rate)
    others = [name for name in causes(world) if name != "venue blip"]
    counts, seed = FalseAlarms(), job.seed + 100
    for only, share in ((["venue blip"], 0.3), (None, 0.7)):
        until = time.monotonic() + share * job.seconds
        while time.monotonic() < until:
            live(world, until - time.monotonic(), seed, counts, only=only)
            seed += 1
    rows = [_cause(traffic, cause, counts) for cause in ("venue blip", *others)]
    parts = [(counts.down[cause], counts.years[cause]) for cause in ("venue blip", others[0])]
    parts[1] = (sum(counts.down[cause] for cause in others), parts[1][1])
    total = [round(x, 3) for x in sum_interval(parts)]
    years = round(min(years for _, years in parts), 2)
    rows.append({"traffic": traffic, "cause": "all of these", "years": years, "down_per_year": total})
    return rows


def _cause(traffic: str, cause: str, counts: FalseAlarms) -> Row:
    years = counts.years[cause]
    rivals = {name: round(count / years, 2) for (name, by), count in counts.rivals.items() if by == cause}
    return {
        "traffic": traffic,
        "cause": cause,
        "years": round(years, 2),
        "down_per_year": [round(x, 3) for x in sum_interval([(counts.down[cause], years)])],
        "confirmed_per_year": [round(x, 3) for x in sum_interval([(counts.confirmed[cause], years)])],
        "rivals_per_year": rivals,
        "persistence_s": [round(tau, 1) for tau in counts.taus] if cause == "venue blip" else [],
    }


if __name__ == "__main__":
    sys.exit(main())
