"""Orders of ours that our journal does not know, put on record when a venue shows them.

Ways out leave without a record while the disk fails, and a crash takes the memory of them along. Counted as
somebody else's trade, such a fill would be hedged a second time. Its id bears our mark, so it is ours.
"""

from decimal import Decimal

from riskguard.core.facts import IntentRecorded
from riskguard.core.memory import Memory
from riskguard.core.messages import OrderReport, Severity
from riskguard.core.orders.intent import OrderIntent, TimeInForce
from riskguard.core.orders.ledger import COVER
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, ClientId, Leg, Side

ONE = Decimal(1)
MARKS = {purpose.value: purpose for purpose in COVER}


def is_unrecorded(memory: Memory, client_id: ClientId) -> bool:
    """Tell whether an id is one of this journal's hedges or ways out, and the journal does not know it."""
    ours = client_id.startswith(memory.mark) and client_id not in memory.ledger.orders
    return ours and client_id[-1] in MARKS and _number(memory, client_id) is not None


def take_up(
    memory: Memory,
    turn: Turn,
    client_id: ClientId,
    leg: Leg,
    side: Side,
    amount: Decimal,
    price: Decimal,
    at_ms: int,
) -> None:
    """Put an order on record as far as it shows; `amount` is at least what is filled, base units."""
    number = _number(memory, client_id)
    asset = memory.policy.asset_of(leg)
    before = next((o.intent for o in reversed(tuple(memory.ledger)) if _hedges_there(o.intent, leg)), None)
    if number is None or (before is None and asset is None):
        return
    intent = OrderIntent(
        client_id,
        leg,
        before.asset if before is not None else asset.name if asset is not None else "",
        side,
        amount,
        price,
        TimeInForce.IOC,
        reduce_only=False,
        purpose=MARKS[client_id[-1]],
        incident=before.incident if before is not None else "",
        plan=before.plan if before is not None else "",
        created_ms=at_ms,
        sequence=number,
        per_unit=before.per_unit if before is not None else ONE,
    )
    memory.record(IntentRecorded(intent), turn)
    memory.sent_s[client_id] = turn.now.mono_s
    title = f"{leg.venue} shows an order of ours that is not on record: {client_id}"
    body = "it left while the journal could not be written; it counts as ours"
    memory.tell(turn, Severity.WARNING, title, body, incident=intent.incident, once=title)


def take_up_report(memory: Memory, turn: Turn, report: OrderReport) -> bool:
    """Put on record what a venue's order says of an unrecorded one; gives whether it is one."""
    if not is_unrecorded(memory, report.client_id) or report.filled == ZERO:
        return False
    price = report.average or report.price or ZERO
    amount = max(report.amount, report.filled)
    take_up(memory, turn, report.client_id, report.leg, report.side, amount, price, turn.now.wall_ms)
    return report.client_id in memory.ledger.orders


def _hedges_there(intent: OrderIntent, leg: Leg) -> bool:
    return intent.leg == leg and intent.purpose in COVER


def _number(memory: Memory, client_id: ClientId) -> int | None:
    """Give the number in an id; None where there is none."""
    digits = client_id[len(memory.mark) : -1]
    try:
        return int(digits, 36)
    except ValueError:
        return None
