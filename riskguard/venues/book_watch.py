"""Whether a streamed book can be believed: lost deltas go unnoticed at some venues, and feeds freeze."""

from decimal import Decimal
from typing import Final

from riskguard.core.messages import BookSeen

_CHECK_EVERY_S: Final = 15.0
_APART: Final = Decimal("0.002")
"""Fraction by which two mids must differ, twice running, before a book counts as wrong."""
_SILENCE_S: Final = 20.0


class BookWatch:
    """Watches one book for silence, crossing and contradiction by REST."""

    patience_s = _SILENCE_S

    def __init__(self) -> None:
        self._last_s: float | None = None
        self._checked_s = 0.0
        self._strikes = 0
        self.wrong = ""
        """Why the book cannot be believed, empty while it can."""

    def begin(self, now_s: float) -> None:
        """Start afresh with a new subscription."""
        self._last_s = self._last_s or now_s
        self._checked_s = now_s
        self._strikes = 0
        self.wrong = ""

    def saw(self, book: BookSeen, now_s: float) -> None:
        """Note an update."""
        self._last_s = now_s
        if book.bids and book.asks and book.bids[0][0] >= book.asks[0][0]:
            self.wrong = "crossed book"

    def silent(self, now_s: float) -> bool:
        """Tell whether nothing came for too long."""
        return self._last_s is None or now_s - self._last_s >= _SILENCE_S

    def due(self, now_s: float) -> bool:
        """Tell whether it is time to compare with REST; a first strike is looked at again soon."""
        every_s = 1.0 if self._strikes else _CHECK_EVERY_S
        if now_s - self._checked_s < every_s:
            return False
        self._checked_s = now_s
        return True

    def compare(self, stream: BookSeen, rest: BookSeen | None) -> None:
        """Compare with the REST answer; the market moves in between, so one difference is only a strike."""
        ours, theirs = _mid(stream), _mid(rest)
        if ours is None or theirs is None or abs(ours - theirs) <= _APART * theirs:
            self._strikes = 0
            return
        self._strikes += 1
        if self._strikes >= 2:
            self.wrong = "book apart from the venue's REST answer"


def _mid(book: BookSeen | None) -> Decimal | None:
    if book is None or not book.bids or not book.asks:
        return None
    return (book.bids[0][0] + book.asks[0][0]) / 2
