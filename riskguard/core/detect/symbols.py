"""Whose calls fail on one path: an outage is more than one traded symbol's trouble."""

from riskguard.core.detect.likelihood import LATE, Triple

CANARY = "\0canary"
"""Stands for the symbol of our own probes, which are no trader's flow."""
ANYTHING = "\0any"
"""Stands for a call whose symbol was not given."""
SYMBOLS_KEPT = 32


class Symbols:
    """Nats per symbol; the oldest are dropped beyond `SYMBOLS_KEPT`, which only loses evidence."""

    __slots__ = ("failing", "late", "tried", "under_way")

    def __init__(self) -> None:
        self.failing: dict[str, float] = {}
        self.late: dict[str, float] = {}
        """Those whose last answer came far too late, and what that was worth."""
        self.under_way: dict[str, float] = {}
        """Those of the calls that are out, as of the last look."""
        self.tried: dict[str, float] = {}
        """When a call for each left last."""

    def used(self, key: str, now: float) -> None:
        """Note that a call for this symbol (or a canary) left."""
        self.tried[key] = now
        if len(self.tried) > SYMBOLS_KEPT:
            del self.tried[min(self.tried, key=self.tried.__getitem__)]

    def answered(self, key: str, nats: Triple) -> None:
        """Note a good answer: it speaks against that symbol's failures, but if it was late, for slowness."""
        self.late.pop(key, None)
        if key in self.failing:
            left = self.failing.pop(key) + nats[0]
            if left > 0.0:
                self.failing[key] = left
        if nats[2] > LATE:
            self.late[key] = nats[2]
            _drop_oldest(self.late)

    def failed(self, key: str, nats: Triple) -> None:
        """Note a failure."""
        self.failing[key] = self.failing.get(key, 0.0) + nats[0]
        _drop_oldest(self.failing)

    def hangs(self, key: str, nats: Triple) -> None:
        """Note a call under way."""
        self.under_way[key] = self.under_way.get(key, 0.0) + nats[0]

    def clear(self) -> None:
        """Forget whose calls failed or were late."""
        self.failing.clear()
        self.late.clear()


def _drop_oldest(ledger: dict[str, float]) -> None:
    if len(ledger) > SYMBOLS_KEPT:
        del ledger[next(iter(ledger))]
