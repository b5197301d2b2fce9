"""The way back: a venue that is well again is reconciled first, then the hedge comes off in step.

Nothing here trusts time alone. The hedge is released because orders, fills and positions agreed over two
channels for the policy's `stable` time; a venue that answers but whose books do not add up keeps its hedge.
"""

from collections.abc import Sequence
from decimal import Decimal

from riskguard.core.exposure.assessing import Assessment, assess
from riskguard.core.exposure.foreign_fills import ForeignFills
from riskguard.core.hedge.covering import cover
from riskguard.core.hedge.ordering import Job, Progress
from riskguard.core.incident import flattening
from riskguard.core.incident.handling import affected, fitting_rule, move, rule_of
from riskguard.core.incident.incident import Incident
from riskguard.core.incident.table import Event, State
from riskguard.core.incident.under_way import Handling
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import FreezeTrading, Severity
from riskguard.core.orders.bookkeeping import COIN_FEE
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import State as Doubt
from riskguard.core.policy import AssetPolicy, Rule
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg
from riskguard.core.watch.watching import Watch

NEAR_MS = 5_000
"""How far a reading's moment and a fill's may be apart on two clocks."""
AGREED_AGE_S = 4.0
"""Positions must have been agreed on at most this long ago to count towards the stable time."""
PATIENCE_S = 30.0
"""On top of the policy's `stable` time: how long a position that no fills explain must stay the same before
it is believed (liquidations, deleveraging, settlement and busts leave no fills of the trader), and how long
reconciling may last before the trader hears what is missing."""


def step(memory: Memory, watch: Watch, turn: Turn) -> None:
    """Take every open incident one step along the way back, if its venue is well."""
    for incident in list(memory.incidents):
        rule = rule_of(memory, incident)
        if not incident.open:
            continue
        match incident.state:
            case State.OPEN | State.HEDGED:
                _return(memory, turn, incident, rule)
            case State.RECOVERING:
                _reconcile(memory, turn, incident, rule)
            case State.UNWINDING:
                _unwind(memory, watch, turn, incident, rule)
            case State.CLOSED:
                pass


def _return(memory: Memory, turn: Turn, incident: Incident, rule: Rule) -> None:
    """Note that the venue is well: clean for long enough, in this run, with proof on its order paths."""
    handling, standing = memory.handling[incident.id], memory.standing(incident.venue)
    well = standing.fine and standing.proven and not memory.self_ill
    well = (
        well and fitting_rule(memory, incident.venue) is None
    )  # slow trouble goes on at a venue that is FINE
    if not well:
        handling.well_since_s = None
        return
    if handling.well_since_s is None:
        handling.well_since_s = turn.now.mono_s
    if handling.restored:
        due_s = handling.well_since_s + memory.policy.detect.recover.clean_s
        if turn.now.mono_s < due_s:
            turn.wake_at(due_s)
            return
    if _holds_nothing(memory, incident, rule):
        _close(memory, turn, incident, rule, Event.CLEARED, "the venue is well and nothing is hedged")
        return
    if move(memory, turn, incident.id, Event.RETURNED, "the venue is well again"):
        handling.stable_since_s = None
        memory.tell(
            turn,
            Severity.WARNING,
            f"{incident.venue} is well again; its books are being checked",
            "the hedge stays until orders, fills and positions agree",
            incident=incident.id,
        )


def _relapsed(memory: Memory, turn: Turn, incident: Incident) -> bool:
    standing = memory.standing(incident.venue)
    if fitting_rule(memory, incident.venue) is None:
        return False
    memory.handling[incident.id].well_since_s = None
    if move(memory, turn, incident.id, Event.RELAPSED, f"{standing}: {standing.because}"):
        title = f"{incident.venue} is {standing} again"
        handling = memory.handling[incident.id]
        handling.relapses += 1
        counted = f" (relapse {handling.relapses})" if handling.relapses > 1 else ""
        body = f"{standing.because}{counted}"
        memory.tell(turn, Severity.ALARM, title, body, incident=incident.id)
    return True


def _reconcile(memory: Memory, turn: Turn, incident: Incident, rule: Rule) -> None:
    if _relapsed(memory, turn, incident):
        return
    if _holds_nothing(memory, incident, rule):
        _close(memory, turn, incident, rule, Event.UNWOUND, "no hedge is held")
        return
    handling = memory.handling[incident.id]
    if handling.well_since_s is None:
        handling.well_since_s = turn.now.mono_s
    picture, missing = _books(memory, turn, incident, handling.well_since_s)
    standing = memory.standing(incident.venue)
    if missing or picture != handling.stable_picture or not standing.fine:
        handling.stable_picture, handling.stable_since_s = picture, None
        handling.next_action = f"checking the books: {missing}" if missing else "checking the books"
        handling.next_at_ms = None
        changes = "they keep changing" if standing.fine else f"the venue is {standing}: {standing.because}"
        _tell_if_endless(memory, turn, incident, missing or changes)
    if missing:
        return
    if handling.stable_since_s is None:
        handling.stable_since_s = turn.now.mono_s
    due_s = max(
        handling.stable_since_s + memory.policy.detect.recover.stable_s,
        turn.now.mono_s + (incident.held_until_ms - turn.now.wall_ms) / 1000,
        turn.now.mono_s + memory.policy.unwind.after_s - (turn.now.wall_ms - incident.moved_ms) / 1000,
    )
    if turn.now.mono_s < due_s:
        handling.next_action = "take the hedge off"
        handling.next_at_ms = turn.now.wall_ms + round((due_s - turn.now.mono_s) * 1000)
        turn.wake_at(due_s)
        return
    _ask_or_unwind(memory, turn, incident)


