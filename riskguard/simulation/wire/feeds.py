"""Turn the engine's book into what depth streams need: numbered snapshots and the changes between them."""

from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.simulation.engine import Book, Level, VenueEngine


@dataclass(frozen=True, slots=True)
class Delta:
    """Levels that changed between two snapshots; an amount of zero removes a price."""

    first_id: int
    last_id: int
    previous_id: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    ts_ms: int


@dataclass(slots=True)
class BookFeed:
    """One symbol's book as its streams have told it so far."""

    engine: VenueEngine
    symbol: str
    depth: int = 50
    update_id: int = 1_000_000
    shown: Book | None = field(default=None)

    def snapshot(self) -> Book:
        """Give the book as told so far (its number is `update_id`)."""
        if self.shown is None:
            self.shown = self.engine.book(self.symbol, self.depth)
        return self.shown

    def refresh(self) -> Delta | None:
        """Look at the engine again; give the change, None when there is none."""
        before, after = self.snapshot(), self.engine.book(self.symbol, self.depth)
        bids, asks = _changes(before.bids, after.bids), _changes(before.asks, after.asks)
        self.shown = after
        if not bids and not asks:
            return None
        previous = self.update_id
        self.update_id += len(bids) + len(asks)
        return Delta(previous + 1, self.update_id, previous, bids, asks, after.ts_ms)


def plain(value: Decimal) -> str:
    """Write a number without an exponent and without needless zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def pairs(levels: tuple[Level, ...]) -> list[list[str]]:
    """Write levels as the price and size strings that both venues use."""
    return [[plain(level.price), plain(level.amount)] for level in levels]


def _changes(before: tuple[Level, ...], after: tuple[Level, ...]) -> tuple[Level, ...]:
    old = {level.price: level.amount for level in before}
    new = {level.price: level.amount for level in after}
    gone = [Level(price, Decimal(0)) for price in old if price not in new]
    return tuple(gone + [Level(price, amount) for price, amount in new.items() if old.get(price) != amount])
