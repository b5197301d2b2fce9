"""Closing at home: a reduce-only order at the venue in trouble itself, before a hedge is built elsewhere.

It is cheaper than a hedge and leaves nothing to take off, but it changes what the trader holds, and an order
without an answer there would double the doubt. So it is tried only where the venue's last word on reduce-only
orders was a good one, and once per incident. Its fill makes the trader's part smaller and is no part of the
hedge; while it may still fill, the exposure is an interval with that fill and without.
"""

import json
from decimal import Decimal

from riskguard.core.exposure.assessing import Assessment
from riskguard.core.facts import Decided, IntentRecorded
from riskguard.core.hedge.plan import band, missing, orderable, whole_lots
from riskguard.core.incident.incident import Incident
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import PlaceOrder, Severity
from riskguard.core.orders.bookkeeping import EXPIRES_S
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.policy import AssetPolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, Mode, side_of
from riskguard.core.watch.watching import Watch


def try_home_first(
    memory: Memory, watch: Watch, turn: Turn, incident: Incident, found: Assessment, target: Decimal
) -> bool:
    """Close at home what is missing of a hedge, if that may be tried; gives whether an order left."""
    left = missing(target, found.cover_low, found.cover_high)
    within_s = memory.policy.limits.data_age_s
    if left == ZERO or found.mid is None or not may_send(memory, incident):
        return False
    if any(o.intent.incident == incident.id and o.intent.purpose is Purpose.HOME for o in memory.ledger):
        return False
    if not watch.reduce_answered(incident.venue, turn.now.mono_s, within_s):
        return False
    leg = largest_leg(memory, incident, found.asset, left)
    if leg is None:
        return False
    sent = close_at_home(memory, turn, incident, found, leg, left, Purpose.HOME)
    if sent != ZERO:
        title = (
            f"{incident.venue} still takes orders that reduce: {signed(sent)} {found.asset.name} goes there"
        )
        body = "what it does not fill is hedged elsewhere; it is tried once"
        memory.tell(turn, Severity.WARNING, title, body, incident=incident.id)
    return sent != ZERO


def may_send(memory: Memory, incident: Incident) -> bool:
    """Tell whether the trader's own position may be touched: armed, a person's yes where asked, a record."""
    asked = memory.policy.mode is not Mode.CONFIRM or incident.wanted or incident.unwind_wanted
    return memory.acts and asked and not memory.journal_ill and not memory.self_ill


def largest_leg(memory: Memory, incident: Incident, asset: AssetPolicy, trade: Decimal) -> Leg | None:
    """Give the largest derivative leg at an incident's venue that trading this way makes smaller.

    Spot is left out: nothing there keeps an order from doing more than to reduce.
    """
    legs = [
        leg
        for leg in asset.legs
        if leg.venue == incident.venue
        and held(memory, leg) * trade < ZERO
        and (market := memory.markets.get(leg)) is not None
        and market.derivative
    ]
    return max(legs, key=lambda leg: abs(held(memory, leg)), default=None)


def held(memory: Memory, leg: Leg) -> Decimal:
    """Give the trader's position in a leg, as far as known; the coin that margins it cannot be closed."""
    return memory.bases.position(leg) or ZERO


def close_at_home(
    memory: Memory,
    turn: Turn,
    incident: Incident,
    found: Assessment,
    leg: Leg,
    trade: Decimal,
    purpose: Purpose,
    plan: str = "",
) -> Decimal:
    """Send one banded reduce-only order for a signed amount; gives what it trades, zero where none left."""
    market, mid = memory.markets[leg], found.mid
    amount = whole_lots(min(abs(trade), abs(held(memory, leg))), market.lot)
    out = [o for o in memory.ledger.pending(leg=leg) if o.intent.purpose is not Purpose.CANARY]
    if mid is None or out:  # a canary that rests there is what shows that home takes orders
        return ZERO
    side = side_of(trade)
    price = band(mid, side, memory.policy.limits.slippage_bps, market.tick)
    if not orderable(amount, price, market):
        return ZERO
    intent = OrderIntent(
        client_id=memory.next_client_id(purpose),
        leg=leg,
        asset=found.asset.name,
        side=side,
        amount=amount,
        price=price,
        tif=TimeInForce.IOC,
        reduce_only=True,
        purpose=purpose,
        incident=incident.id,
        plan=plan,
        created_ms=turn.now.wall_ms,
        sequence=memory.ledger.sequence,
    )
    inputs = {
        "client_id": intent.client_id,
        "held": str(held(memory, leg)),
        "cover": [str(found.cover_low), str(found.cover_high)],
        "mid": str(mid),
        "because": incident.because,
    }
    memory.record(Decided(f"send {purpose.name.lower()}", incident.id, json.dumps(inputs)), turn)
    memory.fold(IntentRecorded(intent), turn.now.wall_ms)
    memory.sent_s[intent.client_id] = turn.now.mono_s
    memory.bases = memory.bases.touch(leg, turn.now.mono_s)
    turn.do(PlaceOrder(memory.next_call(), intent, memory.policy.detect.order_ack_s, EXPIRES_S))
    return intent.signed_amount