def _tell_if_endless(memory: Memory, turn: Turn, incident: Incident, missing: str) -> None:
    """Say what is missing where reconciling lasts, once and then as often as the policy reminds."""
    patience_s = memory.policy.detect.recover.stable_s + PATIENCE_S
    lasted_s = (turn.now.wall_ms - incident.moved_ms) / 1000
    if lasted_s < patience_s:
        turn.wake_at(turn.now.mono_s + patience_s - lasted_s)
        return
    title = f"{incident.venue} answers again, but its books do not add up; the hedge stays"
    body = f"for {lasted_s:.0f} s now: {missing}"
    memory.tell(turn, Severity.ALARM, title, body, incident=incident.id, once=f"{incident.id}{title}")


def _ask_or_unwind(memory: Memory, turn: Turn, incident: Incident) -> None:
    handling = memory.handling[incident.id]
    if memory.policy.unwind.when == "auto" or incident.unwind_wanted:
        for asset in affected(memory, incident, rule_of(memory, incident)):
            flattening.plan(memory, turn, incident, asset)
        move(memory, turn, incident.id, Event.RECONCILED, "books agree over two channels and are stable")
        return
    handling.next_action, handling.next_at_ms = f"waiting for: riskguard unwind {incident.id}", None
    title = f"{incident.venue} is reconciled; the hedge can come off"
    body = f"riskguard unwind {incident.id}"
    asked = f"{incident.id}{title}{handling.relapses}"  # a yes was for one return: another is asked for anew
    memory.tell(turn, Severity.WARNING, title, body, incident=incident.id, once=asked)


def _books(memory: Memory, turn: Turn, incident: Incident, since_s: float) -> tuple[object, str]:
    """Give a picture of the venue's books that must stay the same, or what is still missing from it."""
    venue, now_s = incident.venue, turn.now.mono_s
    handling = memory.handling[incident.id]
    if any(order.state is Doubt.IN_DOUBT for order in memory.ledger.pending(venue=venue)):
        return None, "an order of ours there is in doubt"
    resting = memory.resting.get(venue)
    if resting is None or resting.asked_s < since_s:
        return None, "resting orders were not read since it returned"
    amounts: list[tuple[Leg, Decimal, int]] = []
    for leg in memory.legs(venue):
        basis = memory.bases.agreed.get(leg)
        if basis is None or basis.at.mono_s < since_s or now_s - basis.at.mono_s > AGREED_AGE_S:
            return None, f"two readings of {leg.symbol} have not agreed since it returned"
        if memory.bases.contradicted(leg):
            return None, f"readings of {leg.symbol} contradict each other"
        if memory.trades_asked_s.get(leg, float("-inf")) < since_s:
            return None, f"trades of {leg.symbol} were not read since it returned"
        amounts.append((leg, basis.amount, len(memory.foreign_fills.get(leg, ()))))
    picture = (tuple(amounts), frozenset(resting.orders))
    unexplained = [leg for leg, amount, _ in amounts if not _is_explained(memory, handling, leg, amount)]
    if not unexplained or _believed(memory, turn, incident, picture, unexplained):
        return picture, ""
    return None, f"fills of {unexplained[0].symbol} do not explain its position yet"


def _is_explained(memory: Memory, handling: Handling, leg: Leg, held: Decimal) -> bool:
    before = handling.bases_before.get(leg)
    fills = memory.foreign_fills.get(leg, ForeignFills())
    slack = fills.slack
    if memory.bases.margin(leg) and before is not None:
        slack += COIN_FEE * abs(before[0])  # funding is paid in the coin
    near_ms = NEAR_MS + memory.clock_doubt_ms
    return before is None or explained(*before, list(fills), held, slack, near_ms)


