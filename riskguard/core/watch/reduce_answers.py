"""What a venue last said to reduce-only orders: only that, never silence, lets a position be closed there."""

from dataclasses import dataclass, replace

from riskguard.core.detect import OutcomeClass
from riskguard.core.messages import CallEnded, CallStarted
from riskguard.core.types import Path


@dataclass(frozen=True, slots=True)
class ReduceAnswers:
    """One venue's answers."""

    good_s: float = float("-inf")
    """When it last took a reduce-only order, or spared them in so many words; void after any other answer."""
    flying: frozenset[int] = frozenset()
    """Reduce-only orders without an answer yet."""

    def started(self, seen: CallStarted) -> "ReduceAnswers":
        """Note an order that left."""
        return replace(self, flying=self.flying | {seen.call}) if seen.path is Path.REDUCE else self

    def ended(self, seen: CallEnded, now_s: float) -> "ReduceAnswers":
        """Note how a call ended."""
        if seen.path is Path.PLACE and seen.reduce_exempt:
            return replace(self, good_s=now_s)
        if seen.path is not Path.REDUCE:
            return self
        good_s = now_s if seen.evidence == OutcomeClass.OK else float("-inf")
        return ReduceAnswers(good_s, self.flying - {seen.call})

    def good(self, now_s: float, within_s: float) -> bool:
        """Tell whether the last answer was good and no older than that, and none is waited for."""
        return not self.flying and now_s - self.good_s <= within_s
