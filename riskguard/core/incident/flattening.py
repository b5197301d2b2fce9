"""Closing the leg at home together with its hedge, slice by slice, once the venue is well again.

Each step closes one slice at home and then takes as much off the hedge, so that the net is never further from
where it was than one slice. Only what is hedged is closed: the rest of the leg was left open on purpose
(`size`, `keep`, a ceiling). While a slice at home has no answer nothing else moves; when no more can be
closed there, what is left of the hedge is released. The plan is journalled, so a restart goes on with it.
"""

from decimal import ROUND_CEILING, Decimal

from riskguard.core.exposure.assessing import Assessment
from riskguard.core.facts import FlattenPlanned
from riskguard.core.hedge.home import close_at_home, held, largest_leg, may_send
from riskguard.core.incident.course import Flattening
from riskguard.core.incident.incident import Incident
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import Severity
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import Order
from riskguard.core.policy import AssetPolicy, HedgeRule
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO

LONGEST_PAUSE_S = 30.0
FAILS_TOLD = 4


def plan(memory: Memory, turn: Turn, incident: Incident, asset: AssetPolicy) -> None:
    """Decide, when the hedge is about to come off, what is closed at home with it."""
    wanted = memory.policy.unwind.how == "flatten" or memory.handling[incident.id].flatten.get(asset.name)
    cover = memory.ledger.cover(asset.name)
    leg = largest_leg(memory, incident, asset, cover) if wanted and cover != ZERO else None
    if leg is None:
        if memory.course.flattening(incident.id, asset.name) is not None:
            memory.record(FlattenPlanned(incident.id, asset.name, asset.legs[0], ZERO, cover), turn)
        return
    amount = min(abs(cover), abs(held(memory, leg))) * (1 if cover > ZERO else -1)
    memory.record(FlattenPlanned(incident.id, asset.name, leg, amount, cover), turn)
    title = f"{signed(held(memory, leg))} at {leg}: {signed(amount)} is traded there in step with the hedge"
    body = "the leg and its hedge are closed together, at most one slice apart"
    memory.tell(turn, Severity.WARNING, title, body, incident=incident.id)


def hedge_left(memory: Memory, incident: Incident, asset: str) -> Decimal:
    """Give the hedge that should be held now: less by what was closed at home, never more than is held."""
    planned = memory.course.flattening(incident.id, asset)
    if planned is None or _is_over(memory, planned):
        return ZERO
    stays = planned.cover - _closed(memory, planned)
    return min(stays, memory.ledger.cover(asset), key=abs)


def close_next(memory: Memory, turn: Turn, incident: Incident, found: Assessment, hedge: HedgeRule) -> bool:
    """Close the next slice at home, the hedge being as it should; gives whether all of it is done."""
    planned = memory.course.flattening(incident.id, found.asset.name)
    if planned is None or _is_over(memory, planned):
        return True
    market, basis = memory.markets.get(planned.leg), memory.bases.agreed.get(planned.leg)
    known = market is not None and basis is not None and not basis.restored
    if market is None or not known or not memory.standing(incident.venue).proven:
        return False  # so soon after a restart
    if not may_send(memory, incident) or not _due(memory, turn, incident, planned, hedge.retry_s):
        return False
    slice_ = (abs(planned.amount) / hedge.slices / market.lot).to_integral_value(ROUND_CEILING) * market.lot
    trade = max(min(_left(memory, planned), slice_), -slice_)
    close_at_home(memory, turn, incident, found, planned.leg, trade, Purpose.FLATTEN, planned.name)
    return False


def _is_over(memory: Memory, planned: Flattening) -> bool:
    """Tell whether no whole order is left to close: of the plan, of the leg, or of what is hedged."""
    if any(order.pending for order in _orders(memory, planned)):
        return False
    market = memory.markets.get(planned.leg)
    least = max(market.lot, market.min_amount) if market is not None else ZERO
    there = held(memory, planned.leg)
    left = min(abs(_left(memory, planned)), abs(there))
    return there * planned.amount >= ZERO or left < least


def _orders(memory: Memory, planned: Flattening) -> list[Order]:
    return [o for o in memory.ledger if o.intent.plan == planned.name and o.intent.leg == planned.leg]


def _closed(memory: Memory, planned: Flattening) -> Decimal:
    return sum((o.filled * o.intent.side.sign for o in _orders(memory, planned)), ZERO)


def _left(memory: Memory, planned: Flattening) -> Decimal:
    """Give what is left to trade at home; what lost its hedge meanwhile stays."""
    hedged = memory.ledger.cover(planned.asset)
    return min(planned.amount - _closed(memory, planned), hedged, key=abs)


def _due(memory: Memory, turn: Turn, incident: Incident, planned: Flattening, retry_s: float) -> bool:
    """Tell whether a slice may leave: none is out, and the pause after those that failed is over."""
    orders = _orders(memory, planned)
    if any(order.pending for order in orders):
        return False
    failed = 0
    for order in reversed(orders):
        if order.filled > ZERO:
            break
        failed += 1
    if not failed:
        return True
    due_ms = orders[-1].since_ms + round(min(retry_s * (1 << min(failed - 1, 6)), LONGEST_PAUSE_S) * 1000)
    turn.wake_ms(due_ms)
    if failed >= FAILS_TOLD:
        title = f"closing {planned.leg} failed {failed} times; its hedge stays meanwhile"
        body = f"{signed(_left(memory, planned))} is left to trade there; it is tried on"
        once = f"{incident.id}.{planned.leg}.flatten"
        memory.tell(turn, Severity.ALARM, title, body, incident=incident.id, once=once)
    return turn.now.wall_ms >= due_ms
