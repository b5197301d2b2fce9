"""Incidents: opened when a rule fits, hedged to what the strategy wants, and counted while naked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.exposure import pricing
from riskguard.core.exposure.assessing import Assessment, assess, hedge_notional, order_price
from riskguard.core.facts import BasisAgreed, IncidentMoved, NakedCounted, RuleChanged
from riskguard.core.hedge import protecting
from riskguard.core.hedge.consulting import consult, follow_price, kept_until_asked, situation_of
from riskguard.core.hedge.covering import cover
from riskguard.core.hedge.home import try_home_first
from riskguard.core.hedge.limits import cut, keep_held
from riskguard.core.hedge.ordering import Job, Progress
from riskguard.core.hedge.placing import still_to_send
from riskguard.core.incident import slow_trouble
from riskguard.core.incident.incident import OPENED, Incident
from riskguard.core.incident.table import TABLE, Event, State
from riskguard.core.incident.tracing import target_decided
from riskguard.core.incident.under_way import Handling
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import FreezeTrading, Severity
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import AssetPolicy, Rule
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Asset, Condition, Mode, VenueId
from riskguard.core.watch.watching import Watch

LOOK_AROUND_S = 5.0
"""A guard that has just begun has read nothing yet; that is no alarm."""
SETTLE_S = 1.5
"""Hedge comes off when less has been wanted for this long."""
RECORD_NAKED_EVERY_S = 1.0
WATCHED = (State.OPEN, State.HEDGED, State.RECOVERING)
"""While it recovers nothing is added, but a hedge whose leg is gone still comes off at once."""


@dataclass(frozen=True, slots=True)
class View:
    """One affected asset of one incident, as it stands now."""

    incident: Incident
    rule: Rule
    found: Assessment

    @property
    def naked(self) -> Decimal:
        """The exposure that is neither wanted nor hedged; base units, signed."""
        if self.found.exposure is None:
            return ZERO
        return self.found.exposure.point(self.rule.hedge.doubts) * self.rule.hedge.size + self.found.cover

    @property
    def worth(self) -> Decimal:
        """What the trouble leaves naked, our hedge not counted, while any of it still is; quote units.

        Assets are worked on in this order, so that the slices of two do not take turns where margin is short.
        """
        if self.found.exposure is None or self.naked_notional == ZERO:
            return ZERO
        return abs(self.found.exposure.point(self.rule.hedge.doubts)) * (self.found.mid or ZERO)

    @property
    def naked_notional(self) -> Decimal:
        """The same in quote units, without sign; below the asset's `guard` it is nothing."""
        if abs(self.naked) <= self.found.asset.guard:
            return ZERO
        return abs(self.naked) * (self.found.mid or ZERO)


def step(memory: Memory, watch: Watch, turn: Turn) -> None:
    """Open what is due, then work on every open incident, the worst naked asset first."""
    pricing.step(memory, turn)
    protecting.step(memory, turn)
    slow_trouble.step(memory, turn)
    _open_due(memory, turn)
    # An asset is worked on once a turn, and an incident on its way back may add nothing: it comes last.
    views = sorted(
        _views(memory, turn),
        key=lambda view: (view.incident.in_trouble, view.worth),
        reverse=True,
    )
    _count_naked(memory, turn, views)
    progress: dict[str, list[Progress]] = {}
    worked: dict[Asset, Progress] = {}
    claimed = ZERO
    for view in views:
        follow_price(memory, turn, view.incident, view.found)
        name = view.found.asset.name
        target = _target(memory, turn, view) if name not in worked else None
        if target is not None:
            may_add = _may_add(memory, turn, view.incident, view.rule)
            memory.handling[view.incident.id].targets[name] = target
            unhurried = kept_until_asked(
                memory, turn, view.incident, view.found, _unhurried(memory, turn, view, target)
            )
            job = Job(view.incident, view.found, view.rule.hedge, unhurried, Purpose.ORPHAN, may_add, claimed)
            tried = may_add and try_home_first(memory, watch, turn, view.incident, view.found, unhurried)
            worked[name] = Progress.UNDER_WAY if tried else cover(memory, watch, turn, job)
            if may_add and worked[name] is Progress.UNDER_WAY:
                claimed += still_to_send(memory, job)
        if name in worked and "hedge" in view.rule.do:
            progress.setdefault(view.incident.id, []).append(worked[name])
    for identity, reached in progress.items():
        if memory.incidents.by_id[identity].in_trouble:
            _settle(memory, turn, memory.incidents.by_id[identity], reached)


