"""What one run keeps of an incident besides the journal."""

from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.core.types import ZERO, Leg


@dataclass(slots=True)
class Handling:
    """What a restart may forget about one incident: countdowns, tries, what was told."""

    since_s: float
    """When this run began to handle it."""
    down_s: float | None = None
    restored: bool = False
    """Taken over from an earlier run."""
    lasted: tuple[float, float] | None = None
    """How old the incident was when this run first looked, and when that was (monotonic seconds)."""
    targets: dict[str, Decimal] = field(default_factory=dict)
    """Per asset: the hedge wanted now."""
    flatten: dict[str, bool] = field(default_factory=dict)
    """Per asset: whether its strategy wants the leg at home closed on the way back."""
    traced: dict[str, tuple[float, Decimal]] = field(default_factory=dict)
    """Per asset: when a target was put on record last, and which."""
    lately: dict[str, tuple[tuple[float, Decimal], ...]] = field(default_factory=dict)
    """Per asset: what was wanted in the last moments, with monotonic seconds."""
    bases_before: dict[Leg, tuple[Decimal, int]] = field(default_factory=dict)
    """What was held at the venue when the incident began, and since when (wall milliseconds) that was agreed;
    fills since then must explain what is held."""
    relapses: int = 0
    """How often the venue failed again in this run of the guard; a person is told each time."""
    well_since_s: float | None = None
    stable_since_s: float | None = None
    stable_picture: object = None
    unexplained: object = None
    """The books whose positions no fills explain, as they were when that was last found to have changed."""
    unexplained_since_s: float = 0.0
    naked_at_s: float | None = None
    naked_notional: Decimal = ZERO
    naked_recorded_s: float = float("-inf")
    next_action: str = ""
    next_at_ms: int | None = None
    cancelled: dict[str, float] = field(default_factory=dict)
    """Per order id: when its cancel was last asked for."""

    def shift(self, leg: Leg, amount: Decimal) -> None:
        """Let what we closed at home explain so much of what is held now."""
        if leg in self.bases_before:
            held, at_ms = self.bases_before[leg]
            self.bases_before[leg] = (held + amount, at_ms)
