"""What goes on is told again, louder the longer and the larger it is: naked exposure, and hedges that stay.

Each reminder says what is known, what is not, what happens next and how to stop it. One is due every
`tell.remind` while something is naked, and at once where that has doubled; a hedge that stays is told every
`unwind.review`, with what it cost. When the last was told is journalled, so a restart repeats nothing.
"""

from collections.abc import Sequence
from decimal import Decimal

from riskguard.core.exposure.assessing import Assessment, assess
from riskguard.core.facts import Reminded
from riskguard.core.hedge import carry
from riskguard.core.incident.course import Reminder
from riskguard.core.incident.handling import affected, rule_of
from riskguard.core.incident.incident import Incident
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import Severity
from riskguard.core.orders.intent import Purpose
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO

NAKED = "naked"
REVIEW = "review"
DOUBLED_APART_S = 10.0
"""Even a naked notional that doubles again and again is told no more often than this."""
CRITICAL_FROM = 3
"""From this reminder on, or once the naked notional is past what one hedge may be, it is critical."""
VETOED_SLOWER = 4
"""A person who said no knows; he is reminded this many times more rarely, and less loudly."""


def step(memory: Memory, turn: Turn) -> None:
    """Remind of every open incident for which it is due."""
    for incident in memory.incidents:
        if incident.open and incident.in_trouble:
            _naked(memory, turn, incident)
        if incident.open:
            _review(memory, turn, incident)


# ------------------------------------------------------------------ naked


def _naked(memory: Memory, turn: Turn, incident: Incident) -> None:
    notional = memory.handling[incident.id].naked_notional
    only_told = memory.standing(incident.venue).fine and "hedge" not in rule_of(memory, incident).do
    if notional == ZERO or only_told:  # slow trouble that nobody wants hedged leaves nothing naked
        return
    last = memory.course.reminded.get((incident.id, NAKED), Reminder(incident.opened_ms, 0, notional))
    doubled = notional >= 2 * last.notional and last.level > 0
    pace_s = DOUBLED_APART_S if doubled else memory.policy.tell.remind_s
    due_ms = last.at_ms + round(pace_s * 1000 * (VETOED_SLOWER if incident.vetoed else 1))
    if turn.now.wall_ms < due_ms:
        turn.wake_ms(due_ms)
        return
    level = last.level + 1
    memory.record(Reminded(incident.id, NAKED, level, notional), turn)
    ccy = memory.policy.limits.per_hedge.ccy
    title = (
        f"{incident.venue}: {notional:.0f} {ccy} naked, {_time(incident.naked_s)} in all (reminder {level})"
    )
    grave = level >= CRITICAL_FROM or notional > memory.policy.limits.per_hedge.amount
    severity = Severity.CRITICAL if grave else Severity.ALARM
    severity = Severity.WARNING if incident.vetoed else severity
    memory.tell(turn, severity, title, _words(memory, turn, incident), incident=incident.id)


def _words(memory: Memory, turn: Turn, incident: Incident) -> str:
    rule = rule_of(memory, incident)
    known = [_known(assess(memory, asset, turn)) for asset in affected(memory, incident, rule)]
    doubts = [
        f"{o.intent.side} {o.intent.amount:f} at {o.intent.leg.venue}" for o in memory.ledger.in_doubt()
    ]
    handling = memory.handling[incident.id]
    following = handling.next_action or _obstacle(memory, incident)
    return "; ".join(
        (
            *known,
            f"in doubt: {', '.join(doubts)}" if doubts else "none of our orders is in doubt",
            f"next: {following}",
            f"riskguard hedge {incident.id} · veto {incident.id} · hold {incident.id}",
        )
    )


def _known(found: Assessment) -> str:
    name, exposure = found.asset.name, found.exposure
    if exposure is None:
        return f"{name}: not known, {found.unknown}; hedged {signed(found.cover)}"
    between = "" if exposure.low == exposure.high else f" ({signed(exposure.low)} to {signed(exposure.high)})"
    return f"{name}: net {signed(exposure.net)}{between}, hedged {signed(found.cover)}"


def _obstacle(memory: Memory, incident: Incident) -> str:
    """Give the last word on what stands in the way; orders are tried on unless something does."""
    for event in reversed(memory.events):
        if event.incident == incident.id and ("cannot be sent" in event.title or "nothing is" in event.title):
            return f"{event.title}: {event.body}"
    return "the hedge is brought to what is wanted as far as limits and backups allow"


# ------------------------------------------------------------------ hedges that stay


def _review(memory: Memory, turn: Turn, incident: Incident) -> None:
    orders = [o for o in memory.ledger if o.intent.incident == incident.id and o.filled > ZERO]
    since_ms = min((o.intent.created_ms for o in orders if o.intent.purpose is Purpose.HEDGE), default=None)
    assets = [asset.name for asset in affected(memory, incident, rule_of(memory, incident))]
    held = {name: memory.ledger.cover(name) for name in assets}
    if since_ms is None or not any(held.values()):
        return
    last = memory.course.reminded.get((incident.id, REVIEW), Reminder(since_ms, 0, ZERO))
    due_ms = last.at_ms + round(memory.policy.unwind.review_s * 1000)
    if turn.now.wall_ms < due_ms:
        turn.wake_ms(due_ms)
        return
    memory.record(Reminded(incident.id, REVIEW, last.level + 1, ZERO), turn)
    stands = ", ".join(f"{signed(amount)} {name}" for name, amount in held.items() if amount != ZERO)
    title = f"a hedge of {stands} has stood for {_time((turn.now.wall_ms - since_ms) / 1000)}"
    fees = sum((memory.course.fees.get(o.intent.client_id, ZERO) for o in orders), ZERO)
    moved = sum((_result(memory, turn, name) for name in held), ZERO)
    ccy = memory.policy.limits.per_hedge.ccy
    body = (
        f"paid so far: {fees:.2f} {ccy} in fees; the hedge itself stands at {moved:+.2f} {ccy} against the "
        f"prices it was built at; {_funding(memory, turn, [name for name in held if held[name]])}; "
        f"{incident.venue} is {memory.standing(incident.venue)}, incident {incident.state}; "
        f"riskguard unwind {incident.id}"
    )
    memory.tell(turn, Severity.WARNING, title, body, incident=incident.id)


def _funding(memory: Memory, turn: Turn, assets: Sequence[str]) -> str:
    """Say what holding the hedges costs at the rates of now."""
    each = [carry.of_hedge(memory, turn, name) for name in assets]
    known = [paid for paid in each if paid is not None]
    if len(known) < len(each):
        return "what funding costs is not known"
    paid = sum(known, ZERO)
    ccy = memory.policy.limits.per_hedge.ccy
    verb = "costs" if paid >= ZERO else "earns"
    return f"at the funding rates of now it {verb} {abs(paid):.2f} {ccy} a day"


def _result(memory: Memory, turn: Turn, asset: str) -> Decimal:
    """Give what the fills of a hedge are worth now beyond what was paid for them; quote units."""
    policy = next(entry for entry in memory.policy.assets if entry.name == asset)
    mid = assess(memory, policy, turn).mid
    total = ZERO
    for leg in policy.hedge_on:
        cost = (memory.usage.costs or {}).get(leg)
        if cost is not None and mid is not None:
            total += cost.amount * (mid - cost.average)
    return total


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