def move(memory: Memory, turn: Turn, incident: str, event: Event, because: str = "") -> bool:
    """Apply an event to an incident if its table knows it; gives whether it did."""
    if not memory.incidents.allows(incident, event):
        return False
    known = memory.incidents.by_id[incident]
    state = TABLE[known.state][event].value
    memory.record(IncidentMoved(incident, known.venue, event.value, state, known.rule, because), turn)
    return True


def rule_of(memory: Memory, incident: Incident) -> Rule:
    """Give the rule that opened an incident; where the policy lost it, one that adds nothing but unwinds."""
    gone = Rule(incident.rule, when=(), do=(), venues=(incident.venue,))
    return next((rule for rule in memory.policy.rules if rule.name == incident.rule), gone)


def fitting_rule(memory: Memory, venue: VenueId) -> Rule | None:
    """Give the first rule whose venues and conditions fit a venue now."""
    words = {memory.standing(venue).word.value.lower(), *memory.slow.of(venue)}
    return next((r for r in memory.policy.rules if venue in r.venues and words & set(r.when)), None)


def slow_reason(memory: Memory, venue: VenueId, rule: Rule) -> str:
    """Give the slow trouble at a venue that a rule names; empty where there is none."""
    return next((why for word, why in memory.slow.of(venue).items() if word in rule.when), "")


# ------------------------------------------------------------------ opening


def _open_due(memory: Memory, turn: Turn) -> None:
    for venue in memory.policy.venues:
        rule = None if memory.self_ill else fitting_rule(memory, venue.id)
        known = memory.incidents.open_at(venue.id)
        if rule is not None and known is None:
            _open(memory, turn, venue.id, rule)
        elif rule is not None and known is not None and known.in_trouble:
            _take_over(memory, turn, known, rule)


def _take_over(memory: Memory, turn: Turn, incident: Incident, rule: Rule) -> None:
    """Let a rule that stands before the incident's own have it: what was only told of may need a hedge now.

    A rule further down never takes one over: trouble that eases must not end what an earlier one began.
    """
    order = [entry.name for entry in memory.policy.rules]
    if incident.rule == rule.name:
        return
    if incident.rule in order and order.index(rule.name) > order.index(incident.rule):
        return
    standing, before = memory.standing(incident.venue), rule_of(memory, incident)
    because = slow_reason(memory, incident.venue, rule) if standing.fine else standing.because
    memory.record(RuleChanged(incident.id, rule.name, because), turn)
    memory.tell(
        turn, Severity.ALARM, *_words(memory, incident.venue, incident.id, rule), incident=incident.id
    )
    if "freeze" in rule.do and "freeze" not in before.do:
        turn.do(FreezeTrading(incident.venue, incident.id, frozen=True))


def _words(memory: Memory, venue: VenueId, incident: str, rule: Rule) -> tuple[str, str]:
    """Give the title and the body that tell of an incident's rule."""
    standing, slow = memory.standing(venue), slow_reason(memory, venue, rule)
    because = slow if standing.fine else standing.because
    body = f"{because}; rule {rule.name}: {', '.join(rule.do)}"
    if "hedge" in rule.do:
        body += f"; a hedge may follow after {rule.veto_s:g} s (riskguard veto {incident})"
    return f"{venue}: {slow}" if standing.fine else f"{venue} is {standing}", body


def begin(memory: Memory, turn: Turn, venue: VenueId, rule: Rule, because: str) -> str:
    """Open an incident and note what was held at its venue; gives its id."""
    identity = f"{memory.policy.instance}{len(memory.incidents.by_id) + 1}"
    before = memory.bases_at(venue)
    for leg, (amount, _) in before.items():
        margin = memory.bases.margin(leg)
        memory.record(BasisAgreed(leg, amount, "held when the incident began", margin), turn)
    memory.record(IncidentMoved(identity, venue, OPENED, State.OPEN.value, rule.name, because), turn)
    memory.handling[identity] = Handling(since_s=turn.now.mono_s, bases_before=before)
    return identity


