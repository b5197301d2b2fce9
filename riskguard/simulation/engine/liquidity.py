"""The rest of the market: one market maker who quotes a ladder around a mid, and refills what was taken."""

import zlib
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from riskguard.simulation.engine.words import ZERO, Instrument, Side


@dataclass(frozen=True, slots=True)
class Level:
    """One price of a book with its size in base units."""

    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """Both sides of a book, best first."""

    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    ts_ms: int


@dataclass(frozen=True, slots=True)
class MakerShape:
    """How the market maker quotes."""

    half_spread_bps: Decimal = Decimal("0.5")
    step_bps: Decimal = Decimal("0.5")
    levels: int = 50
    size: Decimal = Decimal(2)
    """Base units per level."""
    jitter_pct: int = 30
    """Level sizes wobble by up to this share, so that a live book never stands still."""
    jitter_ms: int = 250
    refill_ms: int = 500
    """How long liquidity that was taken stays away."""


@dataclass(slots=True)
class MarketMaker:
    """The quotes of one symbol."""

    instrument: Instrument
    mid: Decimal
    shape: MakerShape = field(default_factory=MakerShape)
    seed: int = 0
    _taken: dict[tuple[Side, Decimal], tuple[Decimal, int]] = field(default_factory=dict)
    _ladder: dict[tuple[Side, int], Decimal] = field(default_factory=dict)
    _ladder_of: tuple[Decimal, MakerShape] | None = None
    _sizes: dict[tuple[Decimal, int], Decimal] = field(default_factory=dict)
    """Level sizes by shape and wobble."""

    def best(self, side: Side) -> Decimal:
        """Give the best price quoted on a side, whatever its size."""
        return self._price(side, 0)

    def levels(self, side: Side, now_ms: int, count: int | None = None) -> list[Level]:
        """Quote one side, best first; levels that are fully taken are left out."""
        rows: list[Level] = []
        previous = ZERO
        for index in range(min(count or self.shape.levels, self.shape.levels)):
            price = self._price(side, index)
            if price <= 0 or price == previous:
                continue
            previous = price
            amount = self._size(side, index, now_ms) - self._taken_at(side, price, now_ms)
            if amount > 0:
                rows.append(Level(price, amount))
        return rows

    def take(self, side: Side, price: Decimal, amount: Decimal, now_ms: int) -> None:
        """Remove liquidity until it is refilled."""
        self.forget_refilled(now_ms)
        taken = self._taken_at(side, price, now_ms)
        self._taken[side, price] = (taken + amount, now_ms + self.shape.refill_ms)

    def next_refill_ms(self) -> int | None:
        """Give the moment the next taken level comes back."""
        return min((until for _, until in self._taken.values()), default=None)

    def forget_refilled(self, now_ms: int) -> None:
        """Drop what has been refilled by now."""
        self._taken = {key: value for key, value in self._taken.items() if value[1] > now_ms}

    def _taken_at(self, side: Side, price: Decimal, now_ms: int) -> Decimal:
        amount, until_ms = self._taken.get((side, price), (ZERO, 0))
        return amount if until_ms > now_ms else ZERO

    def _price(self, side: Side, index: int) -> Decimal:
        """Give a level's price; the ladder stays as long as the middle price and the shape do."""
        if self._ladder_of != (self.mid, self.shape):
            self._ladder_of = self.mid, self.shape
            self._ladder.clear()
        price = self._ladder.get((side, index))
        if price is None:
            distance = (self.shape.half_spread_bps + self.shape.step_bps * index) / 10_000
            rounding = ROUND_CEILING if side is Side.SELL else ROUND_FLOOR
            raw = self.mid * (1 + distance if side is Side.SELL else 1 - distance)
            price = (raw / self.instrument.tick).to_integral_value(rounding) * self.instrument.tick
            self._ladder[side, index] = price
        return price

    def _size(self, side: Side, index: int, now_ms: int) -> Decimal:
        shape = self.shape
        if not shape.jitter_pct:
            return shape.size
        bucket = now_ms // shape.jitter_ms
        word = f"{self.seed}{self.instrument.symbol}{side}{index}{bucket}".encode()
        wobble = zlib.crc32(word) % (2 * shape.jitter_pct + 1) - shape.jitter_pct
        size = self._sizes.get((shape.size, wobble))
        if size is None:
            raw = shape.size * (100 + wobble) / 100
            lot = self.instrument.lot
            size = self._sizes[shape.size, wobble] = (raw / lot).to_integral_value(ROUND_CEILING) * lot
        return size
