"""Our orders and fills of one incident, folded from the journal, and what they cost."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from riskguard.core.facts import Fact, FillRecorded, IntentRecorded, OrderMoved
from riskguard.core.orders.intent import OrderIntent, Purpose
from riskguard.core.orders.lifecycle import TABLE, Event, State
from riskguard.core.types import ZERO, ClientId, Leg, Side
from riskguard.report.story import Costs, FillLine, OrderLine

TimedFact = tuple[int, Fact]


def intents_of(facts: Iterable[TimedFact], incident: str) -> dict[ClientId, OrderIntent]:
    """Give the orders that an incident led to, by id."""
    found = (fact.intent for _, fact in facts if isinstance(fact, IntentRecorded))
    return {intent.client_id: intent for intent in found if intent.incident == incident}


def order_lines(facts: Sequence[TimedFact], intents: dict[ClientId, OrderIntent]) -> tuple[OrderLine, ...]:
    """Tell of each order what became of it, and when it was in doubt."""
    lines = {name: _new_line(intent) for name, intent in intents.items()}
    for wall_ms, fact in facts:
        if isinstance(fact, OrderMoved) and fact.client_id in lines:
            lines[fact.client_id] = _moved(lines[fact.client_id], fact, wall_ms)
    return tuple(lines.values())


def fill_lines(facts: Iterable[TimedFact], intents: dict[ClientId, OrderIntent]) -> tuple[FillLine, ...]:
    """Give each execution once, by venue time."""
    found: dict[tuple[Leg, str], FillLine] = {}
    for _, fact in facts:
        if isinstance(fact, FillRecorded) and fact.client_id in intents:
            found.setdefault(
                (fact.leg, fact.trade_id),
                FillLine(
                    fact.at_ms, fact.client_id, fact.trade_id, str(fact.leg), fact.side.value, fact.amount,
                    fact.price, fact.fee,
                ),
            )  # fmt: skip
    return tuple(sorted(found.values(), key=lambda line: line.at_ms))


def costs_of(fills: Sequence[FillLine], intents: dict[ClientId, OrderIntent]) -> Costs:
    """Add up fees, and the price result of what was taken off again."""
    hedges = [fill for fill in fills if intents[fill.client_id].purpose is Purpose.HEDGE]
    ways_out = (Purpose.UNWIND, Purpose.ORPHAN)
    unwinds = [fill for fill in fills if intents[fill.client_id].purpose in ways_out]
    result, held = ZERO, {}
    for leg in sorted({fill.leg for fill in fills}):
        into, into_price = _sum(fill for fill in hedges if fill.leg == leg)
        out, out_price = _sum(fill for fill in unwinds if fill.leg == leg)
        if into and out and (into > 0) != (out > 0):
            result += min(abs(into), abs(out)) * (out_price - into_price) * (1 if into > 0 else -1)
        if into + out:
            held[leg] = into + out
    fees = (sum((fill.fee for fill in part), ZERO) for part in (hedges, unwinds))
    return Costs(next(fees), next(fees), result, held)


def _sum(fills: Iterable[FillLine]) -> tuple[Decimal, Decimal]:
    """Give the signed amount and the mean price."""
    signed, cost, amount = ZERO, ZERO, ZERO
    for fill in fills:
        signed += fill.amount * Side(fill.side).sign
        cost += fill.amount * fill.price
        amount += fill.amount
    return signed, cost / amount if amount else ZERO


def _new_line(intent: OrderIntent) -> OrderLine:
    return OrderLine(
        client_id=intent.client_id, order_id="", purpose=intent.purpose.name.lower(), leg=str(intent.leg),
        side=intent.side.value, amount=intent.amount, price=intent.price, filled=ZERO, average=None,
        created_ms=intent.created_ms, ended=State.INTENDED.value,
    )  # fmt: skip


def _moved(line: OrderLine, fact: OrderMoved, wall_ms: int) -> OrderLine:
    event = Event(fact.event) if fact.event in set(Event) else None
    after = None if event is None else TABLE[State(line.ended)].get(event)
    if after is None:
        return line
    grown = fact.filled > line.filled
    moved = replace(
        line,
        ended=after.value,
        order_id=fact.order_id or line.order_id,
        filled=max(line.filled, fact.filled),
        average=fact.average if grown and fact.average else line.average,
    )
    if after is State.IN_DOUBT and line.doubted_ms is None:
        return replace(moved, doubted_ms=wall_ms)
    if line.ended == State.IN_DOUBT.value and after is not State.IN_DOUBT:
        return replace(moved, settled_ms=wall_ms, settled_by=fact.because or fact.event)
    return moved
