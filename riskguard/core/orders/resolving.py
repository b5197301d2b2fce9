"""Questions about our own orders that may still execute, and the cancels of our own canaries."""

from riskguard.core.exposure.others import instance_of, journal_of
from riskguard.core.memory import Memory
from riskguard.core.messages import CancelAnswered, CancelOrder, LookUpOrder, OrderReport
from riskguard.core.orders.bookkeeping import advance
from riskguard.core.orders.doubt import begin
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.ledger import COVER
from riskguard.core.orders.lifecycle import Event, State
from riskguard.core.orders.outcome import Accepted, Reason, Rejected, Unknown
from riskguard.core.turn import Turn

LOOKUP_DEADLINE_S = 4.0
CANARY_CANCEL_AGAIN_S = 3.0
STRAY_AGAIN_S = 10.0
MINUTE_MS = 60_000


def step(memory: Memory, turn: Turn) -> None:
    """Ask about every order in doubt whose next question is due; pull canaries that rest."""
    for client_id, inquiry in list(memory.inquiries.items()):
        order = memory.ledger.orders.get(client_id)
        if order is None or not order.pending:
            del memory.inquiries[client_id]
            continue
        if inquiry.flying:
            continue
        if turn.now.mono_s < inquiry.next_s:
            turn.wake_at(inquiry.next_s)
            continue
        memory.inquiries[client_id] = inquiry.ask()
        turn.do(
            LookUpOrder(
                memory.next_call(),
                order.intent.leg,
                client_id,
                order.order_id,
                inquiry.rung,
                order.intent.created_ms - MINUTE_MS,
                LOOKUP_DEADLINE_S,
            )
        )
    _pull_canaries(memory, turn)
    _pull_strays(memory, turn)


def _pull_canaries(memory: Memory, turn: Turn) -> None:
    for order in memory.ledger.pending():
        if order.intent.purpose is not Purpose.CANARY or order.state is not State.WORKING:
            continue
        client_id = order.intent.client_id
        due_s = memory.canary_cancels.get(client_id, float("-inf")) + CANARY_CANCEL_AGAIN_S
        if turn.now.mono_s < due_s:
            turn.wake_at(due_s)
            continue
        memory.canary_cancels[client_id] = turn.now.mono_s
        deadline_s = memory.policy.detect.cancel_ack_s
        turn.do(
            CancelOrder(
                memory.next_call(), order.intent.leg, order.order_id, client_id, deadline_s, canary=True
            )
        )


def _pull_strays(memory: Memory, turn: Turn) -> None:
    """Pull orders that bear our mark but that the ledger lacks: late canaries, an adopted journal's."""
    for resting in memory.resting.values():
        for report in resting.orders.values():
            if not _is_stray(memory, report):
                continue
            due_s = memory.canary_cancels.get(report.client_id, float("-inf")) + STRAY_AGAIN_S
            if turn.now.mono_s < due_s:
                turn.wake_at(due_s)
                continue
            memory.canary_cancels[report.client_id] = turn.now.mono_s
            deadline_s = memory.policy.detect.cancel_ack_s
            turn.do(
                CancelOrder(
                    memory.next_call(), report.leg, report.order_id, report.client_id, deadline_s, canary=True
                )
            )


def _is_stray(memory: Memory, report: OrderReport) -> bool:
    identity = report.client_id
    if identity.startswith(memory.mark):
        return True
    adopted = (report.leg.venue, journal_of(identity)) in memory.others.settled
    return adopted and instance_of(identity) == memory.policy.instance


def cancel_answered(memory: Memory, turn: Turn, seen: CancelAnswered) -> None:
    """Settle a cancel request; what became of the order is asked, never concluded."""
    order = memory.ledger.orders.get(seen.client_id)
    if order is None or not order.pending:
        return
    match seen.outcome:
        case Accepted() | Rejected(reason=Reason.GONE):
            memory.inquiries.setdefault(seen.client_id, begin(turn.now.mono_s, 0.1))
        case Unknown():  # while cancels hang a canary may fill, and nothing else would ask about it
            memory.inquiries.setdefault(seen.client_id, begin(turn.now.mono_s))
        case _:
            pass


def restart(memory: Memory, turn: Turn) -> None:
    """Take up what an earlier run left open: every order without an end is asked about.

    An intent without an answer may have left just before the end, so it is in doubt like any other.
    """
    memory.began_s = turn.now.mono_s
    for order in memory.ledger.pending():
        client_id = order.intent.client_id
        if order.state is State.INTENDED:
            advance(memory, turn, client_id, Event.RESTARTED, because="the guard came back without an answer")
        memory.inquiries[client_id] = begin(turn.now.mono_s)
    if any(order.intent.purpose in COVER and order.filled for order in memory.ledger):
        memory.others.look_s = turn.now.mono_s  # a way out may have left unrecorded: have the histories read
