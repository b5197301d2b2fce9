"""What is true, kept beside the guard: every request of ours, what became of it, and what is held.

Everything here is counted from engine events and from requests on their way; the guard is never asked.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.core.orders.intent import OrderIntent
from riskguard.core.orders.outcome import Outcome, Unknown
from riskguard.core.types import ZERO, Asset, ClientId, Leg
from riskguard.simulation import engine
from riskguard.simulation.world.exchange import ACCOUNT, Exchange
from riskguard.simulation.world.faults import Kind

HEDGE = "h"
WAYS_OUT = ("u", "o")
CANARY = "c"
AT_HOME = ("r", "f")
"""What these fill closes the trader's own position; it is no part of ours."""


@dataclass(slots=True)
class Sent:
    """One request of ours to place an order, and its true fate."""

    intent: OrderIntent
    at_s: float
    expires_s: float
    number: int
    """Its place among all requests of the history."""
    unit: Decimal = Decimal(1)
    """Base units per unit of its size at the venue: what one inverse contract counted as when it left."""
    travelling: bool = True
    """It may still reach the venue's engine."""
    order_id: str = ""
    outcome: Outcome | None = None
    """What the guard was told, if it was still alive to hear."""
    overdue: bool = False
    """The venue breaks its promise: it takes the request up after it expired."""

    def struck_by(self, kind: Kind | None) -> None:
        """Note the fault that befalls it."""
        self.overdue = kind is Kind.OVERDUE

    def may_act(self, now_s: float) -> bool:
        """Tell whether the guard must reckon that it still executes; of a broken promise it cannot know."""
        return self.travelling and not (self.overdue and now_s > self.at_s + self.expires_s)

    @property
    def purpose(self) -> str:
        """The last letter of the id."""
        return self.intent.client_id[-1]


@dataclass(frozen=True, slots=True)
class Switched:
    """A wish of ours about a venue's dead-man's switch, on its way; zero seconds take it off."""

    venue: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Fired:
    """A venue's dead-man's switch took this order off."""

    venue: str
    order: engine.Order


