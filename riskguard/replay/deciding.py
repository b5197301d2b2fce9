"""Recorded decisions taken again: which rule fits, which target is wanted, what the limits let pass."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from riskguard.core.exposure.assessing import order_price
from riskguard.core.exposure.interval import Doubtful, Exposure
from riskguard.core.facts import Decided, IntentRecorded
from riskguard.core.hedge.consulting import fault_of
from riskguard.core.hedge.limits import cut, keep_held
from riskguard.core.hedge.strategy import Situation, Strategy, Target
from riskguard.core.hedge.usage import Usage, notional_today, orders_this_minute
from riskguard.core.incident.handling import countdown_ms
from riskguard.core.incident.incident import Incidents
from riskguard.core.orders.intent import OrderIntent, Purpose
from riskguard.core.orders.ledger import Ledger
from riskguard.core.policy import Policy, Rule
from riskguard.core.types import ZERO, Condition, Leg, Mode, VenueId
from riskguard.journal.codec import UnreadableError, from_plain
from riskguard.replay.row import Row, cannot, row


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a target was decided from."""

    rule: str
    target: Decimal
    others: Decimal
    cover: Decimal
    offset: Decimal
    exposure: Exposure
    situation: Situation


def inputs_of(fact: Decided) -> Inputs | None:
    """Read a target's inputs; None where an older or newer version wrote them otherwise."""
    try:
        plain: Mapping[str, Any] = json.loads(fact.inputs)
        situation = from_plain(Situation, plain["situation"])
        held: Mapping[str, Any] = plain["exposure"]
        doubtful = tuple(from_plain(Doubtful, entry) for entry in held["doubtful"])
        exposure = Exposure(Decimal(held["net"]), Decimal(held["trapped"]), doubtful)
        return Inputs(
            str(plain["rule"]), Decimal(plain["target"]), Decimal(plain["others"]), situation.hedged,
            Decimal(plain["offset"]), exposure, situation,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, InvalidOperation, UnreadableError):
        return None


def rule_for(policy: Policy, venue: VenueId, condition: Condition) -> Rule | None:
    """Give the first rule that fits."""
    word = condition.value.lower()
    return next((rule for rule in policy.rules if venue in rule.venues and word in rule.when), None)


def target_again(
    at_ms: int, fact: Decided, policy: Policy, strategies: Mapping[str, Strategy], opened_by: str
) -> Row:
    """Decide again what should be held; `opened_by` is the rule that the policy would have opened with."""
    found = inputs_of(fact)
    what = "target"
    if found is None:
        return cannot(at_ms, what, fact.incident, "?", "its inputs are not on record in a form that is known")
    situation = found.situation
    what, was = f"target {situation.asset}", str(found.target.normalize())
    rule = next((rule for rule in policy.rules if rule.name == opened_by), None)
    if rule is None or "hedge" not in rule.do:
        return row(at_ms, what, fact.incident, was, "0", "no rule of this policy hedges here")
    asset = next((asset for asset in policy.assets if asset.name == situation.asset), None)
    if asset is None or (rule.assets and asset.name not in rule.assets):
        return row(at_ms, what, fact.incident, was, "0", "this policy does not guard the asset here")
    offset = asset.elsewhere - asset.keep
    exposure = replace(found.exposure, net=found.exposure.net - found.offset + offset)
    raw = exposure.point(rule.hedge.doubts)
    point = raw if abs(raw) >= asset.guard else ZERO
    if point * situation.point < ZERO and rule.hedge.strategy != "hedge":
        return cannot(
            at_ms, what, fact.incident, was, "the exposure turns its side: how far price moved is unknown"
        )
    unstopped = replace(exposure, doubtful=tuple(d for d in exposure.doubtful if not d.conditional))
    seen = replace(
        situation, net=exposure.net, low=exposure.low, high=exposure.high, trapped=exposure.trapped,
        point=point, size=rule.hedge.size, notional=abs(point) * situation.mid,
        unstopped=unstopped.point(rule.hedge.doubts),
    )  # fmt: skip
    wanted, wrong = _ask(strategies, rule, seen)
    if wanted is None:
        return row(at_ms, what, fact.incident, was, "nothing", wrong)
    ceiling = cut(wanted, order_price(asset, situation.mid), found.others, policy.limits)
    target = keep_held(ceiling.target, found.cover, wanted)
    because = ceiling.because or f"rule {rule.name}, {rule.hedge.strategy} at size {rule.hedge.size}"
    return row(at_ms, what, fact.incident, was, str(target.normalize()), because)


def _ask(strategies: Mapping[str, Strategy], rule: Rule, seen: Situation) -> tuple[Decimal | None, str]:
    try:
        answer: object = strategies[rule.hedge.strategy](seen, **dict(rule.hedge.params))
    except Exception as error:  # noqa: BLE001 - a trader's own code
        return None, f"strategy {rule.hedge.strategy} failed: {type(error).__name__}: {error}"
    if answer is None:
        return None, f"strategy {rule.hedge.strategy} has no opinion"
    wrong = fault_of(answer, seen)
    if wrong or not isinstance(answer, Target):
        return None, wrong
    return answer.amount, ""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is on record up to an order, folded."""

    at_ms: int
    ledger: Ledger
    usage: Usage
    incidents: Incidents


def order_again(fact: IntentRecorded, policy: Policy, then: Moment, opened_by: str) -> Row:
    """Ask a policy about an order that left: its countdown, its backups, its ceilings."""
    intent = fact.intent
    what, was = f"order {intent.client_id}", "sent"
    if intent.purpose is not Purpose.HEDGE:
        return row(then.at_ms, what, intent.incident, was, "sent")
    why = refusal(intent, policy, then, opened_by)
    return row(then.at_ms, what, intent.incident, was, "not sent" if why else "sent", why)


def refusal(intent: OrderIntent, policy: Policy, then: Moment, opened_by: str) -> str:
    """Say why a policy would not send an order then; empty where nothing on record speaks against it.

    Its own plan is on record before it, and so counted already.
    """
    rule = next((rule for rule in policy.rules if rule.name == opened_by), None)
    if rule is None or "hedge" not in rule.do:
        return "no rule of this policy hedges here"
    incident, at_ms = then.incidents.by_id.get(intent.incident), then.at_ms
    due_ms = countdown_ms(incident, rule) if incident is not None else at_ms
    ledger, usage = then.ledger, then.usage
    limits = policy.limits
    legs: set[Leg] = {leg for asset in policy.assets for leg in asset.hedge_on}
    notional = notional_today(ledger, at_ms) + intent.notional
    reasons = (
        (at_ms < due_ms, f"the time to veto ends {(due_ms - at_ms) / 1000:.1f} s later"),
        (policy.mode in (Mode.OBSERVE, Mode.PAPER), f"mode {policy.mode} sends nothing"),
        (intent.leg not in legs, f"{intent.leg} is no backup of this policy"),
        (usage.plans_today(at_ms) > limits.day_hedges, f"{limits.day_hedges} hedges in 24 h are used up"),
        (
            notional > limits.day_notional.amount,
            f"more than {limits.day_notional.amount:f} in 24 h ({notional:.0f})",
        ),
        (
            orders_this_minute(ledger, at_ms) >= limits.orders_per_min,
            f"{limits.orders_per_min} orders in a minute are used up",
        ),
        (usage.loss_today(at_ms) >= limits.loss.amount, f"hedges lost {usage.loss_today(at_ms):.0f} in 24 h"),
    )
    return next((because for refused, because in reasons if refused), "")
