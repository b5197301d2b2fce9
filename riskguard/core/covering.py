"""Brings the hedge of one asset to its target: the one place where hedge orders come from."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import Enum

from riskguard.core.assessing import Assessment, account_of
from riskguard.core.bookkeeping import EXPIRES_S
from riskguard.core.facts import Decided, IntentRecorded, PlanApproved
from riskguard.core.hedge.limits import Ask, Refused, judge
from riskguard.core.hedge.plan import Candidate, Route, band, missing, route, smallest, whole_lots
from riskguard.core.hedge.usage import notional_today, orders_this_minute
from riskguard.core.incident.incident import Incident
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import PlaceOrder, Severity
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.ledger import COVER
from riskguard.core.orders.lifecycle import Order, State
from riskguard.core.policy import HedgeRule, Then
from riskguard.core.routing import obstacle_at, preferred
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, Path, Verdict, side_of
from riskguard.core.watching import Watch

WAYS_OUT = (Purpose.UNWIND, Purpose.ORPHAN)
LONGEST_PAUSE_S = 30.0
FAILS_TOLD = 4
ANSWER_SOON_MS = 3_000
"""An acknowledged order younger than this is waited for; an older one is a doubt, and counted in full."""


class Progress(Enum):
    """How near the target is."""

    REACHED = "reached"
    """As near as lots allow, and nothing is out."""
    UNDER_WAY = "under way"
    STUCK = "stuck"
    """Something refuses, or there is nowhere to go; the trader was told."""


@dataclass(frozen=True, slots=True)
class Job:
    """One asset to be brought to a target within one incident."""

    incident: Incident
    found: Assessment
    hedge: HedgeRule
    target: Decimal
    """The hedge that should be held, after ceilings; base units, signed."""
    closing: Purpose
    """The purpose of orders that take hedge off."""
    may_add: bool
    """Whether verdict, veto and rule allow new risk now; the limits are asked on top."""

    @property
    def asset(self) -> str:
        """The asset's name."""
        return self.found.asset.name

    @property
    def missing(self) -> Decimal:
        """What must still be traded, every doubt counted in full."""
        return missing(self.target, self.found.cover_low, self.found.cover_high)


def cover(memory: Memory, watch: Watch, turn: Turn, job: Job) -> Progress:
    """Send the next order towards the target, if one is due and allowed."""
    left, mid = job.missing, job.found.mid
    if _too_small(memory, job, left):
        in_doubt = job.found.cover_low != job.found.cover_high
        return Progress.UNDER_WAY if in_doubt else Progress.REACHED
    if any(_expected_soon(order, turn) for order in _orders(memory, job)):
        return Progress.UNDER_WAY
    if mid is None:
        return _stuck(memory, turn, job, "no fresh book gives a price")
    takes_off = job.found.cover != ZERO and (left > ZERO) != (job.found.cover > ZERO)
    if takes_off:
        return _take_off(memory, watch, turn, job, left, mid)
    return _add(memory, watch, turn, job, left, mid) if job.may_add else Progress.UNDER_WAY


def _orders(memory: Memory, job: Job) -> Iterator[Order]:
    return (o for o in memory.ledger if o.intent.asset == job.asset and o.intent.purpose in COVER)


def _expected_soon(order: Order, turn: Turn) -> bool:
    if order.state is State.WORKING:
        until_ms = order.since_ms + ANSWER_SOON_MS
        turn.wake_ms(until_ms)
        return turn.now.wall_ms < until_ms
    return order.state is State.INTENDED


def _too_small(memory: Memory, job: Job, left: Decimal) -> bool:
    """Tell whether no market involved takes an order as small as what is missing."""
    if left == ZERO:
        return True
    legs = (*job.found.asset.hedge_on, *(leg for leg in memory.legs() if memory.ledger.cover(job.asset, leg)))
    markets = [memory.markets[leg] for leg in legs if leg in memory.markets]
    takes_off = job.found.cover != ZERO and (left > ZERO) != (job.found.cover > ZERO)
    if takes_off or job.found.mid is None:
        return abs(left) < min((market.lot for market in markets), default=ZERO)
    return abs(left) < smallest(markets, job.found.mid)


