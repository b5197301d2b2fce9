"""Calls that were sent and not answered yet: each is evidence that grows with its age."""

from dataclasses import dataclass

from riskguard.core.types import Path

MOST_KEPT = 64
"""Calls remembered per path; the oldest is dropped, which only loses evidence."""
MOST_WEIGHED = 8
"""Calls weighed per path: more would add nothing, and one look must cost a bounded time.

They are the oldest, which have waited longest: where answers are slow, the newest say nothing yet.
"""

NO_CALLS: dict[object, "Call"] = {}


@dataclass(slots=True)
class Call:
    """One call under way; never changed, not frozen only because that doubles the cost of making one."""

    sent_at: float
    path: Path
    symbol: str | None
    canary: bool
    stalled_s: float = 0.0
    """Seconds that our loop had stood still in all when it left."""


class InFlight:
    """The ledger of one venue's calls under way, oldest first on each path."""

    __slots__ = ("_by_path", "_path_of")

    def __init__(self) -> None:
        self._by_path: dict[Path, dict[object, Call]] = {}
        self._path_of: dict[object, Path] = {}

    def sent(self, rid: object, call: Call) -> None:
        """Note a call at the moment its bytes leave; a reused id replaces the earlier call."""
        if rid in self._path_of:
            self.done(rid)
        calls = self._by_path.setdefault(call.path, {})
        calls[rid] = call
        self._path_of[rid] = call.path
        if len(calls) > MOST_KEPT:
            self.done(next(iter(calls)))

    def done(self, rid: object) -> Call | None:
        """Take a call out; None for one that is not known."""
        path = self._path_of.pop(rid, None)
        return self._by_path[path].pop(rid) if path is not None else None

    def since(self, path: Path, after: float) -> list[Call]:
        """Give the calls of a path that left after a moment, newest first."""
        found: list[Call] = []
        for call in reversed(self._by_path.get(path, NO_CALLS).values()):
            if call.sent_at <= after:
                break
            found.append(call)
        return found

    def canaries_out(self, path: Path, after: float) -> int:
        """Count canaries of a path that left after a moment and are unanswered."""
        return sum(1 for c in self._by_path.get(path, {}).values() if c.canary and c.sent_at > after)

    def __len__(self) -> int:
        return len(self._path_of)