def _believed(
    memory: Memory, turn: Turn, incident: Incident, picture: object, unexplained: Sequence[Leg]
) -> bool:
    """Believe positions that no fills explain once they stayed as they are for long enough, and say so.

    Fills never explain a liquidation that the venue lists elsewhere, an auto-deleveraging, a settlement or a
    bust; what the venue shows over all its channels, again and again, is then all there is to know.
    """
    handling = memory.handling[incident.id]
    if handling.unexplained != picture:
        handling.unexplained, handling.unexplained_since_s = picture, turn.now.mono_s
    due_s = handling.unexplained_since_s + memory.policy.detect.recover.stable_s + PATIENCE_S
    if turn.now.mono_s < due_s:
        turn.wake_at(due_s)
        return False
    for leg in unexplained:
        was, _ = handling.bases_before[leg]
        held = memory.bases.agreed[leg].amount
        traded = sum((amount for _, amount in memory.foreign_fills.get(leg, ())), ZERO)
        handling.bases_before[leg] = (held, turn.now.wall_ms)
        title = f"{leg}: its position changed and no fills explain it; what the venue shows is believed"
        body = (
            f"{signed(was)} when the incident began, {signed(held)} now, fills since then: {signed(traded)}; "
            "a liquidation, a deleveraging, a settlement or a bust"
        )
        memory.tell(turn, Severity.ALARM, title, body, incident=incident.id, once=f"{title}{held}")
    return True


def explained(
    before: Decimal,
    agreed_ms: int,
    fills: Sequence[tuple[int, Decimal]],
    held: Decimal,
    slack: Decimal = ZERO,
    near_ms: int = NEAR_MS,
) -> bool:
    """Tell whether fills, oldest first, lead from what was held before to what is held now, within `slack`.

    A fill near the moment of the last agreement may or may not be in it, so any cut within `near_ms` will do.
    """
    reached = held
    for at_ms, amount in reversed(fills):
        if abs(reached - before) <= slack and at_ms <= agreed_ms + near_ms:
            return True
        if at_ms < agreed_ms - near_ms:
            return False
        reached -= amount
    return abs(reached - before) <= slack


def _unwind(memory: Memory, watch: Watch, turn: Turn, incident: Incident, rule: Rule) -> None:
    if _relapsed(memory, turn, incident):
        return
    handling, standing = memory.handling[incident.id], memory.standing(incident.venue)
    handling.next_action, handling.next_at_ms = "taking the hedge off", None
    left = [asset for asset in affected(memory, incident, rule) if not _needed(memory, incident, asset)]
    reached = True
    for asset in left:
        found = assess(memory, asset, turn)
        orphan = _orphaned(found, rule)
        if orphan is not None:
            job = Job(incident, found, rule.hedge, orphan, Purpose.ORPHAN, may_add=False)
        elif standing.fine:
            still = flattening.hedge_left(memory, incident, asset.name)
            job = Job(incident, found, rule.hedge, still, Purpose.UNWIND, may_add=False)
        else:  # in trouble that no rule names: what was reconciled may be so no more
            handling.next_action = f"waiting: {incident.venue} is {standing}"
            _tell_if_endless(memory, turn, incident, f"the venue is {standing}: {standing.because}")
            reached = False
            continue
        done = cover(memory, watch, turn, job) is Progress.REACHED
        if done and orphan is None:
            done = flattening.close_next(memory, turn, incident, found, rule.hedge)
        reached = done and reached
    if reached and all(memory.ledger.cover_range(asset.name) == (ZERO, ZERO) for asset in left):
        stays = len(left) < sum(1 for _ in affected(memory, incident, rule))
        because = "its hedge stays for another incident" if stays else "the hedge is off"
        _close(memory, turn, incident, rule, Event.UNWOUND, because)


def _needed(memory: Memory, incident: Incident, asset: AssetPolicy) -> bool:
    """Tell whether another incident rests on an asset's hedge: it comes off when the last is reconciled."""
    for other in memory.incidents:
        if other.id == incident.id or other.state not in (State.OPEN, State.HEDGED, State.RECOVERING):
            continue
        rule = rule_of(memory, other)
        hedges = "hedge" in rule.do and not other.vetoed
        if hedges and any(entry.name == asset.name for entry in affected(memory, other, rule)):
            return True
    return False


def _orphaned(found: Assessment, rule: Rule) -> Decimal | None:
    """Give what of a hedge still covers a leg, where more than a slice of it covers none; else None.

    A hedge comes off slice by slice while its leg is there; what lost its leg on the way comes off at once.
    """
    if found.exposure is None or found.cover == ZERO:
        return None
    sign = 1 if found.cover > ZERO else -1
    covering = min(max(-found.exposure.net * sign, ZERO), abs(found.cover))
    one_slice = abs(found.cover) / rule.hedge.slices
    return sign * covering if abs(found.cover) - covering > one_slice else None


def _holds_nothing(memory: Memory, incident: Incident, rule: Rule) -> bool:
    """Tell whether no hedge of this incident is held and none may be."""
    return all(
        memory.ledger.cover_range(asset.name) == (ZERO, ZERO) for asset in affected(memory, incident, rule)
    )


def _close(memory: Memory, turn: Turn, incident: Incident, rule: Rule, event: Event, because: str) -> None:
    if not move(memory, turn, incident.id, event, because):
        return
    title = f"{incident.venue}: incident {incident.id} is closed"
    memory.tell(turn, Severity.INFO, title, because, incident=incident.id)
    if "freeze" in rule.do:
        turn.do(FreezeTrading(incident.venue, incident.id, frozen=False))
    memory.handling[incident.id] = Handling(since_s=turn.now.mono_s)
