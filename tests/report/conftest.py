"""The journal of one outage: +1.5 BTC trapped, hedged in two slices, one in doubt, taken off again."""

from decimal import Decimal

import pytest

from riskguard.core.facts import (
    BasisAgreed,
    BlipSeen,
    ConditionChanged,
    Decided,
    Fact,
    FillRecorded,
    GuardStarted,
    IncidentMoved,
    IntentRecorded,
    NakedCounted,
    OperatorDecided,
    OrderMoved,
    PlanApproved,
    Told,
)
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.types import Leg, Side

FAULT_MS = 1_790_000_000_000
MAIN = Leg("main", "BTC/USDT:USDT")
BACKUP = Leg("backup", "BTC/USDT:USDT")
INCIDENT = "I-0001"

Journal = list[tuple[int, Fact]]


def intent(
    name: str, side: Side, amount: str, purpose: Purpose = Purpose.HEDGE, at_s: float = 10
) -> OrderIntent:
    created_ms = FAULT_MS + round(1000 * at_s)
    return OrderIntent(
        client_id=name, leg=BACKUP, asset="BTC", side=side, amount=Decimal(amount), price=Decimal(59900),
        tif=TimeInForce.IOC, reduce_only=purpose is Purpose.UNWIND, purpose=purpose,
        incident="" if purpose is Purpose.CANARY else INCIDENT, plan="p1", created_ms=created_ms,
    )  # fmt: skip


def fill(name: str, trade: str, side: Side, amount: str, price: str, at_s: float) -> FillRecorded:
    at_ms = FAULT_MS + round(1000 * at_s)
    return FillRecorded(name, BACKUP, trade, side, Decimal(amount), Decimal(price), Decimal("3.25"), at_ms)


def _rows() -> list[tuple[float, Fact]]:
    moved = ("main", "trapped")
    because = "cancel and place do not answer"
    return [
        (-900, GuardStarted("7f3a1c", "auto", "0.1.0")),
        (-30, BlipSeen("main", FAULT_MS - 30_000, 0.8, "place", "slow")),
        (-20, BasisAgreed(MAIN, Decimal("1.5"), "positions and stream agree")),
        (-20, BasisAgreed(BACKUP, Decimal(0), "positions and stream agree")),
        (-5, IntentRecorded(intent("rg0c", Side.BUY, "0.001", Purpose.CANARY, -5))),
        (1.9, ConditionChanged("main", "TRAPPED?", because)),
        (2, IncidentMoved(INCIDENT, "main", "opened", "open", "trapped", f"TRAPPED?: {because}")),
        (2, Told("alarm", "main is TRAPPED?", f"{because}; a hedge may follow after 8 s", INCIDENT)),
        (4, ConditionChanged("main", "TRAPPED", because)),
        (10, PlanApproved("p1", INCIDENT, "BTC", Decimal("-1.5"), Decimal(90_000))),
        (10, Decided("send hedge", INCIDENT, '{"client_id": "rg1h", "target": "-1.5", "mid": "60000"}')),
        (10, IntentRecorded(intent("rg1h", Side.SELL, "1"))),
        (10.05, OrderMoved("rg1h", "accepted", "771")),
        (10.06, fill("rg1h", "t1", Side.SELL, "1", "59990", 10.03)),
        (10.06, OrderMoved("rg1h", "filled", "771", Decimal(1), Decimal(59990))),
        (10.07, OrderMoved("rg1h", "seen closed", "771", Decimal(1), Decimal(59990))),
        (11, IntentRecorded(intent("rg2h", Side.SELL, "0.5", at_s=11))),
        (13, OrderMoved("rg2h", "unknown", because="no answer in 2 s")),
        (13.4, fill("rg2h", "t2", Side.SELL, "0.5", "59980", 11.02)),
        (
            13.4,
            OrderMoved("rg2h", "seen closed", "772", Decimal("0.5"), Decimal(59980), "found by client id"),
        ),
        (13.5, fill("rg2h", "t2", Side.SELL, "0.5", "59980", 11.02)),
        (13.6, IncidentMoved(INCIDENT, *moved[:1], "covered", "hedged", "trapped", "what is wanted is held")),
        (13.6, NakedCounted(INCIDENT, 11.6, Decimal(870_000))),
        (60, OperatorDecided("hold", INCIDENT, "socket")),
        (90, ConditionChanged("main", "FINE", "")),
        (90, IncidentMoved(INCIDENT, *moved[:1], "returned", "recovering", "trapped", "")),
        (120, IncidentMoved(INCIDENT, *moved[:1], "reconciled", "unwinding", "trapped", "books agree")),
        (121, IntentRecorded(intent("rg3u", Side.BUY, "1.5", Purpose.UNWIND, 121))),
        (121.1, OrderMoved("rg3u", "accepted", "773")),
        (121.2, fill("rg3u", "t3", Side.BUY, "1.5", "58000", 121.05)),
        (121.2, OrderMoved("rg3u", "seen closed", "773", Decimal("1.5"), Decimal(58000))),
        (121.3, IncidentMoved(INCIDENT, *moved[:1], "unwound", "closed", "trapped", "no hedge is held")),
        (200, Told("info", "a later message of another incident", "", "I-0002")),
    ]


@pytest.fixture
def journal() -> Journal:
    """Give the facts with their wall milliseconds."""
    return [(FAULT_MS + round(1000 * at_s), fact) for at_s, fact in _rows()]
