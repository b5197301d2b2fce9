"""One incident, and all of them as a fold of the journal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from riskguard.core.facts import Fact, IncidentMoved, NakedCounted, OperatorDecided, RuleChanged
from riskguard.core.incident.table import TABLE, Event, State
from riskguard.core.types import ZERO, VenueId

OPENED = "opened"
"""The event of the fact that begins an incident; every other is a value of `table.Event`."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One trouble at one venue; what must survive a restart."""

    id: str
    venue: VenueId
    rule: str
    state: State
    opened_ms: int
    moved_ms: int
    because: str = ""
    ruled_ms: int = 0
    """When its rule took it over; the time to veto counts from there."""
    vetoed: bool = False
    """A person said no; holds until the incident closes or the same person asks for the hedge."""
    wanted: bool = False
    """A person asked for the hedge (`hedge`), which skips the veto time and is the yes of confirm mode."""
    unwind_wanted: bool = False
    held_until_ms: int = 0
    held_ms: int = 0
    """All holds together; a running countdown ends later by as much."""
    naked_s: float = 0.0
    naked_usdt_s: Decimal = ZERO

    @property
    def open(self) -> bool:
        """Whether it still needs handling."""
        return self.state is not State.CLOSED

    @property
    def in_trouble(self) -> bool:
        """Whether the venue counts as ill, so that a hedge may be built."""
        return self.state in (State.OPEN, State.HEDGED)


HOLD_MS = 60_000
"""One `hold` postpones by this much."""


@dataclass(frozen=True, slots=True)
class Incidents:
    """All incidents by id, oldest first."""

    by_id: Mapping[str, Incident] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Incident]:
        return iter(self.by_id.values())

    def open_at(self, venue: VenueId) -> Incident | None:
        """Give the incident that is being handled at a venue."""
        return next((i for i in self if i.open and i.venue == venue), None)

    def allows(self, incident: str, event: Event) -> bool:
        """Tell whether the table knows that event in the incident's state."""
        return event in TABLE[self.by_id[incident].state]

    def fold(self, fact: Fact, now_ms: int) -> "Incidents":
        """Take in one fact; facts about other things change nothing."""
        match fact:
            case IncidentMoved(event=event) if event == OPENED:
                opened = Incident(
                    fact.incident, fact.venue, fact.rule, State.OPEN, now_ms, now_ms, fact.because, now_ms
                )
                return Incidents({**self.by_id, fact.incident: opened})
            case IncidentMoved():
                return self._moved(fact, now_ms)
            case RuleChanged(incident, rule, because):
                return self._with(incident, rule=rule, because=because, ruled_ms=now_ms)
            case NakedCounted():
                return self._with(fact.incident, naked_s=fact.naked_s, naked_usdt_s=fact.naked_usdt_s)
            case OperatorDecided():
                return self._decided(fact, now_ms)
            case _:
                return self

    def _with(self, incident: str, **changes: object) -> "Incidents":
        known = self.by_id.get(incident)
        if known is None:
            return self
        return Incidents({**self.by_id, incident: replace(known, **changes)})  # type: ignore[arg-type]  # fields are named by the callers here

    def _moved(self, fact: IncidentMoved, now_ms: int) -> "Incidents":
        known = self.by_id.get(fact.incident)
        state = TABLE[known.state].get(Event(fact.event)) if known else None
        if state is None:
            return self
        if fact.event == Event.RELAPSED:  # a yes to unwinding was for that return, not for the next
            return self._with(fact.incident, state=state, moved_ms=now_ms, unwind_wanted=False)
        return self._with(fact.incident, state=state, moved_ms=now_ms)

    def _decided(self, fact: OperatorDecided, now_ms: int) -> "Incidents":
        match fact.word:
            case "veto":
                return self._with(fact.incident, vetoed=True, wanted=False)
            case "hedge":
                return self._with(fact.incident, vetoed=False, wanted=True, held_until_ms=0, held_ms=0)
            case "unwind":
                return self._with(fact.incident, unwind_wanted=True)
            case "hold":
                known = self.by_id.get(fact.incident)
                base = max(known.held_until_ms, now_ms) if known else now_ms
                held_ms = (known.held_ms if known else 0) + HOLD_MS
                return self._with(fact.incident, held_until_ms=base + HOLD_MS, held_ms=held_ms)
            case _:
                return self
