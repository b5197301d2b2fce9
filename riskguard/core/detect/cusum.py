"""Page's cumulative sum: the longest-standing evidence for a change, forgotten when it is refuted.

Observations of one and the same moment are summed before the floor and the cap are applied, so their order
does not matter. The cap lies just above the threshold: a few fresh good answers veto any amount of history.
"""

from riskguard.core.detect.likelihood import Triple

MEMORY_ABOVE_THRESHOLD = 1.0


class Charts:
    """The three charts (dead, partial, slow) of one path or of several paths together."""

    __slots__ = ("_at", "_dead", "_new_dead", "_new_partial", "_new_slow", "_partial", "_slow", "cap")

    def __init__(self, cap: float) -> None:
        self.cap = cap
        self._at = float("-inf")
        self._dead = self._partial = self._slow = 0.0
        self._new_dead = self._new_partial = self._new_slow = 0.0

    def add(self, now: float, nats: Triple, weight: float = 1.0) -> None:
        """Add one observation's nats; `now` never runs backwards."""
        if now > self._at:
            self._dead, self._partial, self._slow = self.levels()
            self._new_dead = self._new_partial = self._new_slow = 0.0
            self._at = now
        self._new_dead += weight * nats[0]
        self._new_partial += weight * nats[1]
        self._new_slow += weight * nats[2]

    def levels(self) -> Triple:
        """Give the charts' levels in nats, each between zero and the cap."""
        cap = self.cap
        dead = self._dead + self._new_dead
        partial = self._partial + self._new_partial
        slow = self._slow + self._new_slow
        return (
            0.0 if dead < 0.0 else min(dead, cap),
            0.0 if partial < 0.0 else min(partial, cap),
            0.0 if slow < 0.0 else min(slow, cap),
        )

    def clear(self) -> None:
        """Forget all evidence, because it is void or has been lived down."""
        self._dead = self._partial = self._slow = 0.0
        self._new_dead = self._new_partial = self._new_slow = 0.0
