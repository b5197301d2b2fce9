"""What the last answers of a path were like: slower than usual, or mostly no evidence at all."""

from riskguard.core.detect.likelihood import Weights

SLOWER_SOON, SLOWER_LONG = 0.25, 0.125
"""How quickly answers that are slower than usual are believed, and faster ones after them."""
MOST_SLOWER = 8.0
"""Buckets: all may take four times as long in a busy market."""
USUAL_SPREAD = 0.75
"""Share of the usual spread by which the last answers may be slower by chance."""
REMARKS_OVER = 12.0
MOSTLY_REMARKS = 0.6
"""Share of remarks (rate limits and the like) among the last answers."""


class Lately:
    """Running shares that a handful of answers change."""

    __slots__ = ("_buckets", "_remarks", "slower")

    def __init__(self) -> None:
        self._buckets = self._remarks = 0.0
        self.slower = 0.0
        """Buckets by which answers are slower than usual, beyond chance; 0 while they are not."""

    def answered(self, position: float, usual: float) -> None:
        """Take in how long a good answer took, in buckets."""
        more = position - usual - self._buckets
        self._buckets += more * (SLOWER_SOON if more > 0.0 else SLOWER_LONG)
        self._remarks -= self._remarks / REMARKS_OVER

    def failed(self) -> None:
        """Take a failure in."""
        self._remarks -= self._remarks / REMARKS_OVER

    def remarked(self) -> bool:
        """Take in an answer that is no evidence; say whether most are."""
        self._remarks += (1.0 - self._remarks) / REMARKS_OVER
        return self._remarks > MOSTLY_REMARKS

    def settle(self, weights: Weights) -> None:
        """Let `slower` follow; apart from the answers, so that a good one never raises a chart."""
        self.slower = min(MOST_SLOWER, max(0.0, self._buckets - USUAL_SPREAD * weights.spread))

    def puts_off(self, late: int) -> bool:
        """Say whether it mostly answered with remarks, if the calls that are `late` were failures.

        Remarks move no chart, so nothing would ever refute the few calls that are lost between them.
        """
        return self._remarks * (1.0 - 1.0 / REMARKS_OVER) ** late > MOSTLY_REMARKS
