"""Books as last seen, the price that fresh and sound books agree on, and how far it went meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from statistics import median

from riskguard.core.messages import BookSeen
from riskguard.core.types import Leg

AGREED_AGE_S = 60.0
"""A price that venues agreed on longer ago says nothing of where the market is now."""
TEN_THOUSAND = Decimal(10_000)
APART_BPS = Decimal(100)
"""A book whose mid is further than this from the others' median is somebody's error, not a market."""


@dataclass(frozen=True, slots=True)
class Book:
    """The best levels of one book, best first: (price, base amount)."""

    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]
    seen_s: float
    streamed_s: float = float("-inf")
    """When a stream last told it; a book that is only asked for never was."""

    @property
    def sound(self) -> bool:
        """Whether both sides are there and not crossed."""
        return bool(self.bids and self.asks) and self.bids[0][0] < self.asks[0][0]

    @property
    def mid(self) -> Decimal:
        """The middle of the best prices; only of a sound book."""
        return (self.bids[0][0] + self.asks[0][0]) / 2


@dataclass(frozen=True, slots=True)
class Prices:
    """All books by leg."""

    books: Mapping[Leg, Book] = field(default_factory=dict)

    def see(self, seen: BookSeen, now_s: float) -> "Prices":
        """Take in a book."""
        old = self.books.get(seen.leg)
        before_s = old.streamed_s if old else float("-inf")
        streamed_s = now_s if seen.stream else before_s
        return replace(self, books={**self.books, seen.leg: Book(seen.bids, seen.asks, now_s, streamed_s)})

    def fresh(self, leg: Leg, now_s: float, age_s: float) -> Book | None:
        """Give a leg's book if it is sound and no older than `age_s`."""
        book = self.books.get(leg)
        return book if book and book.sound and now_s - book.seen_s <= age_s else None

    def mids(self, legs: Iterable[Leg], now_s: float, age_s: float) -> dict[Leg, Decimal]:
        """Give the middle of every fresh and sound book."""
        return {leg: book.mid for leg in legs if (book := self.fresh(leg, now_s, age_s))}

    def lonely(self, leg: Leg, witnesses: Iterable[Leg], now_s: float, age_s: float) -> bool:
        """Tell whether fresh books elsewhere exist and none of them agrees with this leg's."""
        book = self.books.get(leg)
        others = [found for other in witnesses if (found := self.fresh(other, now_s, age_s)) is not None]
        if book is None or not book.sound or not others:
            return False
        return all(bps(book.mid, other.mid) > APART_BPS for other in others)

    def apart(self, leg: Leg, mid: Decimal) -> bool:
        """Tell whether a leg's book contradicts the consensus `mid`."""
        book = self.books.get(leg)
        return book is None or not book.sound or bps(book.mid, mid) > APART_BPS


@dataclass(frozen=True, slots=True)
class AgreedMid:
    """A price that more than one venue stood for, and when."""

    mid: Decimal
    at_s: float

    def young(self, now_s: float) -> bool:
        """Tell whether it still says where the market is."""
        return now_s - self.at_s <= AGREED_AGE_S


def consensus(mids: Sequence[Decimal], witnesses: Sequence[Decimal] = ()) -> Decimal | None:
    """Give the median of the most prices that stand together; None where no side has more.

    Prices stand together within `APART_BPS` of one of them. Where two such groups are as large, the one that
    more of the witnesses support is right; where that is even too, nobody knows.
    """
    groups = [[mid for mid in mids if bps(mid, centre) <= APART_BPS] for centre in mids]
    most = max((len(group) for group in groups), default=0)
    middles = {median(group) for group in groups if len(group) == most}
    if len(middles) <= 1 or all(bps(one, min(middles)) <= APART_BPS for one in middles):
        return median(middles) if middles else None
    votes = {middle: sum(bps(price, middle) <= APART_BPS for price in witnesses) for middle in middles}
    leading = [middle for middle, count in votes.items() if count and count == max(votes.values())]
    return leading[0] if len(leading) == 1 else None


def bps(one: Decimal, other: Decimal) -> Decimal:
    """Give the distance of two prices in basis points of the second."""
    return abs(one - other) / other * TEN_THOUSAND


@dataclass(frozen=True, slots=True)
class Extremes:
    """How far the price went since a venue stopped being FINE; decides which orders may have filled."""

    low: Decimal
    high: Decimal
    now: Decimal | None = None
    """The last price taken in."""

    @property
    def last(self) -> Decimal:
        """Give the last price taken in, or one between the extremes where there was none."""
        return self.now if self.now is not None else (self.low + self.high) / 2

    def reach(self, mid: Decimal) -> "Extremes":
        """Take in one more price."""
        return Extremes(min(self.low, mid), max(self.high, mid), mid)
