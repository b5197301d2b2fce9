"""One moment on both clocks, handed in by the runtime; the core owns no clock."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A moment: durations are measured on `mono_s`, ceilings and reports on `wall_ms`."""

    mono_s: float
    """Monotonic seconds; comparable only within one run of the process."""
    wall_ms: int
    """UTC milliseconds since the epoch; survives a restart, may jump."""
