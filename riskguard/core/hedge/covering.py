"""Brings the hedge of one asset to its target, and takes off what is too much."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from riskguard.core.exposure.pricing import mid_of, why_no_mid
from riskguard.core.facts import HedgeAdjusted
from riskguard.core.hedge.ordering import Job, Progress, orders_of, send, stuck
from riskguard.core.hedge.placing import add
from riskguard.core.hedge.plan import Route, band, orderable, whole_lots
from riskguard.core.hedge.routing import Quest, least_order
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import Severity
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import Order, State
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, Market, Path, Verdict, side_of
from riskguard.core.watch.watching import Watch

WAYS_OUT = (Purpose.UNWIND, Purpose.ORPHAN)
LONGEST_PAUSE_S = 30.0
LONGEST_AT_FINE_S = 5.0
"""Orders of a way out that failed say little of a venue that is well again: a leg may be gone meanwhile."""
FAILS_TOLD = 4
DOUBT_LASTS_MS = 5_000
"""Most doubts end with the first answers; one that lasts longer is told."""
ANSWER_SOON_MS = 3_000
"""An acknowledged order younger than this is waited for; an older one is a doubt, and counted in full."""


def cover(memory: Memory, watch: Watch, turn: Turn, job: Job) -> Progress:
    """Send the next orders towards the target, if any are due and allowed."""
    left = job.missing
    _tell_doubts(memory, turn, job)
    if _too_small(memory, turn, job, left):
        in_doubt = job.found.cover_low != job.found.cover_high
        return Progress.UNDER_WAY if in_doubt else Progress.REACHED
    if any(_expected_soon(order, turn) for order in orders_of(memory, job)):
        return Progress.UNDER_WAY
    if job.found.mid is None:
        return stuck(memory, turn, job, why_no_mid(memory, job.found.asset, turn))
    if _takes_off(job, left):
        return _take_off(memory, watch, turn, job, left)
    return add(memory, watch, turn, job, left) if job.may_add else Progress.UNDER_WAY


def _takes_off(job: Job, left: Decimal) -> bool:
    return job.found.cover != ZERO and (left > ZERO) != (job.found.cover > ZERO)


def _tell_doubts(memory: Memory, turn: Turn, job: Job) -> None:
    """Say once of each order that nobody knows what became of it, what that means and what happens."""
    for order in orders_of(memory, job):
        if order.state is not State.IN_DOUBT:
            continue
        due_ms = order.since_ms + DOUBT_LASTS_MS
        if turn.now.wall_ms < due_ms:
            turn.wake_ms(due_ms)
            continue
        intent = order.intent
        title = f"{job.asset}: {signed(intent.signed_amount)} at {intent.leg.venue} is in doubt"
        body = "it counts in full, nothing is sent in its place, and the venue is asked until it is settled"
        memory.tell(
            turn,
            Severity.ALARM,
            title,
            f"{intent.client_id}: {body}",
            incident=job.incident.id,
            once=intent.client_id,
        )


def _expected_soon(order: Order, turn: Turn) -> bool:
    if order.state is State.WORKING:
        until_ms = order.since_ms + ANSWER_SOON_MS
        turn.wake_ms(until_ms)
        return turn.now.wall_ms < until_ms
    return order.state is State.INTENDED


def _too_small(memory: Memory, turn: Turn, job: Job, left: Decimal) -> bool:
    """Tell whether no market involved takes an order as small as what is missing."""
    if left == ZERO:
        return True
    carried = [
        market.lot * _per_unit(memory, job, leg)
        for leg in memory.ledger.cover_legs(job.asset)
        if memory.ledger.held(job.asset, leg) and (market := memory.markets.get(leg)) is not None
    ]
    if _takes_off(job, left):
        return abs(left) < min(carried, default=ZERO)
    quest = Quest(job.found.asset, job.found.mid, job.incident.venue)
    return abs(left) < least_order(memory, turn, quest)


# ------------------------------------------------------------------ taking hedge off


def _take_off(memory: Memory, watch: Watch, turn: Turn, job: Job, left: Decimal) -> Progress:
    """Reduce what we hold where we hold it; no ceiling binds this, but nothing is sent unarmed.

    The hedge of a leg that is gone comes off everywhere at once, all else in steps.
    """
    if not memory.acts:
        return stuck(memory, turn, job, "the hedge should be reduced, but the guard is not armed")
    why, is_waiting, rest = "the market that carries the hedge is not known", False, abs(left)
    dust: list[Leg] = []
    for leg in sorted(memory.ledger.cover_legs(job.asset), key=lambda leg: _is_down(watch, leg)):
        held, market, mid = (
            memory.ledger.held(job.asset, leg),
            memory.markets.get(leg),
            _mid(memory, turn, leg),
        )
        if market is None or mid is None or held == ZERO or (held > ZERO) == (left > ZERO):
            continue
        if not _way_out_due(memory, turn, job, leg):
            is_waiting = True
            continue
        per_unit, there = _per_unit(memory, job, leg), _undisputed(memory, leg, held)
        wanted = abs(held) if rest >= abs(held) * per_unit else rest / per_unit
        most = _step_off(memory, job, held, per_unit, market.lot)
        amount = whole_lots(min(wanted, there, most), market.lot)
        if amount < min(wanted, there) and _is_dust(memory, leg, held, min(wanted, there) - amount, mid):
            amount = whole_lots(min(wanted, there), market.lot)  # what would stay no order could take off
        if amount > ZERO and _is_dust(memory, leg, held, amount, mid):
            why = _dust_words(held, leg, market)
            dust.append(leg)
            continue
        if amount <= ZERO:
            why = f"somebody else traded against our {signed(held)} on {leg}; is that still there?"
            continue
        side = side_of(left)
        price = band(mid, side, memory.policy.limits.slippage_bps, market.tick)
        chosen = Route(leg, side, amount, price, ZERO)
        reduces = _only_reduces(memory, leg, held, amount)
        send(memory, turn, job, chosen, job.closing, reduce_only=reduces, per_unit=per_unit)
        is_waiting, rest = True, rest - amount * per_unit
        if job.closing is not Purpose.ORPHAN or rest <= ZERO:
            break
    if not is_waiting and dust and job.target == ZERO:
        return _leave(memory, turn, job, dust)
    return Progress.UNDER_WAY if is_waiting else stuck(memory, turn, job, why)


def _is_dust(memory: Memory, leg: Leg, held: Decimal, amount: Decimal, mid: Decimal) -> bool:
    """Tell whether a part of our hedge is less than the venue takes as an order.

    Reduce-only orders are taken whatever they are worth: Binance documents its least notional for all others,
    and venues that refuse them all the same say so with a code of their own, which is tried on and told.
    """
    market = memory.markets[leg]
    return not _only_reduces(memory, leg, held, amount) and not orderable(amount, mid, market)


def _leave(memory: Memory, turn: Turn, job: Job, legs: Sequence[Leg]) -> Progress:
    """Count as the trader's what no order could take off, and say so: nothing else would ever end it."""
    for leg in legs:
        left, market = memory.ledger.held(job.asset, leg), memory.markets[leg]
        why = _dust_words(left, leg, market)
        memory.record(HedgeAdjusted(leg, job.asset, -left, why, "riskguard"), turn)
        title = f"{job.asset}: {signed(left)} of the hedge stays on {leg} and counts as yours"
        memory.tell(turn, Severity.WARNING, title, why, incident=job.incident.id)
    return Progress.UNDER_WAY


