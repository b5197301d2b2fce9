"""Adds hedge: the next step, split over venues at the least cost, each order judged by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from riskguard.core.exposure.assessing import account_of
from riskguard.core.exposure.disputes import obstacle
from riskguard.core.facts import PlanApproved
from riskguard.core.hedge import carry
from riskguard.core.hedge.limits import Ask, Refused, judge
from riskguard.core.hedge.margin import room, shortage
from riskguard.core.hedge.ordering import ONE, Job, Progress, orders_of, send, stuck
from riskguard.core.hedge.plan import Candidate, Route, band, smallest
from riskguard.core.hedge.router import split
from riskguard.core.hedge.routing import Place, Quest, open_places, proven
from riskguard.core.hedge.usage import notional_today, orders_this_minute
from riskguard.core.memory import Memory
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import Order
from riskguard.core.policy import Then
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, side_of
from riskguard.core.watch.watching import Watch

SOON_S = 1.0


@dataclass(slots=True)
class Step:
    """One step towards the target while it is being sent; amounts in units of the asset, signed."""

    left: Decimal
    plan: str
    is_new: bool
    why: str
    """What stood in the way last."""
    elsewhere: bool = True
    """Whether another venue may still take what is left."""
    waits: bool = False
    """Whether only what more naked assets have claimed, or what the next balance shows, stands in the way."""
    sent: int = 0


def add(memory: Memory, watch: Watch, turn: Turn, job: Job, left: Decimal) -> Progress:
    """Send the next step towards the target, over as many venues as make it cheapest."""
    paused = obstacle(memory, job.found.asset)
    if paused:
        return stuck(memory, turn, job, paused)
    plan, is_new = _plan_of(memory, job)
    orders = [o for o in orders_of(memory, job) if o.intent.plan == plan]
    # Orders of one step count as one try.
    failed = len({o.intent.created_ms for o in orders if not o.pending and o.filled < o.intent.amount})
    if failed >= job.hedge.tries and job.hedge.then is Then.TELL:
        return stuck(memory, turn, job, f"{failed} tries of plan {plan} came back unfilled")
    if not _due(turn, job, orders):
        return Progress.UNDER_WAY
    found, why = open_places(memory, watch, turn, _quest(memory, job))
    if not found:
        return stuck(memory, turn, job, why, kind="nowhere")
    step = Step(_slice(job, left, found), plan, is_new, why)
    for tier in sorted({_tier(memory, job, orders, place) for place in found}):
        here = [place for place in found if _tier(memory, job, orders, place) == tier]
        _send_over(memory, watch, turn, job, step, here)
    if step.sent:
        return Progress.UNDER_WAY
    if step.waits:
        turn.wake_at(turn.now.mono_s + SOON_S)
        return Progress.UNDER_WAY
    return stuck(memory, turn, job, step.why)


def _due(turn: Turn, job: Job, orders: Sequence[Order]) -> bool:
    """Tell whether the pause after a step that came back unfilled is over."""
    if not orders:
        return True
    last_ms = orders[-1].intent.created_ms
    unfilled = [
        o for o in orders if o.intent.created_ms == last_ms and not o.pending and o.filled < o.intent.amount
    ]
    if not unfilled:
        return True
    due_ms = max(o.since_ms for o in unfilled) + round(job.hedge.retry_s * 1000)
    turn.wake_ms(due_ms)
    return turn.now.wall_ms >= due_ms


# ------------------------------------------------------------------ where


def _quest(memory: Memory, job: Job) -> Quest:
    busy = {o.intent.leg for o in orders_of(memory, job) if o.pending}
    return Quest(job.found.asset, job.found.mid, job.incident.venue, job.hedge.to, busy)


def _tier(memory: Memory, job: Job, orders: Sequence[Order], place: Place) -> tuple[bool, bool, bool]:
    """Rank a place: a proxy comes last, then where an order just came back, then where trouble is shared."""
    domain = memory.policy.venue(job.incident.venue).domain
    shares = bool(domain) and memory.policy.venue(place.leg.venue).domain == domain
    last = next((o for o in reversed(orders) if o.intent.leg == place.leg), None)
    came_back = last is not None and not last.pending and last.filled == ZERO
    return place.per_unit != ONE, came_back, shares


def _slice(job: Job, left: Decimal, found: Sequence[Place]) -> Decimal:
    """Give the signed amount of the next step: a share of the target, never more than is missing.

    It is never so small that no market takes it, and leaves no rest that is.
    """
    lot = min(place.market.lot * place.per_unit for place in found)
    least = min(smallest((place.market,), place.mid) * place.per_unit for place in found)
    share = max((abs(job.target) / job.hedge.slices / lot).to_integral_value(ROUND_CEILING) * lot, least)
    share = abs(left) if abs(left) - share < least else share
    return share * (1 if left > ZERO else -1)


# ------------------------------------------------------------------ how much


def _send_over(
    memory: Memory, watch: Watch, turn: Turn, job: Job, step: Step, found: Sequence[Place]
) -> None:
    """Split what is left over places of one rank; what one venue's account refuses goes to the others."""
    open_places = {place.leg: place for place in found}
    while open_places and step.left != ZERO and step.elsewhere:
        first = next(iter(open_places.values()))
        candidates = [_candidate(memory, turn, job, step, place) for place in open_places.values()]
        routed = split(step.left / first.per_unit, candidates, first.mid, _slippage(memory))
        if not routed.routes:
            if not any(c.room is not None and c.room < smallest((c.market,), first.mid) for c in candidates):
                step.why = "no backup's book holds an orderable amount within the band"
            return
        refused = False
        for route in routed.routes:
            place = open_places.pop(route.leg)
            if not step.elsewhere:
                return
            refused = not _send_one(memory, watch, turn, job, step, place, route) or refused
        if not refused:
            return


