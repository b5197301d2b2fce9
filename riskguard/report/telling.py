"""Makes the story of one incident out of the journal's facts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from riskguard.core.facts import BasisAgreed, ConditionChanged
from riskguard.core.incident.incident import Incident, Incidents
from riskguard.core.orders.lifecycle import State
from riskguard.core.types import Leg
from riskguard.report.orders import TimedFact, costs_of, fill_lines, intents_of, order_lines
from riskguard.report.story import Moment, OrderLine, Story
from riskguard.report.text import number, relative
from riskguard.report.timeline import moments

UNSETTLED = (State.INTENDED.value, State.IN_DOUBT.value, State.WORKING.value)


class NoIncidentError(LookupError):
    """The journal has no incident of that name."""


def tell(
    facts: Sequence[TimedFact],
    incident: str,
    *,
    onset_ms: int | None = None,
    figures: Mapping[str, Any] | None = None,
    truth: Mapping[str, Any] | None = None,
) -> Story:
    """Tell one incident; raises `NoIncidentError` where there is none of that id."""
    rows = list(facts)
    known = incidents_of(rows).by_id.get(incident)
    if known is None:
        raise NoIncidentError(f"no incident {incident} in this journal")
    closed_ms = None if known.open else known.moved_ms
    last_ms = max(wall_ms for wall_ms, _ in rows) if closed_ms is None else closed_ms
    zero_ms = known.opened_ms if onset_ms is None else onset_ms
    intents = intents_of(rows, incident)
    orders, fills = order_lines(rows, intents), fill_lines(rows, intents)
    timeline = tuple(moments(rows, incident, intents, min(zero_ms, known.opened_ms), last_ms))
    bases = _bases(rows, last_ms)
    return Story(
        incident=incident, venue=known.venue, rule=known.rule, state=known.state.value,
        because=_opening_words(timeline), opened_ms=known.opened_ms, closed_ms=closed_ms, zero_ms=zero_ms,
        naked_s=known.naked_s, naked_usdt_s=known.naked_usdt_s, vetoed=known.vetoed, timeline=timeline,
        known=tuple(_known(rows, known)), not_known=tuple(_not_known(orders, rows, known, zero_ms)),
        orders=orders, fills=fills, costs=costs_of(fills, intents),
        positions={str(leg): amount for leg, amount in sorted(bases.items())}, figures=figures, truth=truth,
    )  # fmt: skip


def incidents_of(facts: Iterable[TimedFact]) -> Incidents:
    """Fold all incidents, as a restarting guard does."""
    incidents = Incidents()
    for wall_ms, fact in facts:
        incidents = incidents.fold(fact, wall_ms)
    return incidents


def _opening_words(timeline: Iterable[Moment]) -> str:
    opened = (moment.words for moment in timeline if moment.kind == "incident")
    return next(opened, "").partition(" open: ")[2]


def _bases(facts: Iterable[TimedFact], until_ms: int) -> dict[Leg, Decimal]:
    return {f.leg: f.amount for wall_ms, f in facts if isinstance(f, BasisAgreed) and wall_ms <= until_ms}


def _known(facts: Sequence[TimedFact], incident: Incident) -> Iterator[str]:
    """Say what was certain when the incident opened."""
    seen: dict[Leg, tuple[int, BasisAgreed]] = {}
    conditions: dict[str, ConditionChanged] = {}
    for wall_ms, fact in facts:
        if wall_ms > incident.opened_ms:
            break
        if isinstance(fact, BasisAgreed):
            seen[fact.leg] = (wall_ms, fact)
        elif isinstance(fact, ConditionChanged):
            conditions[fact.venue] = fact
    for leg, (wall_ms, basis) in sorted(seen.items()):
        age_s = (incident.opened_ms - wall_ms) / 1000
        held, by = number(basis.amount, signed=True), basis.because or "two readings"
        yield f"{leg}: {held} held, agreed {age_s:.1f} s before the opening ({by})"
    for venue, condition in sorted(conditions.items()):
        name = "we ourselves" if venue == "self" else venue
        yield f"{name}: {condition.condition}" + (f" ({condition.because})" if condition.because else "")


def _not_known(
    orders: Sequence[OrderLine], facts: Sequence[TimedFact], incident: Incident, zero_ms: int
) -> Iterator[str]:
    """Say what was in doubt, for how long, and what settled it; and what still is."""
    if incident.venue not in {leg.venue for leg in _bases(facts, incident.opened_ms)}:
        yield f"what was held at {incident.venue}: no position had been agreed by two readings"
    for order in orders:
        if order.doubted_ms is not None:
            end = "and still is"
            if order.settled_ms is not None:
                lasted_s = (order.settled_ms - order.doubted_ms) / 1000
                end = f"for {lasted_s:.3f} s, settled by {order.settled_by}: {order.ended}"
            yield f"outcome of {order.client_id}, unknown from {relative(order.doubted_ms, zero_ms)} {end}"
        elif order.ended in UNSETTLED:
            yield f"end of {order.client_id}: the journal's last word is {order.ended}"
