"""Runs many seeds and adds up what they exercised."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from riskguard.simulation.world.generate import script_of
from riskguard.simulation.world.history import Result, run


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

    def as_json(self) -> str:
        """Give one line for a program."""
        return json.dumps(
            {
                "seeds": self.seeds,
                "broken": [{"seed": seed, "what": what} for seed, what in self.broken],
                "seeds_per_min": round(self.seeds_per_min, 1),
                "virtual_h_per_min": round(self.virtual_h_per_min, 2),
                "virtual_s": round(self.virtual_s, 1),
                "steps": self.steps,
                "faults": dict(sorted(self.struck.items())),
                "moves": dict(sorted(self.moves.items())),
            }
        )

    def table(self) -> str:
        """Give the figures for a person."""
        lines = [
            f"{self.seeds} seeds, {len(self.broken)} broken, {self.virtual_s / 3600:.1f} virtual hours",
            f"{self.seeds_per_min:.0f} seeds and {self.virtual_h_per_min:.1f} virtual hours per minute",
            "",
            "faults that struck",
            *(f"{count:9d}  {name}" for name, count in sorted(self.struck.items())),
            "",
            "changes of state",
            *(f"{count:9d}  {name}" for name, count in sorted(self.moves.items())),
        ]
        return "\n".join(lines)


def many(seeds: Iterable[int], told: Callable[[int, Result], None] = lambda _seed, _result: None) -> Total:
    """Run seeds one after the other; `told` hears of each."""
    total = Total()
    for seed in seeds:
        began_s = time.process_time()
        result = run(script_of(seed))
        total.spent_s += time.process_time() - began_s
        total.add(seed, result)
        told(seed, result)
    return total
