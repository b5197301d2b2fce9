"""Pulls the resting orders at a venue in trouble that the rule names; nothing else is touched."""

from riskguard.core.incident.handling import countdown_over, rule_of, slow_reason
from riskguard.core.incident.incident import Incident
from riskguard.core.memory import Memory
from riskguard.core.messages import CancelOrder, OrderReport
from riskguard.core.orders.intent import is_ours
from riskguard.core.policy import CancelRule, Rule
from riskguard.core.turn import Turn

AGAIN_S = 10.0
"""A cancel without a clear answer is asked for again after this; it cannot do harm twice."""
AT_ONCE = 5
"""Cancels sent in one turn; the rest follow when these are under way."""


def step(memory: Memory, turn: Turn) -> None:
    """Ask for the cancels that are due."""
    if not memory.acts or memory.self_ill:
        return
    for incident in memory.incidents:
        rule = rule_of(memory, incident)
        if incident.in_trouble and not incident.vetoed and "cancel" in rule.do:
            _cancel(memory, turn, incident, rule)


def _cancel(memory: Memory, turn: Turn, incident: Incident, rule: Rule) -> None:
    standing = memory.standing(incident.venue)
    early = rule.cancel_at == "confirmed" and not standing.fine
    sure = standing.down or bool(slow_reason(memory, incident.venue, rule))
    if not early and not (sure and countdown_over(turn, incident, rule)):
        return
    resting = memory.resting.get(incident.venue)
    asked = memory.handling[incident.id].cancelled
    sent = 0
    for order in resting.orders.values() if resting else ():
        due_s = asked.get(order.order_id, float("-inf")) + AGAIN_S
        if not _in_scope(order, rule.cancel):
            continue
        if turn.now.mono_s < due_s or sent == AT_ONCE:
            turn.wake_at(max(due_s, turn.now.mono_s + 1.0))
            continue
        sent += 1
        asked[order.order_id] = turn.now.mono_s
        deadline_s = memory.policy.detect.cancel_ack_s
        turn.do(CancelOrder(memory.next_call(), order.leg, order.order_id, order.client_id, deadline_s))


def _in_scope(order: OrderReport, rule: CancelRule) -> bool:
    """Tell whether a rule names an order; a reduce-only or conditional one is a protection."""
    if is_ours(order.client_id):
        return False
    match rule.which:
        case "all":
            return rule.stops != "keep" or not order.conditional
        case "opening":
            return not order.reduce_only and not order.conditional
        case _:
            return False