def _open(memory: Memory, turn: Turn, venue: VenueId, rule: Rule) -> None:
    standing, slow = memory.standing(venue), slow_reason(memory, venue, rule)
    identity = begin(memory, turn, venue, rule, slow if standing.fine else standing.because)
    severity = Severity.WARNING if standing.fine else Severity.ALARM
    memory.tell(turn, severity, *_words(memory, venue, identity, rule), incident=identity)
    if "freeze" in rule.do:
        turn.do(FreezeTrading(venue, identity, frozen=True))


# ------------------------------------------------------------------ what is wanted


def _views(memory: Memory, turn: Turn) -> Iterator[View]:
    for incident in memory.incidents:
        rule = rule_of(memory, incident)
        if incident.state not in WATCHED:
            continue
        for asset in affected(memory, incident, rule):
            yield View(incident, rule, assess(memory, asset, turn))


def affected(memory: Memory, incident: Incident, rule: Rule) -> Iterator[AssetPolicy]:
    """Give the assets that a rule covers and that have a leg at the incident's venue."""
    for asset in memory.policy.assets:
        here = any(leg.venue == incident.venue for leg in asset.legs)
        if here and (not rule.assets or asset.name in rule.assets):
            yield asset


def _target(memory: Memory, turn: Turn, view: View) -> Decimal | None:
    """Ask the strategy, then the ceilings; None: nothing can be said, so nothing is sent."""
    incident, rule, found = view.incident, view.rule, view.found
    if "hedge" not in rule.do:
        return None
    if found.exposure is None or found.mid is None:
        what = found.unknown or pricing.why_no_mid(memory, found.asset, turn)
        title = f"{found.asset.name}: exposure is not known, so nothing is hedged"
        if turn.now.mono_s < memory.began_s + LOOK_AROUND_S:
            turn.wake_at(memory.began_s + LOOK_AROUND_S)
            return None
        memory.tell(turn, Severity.ALARM, title, what, incident=incident.id, once=f"{incident.id}{title}")
        return None
    situation = situation_of(memory, turn, incident, rule, found)
    wanted = None if situation is None else consult(memory, turn, incident, rule, situation)
    if situation is None or wanted is None:
        return None
    memory.handling[incident.id].flatten[found.asset.name] = wanted.flatten
    price, others = order_price(found.asset, found.mid), _others(memory, found.asset.name)
    ceiling = cut(wanted.amount, price, others, memory.policy.limits)
    if ceiling.because:
        title = f"{found.asset.name}: only part of the exposure may be hedged"
        memory.tell(
            turn, Severity.ALARM, title, ceiling.because, incident=incident.id, once=f"{incident.id}{title}"
        )
    target = keep_held(ceiling.target, found.cover, wanted.amount)
    target_decided(
        memory, turn, incident, rule, found, situation, wanted=wanted.amount, others=others, target=target
    )
    return target


def _unhurried(memory: Memory, turn: Turn, view: View, target: Decimal) -> Decimal:
    """Give the target, but what takes hedge off only as far as it has been wanted for a moment.

    Lists of orders and positions are read one after the other, so between two answers a fill may be counted
    twice or not at all; hedge taken off for that would be bought back a second later.
    """
    handling, asset, held = memory.handling[view.incident.id], view.found.asset.name, view.found.cover
    from_s = turn.now.mono_s - SETTLE_S
    lately = handling.lately.get(asset, ())
    before = [entry for entry in lately if entry[0] <= from_s][-1:]
    kept = (*before, *(entry for entry in lately if entry[0] > from_s))
    if not kept or kept[-1][1] != target:
        kept = (*kept, (turn.now.mono_s, target))
    handling.lately[asset] = kept
    if held == ZERO or (abs(target) >= abs(held) and target * held > ZERO):
        return target
    if kept[-1][0] > from_s:
        turn.wake_at(kept[-1][0] + SETTLE_S)
    wanted = [amount for _, amount in kept] if before else [held]
    return min(max(wanted), held) if held > ZERO else max(min(wanted), held)


