"""What answers, lookups and streams say of our own orders, turned into events of their lifecycle."""

from decimal import Decimal
from typing import assert_never

from riskguard.core.exposure.foreign_fills import ForeignFill, ForeignFills
from riskguard.core.facts import FillRecorded, OrderMoved
from riskguard.core.memory import Memory, OrderFills
from riskguard.core.messages import (
    FillReport,
    LookupAnswered,
    LookupRung,
    OrderAnswered,
    OrderReport,
    OrderStatus,
    Severity,
    Source,
)
from riskguard.core.orders import unrecorded
from riskguard.core.orders.doubt import begin
from riskguard.core.orders.intent import Purpose, TimeInForce
from riskguard.core.orders.lifecycle import TABLE, Event, Order, State
from riskguard.core.orders.outcome import Accepted, NotSent, Rejected, Unknown
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, ClientId

ACK_ONLY_DELAY_S = 0.2
"""An acknowledged order is asked after this if no stream told its end by then."""
LEAVES_WITHIN_S = 2.0
"""An order leaves at most this long after it was decided: no longer is its record waited for."""
FILLS_KEPT = 64
"""Executions that are kept apart of one order of the trader's."""
COIN_FEE = Decimal("0.001")
"""The most that venues take of an execution as a fee in coin, as a share of it."""
EXPIRES_S = 5.0
"""How long a venue may still take up an order request that we sent (recvWindow and its kin)."""


def advance(
    memory: Memory,
    turn: Turn,
    client_id: ClientId,
    event: Event,
    *,
    order_id: str = "",
    filled: Decimal = ZERO,
    average: Decimal = ZERO,
    because: str = "",
) -> None:
    """Apply an event to one of our orders, if its table knows it and it says anything new."""
    order = memory.ledger.orders.get(client_id)
    if order is None:
        return
    state = TABLE[order.state].get(event)
    if state is None:
        _contradiction(memory, turn, order, event, because)
        return
    news = state is not order.state or filled > order.filled or bool(order_id and not order.order_id)
    if not news:
        return
    if order.state is State.VOID:
        _resurrected(memory, turn, order, because)
    if order.intent.purpose is not Purpose.CANARY or filled > order.filled:
        memory.bases = memory.bases.touch(order.intent.leg, turn.now.mono_s)
    memory.moved_s[client_id] = turn.now.mono_s
    memory.record(OrderMoved(client_id, event.value, order_id, filled, average, because), turn)
    _follow_up(memory, turn, client_id)


def _follow_up(memory: Memory, turn: Turn, client_id: ClientId) -> None:
    """Ask after an order while it may still execute; stop when it cannot."""
    order = memory.ledger.orders[client_id]
    if not order.pending:
        memory.inquiries.pop(client_id, None)
        memory.canary_cancels.pop(client_id, None)
        return
    resting = order.intent.purpose is Purpose.CANARY and order.state is State.WORKING
    if client_id not in memory.inquiries and order.state is not State.INTENDED and not resting:
        delay_s = 0.0 if order.state is State.IN_DOUBT else ACK_ONLY_DELAY_S
        memory.inquiries[client_id] = begin(turn.now.mono_s, delay_s)


def _contradiction(memory: Memory, turn: Turn, order: Order, event: Event, because: str) -> None:
    older = event in (Event.ACCEPTED, Event.SEEN_OPEN) and order.state is State.CLOSED
    if older or event in (Event.UNKNOWN, Event.NOT_SENT, Event.RESTARTED, Event.PROVEN_ABSENT):
        return  # less than what is known already, or older: streams, lists and answers overtake each other
    title = f"{order.intent.leg.venue} contradicts itself about our order {order.intent.client_id}"
    body = f"it was {order.state}, now the venue says {event} ({because}); counted as {order.state}"
    memory.tell(turn, Severity.WARNING, title, body, incident=order.intent.incident, once=title)


def _resurrected(memory: Memory, turn: Turn, order: Order, because: str) -> None:
    title = f"an order that {order.intent.leg.venue} said was not there is there"
    body = f"{order.intent.client_id}: {because}; it counts again"
    memory.tell(turn, Severity.ALARM, title, body, incident=order.intent.incident)


def order_answered(memory: Memory, turn: Turn, seen: OrderAnswered) -> None:
    """Take in the outcome of an order call."""
    match seen.outcome:
        case Accepted(order_id):
            advance(memory, turn, seen.client_id, Event.ACCEPTED, order_id=order_id, because="accepted")
        case Rejected(reason, code, text):
            because = f"{reason}: {code} {text}".strip()
            advance(memory, turn, seen.client_id, Event.REJECTED, because=because)
        case NotSent(cause):
            advance(memory, turn, seen.client_id, Event.NOT_SENT, because=cause)
        case Unknown(cause):
            advance(memory, turn, seen.client_id, Event.UNKNOWN, because=cause)
        case _ as never:
            assert_never(never)
    if seen.report is not None:
        order_seen(memory, turn, seen.report, Source.ANSWER)


