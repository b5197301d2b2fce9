"""What a venue says of itself: believed when repeated or seconded, refuted by a good order answer."""

from riskguard.core.types import Path

APART_S = 0.5
"""A repetition sooner than this may be the same answer twice."""
FORGOTTEN_AFTER_S = 600.0


class Statements:
    """The venue's own word that it is closed."""

    __slots__ = ("_last_at", "_settled", "_source", "_what", "first_at")

    def __init__(self) -> None:
        self.first_at = float("-inf")
        self._last_at = float("-inf")
        self._what = self._source = ""
        self._settled = False

    def said(self, now: float, what: str, source: str) -> None:
        """Take a statement in; an empty one says that the venue is open again."""
        if not what:
            self._what, self._settled = "", False
            return
        if not self._what or now - self._last_at > FORGOTTEN_AFTER_S:
            self.first_at, self._source, self._settled = now, source, False
        elif source != self._source or now - self.first_at >= APART_S:
            self._settled = True
        self._what, self._last_at = what, now

    def answered(self, path: Path, sent_at: float) -> None:
        """Let an order or a cancel that was accepted after the last statement refute it."""
        if sent_at > self._last_at and path in (Path.PLACE, Path.REDUCE, Path.CANCEL):
            self._what, self._settled = "", False

    def settled(self) -> str | None:
        """Give the statement once it is believed."""
        return self._what if self._settled else None
