"""The state of one account: wallets, holdings, orders in all their versions, and fills."""

from collections import OrderedDict
from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.simulation.engine.words import ZERO, Fill, Instrument, Order, Side


@dataclass(frozen=True, slots=True)
class Holding:
    """A swap position as the ledger keeps it; `amount` is signed."""

    amount: Decimal = ZERO
    entry_price: Decimal = ZERO
    updated_ms: int = 0

    def after_fill(
        self, market: Instrument, side: Side, amount: Decimal, price: Decimal, now_ms: int
    ) -> tuple["Holding", Decimal]:
        """Apply one fill: give the new holding and the profit it realises."""
        signed = amount * side.sign
        after = self.amount + signed
        if self.amount == 0 or (self.amount > 0) == (signed > 0):
            entry = market.entry_after(abs(self.amount), self.entry_price, amount, price)
            return Holding(after, entry, now_ms), ZERO
        closed = min(amount, abs(self.amount))
        realized = market.profit(closed * (1 if self.amount > 0 else -1), self.entry_price, price)
        if after == 0:
            return Holding(ZERO, ZERO, now_ms), realized
        flipped = (after > 0) != (self.amount > 0)
        return Holding(after, price if flipped else self.entry_price, now_ms), realized


@dataclass(slots=True)
class Account:
    """Everything the venue knows of one account."""

    name: str
    wallets: dict[str, Decimal]
    leverage: dict[str, Decimal] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    holding_versions: dict[str, list[Holding]] = field(default_factory=dict)
    open: dict[str, Order] = field(default_factory=dict)
    versions: OrderedDict[str, list[Order]] = field(default_factory=OrderedDict)
    by_client_id: dict[str, list[str]] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    dead_man: dict[str, int] = field(default_factory=dict)
    """Deadline in milliseconds by symbol; the empty symbol stands for the whole account."""

    def holding(self, symbol: str) -> Holding:
        """Give a swap holding, flat when there is none."""
        return self.holdings.get(symbol, Holding())

    def set_holding(self, symbol: str, holding: Holding) -> None:
        """Replace a holding and keep the version, for answers that lag."""
        self.holdings[symbol] = holding
        self.holding_versions.setdefault(symbol, []).append(holding)

    def record(self, order: Order, kept: int) -> None:
        """Store a version of an order and forget the oldest finished orders beyond `kept`."""
        if order.order_id not in self.versions:
            self.versions[order.order_id] = []
            if order.client_id:
                self.by_client_id.setdefault(order.client_id, []).append(order.order_id)
        self.versions[order.order_id].append(order)
        if order.status.is_open:
            self.open[order.order_id] = order
        else:
            self.open.pop(order.order_id, None)
        while len(self.versions) > kept + len(self.open):
            oldest = next(iter(self.versions))
            if oldest in self.open:
                self.versions.move_to_end(oldest)
                continue
            self._forget(oldest)

    def order(self, order_id: str, as_of_ms: int | None = None) -> Order | None:
        """Give an order as it was at a moment, or now."""
        versions = self.versions.get(order_id, [])
        if as_of_ms is None:
            return versions[-1] if versions else None
        return next((version for version in reversed(versions) if version.updated_ms <= as_of_ms), None)

    def holding_as_of(self, symbol: str, as_of_ms: int) -> Holding:
        """Give a holding as it was at a moment."""
        versions = self.holding_versions.get(symbol, [])
        return next((item for item in reversed(versions) if item.updated_ms <= as_of_ms), Holding())

    def resting(self, symbol: str, side: Side) -> Decimal:
        """Add up the resting orders of a side that could enlarge a position."""
        rows = (o for o in self.open.values() if o.symbol == symbol and o.side is side and not o.reduce_only)
        return sum((order.remaining for order in rows), ZERO)

    def closable(self, symbol: str, side: Side) -> Decimal:
        """Give the amount by which `side` can reduce the position without turning it."""
        amount = self.holding(symbol).amount
        return abs(amount) if amount and (amount > 0) == (side is Side.SELL) else ZERO

    def change_wallet(self, asset: str, by: Decimal) -> None:
        """Add to a wallet, which may go below zero by fees."""
        self.wallets[asset] = self.wallets.get(asset, ZERO) + by

    def _forget(self, order_id: str) -> None:
        order = self.versions.pop(order_id)[-1]
        ids = [item for item in self.by_client_id.get(order.client_id, []) if item != order_id]
        if ids:
            self.by_client_id[order.client_id] = ids
        else:
            self.by_client_id.pop(order.client_id, None)
