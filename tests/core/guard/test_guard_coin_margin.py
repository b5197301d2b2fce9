"""Contracts that coin margins: fees, funding and a moving conversion price are nobody's trade."""

from decimal import Decimal

import pytest

from riskguard.core.exposure.others import Others
from riskguard.core.facts import BasisAgreed, Fact, IntentRecorded, OrderMoved
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.ledger import Ledger
from riskguard.core.types import Leg, Side

LEG = Leg("coin", "BTC/USD:BTC")
INTENT = OrderIntent(
    "rga0000h", LEG, "BTC", Side.SELL, Decimal(1), Decimal(60_000), TimeInForce.IOC, False, Purpose.HEDGE
)


def after(*facts: Fact) -> Others:
    ledger, others = Ledger(), Others()
    for fact in facts:
        ledger = ledger.fold(fact, 0)
        others.fold(fact, ledger)
    return others


def hedged_then(amount: str, margin: str) -> Others:
    """Hedge one coin where the trader holds 2 coins of contracts and 3 of margin; then that is agreed on."""
    return after(
        BasisAgreed(LEG, Decimal(5), margin=Decimal(3)),
        IntentRecorded(INTENT),
        OrderMoved(INTENT.client_id, "seen closed", "v1", Decimal(1), Decimal(60_000)),
        BasisAgreed(LEG, Decimal(amount), margin=Decimal(margin)),
    )


@pytest.mark.parametrize(
    ("amount", "margin", "changed"),
    [
        ("4.9995", "2.9995", "0"),  # the fee of our own hedge
        ("5.09", "3.09", "0"),  # what the hedge won
        ("5", "3.01", "0"),  # the same contracts at another price
        ("4", "3", "-1"),  # somebody sold
        ("5.5", "3", "0.5"),
    ],
)
def test_only_a_change_of_contracts_is_somebodys_trade(amount: str, margin: str, changed: str) -> None:
    assert hedged_then(amount, margin).changes.get(LEG, Decimal(0)) == Decimal(changed)
