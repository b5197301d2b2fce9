"""A whole journal through a policy: rows in the order of the record, and what stays open."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskguard.core.facts import (
    ConditionChanged,
    Decided,
    Fact,
    IncidentMoved,
    IntentRecorded,
    OperatorDecided,
)
from riskguard.core.hedge.strategy import Strategy
from riskguard.core.hedge.usage import Usage
from riskguard.core.incident.incident import OPENED, Incidents
from riskguard.core.incident.tracing import TARGET
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.ledger import Ledger
from riskguard.core.policy import Policy
from riskguard.core.types import Condition, VenueId
from riskguard.replay.deciding import Moment, order_again, rule_for, target_again
from riskguard.replay.detection import judge_again, recorded, stretches
from riskguard.replay.row import Differs, Row, cannot, row
from riskguard.report.text import utc

Timed = tuple[int, Fact]
NOT_JUDGED = (
    "whether the backups' books and margin would have allowed another order: they are not on record",
    "what followed a decision that differs: no venue answered it",
)


def replay(
    facts: Sequence[Timed], policy: Policy, strategies: Mapping[str, Strategy], *, policy_hash: str = ""
) -> dict[str, Any]:
    """Decide again all that is on record, and say what differs; amounts are decimal strings."""
    rows = list(_decisions(facts, policy, strategies))
    detected, unread = _detected(facts, policy)
    counts = {word.value: sum(found.result is word for found in rows) for word in Differs}
    return {
        "policy": policy_hash,
        "facts": len(facts),
        "counts": counts,
        "decisions": [
            {
                "at": utc(found.at_ms), "what": found.what, "incident": found.incident,
                "recorded": found.recorded, "decided": found.decided, "result": found.result.value,
                "because": found.because,
            }
            for found in rows
        ],
        "detection": detected,
        "cannot": [*NOT_JUDGED, *unread],
    }  # fmt: skip


def _decisions(facts: Sequence[Timed], policy: Policy, strategies: Mapping[str, Strategy]) -> Iterator[Row]:
    ledger, usage, incidents = Ledger(), Usage(), Incidents()
    conditions: dict[VenueId, str] = {}
    rules: dict[str, str] = {}
    for at_ms, fact in facts:
        match fact:
            case ConditionChanged(venue, condition):
                conditions[venue] = condition.rstrip("?")
            case IncidentMoved(incident, venue, event) if event == OPENED:
                opened = _opened(at_ms, fact, policy, conditions.get(venue, ""))
                rules[incident] = opened.decided
                yield opened
            case Decided(what) if what == TARGET:
                yield target_again(at_ms, fact, policy, strategies, rules.get(fact.incident, ""))
            case IntentRecorded(intent) if intent.purpose is not Purpose.CANARY:
                then = Moment(at_ms, ledger, usage, incidents)
                yield order_again(fact, policy, then, rules.get(intent.incident, ""))
            case OperatorDecided():
                yield row(at_ms, f"{fact.word} by {fact.by}", fact.incident, "heard", "heard")
            case _:
                pass
        ledger, usage = ledger.fold(fact, at_ms), usage.fold(fact, at_ms)
        incidents = incidents.fold(fact, at_ms)


def _opened(at_ms: int, fact: IncidentMoved, policy: Policy, condition: str) -> Row:
    """Tell which rule would have opened the incident."""
    what = f"incident at {fact.venue}"
    try:
        word = Condition(condition)
    except ValueError:
        return cannot(at_ms, what, fact.incident, fact.rule, f"the condition {condition!r} is not known")
    rule = rule_for(policy, fact.venue, word)
    decided = rule.name if rule is not None else "none"
    return row(at_ms, what, fact.incident, fact.rule, decided, f"{fact.venue} was {condition}")


def _detected(facts: Sequence[Timed], policy: Policy) -> tuple[list[dict[str, Any]], list[str]]:
    found: list[dict[str, Any]] = []
    unread: list[str] = []
    for stretch in stretches(facts):
        try:
            again = judge_again(stretch, policy)
        except ValueError as error:
            unread.append(f"evidence from {utc(stretch.from_ms)}: {error}")
            continue
        found.append(
            {
                "from": utc(stretch.from_ms),
                "to": utc(stretch.to_ms),
                "recorded": [_change(at_ms, change) for at_ms, change in recorded(facts, stretch)],
                "judged": [_change(at_ms, change) for at_ms, change in again],
            }
        )
    if not found:
        unread.append("no evidence is on record in full: detection is taken as it was")
    return found, unread


def _change(at_ms: int, change: ConditionChanged) -> dict[str, str]:
    return {"at": utc(at_ms), "venue": change.venue, "condition": change.condition}


def replay_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Write it for a person."""
    for decision in found["decisions"]:
        line = f"{decision['at']}  {decision['incident']:<6} {decision['what']}: {decision['recorded']}"
        if decision["result"] != Differs.SAME:
            line += f" -> {decision['decided']} ({decision['result']}: {decision['because']})"
        yield line
    for stretch in found["detection"]:
        yield f"evidence {stretch['from']} to {stretch['to']}"
        for name in ("recorded", "judged"):
            told = ", ".join(f"{c['venue']} {c['condition']} at {c['at'][11:23]}" for c in stretch[name])
            yield f"  {name}: {told or 'no change'}"
    yield ", ".join(f"{count} {name}" for name, count in found["counts"].items())
    yield from (f"not judged: {text}" for text in found["cannot"])
