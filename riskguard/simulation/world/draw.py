"""A seeded source with the few shapes that scripts need."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from riskguard.simulation.world.faults import Fault
from riskguard.simulation.world.weights import SHARES, Shape

T = TypeVar("T")


class Draw:
    """Draws from one seed; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a simulation, not a secret

    def has(self, what: str) -> bool:
        """Say whether a history has a feature, as often as `weights.SHARES` wants."""
        return self.chance(SHARES[what])

    def chance(self, share: float) -> bool:
        """Say yes that often."""
        return self.random.random() < share

    def one_of(self, values: Sequence[T]) -> T:
        """Draw one."""
        return self.random.choice(values)

    def seconds(self, low: float, high: float) -> float:
        """Draw a duration in tenths."""
        return round(self.random.uniform(low, high), 1)

    def amount(self, low: float, high: float) -> Decimal:
        """Draw an amount in whole lots."""
        return Decimal(str(round(self.random.uniform(low, high), 3)))

    def shape(self, shapes: Sequence[Shape]) -> Shape:
        """Draw a kind of fault by its weight."""
        return self.random.choices(shapes, [shape.weight for shape in shapes])[0]

    def fault(self, shapes: Sequence[Shape], venue: str, begin_s: float, end_s: float) -> Fault:
        """Draw a fault between two moments."""
        shape = self.shape(shapes)
        amount = self.seconds(*shape.amount_s) if shape.amount_s[1] else 0.0
        return Fault(shape.kind, round(begin_s, 1), round(end_s, 1), venue, shape.places, amount)
