"""What was journalled around an incident, as one sentence each."""

import json
from collections.abc import Collection, Iterator

from riskguard.core.facts import (
    BasisAgreed,
    BlipSeen,
    CanariesSettled,
    ConditionChanged,
    Decided,
    EvidenceDigest,
    EvidenceKept,
    Fact,
    FillRecorded,
    FlattenPlanned,
    GuardStarted,
    HedgeAdjusted,
    IncidentMoved,
    IntentRecorded,
    LegAtRisk,
    NakedCounted,
    OperatorDecided,
    OrderMoved,
    PlanApproved,
    PreflightEnded,
    PriceReached,
    Reminded,
    RestingNoted,
    RuleChanged,
    StrangerSeen,
    StrategyLoaded,
    Told,
    VenueWatched,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.types import ClientId
from riskguard.report.story import Moment
from riskguard.report.text import money, number

LEAD_MS = 60_000
"""How much of what went before belongs to the story."""


def moments(
    facts: list[tuple[int, Fact]], incident: str, ours: Collection[ClientId], from_ms: int, to_ms: int
) -> Iterator[Moment]:
    """Give the timeline of one incident; facts of other incidents and canaries are left out."""
    told: set[tuple[object, str]] = set()
    for wall_ms, fact in facts:
        named = getattr(fact, "incident", "")
        if not from_ms - LEAD_MS <= wall_ms <= to_ms or named not in ("", incident):
            continue
        if isinstance(fact, OrderMoved | FillRecorded) and fact.client_id not in ours:
            continue
        if isinstance(fact, FillRecorded):
            if (fact.leg, fact.trade_id) in told:
                continue
            told.add((fact.leg, fact.trade_id))
        said = _words(fact)
        if said is not None:
            yield Moment(wall_ms, *said)


def _words(fact: Fact) -> tuple[str, str] | None:
    match fact:
        case IntentRecorded() | OrderMoved() | FillRecorded():
            return _order_words(fact)
        case ConditionChanged():
            name = "we ourselves are" if fact.venue == "self" else f"{fact.venue} is"
            return "venue", f"{name} {fact.condition}{_why(fact.because)}"
        case BlipSeen():
            return "venue", f"{fact.venue}: {fact.paths} bad for {fact.lasted_s:.1f} s ({fact.kind})"
        case IncidentMoved() | RuleChanged():
            return "incident", _incident_words(fact)
        case BasisAgreed():
            return "position", f"{fact.leg}: {number(fact.amount, signed=True)} agreed{_why(fact.because)}"
        case PlanApproved():
            size = f"{number(fact.amount, signed=True)} {fact.asset}"
            return (
                "plan",
                f"plan {fact.plan} approved: {size}, about {money(fact.notional)} in quote currency",
            )
        case RestingNoted():
            what = f"{fact.side.value} {number(fact.amount)} at {number(fact.price)} on {fact.leg}"
            return "resting", f"{what}: {fact.state}"
        case LegAtRisk() | HedgeAdjusted() | StrangerSeen() | PreflightEnded():
            return _others_words(fact)
        case CanariesSettled() | EvidenceDigest() | EvidenceKept() | VenueWatched():
            return None
        case _:
            return _guard_words(fact)


def _others_words(fact: LegAtRisk | HedgeAdjusted | StrangerSeen | PreflightEnded) -> tuple[str, str]:
    if isinstance(fact, PreflightEnded):
        word = "passed" if fact.ok else "failed"
        return "preflight", f"{fact.leg}: {word}{_why(fact.because)}, {number(fact.cost_bps)} bps"
    if isinstance(fact, LegAtRisk):
        level = f"liquidation at {number(fact.liquidation)}"
        return "position", f"{fact.leg}: {number(fact.amount, signed=True)}, {level}: {fact.state}"
    if isinstance(fact, HedgeAdjusted):
        size = f"{number(fact.amount, signed=True)} {fact.asset}"
        return "hedge", f"{fact.leg}: {size} counts as ours from now on, by {fact.by}{_why(fact.because)}"
    return "venue", f"{fact.venue}: order {fact.client_id} of another guard: {fact.state}"


def _incident_words(fact: IncidentMoved | RuleChanged) -> str:
    if isinstance(fact, RuleChanged):
        return f"rule {fact.rule} takes it over{_why(fact.because)}"
    return f"{fact.event}: the incident is {fact.state}{_why(fact.because)}"


def _guard_words(
    fact: GuardStarted
    | StrategyLoaded
    | OperatorDecided
    | Decided
    | Told
    | NakedCounted
    | PriceReached
    | FlattenPlanned
    | Reminded,
) -> tuple[str, str] | None:
    match fact:
        case GuardStarted():
            return "guard", f"guard started in mode {fact.mode}, policy {fact.policy_hash or '-'}"
        case StrategyLoaded():
            return "guard", f"strategy {fact.name} is file {fact.sha256[:12]}"
        case OperatorDecided():
            return "person", f"{fact.word} by {fact.by}"
        case Decided():
            return "why", f"{fact.what}: {_inputs(fact.inputs)}"
        case Told():
            return "told", f"{fact.severity}: {fact.title}{_why(fact.body)}"
        case FlattenPlanned():
            what = f"{number(fact.amount, signed=True)} on {fact.leg}"
            return "plan", f"on the way back {what} is traded in step with the hedge"
        case NakedCounted() | PriceReached() | Reminded():
            return None


def _order_words(fact: IntentRecorded | OrderMoved | FillRecorded) -> tuple[str, str] | None:
    if isinstance(fact, OrderMoved):
        part = f", {number(fact.filled)} filled" if fact.filled else ""
        name = f" as {fact.order_id}" if fact.order_id else ""
        return "order", f"{fact.client_id} {fact.event}{name}{part}{_why(fact.because)}"
    if isinstance(fact, FillRecorded):
        what = f"{fact.side.value} {number(fact.amount)} at {number(fact.price)}"
        return "fill", f"{fact.client_id} {what} on {fact.leg}"
    intent = fact.intent
    if intent.purpose is Purpose.CANARY:
        return None
    what = f"{intent.side.value} {number(intent.amount)} on {intent.leg}, limit {number(intent.price)}"
    return "order", f"{intent.client_id} journalled before sending: {intent.purpose.name.lower()} {what}"


def _why(because: str) -> str:
    return f": {because}" if because else ""


def _inputs(text: str) -> str:
    """Write a decision's inputs flat, without what is nested; what is no JSON object is shown as it is."""
    try:
        inputs = json.loads(text)
    except ValueError:
        return text
    if not isinstance(inputs, dict):
        return text
    return ", ".join(f"{key} {value}" for key, value in inputs.items() if not isinstance(value, dict))