def _due(turn: Turn, job: Job, orders: list[Order]) -> bool:
    """Tell whether the pause after an order that came back unfilled is over."""
    last = orders[-1] if orders else None
    if last is None or last.pending or last.filled >= last.intent.amount:
        return True
    due_ms = last.since_ms + round(job.hedge.retry_s * 1000)
    turn.wake_ms(due_ms)
    return turn.now.wall_ms >= due_ms


# ------------------------------------------------------------------ adding hedge


def _add(memory: Memory, watch: Watch, turn: Turn, job: Job, left: Decimal, mid: Decimal) -> Progress:
    plan, is_new = _plan_of(memory, job)
    orders = [o for o in _orders(memory, job) if o.intent.plan == plan]
    failed = sum(not o.pending and o.filled < o.intent.amount for o in orders)
    if failed >= job.hedge.tries and job.hedge.then is Then.TELL:
        return _stuck(memory, turn, job, f"{failed} orders of plan {plan} came back unfilled")
    if not _due(turn, job, orders):
        return Progress.UNDER_WAY
    found, why = _candidates(memory, watch, turn, job)
    step = _slice(job.target, job.hedge.slices, left, found)
    while found:
        chosen = route(step, found, mid, memory.policy.limits.slippage_bps)
        if chosen is None:
            return _stuck(memory, turn, job, "no backup's book holds an orderable amount within the band")
        ruling = judge(_ask(memory, watch, turn, job, chosen, is_new=is_new), memory.policy.limits)
        if not isinstance(ruling, Refused):
            _approve_plan(memory, turn, job, plan, mid, is_new=is_new)
            _send(memory, turn, job, chosen, Purpose.HEDGE, plan, reduce_only=False)
            return Progress.UNDER_WAY
        why = f"{ruling.because} ({chosen.side} {chosen.amount:f} on {chosen.leg} at {chosen.price:f})"
        found = [c for c in found if c.leg != chosen.leg] if ruling.limited_by == "margin" else []
    return _stuck(memory, turn, job, why)


def _plan_of(memory: Memory, job: Job) -> tuple[str, bool]:
    """Give the plan under way, or the name of a new one when the target outgrew it."""
    known = memory.plans.get((job.incident.id, job.asset))
    same_side = known is not None and known[1] * job.target > ZERO
    if known is not None and same_side and abs(job.target) <= abs(known[1]):
        return known[0], False
    number = 1 if known is None else int(known[0].rsplit(".", 1)[1]) + 1
    return f"{job.incident.id}.{job.asset}.{number}", True


def _approve_plan(memory: Memory, turn: Turn, job: Job, plan: str, mid: Decimal, *, is_new: bool) -> None:
    if is_new:
        notional = abs(job.target) * mid
        memory.record(PlanApproved(plan, job.incident.id, job.asset, job.target, notional), turn)


def _slice(target: Decimal, slices: int, left: Decimal, found: list[Candidate]) -> Decimal:
    """Give the signed amount of the next order: a share of the target, never more than is missing."""
    lot = min((candidate.market.lot for candidate in found), default=Decimal(1))
    share = (abs(target) / slices / lot).to_integral_value(ROUND_CEILING) * lot
    return min(share, abs(left)) * (1 if left > ZERO else -1)


