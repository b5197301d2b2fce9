"""Whether a streamed book can be believed: lost deltas go unnoticed at some venues, and feeds freeze."""

from decimal import Decimal
from typing import Final

from riskguard.core.messages import BookSeen

_APART: Final = Decimal("0.002")
"""Fraction by which two mids must differ, twice running, before a streamed book counts as wrong."""
_FRESH_S: Final = 1.0
_SILENCE_S: Final = 20.0


class BookWatch:
    """Watches one streamed book for silence, crossing and contradiction by the venue's REST answers."""

    def __init__(self) -> None:
        self.patience_s = _SILENCE_S
        self._last: BookSeen | None = None
        self._last_s: float | None = None
        self._strikes = 0
        self.wrong = ""
        """Why the book cannot be believed, empty while it can."""

    def begin(self, now_s: float) -> None:
        """Start afresh with a new subscription."""
        self._last = None
        self._last_s = self._last_s or now_s
        self._strikes = 0
        self.wrong = ""

    def saw(self, book: BookSeen, now_s: float) -> None:
        """Note an update of the stream."""
        self._last, self._last_s = book, now_s
        if book.bids and book.asks and book.bids[0][0] >= book.asks[0][0]:
            self.wrong = "crossed book"

    def silent(self, now_s: float) -> bool:
        """Tell whether nothing came for too long."""
        return self._last_s is None or now_s - self._last_s >= self.patience_s

    def compare(self, rest: BookSeen, now_s: float) -> None:
        """Compare with a REST answer; the market moves in between, so one difference is only a strike."""
        if self._last is None or self._last_s is None or now_s - self._last_s > _FRESH_S:
            return  # a stream that is merely old is judged by its age, not by its prices
        ours, theirs = _mid(self._last), _mid(rest)
        if ours is None or theirs is None or abs(ours - theirs) <= _APART * theirs:
            self._strikes = 0
            return
        self._strikes += 1
        if self._strikes >= 2:
            self.wrong = "book apart from the venue's REST answer"


def _mid(book: BookSeen) -> Decimal | None:
    if not book.bids or not book.asks:
        return None
    return (book.bids[0][0] + book.asks[0][0]) / 2
