"""Small makers of the core's values for tests."""

from decimal import Decimal

from riskguard.core.facts import IntentRecorded, OrderMoved
from riskguard.core.instant import Instant
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.ledger import Ledger
from riskguard.core.orders.lifecycle import Event
from riskguard.core.types import Leg, Market, Side

LEG = Leg("alpha", "BTC/USDT:USDT")
EPOCH_MS = 1_800_000_000_000


def at(seconds: float) -> Instant:
    """Give a moment on both clocks."""
    return Instant(seconds, EPOCH_MS + round(seconds * 1000))


def intent(
    identity: str = "rga1h",
    *,
    side: Side = Side.SELL,
    amount: str = "1",
    price: str = "100",
    purpose: Purpose = Purpose.HEDGE,
    leg: Leg = LEG,
    sequence: int = 0,
    created_ms: int = EPOCH_MS,
) -> OrderIntent:
    """Make an intent."""
    return OrderIntent(
        identity,
        leg,
        "BTC",
        side,
        Decimal(amount),
        Decimal(price),
        TimeInForce.IOC,
        reduce_only=False,
        purpose=purpose,
        sequence=sequence,
        created_ms=created_ms,
    )


def moved(ledger: Ledger, identity: str, event: Event, filled: str = "0", order_id: str = "") -> Ledger:
    """Fold one event of an order."""
    return ledger.fold(OrderMoved(identity, event.value, order_id, Decimal(filled)), EPOCH_MS)


def ledger_of(*intents: OrderIntent) -> Ledger:
    """Fold intents."""
    ledger = Ledger()
    for entry in intents:
        ledger = ledger.fold(IntentRecorded(entry), EPOCH_MS)
    return ledger


def market(leg: Leg = LEG, *, lot: str = "0.001", tick: str = "0.1", min_notional: str = "5") -> Market:
    """Make a swap's market."""
    return Market(
        leg, "BTC", "USDT", Decimal(lot), Decimal(lot), Decimal(min_notional), Decimal(tick), derivative=True
    )