def order_seen(memory: Memory, turn: Turn, report: OrderReport, source: Source) -> None:
    """Take in a venue's description of one of our orders."""
    match report.status:
        case OrderStatus.OPEN:
            event = Event.SEEN_OPEN
        case OrderStatus.CLOSED:
            event = Event.SEEN_CLOSED
        case OrderStatus.UNCLEAR:
            event = Event.FILLED
            if report.filled == ZERO:
                return
        case _ as never:
            assert_never(never)
    advance(
        memory,
        turn,
        report.client_id,
        event,
        order_id=report.order_id,
        filled=report.filled,
        average=report.average or ZERO,
        because=f"{source}: {report.status}",
    )


def fill_seen(memory: Memory, turn: Turn, fill: FillReport, source: Source) -> None:
    """Take in an execution, ours (by client id or by the venue's order id) or the trader's."""
    if unrecorded.is_unrecorded(memory, fill.client_id):
        most = max(fill.amount, abs(memory.ours(fill.leg)))
        unrecorded.take_up(memory, turn, fill.client_id, fill.leg, fill.side, most, fill.price, fill.at_ms)
    order = _order_of(memory, fill)
    if order is None:
        fills = memory.foreign_fills.setdefault(fill.leg, ForeignFills())
        if fills.add(fill.trade_id, _foreign(fill, source, turn)):
            memory.order_fills[fill.order_id] = _with(memory.order_fills.get(fill.order_id, ()), fill)
        return
    client_id = order.intent.client_id
    if fill.trade_id in memory.ledger.trades.get(client_id, {}):
        return
    memory.record(
        FillRecorded(
            client_id, fill.leg, fill.trade_id, fill.side, fill.amount, fill.price, fill.fee, fill.at_ms
        ),
        turn,
    )
    filled = sum(memory.ledger.trades[client_id].values(), ZERO)
    event = Event.SEEN_CLOSED if filled >= order.intent.amount else Event.FILLED
    advance(memory, turn, client_id, event, filled=filled, because=f"{source}: fill {fill.trade_id}")


def _with(known: OrderFills, fill: FillReport) -> OrderFills:
    """Add an execution; of an order with very many the oldest become one."""
    fills = sorted((*known, (fill.at_ms, fill.amount)))
    if len(fills) > FILLS_KEPT:
        (_, first), (at_ms, second) = fills[:2]
        fills[:2] = [(at_ms, first + second)]
    return tuple(fills)


def _foreign(fill: FillReport, source: Source, turn: Turn) -> ForeignFill:
    worth = fill.amount if fill.coins is None else fill.coins
    slack = ZERO if fill.coins is None else COIN_FEE * fill.coins
    streamed = source is Source.STREAM
    return ForeignFill(fill.at_ms, worth * fill.side.sign, turn.now.mono_s, streamed, slack)


def _order_of(memory: Memory, fill: FillReport) -> Order | None:
    known = memory.ledger.orders.get(fill.client_id)
    if known is not None or not fill.order_id:
        return known
    return next(
        (o for o in memory.ledger if o.order_id == fill.order_id and o.intent.leg.venue == fill.leg.venue),
        None,
    )


def lookup_answered(memory: Memory, turn: Turn, seen: LookupAnswered) -> None:
    """Take in one rung's answer about an order in doubt."""
    for fill in seen.fills:
        fill_seen(memory, turn, fill, Source.TRADES)
    for report in seen.reports:
        if report.client_id == seen.client_id:
            order_seen(memory, turn, report, Source.LOOKUP)
    inquiry = memory.inquiries.get(seen.client_id)
    order = memory.ledger.orders.get(seen.client_id)
    if inquiry is None or order is None:
        return
    expired_s = _expired_s(memory, order)
    inquiry = inquiry.answered(turn.now.mono_s, expired_s)
    there = any(report.client_id == seen.client_id for report in seen.reports)
    if isinstance(seen.outcome, Accepted) and not there:
        inquiry = inquiry.missed(seen.rung, seen.asked_mono_s, expired_s)
    memory.inquiries[seen.client_id] = inquiry
    rests = order.intent.tif is TimeInForce.POST_ONLY
    if inquiry.absent(position_unmoved=position_unmoved(memory, order), rests=rests):
        because = "not there by client id and another channel, asked after it expired"
        advance(memory, turn, seen.client_id, Event.PROVEN_ABSENT, because=because)
    if seen.rung is LookupRung.CLIENT_ID and not there:
        turn.wake_at(inquiry.next_s)


def _expired_s(memory: Memory, order: Order) -> float:
    """Give when the venue stops taking up the order's request, on the clock that cannot jump."""
    decided_s = memory.sent_s.get(order.intent.client_id, memory.began_s)
    return decided_s + LEAVES_WITHIN_S + EXPIRES_S


def position_unmoved(memory: Memory, order: Order) -> bool:
    """Tell whether a position read after the order's expiry shows no trace of it."""
    leg = order.intent.leg
    report, asked_s = memory.bases.reports.get(leg, (None, 0.0))
    basis = memory.bases.agreed.get(leg)
    if report is None or basis is None or asked_s < _expired_s(memory, order):
        return False
    return report.amount == basis.amount + memory.ours(leg)
