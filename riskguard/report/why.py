"""Why the guard did something: each decision with the inputs that it read, from the journal alone."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from riskguard.core.facts import (
    Decided,
    Fact,
    FillRecorded,
    IncidentMoved,
    IntentRecorded,
    OperatorDecided,
    OrderMoved,
    PlanApproved,
)
from riskguard.report.orders import TimedFact, order_lines
from riskguard.report.story import OrderLine
from riskguard.report.text import clean, number, utc


class NothingKnownError(LookupError):
    """The journal knows no order, incident or plan of that name."""


def why(facts: Iterable[TimedFact], name: str) -> dict[str, Any]:
    """Give what led to an order, a plan or an incident, and what came of it; raises `NothingKnownError`.

    `name`: a client order id, an incident's id or a plan's, as other commands print them.
    """
    rows = list(facts)
    intents = {fact.intent.client_id: fact.intent for _, fact in rows if isinstance(fact, IntentRecorded)}
    if name in intents:
        kind, ours = "order", {name}
    elif any(isinstance(fact, IncidentMoved) and fact.incident == name for _, fact in rows):
        kind, ours = "incident", {key for key, intent in intents.items() if intent.incident == name}
    elif any(isinstance(fact, PlanApproved) and fact.plan == name for _, fact in rows):
        kind, ours = "plan", {key for key, intent in intents.items() if intent.plan == name}
    else:
        raise NothingKnownError(f"the journal knows no order, incident or plan {clean(name)}")
    incidents = {intents[key].incident for key in ours} | ({name} if kind == "incident" else set())
    incidents.discard("")
    lines = order_lines(rows, {key: intents[key] for key in sorted(ours)})
    return {
        "id": name,
        "kind": kind,
        "decisions": list(_decisions(rows, kind, ours, incidents)),
        "orders": [_order(line) for line in lines],
        "events": list(_events(rows, ours, incidents, whole=kind == "incident")),
    }


def _order(line: OrderLine) -> dict[str, Any]:
    return {
        "client_id": line.client_id, "order_id": line.order_id, "purpose": line.purpose, "leg": line.leg,
        "side": line.side, "amount": str(line.amount), "price": str(line.price), "filled": str(line.filled),
        "average": None if line.average is None else str(line.average), "state": line.ended,
        "at": utc(line.created_ms),
    }  # fmt: skip


def _decisions(
    rows: Sequence[TimedFact], kind: str, ours: set[str], incidents: set[str]
) -> Iterator[dict[str, Any]]:
    """Yield the decisions; of an order or a plan its own, each after the target that it was to reach."""
    targets: dict[tuple[str, str], dict[str, Any]] = {}
    for wall_ms, fact in rows:
        if not isinstance(fact, Decided) or fact.incident not in incidents:
            continue
        inputs = inputs_of(fact)
        found = {"at": utc(wall_ms), "what": fact.what, "incident": fact.incident, "inputs": inputs}
        client_id = inputs.get("client_id")
        if kind == "incident":
            yield found
        elif client_id is None:
            targets[fact.incident, str(inputs.get("asset"))] = found
        elif client_id in ours:
            yield from targets.values()
            targets.clear()
            yield found


def inputs_of(fact: Decided) -> Mapping[str, Any]:
    """Give a decision's inputs; what is no JSON object is given as text."""
    try:
        inputs = json.loads(fact.inputs)
    except ValueError:
        return {"text": fact.inputs}
    return inputs if isinstance(inputs, dict) else {"text": fact.inputs}


def _events(
    rows: Sequence[TimedFact], ours: set[str], incidents: set[str], *, whole: bool
) -> Iterator[dict[str, Any]]:
    for wall_ms, fact in rows:
        words = _words(fact, ours, incidents, whole=whole)
        if words:
            yield {"at": utc(wall_ms), "what": words}


def _words(fact: Fact, ours: set[str], incidents: set[str], *, whole: bool) -> str:
    match fact:
        case OrderMoved() if fact.client_id in ours:
            filled = f", {number(fact.filled)} filled" if fact.filled else ""
            return clean(f"{fact.client_id} {fact.event}{filled} ({fact.because})")
        case FillRecorded() if fact.client_id in ours:
            return f"{fact.client_id} fill {fact.side} {number(fact.amount)} at {number(fact.price)}"
        case IncidentMoved() if fact.incident in incidents and (whole or fact.event == "opened"):
            return clean(f"{fact.incident} {fact.event}: {fact.state} ({fact.because})")
        case PlanApproved() if fact.incident in incidents:
            return f"plan {fact.plan} approved: {number(fact.amount, signed=True)} {fact.asset}"
        case OperatorDecided() if fact.incident in incidents:
            return clean(f"{fact.word} by {fact.by}")
        case _:
            return ""


def why_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Write it for a person."""
    yield f"{found['kind']} {found['id']}"
    for order in found["orders"]:
        meant = f"{order['purpose']} {order['side']} {order['amount']} on {order['leg']}"
        yield f"  {order['client_id']}: {meant}, limit {order['price']}"
        yield f"    {order['state']}, {order['filled']} filled"
    for decision in found["decisions"]:
        yield f"{decision['at']}  {decision['what']}"
        yield from (f"    {key}: {clean(_plain(value))}" for key, value in decision["inputs"].items())
    if not found["decisions"]:
        yield "no decision is on record: canaries are asked for by the clock"
    for event in found["events"]:
        yield f"{event['at']}  {event['what']}"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
