"""The guard with a witness beside it: what the detectors were told goes on record too."""

from collections.abc import Sequence

from riskguard.core.instant import Instant
from riskguard.core.messages import Command, Observation, Record
from riskguard.core.snapshot import Snapshot
from riskguard.core.watch.evidence import Witness
from riskguard.core.watch.watching import Watch
from riskguard.runtime.runner import GuardLike


class Witnessed:
    """Hands everything on to the guard; adds records of evidence to its commands."""

    def __init__(self, guard: GuardLike, watch: Watch) -> None:
        self._guard = guard
        self._watch = watch
        self._witness = Witness()

    def handle(self, observation: Observation, now: Instant) -> Sequence[Command]:
        """Let the guard take one fact."""
        commands = self._guard.handle(observation, now)
        suspicious = bool(self._watch.suspicious())
        facts = self._witness.saw(observation, now, suspicious=suspicious)
        return [*commands, *map(Record, facts)] if facts else commands

    def wake(self, now: Instant) -> Sequence[Command]:
        """Let the guard look at the clock."""
        return self._guard.wake(now)

    def next_wakeup(self) -> float | None:
        """Give when the guard wants to be woken."""
        return self._guard.next_wakeup()

    def snapshot(self, now: Instant) -> Snapshot:
        """Give the guard's picture."""
        return self._guard.snapshot(now)