def _slippage(memory: Memory) -> Decimal:
    return memory.policy.limits.slippage_bps


def _candidate(memory: Memory, turn: Turn, job: Job, step: Step, place: Place) -> Candidate:
    """Give a place with the room that its account has left; notes why that is too little."""
    side = side_of(step.left)
    bare = Candidate(
        place.leg,
        place.market,
        memory.prices.books[place.leg],
        carry_bps=carry.expected_bps(memory, turn, place.leg, side),
    )
    account, limits = account_of(memory, place.leg.venue, turn), memory.policy.limits
    if account is None:
        step.why = f"{place.leg.venue}: its balance is not known"
        return replace(bare, room=ZERO)
    price = max(band(place.mid, side, limits.slippage_bps, place.market.tick), place.mid)
    wanted = abs(step.left) / place.per_unit * price
    short = shortage(account, place.leg, wanted * side.sign, limits)
    if short is not None and account.settling == ZERO:
        step.why = short.because
    most = room(account, place.leg, (wanted + job.claimed) * side.sign, limits) - job.claimed
    step.waits = step.waits or (most < wanted and (short is None or account.settling > ZERO))
    return replace(bare, room=max(most, ZERO) / price)


def _send_one(
    memory: Memory, watch: Watch, turn: Turn, job: Job, step: Step, place: Place, route: Route
) -> bool:
    ruling = judge(_ask(memory, watch, turn, job, step, place, route), memory.policy.limits)
    if isinstance(ruling, Refused):
        step.why = f"{ruling.because} ({route.side} {route.amount:f} on {route.leg} at {route.price:f})"
        step.elsewhere = ruling.elsewhere
        return False
    if step.is_new:
        notional = abs(job.target) * (job.found.mid or ZERO)
        approved = PlanApproved(step.plan, job.incident.id, job.asset, job.target, notional)
        memory.record(approved, turn)
        step.is_new = False
    send(memory, turn, job, route, Purpose.HEDGE, plan=step.plan, per_unit=place.per_unit)
    step.left -= route.amount * route.side.sign * place.per_unit
    step.sent += 1
    return True


def _plan_of(memory: Memory, job: Job) -> tuple[str, bool]:
    """Give the plan under way, or the name of a new one when the target outgrew it."""
    known = memory.plans.get((job.incident.id, job.asset))
    same_side = known is not None and known[1] * job.target > ZERO
    if known is not None and same_side and abs(job.target) <= abs(known[1]):
        return known[0], False
    number = 1 if known is None else int(known[0].rsplit(".", 1)[1]) + 1
    return f"{job.incident.id}.{job.asset}.{number}", True


def _ask(memory: Memory, watch: Watch, turn: Turn, job: Job, step: Step, place: Place, route: Route) -> Ask:
    now_ms, age_s = turn.now.wall_ms, memory.policy.limits.data_age_s
    venue = route.leg.venue
    return Ask(
        leg=route.leg,
        notional=route.amount * max(route.price, place.mid) * route.side.sign,
        mode=memory.policy.mode,
        armed=memory.armed,
        said_yes=job.incident.wanted,
        venue_fine=memory.standing(venue).fine,
        place_proven=proven(memory, watch, turn, venue),
        book_fresh=memory.prices.fresh(route.leg, turn.now.mono_s, age_s) is not None,
        book_apart=memory.prices.apart(route.leg, place.mid),
        new_plan=step.is_new,
        plans_today=memory.usage.plans_today(now_ms),
        notional_today=notional_today(memory.ledger, now_ms),
        orders_this_minute=orders_this_minute(memory.ledger, now_ms),
        loss_today=memory.usage.loss_today(now_ms),
        journal_ok=not memory.journal_ill,
        account=account_of(memory, venue, turn),
    )


def still_to_send(memory: Memory, job: Job) -> Decimal:
    """Give the notional that a job is about to order after what it sent just now, quote units."""
    low, high = memory.ledger.cover_range(job.asset)
    left = replace(job, found=replace(job.found, cover_low=low, cover_high=high)).missing
    return abs(left) * (job.found.mid or ZERO) if left * job.target > ZERO else ZERO
