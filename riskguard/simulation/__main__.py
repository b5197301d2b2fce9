"""`python -m riskguard.simulation --seeds N`: the guard against drawn histories; exits 10 when one breaks."""

import argparse
import itertools
import sys
from collections.abc import Callable

from riskguard.simulation.world.generate import script_of
from riskguard.simulation.world.history import Result, run
from riskguard.simulation.world.many import many, processors
from riskguard.simulation.world.transcript import SHOWN

BROKEN = 10
"""Exit code when an invariant broke, as `status` and `drill` use it."""
TOLD = 20
"""How often a run tells how far it is."""


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m riskguard.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many histories to run (200)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first seed (0)")
    parser.add_argument("--json", action="store_true", help="one line of JSON on stdout")
    parser.add_argument("--stop", action="store_true", help="end with the first history that breaks")
    parser.add_argument("--transcript", action="store_true", help="print the first seed's whole transcript")
    parser.add_argument("--jobs", type=int, default=processors(), help="processes to use (all processors)")
    chosen = parser.parse_args(arguments)
    if chosen.transcript:
        return _one(chosen.first)
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    total = many(seeds, _teller(chosen.seeds), stop=chosen.stop, jobs=max(1, chosen.jobs))
    sys.stdout.write((total.as_json() if chosen.json else total.table()) + "\n")
    return 0 if total.passed else BROKEN


def _one(seed: int) -> int:
    script = script_of(seed)
    result = run(script)
    for fault in script.faults:
        sys.stdout.write(f"fault: {fault}\n")
    sys.stdout.write("\n".join(result.transcript.lines) + "\n")
    sys.stdout.write(f"hash {result.transcript.hash}, {result.steps} steps\n")
    if result.broken:
        sys.stdout.write(f"BROKEN at {result.at_s:.3f} s: {result.broken}\n")
    return BROKEN if result.broken else 0


def _teller(seeds: int) -> Callable[[int, Result], None]:
    """Give what tells of a history that breaks, and now and then how many have been lived."""
    lived, often = itertools.count(1), max(1, seeds // TOLD)

    def tell(seed: int, result: Result) -> None:
        if result.broken:
            _complain(seed, result)
        count = next(lived)
        if count % often == 0 and count < seeds:
            sys.stderr.write(f"{count} of {seeds}\n")

    return tell


def _complain(seed: int, result: Result) -> None:
    sys.stderr.write(
        f"seed {seed}, step {result.steps}, {result.at_s:.3f} s: {result.broken}\n"
        f"the last {SHOWN} lines (all: python -m riskguard.simulation --first {seed} --transcript):\n"
        f"{result.transcript.tail()}\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
