"""The way back: a venue that is well again is reconciled first, then the hedge comes off in step.

Nothing here trusts time alone. The hedge is released because orders, fills and positions agreed over two
channels for the policy's `stable` time; a venue that answers but whose books do not add up keeps its hedge.
"""

from collections.abc import Sequence
from decimal import Decimal

from riskguard.core.assessing import assess
from riskguard.core.covering import Job, Progress, cover
from riskguard.core.handling import affected, fitting_rule, move, rule_of
from riskguard.core.incident.incident import Incident
from riskguard.core.incident.table import Event, State
from riskguard.core.memory import Handling, Memory
from riskguard.core.messages import FreezeTrading, Severity
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import State as Doubt
from riskguard.core.policy import Rule
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg
from riskguard.core.watching import Watch

NEAR_MS = 5_000
"""How far a reading's moment and a fill's may be apart on two clocks."""
AGREED_AGE_S = 4.0
"""Positions must have been agreed on at most this long ago to count towards the stable time."""


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
        memory.tell(turn, Severity.ALARM, title, standing.because, incident=incident.id)
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
    if missing or picture != handling.stable_picture or not memory.standing(incident.venue).fine:
        handling.stable_picture, handling.stable_since_s = picture, None
        handling.next_action = f"checking the books: {missing}" if missing else "checking the books"
        handling.next_at_ms = None
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


def _ask_or_unwind(memory: Memory, turn: Turn, incident: Incident) -> None:
    handling = memory.handling[incident.id]
    if memory.policy.unwind.when == "auto" or incident.unwind_wanted:
        move(memory, turn, incident.id, Event.RECONCILED, "books agree over two channels and are stable")
        return
    handling.next_action, handling.next_at_ms = f"waiting for: riskguard unwind {incident.id}", None
    title = f"{incident.venue} is reconciled; the hedge can come off"
    body = f"riskguard unwind {incident.id}"
    memory.tell(turn, Severity.WARNING, title, body, incident=incident.id, once=f"{incident.id}{title}")


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
        fills = sorted(memory.foreign_fills.get(leg, {}).values())
        before = handling.bases_before.get(leg)
        if before is not None and not explained(*before, fills, basis.amount):
            return None, f"fills of {leg.symbol} do not explain its position yet"
        amounts.append((leg, basis.amount, len(fills)))
    return (tuple(amounts), frozenset(resting.orders)), ""


def explained(before: Decimal, agreed_ms: int, fills: Sequence[tuple[int, Decimal]], held: Decimal) -> bool:
    """Tell whether fills, oldest first, lead from what was held before to what is held now.

    A fill near the moment of the last agreement may or may not be in it, so any cut within `NEAR_MS` will do.
    """
    reached = held
    for at_ms, signed in reversed(fills):
        if reached == before and at_ms <= agreed_ms + NEAR_MS:
            return True
        if at_ms < agreed_ms - NEAR_MS:
            return False
        reached -= signed
    return reached == before


def _unwind(memory: Memory, watch: Watch, turn: Turn, incident: Incident, rule: Rule) -> None:
    if _relapsed(memory, turn, incident):
        return
    reached = True
    for asset in affected(memory, incident, rule):
        found = assess(memory, asset, turn)
        job = Job(incident, found, rule.hedge, ZERO, Purpose.UNWIND, may_add=False)
        reached = cover(memory, watch, turn, job) is Progress.REACHED and reached
    if reached and _holds_nothing(memory, incident, rule):
        _close(memory, turn, incident, rule, Event.UNWOUND, "the hedge is off")


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
