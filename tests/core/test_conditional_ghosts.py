"""What is known of a conditional order outlives a restart: it stays conditional, with its trigger."""

import json
from decimal import Decimal

from riskguard.core.exposure.ghosts import _fact
from riskguard.core.facts import RestingNoted
from riskguard.core.guard import Guard
from riskguard.core.messages import OrderReport, OrderStatus
from riskguard.core.types import Leg, Side
from riskguard.journal.codec import decode, encode
from tests.core.test_announcing import POLICY

STOP = OrderReport(
    Leg("main", "BTC/USDT:USDT"),
    "7",
    "bot",
    Side.SELL,
    Decimal(1),
    Decimal(89),
    Decimal(0),
    None,
    OrderStatus.OPEN,
    conditional=True,
    trigger=Decimal(90),
)


def test_a_restored_stop_keeps_its_trigger() -> None:
    fact = _fact(STOP, "rests")
    guard = Guard(POLICY, epoch_ms=1, strategies={}, facts=[(1, fact)])
    (known,) = guard.memory.ghosts["main"].values()
    assert (known.order.conditional, known.order.trigger, known.order.price) == (True, Decimal(90), None)
    assert _fact(known.order, "rests") == fact


def test_a_journal_from_before_reads_as_plain_orders() -> None:
    kind, body = encode(_fact(STOP, "rests"))
    plain = json.loads(body)
    assert plain.pop("conditional") is True
    told = decode(kind, json.dumps(plain))
    assert isinstance(told, RestingNoted)
    assert not told.conditional
