"""A venue's matching, positions and order book in their simplest plausible form."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)
TICK, LOT = Decimal("0.1"), Decimal("0.001")
LEVELS, LEVEL_SIZE, LEVEL_STEP = 20, Decimal(2), Decimal("0.5")


def now_ms() -> int:
    """Give the wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Order:
    """One order, and what became of it."""

    number: int
    client_id: str
    base: str
    side: str
    """buy or sell."""
    amount: Decimal
    price: Decimal
    tif: str
    """GTC, IOC or POST."""
    reduce_only: bool = False
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    state: str = "open"
    """open, filled, cancelled."""
    created_ms: int = field(default_factory=now_ms)
    updated_ms: int = field(default_factory=now_ms)

    @property
    def sign(self) -> int:
        """Plus one for a buy."""
        return 1 if self.side == "buy" else -1

    @property
    def average(self) -> Decimal:
        """The average price so far; zero without a fill."""
        return self.paid / self.filled if self.filled else ZERO


@dataclass(frozen=True, slots=True)
class Trade:
    """One execution."""

    number: int
    order: int
    client_id: str
    base: str
    side: str
    amount: Decimal
    price: Decimal
    at_ms: int


class RefusedError(Exception):
    """The venue does not take an order; the words are `post_only` or `reduce_only`."""


@dataclass(slots=True)
class Engine:
    """Books around a scripted price, and one account."""

    prices: dict[str, Decimal]
    """Shared between venues: base to mid."""
    positions: dict[str, Decimal]
    equity: Decimal
    orders: dict[int, Order] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(8_389_765_000_001))

    def book(self, base: str) -> tuple[list[tuple[Decimal, Decimal]], list[tuple[Decimal, Decimal]]]:
        """Give bids and asks, best first."""
        mid = self.prices[base]
        steps = [LEVEL_STEP * number for number in range(1, LEVELS + 1)]
        return [(mid - step, LEVEL_SIZE) for step in steps], [(mid + step, LEVEL_SIZE) for step in steps]

    def place(self, order: Order) -> Order:
        """Take an order: fill what is marketable, let the rest rest or lapse."""
        if order.reduce_only:
            held = self.positions.get(order.base, ZERO)
            if held * order.sign >= 0:
                raise RefusedError("reduce_only")
            order.amount = min(order.amount, abs(held))
        bids, asks = self.book(order.base)
        levels = asks if order.side == "buy" else bids
        if order.tif == "POST" and (levels[0][0] - order.price) * order.sign <= 0:
            raise RefusedError("post_only")
        self.orders[order.number] = order
        for price, size in levels:
            left = order.amount - order.filled
            if not left or (price - order.price) * order.sign > 0:
                break
            self._fill(order, min(left, size), price)
        if order.state == "open" and order.tif == "IOC":
            order.state = "cancelled"
        return order

    def _fill(self, order: Order, amount: Decimal, price: Decimal) -> None:
        order.filled += amount
        order.paid += amount * price
        order.updated_ms = now_ms()
        if order.filled >= order.amount:
            order.state = "filled"
        self.positions[order.base] = self.positions.get(order.base, ZERO) + amount * order.sign
        number = next(self.numbers)
        self.trades.append(
            Trade(number, order.number, order.client_id, order.base, order.side, amount, price, now_ms())
        )

    def cancel(self, order: Order) -> None:
        """Pull a resting order."""
        order.state, order.updated_ms = "cancelled", now_ms()

    def find(self, number: str, client_id: str) -> Order | None:
        """Find an order by the venue's number or the newest of a client id."""
        if number:
            return self.orders.get(int(number)) if number.isdigit() else None
        named = [order for order in self.orders.values() if order.client_id == client_id]
        return named[-1] if named else None

    def resting(self, base: str = "") -> list[Order]:
        """Give open orders, of one base or of all."""
        return [o for o in self.orders.values() if o.state == "open" and base in ("", o.base)]

    def moved(self, base: str) -> None:
        """Fill what rests and is now through the price."""
        for order in self.resting(base):
            if (self.prices[base] - order.price) * order.sign < 0:
                self._fill(order, order.amount - order.filled, order.price)

    def foreign(self, base: str, signed: Decimal) -> None:
        """Let the account's owner trade by another way, at the mid."""
        order = Order(
            next(self.numbers),
            f"web_{now_ms()}",
            base,
            "buy" if signed > 0 else "sell",
            abs(signed),
            self.prices[base],
            "IOC",
        )
        self.orders[order.number] = order
        self._fill(order, order.amount, order.price)
