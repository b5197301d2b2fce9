"""The trader's own executions on one leg, and which of them are known to be in its position already.

They explain why a position reads differently than before. Only the venue's clock orders them, and a position
says nothing of the moment it was true at, so a fill near that moment may or may not be in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.core.exposure.basis import SAME_MOMENT_MS, Basis, Dispute
from riskguard.core.types import ZERO

KEPT_MS = 3_600_000
PATIENCE_S = 30.0
"""After a jump of our clock a listed fill may be an old one; a position must be disputed for so long."""
CROWDED = 2_000
"""More than so many are thinned out: what is older than `KEPT_MS` explains nothing any more."""


@dataclass(frozen=True, slots=True)
class ForeignFill:
    """One execution that is not ours."""

    at_ms: int
    """When, by the venue's clock."""
    amount: Decimal
    """Base units, signed."""
    heard_s: float
    """When we heard of it first, on the clock that cannot jump."""
    streamed: bool = False
    """Told by a stream and not found in a list, so that it was young when it was heard."""
    slack: Decimal = ZERO
    """By how much more or less it may have changed what is read: a fee that is paid in the coin itself."""


@dataclass(slots=True)
class ForeignFills:
    """All that were heard of on one leg in this run."""

    by_trade: dict[str, ForeignFill] = field(default_factory=dict)
    included: set[str] = field(default_factory=set)
    """Trade ids that explained a position which was believed since."""
    explained_s: float = float("-inf")
    """When that was last, on the clock that cannot jump."""

    def __len__(self) -> int:
        return len(self.by_trade)

    def __contains__(self, trade_id: str) -> bool:
        return trade_id in self.by_trade

    def __iter__(self) -> Iterator[tuple[int, Decimal]]:
        """Give venue milliseconds and signed amount of each, oldest first."""
        return iter(sorted((fill.at_ms, fill.amount) for fill in self.by_trade.values()))

    @property
    def slack(self) -> Decimal:
        """Add up how far all of them together may be off what they changed."""
        return sum((fill.slack for fill in self.by_trade.values()), ZERO)

    @property
    def total(self) -> Decimal:
        """Add up all amounts."""
        return sum((fill.amount for fill in self.by_trade.values()), ZERO)

    def add(self, trade_id: str, fill: ForeignFill) -> bool:
        """Take one in; gives whether it is news."""
        if trade_id in self.by_trade:
            return False
        self.by_trade[trade_id] = fill
        if len(self.by_trade) > CROWDED:
            newest_ms = max(known.at_ms for known in self.by_trade.values())
            kept = {key: one for key, one in self.by_trade.items() if one.at_ms > newest_ms - KEPT_MS}
            self.by_trade, self.included = kept, self.included & kept.keys()
        return True

    def explain(self, dispute: Dispute, clock_doubt_ms: int, now_s: float) -> bool:
        """Tell whether those since the basis lead to what is read now, and remember that they are in it then.

        `clock_doubt_ms` is how far our clock jumped in this run: by that much a fill may seem too old.
        Where some of them may be in the basis already, what was asked for before the newest was heard says
        nothing: it may be of a moment between two of them.
        """
        news = [
            key
            for key, fill in self.by_trade.items()
            if key not in self.included and _is_new(fill, dispute, clock_doubt_ms)
        ]
        in_order = all(self.by_trade[key].heard_s <= dispute.asked_s for key in news)
        news.sort(key=lambda key: (self.by_trade[key].at_ms, self.by_trade[key].heard_s))
        left = sum((self.by_trade[key].amount for key in news), ZERO)
        slack = sum((self.by_trade[key].slack for key in news), ZERO)
        for key in news:
            if left != ZERO and abs(dispute.basis.amount + left - dispute.amount) <= slack:
                self.included.update(news)
                self.explained_s = now_s
                return True
            if not in_order or not _is_near(self.by_trade[key], dispute.basis):
                return False
            left -= self.by_trade[key].amount  # it was in the basis already
            slack -= self.by_trade[key].slack
        return False


def _is_new(fill: ForeignFill, dispute: Dispute, clock_doubt_ms: int) -> bool:
    """Tell whether a fill came after the basis: by its own time or, if our clock jumped, by when we heard."""
    since_ms = dispute.basis.at.wall_ms - SAME_MOMENT_MS
    if fill.at_ms > since_ms or fill.at_ms <= since_ms - clock_doubt_ms:
        return fill.at_ms > since_ms
    if fill.heard_s <= dispute.basis.at.mono_s - SAME_MOMENT_MS / 1000:
        return False
    return fill.streamed or dispute.asked_s - dispute.since_s >= PATIENCE_S


def _is_near(fill: ForeignFill, basis: Basis) -> bool:
    """Tell whether a fill may be in the basis: it came about when that was agreed on."""
    if fill.streamed:
        return fill.heard_s <= basis.at.mono_s + SAME_MOMENT_MS / 1000
    return fill.at_ms <= basis.at.wall_ms + SAME_MOMENT_MS
