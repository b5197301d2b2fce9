"""Runs many seeds and adds up what they exercised."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from riskguard.simulation.world.faults import Kind
from riskguard.simulation.world.generate import script_of
from riskguard.simulation.world.history import Result, run
from riskguard.simulation.world.transitions import CANNOT, rows

OFTEN = 20
"""A row of the tables taken less often in a run of `LARGE` seeds is named as rare."""
LARGE = 2000


@dataclass(slots=True)
class Total:
    """What came of all seeds."""

    seeds: int = 0
    broken: list[tuple[int, str]] = field(default_factory=list)
    virtual_s: float = 0.0
    spent_s: float = 0.0
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
        if result.broken:
            self.broken.append((seed, result.broken))

    @property
    def seeds_per_min(self) -> float:
        """Give the pace in processor time: what the machine does besides does not count."""
        return 60.0 * self.seeds / self.spent_s if self.spent_s else 0.0

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
                "seeds_per_min": round(self.seeds_per_min, 1),
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
            f"{self.seeds_per_min:.0f} seeds and {self.virtual_h_per_min:.1f} virtual hours per minute",
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
) -> Total:
    """Run seeds one after the other, or up to the first that breaks; `told` hears of each."""
    total = Total()
    for seed in seeds:
        began_s = time.process_time()
        result = run(script_of(seed))
        total.spent_s += time.process_time() - began_s
        total.add(seed, result)
        told(seed, result)
        if stop and result.broken:
            break
    return total