def _dust_words(held: Decimal, leg: Leg, market: Market) -> str:
    return (
        f"{signed(held)} is less than {leg.venue} takes as an order "
        f"(at least {market.min_amount:f} and {market.min_notional:f} {market.quote})"
    )


def _per_unit(memory: Memory, job: Job, leg: Leg) -> Decimal:
    """Give how much of the asset one base unit of our hedge on a leg stands for; not one for a proxy only."""
    held, covered = memory.ledger.held(job.asset, leg), memory.ledger.cover(job.asset, leg)
    return Decimal(1) if held in (ZERO, covered) else covered / held


def _mid(memory: Memory, turn: Turn, leg: Leg) -> Decimal | None:
    """Give the consensus price of what is traded on a leg, which for a proxy is another asset's."""
    asset = memory.policy.asset_of(leg)
    return mid_of(memory, asset, turn) if asset is not None else None


def _is_down(watch: Watch, leg: Leg) -> bool:
    return watch.verdict(leg.venue, Path.PLACE) is Verdict.DOWN


def _way_out_due(memory: Memory, turn: Turn, job: Job, leg: Leg) -> bool:
    """Tell whether a leg may be tried again; the pause doubles while its orders come back unfilled.

    A venue that is down is tried as well: only an order can show that its order path is back, and a bounded
    one that takes off risk is the best canary.
    """
    orders = [o for o in orders_of(memory, job) if o.intent.leg == leg and o.intent.purpose in WAYS_OUT]
    failed = 0
    for order in reversed(orders):
        if order.pending or order.filled > ZERO:
            break
        failed += 1
    if not failed:
        return True
    longest_s = LONGEST_AT_FINE_S if memory.standing(leg.venue).fine else LONGEST_PAUSE_S
    pause_s = min(job.hedge.retry_s * (1 << min(failed - 1, 6)), longest_s)
    due_ms = orders[-1].since_ms + round(pause_s * 1000)
    turn.wake_ms(due_ms)
    if failed >= FAILS_TOLD and turn.now.wall_ms >= due_ms:
        title = f"{job.asset}: taking the hedge off {leg} failed {failed} times; it is tried on"
        low, high = memory.ledger.held_range(leg, job.asset)
        left = signed(low) if low == high else f"{signed(low)} to {signed(high)}"
        body = (
            f"{left} is still held there; the next try follows within {pause_s:.0f} s, later ones more slowly"
        )
        memory.tell(
            turn, Severity.ALARM, title, body, incident=job.incident.id, once=f"{job.incident.id}.{leg}.out"
        )
    return turn.now.wall_ms >= due_ms


def _step_off(memory: Memory, job: Job, held: Decimal, per_unit: Decimal, lot: Decimal) -> Decimal:
    """Give the most that one order takes off: a slice when the venue is well, all of an orphan.

    A slice is one of all that was held when the first order of the way out left: of what is still held, each
    would be smaller than the one before, without end.
    """
    if job.closing is Purpose.ORPHAN:
        return abs(held)
    whole = abs(job.found.cover)
    for order in reversed(tuple(orders_of(memory, job))):
        if order.intent.purpose not in WAYS_OUT:
            break
        whole += order.filled * order.intent.per_unit
    whole /= per_unit
    return (whole / job.hedge.slices / lot).to_integral_value(ROUND_CEILING) * lot


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
