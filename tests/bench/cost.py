"""What one observation costs, and that memory stays bounded: `python -m tests.bench.cost`.

Feeds ten million calls (each `sent` and `done`) of a busy trader with ticks, pings and market data between
them, failures, and an outage now and then. The time of the feeding loop is included, so the figure is an
upper bound. Memory is the process's resident size and Python's own count of allocated blocks.
"""

import argparse
import gc
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence

from riskguard.core.detect import OutcomeClass, VenueDetector
from riskguard.core.types import Path

DRAWN = 20_000
"""Calls that are drawn beforehand and fed again and again."""
CALLS_PER_S = 20.0
OUTAGE_EVERY, OUTAGE_CALLS = 200_000, 2_000
PATHS = (Path.PLACE, Path.CANCEL, Path.QUERY, Path.ACCOUNT)
Drawn = tuple[Path, str | None, bool, float, OutcomeClass]


def main(arguments: Sequence[str] | None = None) -> int:
    """Feed and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cost", description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    result = measure(options.calls) | {"tick_us_with_96_out": round(crowded(), 1)}
    if options.json:
        sys.stdout.write(json.dumps(result) + "\n")
        return 0
    for name, value in result.items():
        sys.stdout.write(f"{name}: {value}\n")
    return 0


def _drawn() -> list[Drawn]:
    rng = random.Random(90_500)  # noqa: S311 - a simulation
    found: list[Drawn] = []
    for _ in range(DRAWN):
        luck, latency_s = rng.random(), 0.06 * rng.lognormvariate(0.0, 0.5)
        outcome = OutcomeClass.OK
        if luck < 0.0025:
            outcome = OutcomeClass.VENUE_FAULT if luck < 0.002 else OutcomeClass.UNKNOWN
        elif luck < 0.03:
            outcome = OutcomeClass.USER_FAULT if luck < 0.025 else OutcomeClass.RATE_LIMITED
        symbol = f"S{rng.randrange(200)}"
        found.append((rng.choice(PATHS), symbol, rng.random() < 0.2, latency_s, outcome))
    return found


def _feed(detector: VenueDetector, calls: int) -> Iterator[int]:
    """Feed all calls; yield after each tenth of them how many there were."""
    step_s, now, stops = 1.0 / CALLS_PER_S, 0.0, {calls * tenth // 10 for tenth in range(1, 11)}
    for rid, (path, symbol, canary, latency_s, outcome) in zip(range(calls), itertools.cycle(_drawn())):
        now += step_s
        detector.sent(rid, now, path, symbol, canary)
        if rid % OUTAGE_EVERY >= OUTAGE_EVERY - OUTAGE_CALLS:
            outcome = OutcomeClass.VENUE_FAULT  # noqa: PLW2901 - an outage
        detector.done(rid, now + min(latency_s, 0.9 * step_s), outcome, symbol)
        if rid % 5 == 0:
            detector.tick(now, now)
            detector.stream(now, Path.BOOK)
        if rid % 20 == 0:
            detector.reference(now - 0.04, now, True)
            detector.verdicts(now)
        if rid + 1 in stops:
            yield rid + 1


def measure(calls: int) -> dict[str, object]:
    """Give microseconds of a call and how memory grew after the first tenth."""
    detector = VenueDetector("v", seed_latency_ms=60)
    memory: list[tuple[float, int]] = []
    begun, spent = time.process_time(), 0.0
    for _ in _feed(detector, calls):
        spent += time.process_time() - begun
        gc.collect()
        memory.append((_resident_mb(), sys.getallocatedblocks()))
        begun = time.process_time()
    (first_mb, first_blocks), (last_mb, last_blocks) = memory[0], memory[-1]
    return {
        "calls": calls,
        "us_per_call": round(1e6 * spent / calls, 2),
        "us_per_observation": round(1e6 * spent / (2.3 * calls), 2),
        "resident_mb_after_a_tenth_and_at_the_end": (round(first_mb, 1), round(last_mb, 1)),
        "allocated_blocks_after_a_tenth_and_at_the_end": (first_blocks, last_blocks),
    }


def crowded() -> float:
    """Give microseconds of a look while 96 calls hang, the costliest state there is."""
    detector = VenueDetector("v", seed_latency_ms=60)
    for i in range(3000):
        detector.sent(i, 0.1 * i, PATHS[i % 3], "X")
        detector.done(i, 0.1 * i + 0.06, OutcomeClass.OK)
    for i in range(96):
        detector.sent(("out", i), 300.0 + 0.01 * i, PATHS[i % 3], f"S{i % 7}", i % 2 == 0)
    begun = time.process_time()
    for i in range(2000):
        now = 301.0 + 0.001 * i
        detector.tick(now, now)
        detector.verdicts(now)
        detector.next_tick(now)
    return 1e6 * (time.process_time() - begun) / 2000


def _resident_mb() -> float:
    with open("/proc/self/statm") as file:  # noqa: PTH123 - no file of ours
        return int(file.read().split()[1]) * 4096 / 1e6


if __name__ == "__main__":
    sys.exit(main())