def _others(memory: Memory, asset: Asset) -> Decimal:
    """Add up the notional of all other assets' hedges, held or possible."""
    return sum(
        (hedge_notional(memory, other.name) for other in memory.policy.assets if other.name != asset), ZERO
    )


def _may_add(memory: Memory, turn: Turn, incident: Incident, rule: Rule) -> bool:
    """Tell whether new risk may be taken now; says what happens next, for the countdown on the screen."""
    handling = memory.handling[incident.id]
    standing = memory.standing(incident.venue)
    if not incident.in_trouble:
        return False
    handling.next_action, handling.next_at_ms = "", None
    if incident.vetoed:
        handling.next_action = "vetoed: nothing until it closes, or `hedge` is called"
        return False
    if memory.policy.mode is Mode.OBSERVE:
        handling.next_action = "observing: tells what it would do"
    sure = standing.down and standing.word.value.lower() in rule.when
    if memory.self_ill or not (sure or slow_reason(memory, incident.venue, rule)):
        if incident.state is State.OPEN and not standing.fine and standing.word is not Condition.RECOVERING:
            handling.next_action = "waiting for certainty that the venue is down"
        return False
    until_ms = countdown_ms(incident, rule)
    if turn.now.wall_ms < until_ms:
        turn.wake_ms(until_ms)
        handling.next_action, handling.next_at_ms = "hedge", until_ms
        return False
    return True


def countdown_ms(incident: Incident, rule: Rule) -> int:
    """Give when the time to veto is over, wall milliseconds; a person who asked for the hedge skips it."""
    if incident.wanted:
        return incident.held_until_ms
    return max(incident.held_until_ms, incident.ruled_ms + round(rule.veto_s * 1000) + incident.held_ms)


def countdown_over(turn: Turn, incident: Incident, rule: Rule) -> bool:
    """Tell whether the time to veto is over."""
    return turn.now.wall_ms >= countdown_ms(incident, rule)


# ------------------------------------------------------------------ what came of it


def _settle(memory: Memory, turn: Turn, incident: Incident, progress: list[Progress]) -> None:
    reached = all(entry is Progress.REACHED for entry in progress)
    if reached and incident.state is State.OPEN:
        targets = memory.handling[incident.id].targets
        if move(memory, turn, incident.id, Event.COVERED, "what is wanted is held"):
            held = ", ".join(f"{asset} {signed(target)}" for asset, target in targets.items()) or "nothing"
            if any(targets.values()):
                memory.tell(turn, Severity.WARNING, f"hedged: {held}", incident=incident.id)
    elif not reached and incident.state is State.HEDGED:
        move(memory, turn, incident.id, Event.UNCOVERED, "what is wanted moved away from what is held")


def _count_naked(memory: Memory, turn: Turn, views: Sequence[View]) -> None:
    """Add the time since the last look to the account of every incident that leaves something naked."""
    naked: dict[str, Decimal] = {}
    mids: dict[str, Decimal] = {}
    for view in views:
        if not view.incident.in_trouble:
            continue
        naked[view.incident.id] = naked.get(view.incident.id, ZERO) + view.naked_notional
        mids.setdefault(view.incident.id, view.found.mid or ZERO)
    for identity, notional in naked.items():
        handling, incident = memory.handling[identity], memory.incidents.by_id[identity]
        last_s, handling.naked_at_s = handling.naked_at_s, turn.now.mono_s
        handling.naked_notional = notional
        if last_s is None or notional == ZERO:
            continue
        passed_s = round(turn.now.mono_s - last_s, 6)
        money = incident.naked_usdt_s + notional * Decimal(str(passed_s))
        counted = NakedCounted(identity, round(incident.naked_s + passed_s, 6), money, mids[identity])
        if turn.now.mono_s - handling.naked_recorded_s < RECORD_NAKED_EVERY_S:
            memory.fold(counted, turn.now.wall_ms)
            continue
        handling.naked_recorded_s = turn.now.mono_s
        memory.record(counted, turn)