def _candidates(memory: Memory, watch: Watch, turn: Turn, job: Job) -> tuple[list[Candidate], str]:
    """Give the legs that may take a hedge order now, and why the last that may not, may not."""
    found: list[Candidate] = []
    why = "no leg to hedge on"
    for leg in preferred(job.found.asset.hedge_on, job.hedge.to):
        obstacle = obstacle_at(memory, watch, turn, leg, job.found.mid, job.incident.venue)
        busy = any(o.intent.leg == leg and o.pending for o in _orders(memory, job))
        if obstacle or busy:
            why = obstacle or f"{leg.venue}: an order there is in doubt"
            continue
        market, book = memory.markets[leg], memory.prices.books[leg]
        found.append(Candidate(leg, market, book))
    return found, why


def _ask(memory: Memory, watch: Watch, turn: Turn, job: Job, chosen: Route, *, is_new: bool) -> Ask:
    now_ms, age_s = turn.now.wall_ms, memory.policy.limits.data_age_s
    return Ask(
        notional=chosen.amount * chosen.price,
        mode=memory.policy.mode,
        armed=memory.armed,
        said_yes=job.incident.wanted,
        venue_fine=memory.standing(chosen.leg.venue).fine,
        place_proven=watch.verdict(chosen.leg.venue, Path.PLACE) is Verdict.UP,
        book_fresh=memory.prices.fresh(chosen.leg, turn.now.mono_s, age_s) is not None,
        book_apart=job.found.mid is None or memory.prices.apart(chosen.leg, job.found.mid),
        new_plan=is_new,
        plans_today=memory.usage.plans_today(now_ms),
        notional_today=notional_today(memory.ledger, now_ms),
        orders_this_minute=orders_this_minute(memory.ledger, now_ms),
        loss_today=memory.usage.loss_today(now_ms),
        journal_ok=not memory.journal_ill,
        account=account_of(memory, chosen.leg.venue, turn),
    )


# ------------------------------------------------------------------ taking hedge off


def _take_off(memory: Memory, watch: Watch, turn: Turn, job: Job, left: Decimal, mid: Decimal) -> Progress:
    """Reduce what we hold where we hold it; no ceiling binds this, but nothing is sent unarmed."""
    if not memory.acts:
        return _stuck(memory, turn, job, "the hedge should be reduced, but the guard is not armed")
    why, is_waiting = "the market that carries the hedge is not known", False
    for leg in sorted(job.found.asset.hedge_on, key=lambda leg: _is_down(watch, leg)):
        held = memory.ledger.cover(job.asset, leg)
        market = memory.markets.get(leg)
        if market is None or held == ZERO or (held > ZERO) == (left > ZERO):
            continue
        if not _way_out_due(memory, turn, job, leg):
            is_waiting = True
            continue
        there = _undisputed(memory, leg, held)
        amount = whole_lots(min(abs(left), there, _step_off(memory, job, held, market.lot)), market.lot)
        if amount <= ZERO:
            why = f"somebody else traded against our {signed(held)} on {leg}; is that still there?"
            continue
        side = side_of(left)
        price = band(mid, side, memory.policy.limits.slippage_bps, market.tick)
        chosen = Route(leg, side, amount, price, ZERO)
        reduce_only = _only_reduces(memory, leg, held, amount)
        _send(memory, turn, job, chosen, job.closing, "", reduce_only=reduce_only)
        return Progress.UNDER_WAY
    return Progress.UNDER_WAY if is_waiting else _stuck(memory, turn, job, why)


def _is_down(watch: Watch, leg: Leg) -> bool:
    return watch.verdict(leg.venue, Path.PLACE) is Verdict.DOWN


def _way_out_due(memory: Memory, turn: Turn, job: Job, leg: Leg) -> bool:
    """Tell whether a leg may be tried again; the pause doubles while its orders come back unfilled.

    A venue that is down is tried as well: only an order can show that its order path is back, and a bounded
    one that takes off risk is the best canary.
    """
    orders = [o for o in _orders(memory, job) if o.intent.leg == leg and o.intent.purpose in WAYS_OUT]
    failed = 0
    for order in reversed(orders):
        if order.pending or order.filled > ZERO:
            break
        failed += 1
    if not failed:
        return True
    pause_s = min(job.hedge.retry_s * (1 << min(failed - 1, 6)), LONGEST_PAUSE_S)
    due_ms = orders[-1].since_ms + round(pause_s * 1000)
    turn.wake_ms(due_ms)
    if failed >= FAILS_TOLD and turn.now.wall_ms >= due_ms:
        title = f"{job.asset}: taking the hedge off {leg} failed {failed} times; it is tried on"
        memory.tell(
            turn, Severity.ALARM, title, incident=job.incident.id, once=f"{job.incident.id}.{leg}.out"
        )
    return turn.now.wall_ms >= due_ms


