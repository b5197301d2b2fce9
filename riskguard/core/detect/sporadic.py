"""Failing now and then: good and bad answers by turns since the trouble began."""

from riskguard.core.detect.observation import NEVER

PARTLY_BEFORE_S = 3.0
"""Longest time that it is taken to have lasted before the first call that met it, and failed."""
FEW_PROBES, PARTLY = 5, 0.08
"""A path that fails now and then fails our probes too: two of some, one in twelve of many."""


class Sporadic:
    """Since when a path fails now and then, and whether our probes second it."""

    __slots__ = ("began", "is_mixed", "probes_failed", "probes_good", "since")

    def __init__(self) -> None:
        self.is_mixed = False
        """Whether a good answer followed a failure in this episode."""
        self.since: float | None = None
        """When the first call left that failed after that."""
        self.began = NEVER
        """When it most likely began: before the first call that met it."""
        self.probes_good = self.probes_failed = 0

    def begins(self, sent_at: float, good_sent: float) -> None:
        """Date it at the first failure of an episode, by a good answer before that may be of it."""
        self.began = sent_at - min(PARTLY_BEFORE_S, sent_at - good_sent)

    def answered(self, *, probe: bool) -> None:
        """Take a good answer in."""
        self.probes_good += probe and self.is_mixed

    def failed(self, sent_at: float, *, probe: bool) -> None:
        """Take a failure in."""
        self.probes_failed += probe
        if self.is_mixed and self.since is None:
            self.since = sent_at

    def clear(self) -> None:
        """Forget that good and bad answers alternated."""
        self.is_mixed, self.since = False, None
        self.probes_good = self.probes_failed = 0

    def probes_agree(self) -> bool:
        """Say whether our own probes fail now and then too, as far as there are any."""
        probes = self.probes_good + self.probes_failed
        return probes < FEW_PROBES or self.probes_failed >= max(2.0, PARTLY * probes)
