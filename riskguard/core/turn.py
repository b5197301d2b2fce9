"""One turn of the guard: the moment, the commands it gives rise to, and when to look again."""

from dataclasses import dataclass, field

from riskguard.core.instant import Instant
from riskguard.core.messages import Command


@dataclass(slots=True)
class Turn:
    """Collects what one observation leads to; lives for one call of the guard only."""

    now: Instant
    commands: list[Command] = field(default_factory=list)
    wake_s: float = float("inf")
    """Monotonic seconds at which time alone may change a decision."""

    def do(self, command: Command) -> None:
        """Give a command."""
        self.commands.append(command)

    def wake_at(self, mono_s: float) -> None:
        """Ask to be woken no later than that."""
        self.wake_s = min(self.wake_s, mono_s)

    def wake_ms(self, wall_ms: int) -> None:
        """Ask to be woken at a moment of the wall clock."""
        self.wake_at(self.now.mono_s + max(0.0, (wall_ms - self.now.wall_ms) / 1000))