def _step_off(memory: Memory, job: Job, held: Decimal, lot: Decimal) -> Decimal:
    """Give the most that one order takes off: a slice when the venue is well, all of an orphan."""
    _, planned = memory.plans.get((job.incident.id, job.asset), ("", held))
    if job.closing is Purpose.ORPHAN:
        return abs(held)
    return (abs(planned or held) / job.hedge.slices / lot).to_integral_value(ROUND_CEILING) * lot


def _undisputed(memory: Memory, leg: Leg, held: Decimal) -> Decimal:
    """Give how much of our hedge on a leg is surely still there: somebody else may have closed the rest.

    A foreign trade against our hedge may be a position of its own or somebody's end to the hedge; closing
    that part again would open a position if it was the latter.
    """
    foreign = memory.others.changes.get(leg, ZERO)
    return max(abs(held) - abs(foreign), ZERO) if foreign * held < ZERO else abs(held)


def _only_reduces(memory: Memory, leg: Leg, held: Decimal, amount: Decimal) -> bool:
    """Tell whether the venue sees an order against our hedge as one that reduces its position.

    Where the trader holds more the other way, the account's position has his sign, and a reduce-only order
    would be refused.
    """
    market, basis = memory.markets.get(leg), memory.bases.agreed.get(leg)
    if market is None or not market.derivative:
        return False
    position = held if basis is None else basis.amount + memory.ours(leg) - memory.bases.margin(leg)
    return position * held > ZERO and abs(position) >= amount


# ------------------------------------------------------------------ both


def _send(
    memory: Memory, turn: Turn, job: Job, chosen: Route, purpose: Purpose, plan: str, *, reduce_only: bool
) -> None:
    intent = OrderIntent(
        client_id=memory.next_client_id(purpose),
        leg=chosen.leg,
        asset=job.asset,
        side=chosen.side,
        amount=chosen.amount,
        price=chosen.price,
        tif=TimeInForce.IOC,
        reduce_only=reduce_only,
        purpose=purpose,
        incident=job.incident.id,
        plan=plan,
        created_ms=turn.now.wall_ms,
        sequence=memory.ledger.sequence,
    )
    inputs = {
        "client_id": intent.client_id,
        "target": str(job.target),
        "cover": [str(job.found.cover_low), str(job.found.cover_high)],
        "mid": str(job.found.mid),
        "net": str(job.found.exposure.net) if job.found.exposure else None,
        "because": job.incident.because,
    }
    memory.record(Decided(f"send {purpose.name.lower()}", job.incident.id, json.dumps(inputs)), turn)
    memory.fold(IntentRecorded(intent), turn.now.wall_ms)
    memory.sent_s[intent.client_id] = turn.now.mono_s
    memory.bases = memory.bases.touch(chosen.leg, turn.now.mono_s)
    turn.do(PlaceOrder(memory.next_call(), intent, memory.policy.detect.order_ack_s, EXPIRES_S))


def _stuck(memory: Memory, turn: Turn, job: Job, why: str) -> Progress:
    title = f"{job.asset}: {signed(job.missing)} of the hedge cannot be sent"
    key = f"{job.incident.id}.{job.asset}.{why.split(' (', maxsplit=1)[0]}"
    memory.tell(turn, Severity.ALARM, title, why, incident=job.incident.id, once=key)
    return Progress.STUCK