@dataclass(slots=True)
class Truth:
    """All that truly happened so far in one history."""

    asset_of: dict[Leg, Asset]
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    requests: list[Sent] = field(default_factory=list)
    by_id: dict[ClientId, Sent] = field(default_factory=dict)
    """The first request of each client id."""
    times_sent: dict[ClientId, int] = field(default_factory=dict)
    travelling: dict[int, Sent] = field(default_factory=dict)
    """Requests that have neither arrived nor been dropped, by their number."""
    filled: dict[ClientId, Decimal] = field(default_factory=dict)
    """Per client id of ours: what was executed, base units."""
    orders: dict[ClientId, list[str]] = field(default_factory=dict)
    """Per client id of ours: the orders that the venue made of it."""
    positions: dict[Leg, Decimal] = field(default_factory=dict)
    cover_at: dict[Leg, Decimal] = field(default_factory=dict)
    """Per leg: the signed sum of our fills but for canaries'."""
    ours_at: dict[Leg, Decimal] = field(default_factory=dict)
    """Per leg: the signed sum of all our fills."""
    notional: dict[ClientId, Decimal] = field(default_factory=dict)
    books_told: dict[Leg, float] = field(default_factory=dict)
    """Per leg: when the guard was last given a book."""
    reads_told: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """Per venue and kind of read: when questions were asked that the guard got a good answer to."""
    read_last: dict[tuple[str, str], float] = field(default_factory=dict)
    """The latest of them."""
    pulled: dict[str, tuple[engine.Order, float]] = field(default_factory=dict)
    """Per order id: the trader's orders that we cancelled, and when, until the guard hears that."""
    closed_by_force: int = 0
    """Fills of liquidations and of auto-deleveraging so far."""
    promise_broken: bool = False
    """A venue took up a request after it had expired: from then on there may be what nobody could foresee."""
    changes: int = 0
    """Grows with everything that a checker may care about."""
    watchers: list[Callable[[str, object], None]] = field(default_factory=list)
    """Called with sent, arrived, dropped, answered, cancelled, filled, moved, switched or fired, and what."""

    def join(self, exchange: Exchange) -> None:
        """Follow a venue."""
        self.exchanges[exchange.id] = exchange
        for item in exchange.engine.instruments.values():
            if item.inverse:
                self.positions[Leg(exchange.id, item.symbol)] = delta(exchange, item)
        exchange.engine.subscribe(lambda event: self._happened(exchange.id, event))

    # ------------------------------------------------------------------ requests

    def sent(self, intent: OrderIntent, expires_s: float, unit: Decimal) -> Sent:
        """Note a request to place an order."""
        number, identity = len(self.requests), intent.client_id
        request = Sent(intent, asyncio.get_running_loop().time(), expires_s, number, unit)
        self.requests.append(request)
        self.by_id.setdefault(identity, request)
        self.times_sent[identity] = self.times_sent.get(identity, 0) + 1
        self.travelling[number] = request
        self._tell("sent", request)
        return request

    def switched(self, wish: Switched) -> None:
        """Note that a wish about a dead-man's switch leaves."""
        self._tell("switched", wish)

    def taken_up(self, request: Sent) -> None:
        """Note that a request is about to act at the venue."""
        self.promise_broken = self.promise_broken or request.overdue

    def arrived(self, request: Sent, result: engine.Placed | engine.Refused) -> None:
        """Note what the engine made of a request."""
        self._ended(request)
        if isinstance(result, engine.Placed):
            request.order_id = result.order.order_id
            self.orders.setdefault(request.intent.client_id, []).append(result.order.order_id)
        self._tell("arrived", request)

    def dropped(self, request: Sent) -> None:
        """Note that a request will never reach the engine."""
        self._ended(request)
        self._tell("dropped", request)

    def _ended(self, request: Sent) -> None:
        request.travelling = False
        self.travelling.pop(request.number, None)

    def answered(self, request: Sent, outcome: Outcome) -> None:
        """Note what the guard was told."""
        request.outcome = outcome
        self._tell("answered", request)

    def cancelled(self, result: engine.Cancelled | engine.Refused) -> None:
        """Note what our request to cancel did."""
        if isinstance(result, engine.Cancelled) and not result.order.client_id.startswith("rg"):
            self.pulled[result.order.order_id] = result.order, asyncio.get_running_loop().time()
            self._tell("cancelled", result.order)

    def book_told(self, leg: Leg, as_of_s: float) -> None:
        """Note that the guard was given a book."""
        self.books_told[leg] = as_of_s

    def read_told(self, venue: str, what: str, asked_s: float) -> None:
        """Note that the guard was given a good answer."""
        self.reads_told.setdefault((venue, what), []).append(asked_s)
        self.read_last[venue, what] = max(asked_s, self.read_last.get((venue, what), asked_s))

    def unheard(self, venue: str, symbol: str) -> list[engine.Order]:
        """Give the trader's orders that are cancelled and that the guard must still take for resting."""
        if not self.pulled:
            return []
        listed_s = self.read_last.get((venue, "open-orders"), float("-inf"))
        return [o for o, at_s in self.pulled.values() if o.symbol == symbol and at_s >= listed_s]

    # ------------------------------------------------------------------ sums

    def trader(self, asset: Asset) -> Decimal:
        """Give what the trader holds of an asset, our part not counted; base units, signed."""
        legs = [leg for leg, name in self.asset_of.items() if name == asset]
        return sum((self.positions.get(leg, ZERO) - self.ours_at.get(leg, ZERO) for leg in legs), ZERO)

    def cover(self, asset: Asset) -> Decimal:
        """Give the hedge that is held."""
        return sum((x for leg, x in self.cover_at.items() if self.asset_of.get(leg) == asset), ZERO)

    def cover_range(self, asset: Asset) -> tuple[Decimal, Decimal]:
        """Give the least and the most hedge there may be once all that travels has arrived."""
        low = high = self.cover(asset)
        now_s = asyncio.get_running_loop().time()
        for request in self.travelling.values():
            hedges = request.purpose not in (CANARY, *AT_HOME)
            if request.may_act(now_s) and request.intent.asset == asset and hedges:
                signed = request.intent.signed_amount
                low, high = low + min(signed, ZERO), high + max(signed, ZERO)
        return low, high

    def sent_before(self, client_id: ClientId, age_s: float) -> bool:
        """Tell whether a request left at least that long ago."""
        request = self.by_id.get(client_id)
        return request is not None and request.at_s <= asyncio.get_running_loop().time() - age_s

    def unknown_to_guard(self) -> int:
        """Count requests whose outcome the guard was told is unknown."""
        return sum(isinstance(request.outcome, Unknown) for request in self.requests)

    # ------------------------------------------------------------------ events

    def _happened(self, venue: str, event: engine.Event) -> None:
        match event:
            case engine.Filled(fill) if fill.account == ACCOUNT:
                self._filled(venue, fill)
            case engine.OrderChanged(order) if order.cause is engine.CancelCause.DEAD_MAN:
                if not order.client_id.startswith("rg"):
                    self.pulled[order.order_id] = order, asyncio.get_running_loop().time()
                self._tell("fired", Fired(venue, order))
            case engine.PositionChanged(position) if position.account == ACCOUNT:
                self._moved(venue, position.symbol, position.amount)
                self._tell("moved", position)
            case engine.BalanceChanged(account, _) if account == ACCOUNT:
                for leg in self._inverse(venue):  # a fee, or what a position won, is coin that is held
                    self._moved(venue, leg.symbol, ZERO)
            case _:
                pass

    def _moved(self, venue: str, symbol: str, amount: Decimal) -> None:
        """Note what a leg holds now; of an inverse one the engine's own figures say that."""
        exchange = self.exchanges[venue]
        item = exchange.engine.instruments[symbol]
        self.positions[Leg(venue, symbol)] = delta(exchange, item) if item.inverse else amount

    def _inverse(self, venue: str) -> list[Leg]:
        items = self.exchanges[venue].engine.instruments.values()
        return [Leg(venue, item.symbol) for item in items if item.inverse]

    def _filled(self, venue: str, fill: engine.Fill) -> None:
        leg, client_id = Leg(venue, fill.symbol), fill.client_id
        self.closed_by_force += fill.liquidation
        amount = fill.amount * (self.by_id[client_id].unit if client_id in self.by_id else 1)
        signed = amount * fill.side.sign
        # The position follows in an event of its own; it is brought forward, so that no watcher sees a
        # fill of ours that looks like the trader's.
        self._moved(venue, fill.symbol, self.positions.get(leg, ZERO) + signed)
        if client_id.startswith("rg"):
            self.filled[client_id] = self.filled.get(client_id, ZERO) + amount
            self.notional[client_id] = self.notional.get(client_id, ZERO) + amount * fill.price
            if client_id.endswith(AT_HOME):
                self._tell("filled", fill)
                return
            self.ours_at[leg] = self.ours_at.get(leg, ZERO) + signed
            if not client_id.endswith(CANARY):
                self.cover_at[leg] = self.cover_at.get(leg, ZERO) + signed
        self._tell("filled", fill)

    def _tell(self, what: str, about: object) -> None:
        self.changes += 1
        for watcher in self.watchers:
            watcher(what, about)


def delta(exchange: Exchange, item: engine.Instrument) -> Decimal:
    """Give what an inverse position and the coin that margins it gain per dollar of price, in coins.

    Equity in dollars is P (W + q / entry - q / P) for a wallet of W coins and q dollars of contracts, so this
    is W + q / entry: exact at any price, and computed without anything of the guard's.
    """
    held = exchange.engine.position(ACCOUNT, item.symbol)
    wallet = exchange.engine.balance(ACCOUNT, item.base).wallet
    return wallet + (held.amount * item.contract_size / held.entry_price if held.amount else ZERO)
