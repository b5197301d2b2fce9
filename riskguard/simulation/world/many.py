"""Runs many seeds, over several processes where wanted, and adds up what they exercised."""

import hashlib
import json
import multiprocessing
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice

from riskguard.simulation.world.faults import Kind
from riskguard.simulation.world.generate import script_of
from riskguard.simulation.world.history import Result, run
from riskguard.simulation.world.transitions import CANNOT, rows

OFTEN = 20
"""A row of the tables taken less often in a run of `LARGE` seeds is named as rare."""
LARGE = 2000
AHEAD = 4
"""Seeds per process that are handed out before their turn to be counted comes."""


@dataclass(slots=True)
class Total:
    """What came of all seeds."""

    seeds: int = 0
    broken: list[tuple[int, str]] = field(default_factory=list)
    virtual_s: float = 0.0
    spent_s: float = 0.0
    """Processor time, all processes together."""
    wall_s: float = 0.0
    jobs: int = 1
    hashes: list[str] = field(default_factory=list)
    """One per transcript, in the order of the seeds."""
    steps: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    moves: Counter[str] = field(default_factory=Counter)

    def add(self, seed: int, result: Result) -> None:
        """Count one history."""
        self.seeds += 1
        self.virtual_s += result.virtual_s
        self.steps += result.steps
        self.struck.update(result.struck)
        self.moves.update(result.moves)
        self.hashes.append(result.transcript.hash)
        if result.broken:
            self.broken.append((seed, result.broken))

    @property
    def seeds_per_min(self) -> float:
        """Give the pace in processor time: what the machine does besides does not count."""
        return 60.0 * self.seeds / self.spent_s if self.spent_s else 0.0

    @property
    def seeds_per_wall_min(self) -> float:
        """Give the pace as one waits for it, with all processes and whatever else runs."""
        return 60.0 * self.seeds / self.wall_s if self.wall_s else 0.0

    @property
    def hash(self) -> str:
        """Give one hash of all transcripts; it depends on the seeds alone."""
        return hashlib.sha256("\n".join(self.hashes).encode()).hexdigest()[:16]

    @property
    def virtual_h_per_min(self) -> float:
        """Give the virtual hours lived in one minute of processor time."""
        return self.virtual_s / 60.0 / self.spent_s if self.spent_s else 0.0

    @property
    def kinds(self) -> dict[str, int]:
        """Give how often each kind of fault struck, wherever."""
        counts = dict.fromkeys((kind.value for kind in Kind), 0)
        for name, count in self.struck.items():
            kind = name.split(" ", maxsplit=1)[0]
            counts[kind] = counts.get(kind, 0) + count
        return counts

    @property
    def transitions(self) -> dict[str, int]:
        """Give how often each row of the order and incident tables was taken."""
        return {row: self.moves[row] for row in rows()}

    @property
    def rare(self) -> list[str]:
        """Name the rows taken less than `OFTEN`, those that cannot be taken left out."""
        return [row for row, count in self.transitions.items() if count < OFTEN and row not in CANNOT]

    @property
    def passed(self) -> bool:
        """Whether nothing broke and, over enough seeds, no kind of fault was left out."""
        return not self.broken and (self.seeds < LARGE or 0 not in self.kinds.values())

    def as_json(self) -> str:
        """Give one line for a program."""
        return json.dumps(
            {
                "passed": self.passed,
                "seeds": self.seeds,
                "broken": [{"seed": seed, "what": what} for seed, what in self.broken],
                "hash": self.hash,
                "jobs": self.jobs,
                "seeds_per_min": round(self.seeds_per_min, 1),
                "seeds_per_wall_min": round(self.seeds_per_wall_min, 1),
                "virtual_h_per_min": round(self.virtual_h_per_min, 2),
                "virtual_s": round(self.virtual_s, 1),
                "steps": self.steps,
                "kinds": self.kinds,
                "faults": dict(sorted(self.struck.items())),
                "transitions": self.transitions,
                "rare": self.rare,
                "cannot": dict(CANNOT),
                "moves": dict(sorted(self.moves.items())),
            }
        )

    def table(self) -> str:
        """Give the figures for a person."""
        known = set(rows())
        others = {name: count for name, count in self.moves.items() if name not in known}
        lines = [
            f"{self.seeds} seeds, {len(self.broken)} broken, {self.virtual_s / 3600:.1f} virtual hours",
            f"{self.seeds_per_min:.0f} seeds, {self.virtual_h_per_min:.1f} virtual hours a processor minute",
            f"per minute waited, {self.jobs} at a time: {self.seeds_per_wall_min:.0f} seeds",
            f"hash of all transcripts: {self.hash}",
            "",
            "kinds of fault and how often each struck",
            *_counted(self.kinds),
            "",
            "the same by place",
            *_counted(self.struck),
            "",
            f"rows of the order and incident tables ({len(self.rare)} taken less than {OFTEN} times)",
            *(f"{count:9d}  {row}{_why(row)}" for row, count in self.transitions.items()),
            "",
            "other changes",
            *_counted(others),
        ]
        return "\n".join(lines)


def _counted(counts: dict[str, int]) -> list[str]:
    return [f"{count:9d}  {name}" for name, count in sorted(counts.items())]


def _why(row: str) -> str:
    return f"  (cannot: {CANNOT[row]})" if row in CANNOT else ""


def many(
    seeds: Iterable[int],
    told: Callable[[int, Result], None] = lambda _seed, _result: None,
    *,
    stop: bool = False,
    jobs: int = 1,
) -> Total:
    """Run seeds, or up to the first that breaks; `told` hears of each, in their order whatever `jobs` is."""
    total, began_s = Total(jobs=jobs), time.perf_counter()
    with closing(_one_by_one(seeds) if jobs < 2 else _side_by_side(seeds, jobs)) as results:
        for seed, result, spent_s in results:
            total.spent_s += spent_s
            total.add(seed, result)
            told(seed, result)
            if stop and result.broken:
                break
    total.wall_s = time.perf_counter() - began_s
    return total


def processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_Lived = tuple[int, Result, float]
"""A seed, what came of it, and the processor seconds that it took."""


def live(seed: int) -> _Lived:
    """Live one history; what another process cannot be sent stays behind."""
    began_s = time.process_time()
    result = run(script_of(seed))
    spent_s = time.process_time() - began_s
    result.last = None
    return seed, result, spent_s


def _end_with(parent: int) -> None:
    """Let this process end when its parent is gone: nobody would count what it lives."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _one_by_one(seeds: Iterable[int]) -> Generator[_Lived, None, None]:
    yield from map(live, seeds)


def _side_by_side(seeds: Iterable[int], jobs: int) -> Generator[_Lived, None, None]:
    """Hand seeds out to processes of their own; gives results in the order of the seeds."""
    rest = iter(seeds)
    # Fresh interpreters: nothing that this process did before may be in them.
    fresh = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, fresh, initializer=_end_with, initargs=(os.getpid(),))
    try:
        out: list[Future[_Lived]] = [pool.submit(live, seed) for seed in islice(rest, AHEAD * jobs)]
        while out:
            yield out.pop(0).result()
            out += [pool.submit(live, seed) for seed in islice(rest, 1)]
    finally:
        pool.shutdown(cancel_futures=True)
