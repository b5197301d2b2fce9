"""How bad a word is: the one place that maps conditions, verdicts and states to urgency and loudness."""

from riskguard.core.snapshot import IncidentPicture, Snapshot, VenuePicture
from riskguard.core.types import Condition, Verdict
from riskguard.dashboard.lines import Level
from riskguard.dashboard.words import clean

_CONDITIONS: dict[str, int] = {word.value: rank for rank, word in enumerate(Condition)}

_VERDICTS: dict[str, tuple[str, Level]] = {
    Verdict.UNPROVEN: ("unpr", Level.QUIET),
    Verdict.UP: ("up", Level.CALM),
    Verdict.SUSPECT: ("susp", Level.WATCH),
    Verdict.CONFIRMED: ("CONF", Level.ACT),
    Verdict.DOWN: ("DOWN", Level.ACT),
    Verdict.RECOVERING: ("reco", Level.WATCH),
}
"""Each verdict in at most four characters, for narrow columns."""

CLOSED = "closed"


def condition_rank(condition: str) -> int:
    """Order conditions from FINE (0) upwards; a word that is not known counts as the worst."""
    word = condition.rstrip("?")
    return 2 * _CONDITIONS.get(word, len(_CONDITIONS)) - (condition != word)


def condition_level(condition: str) -> Level:
    """Tell how loudly a condition is drawn."""
    word = condition.rstrip("?")
    if word == Condition.FINE:
        return Level.CALM
    quiet = (Condition.SLOW, Condition.DEGRADED, Condition.RECOVERING, Condition.MAINTENANCE)
    return Level.WATCH if word in quiet else Level.ACT


def short_verdict(verdict: str) -> tuple[str, Level]:
    """Give a verdict's short word and its level; an unknown word is shown as it is."""
    return _VERDICTS.get(verdict, (clean(verdict) or "?", Level.WATCH))


def is_open(incident: IncidentPicture) -> bool:
    """Tell whether an incident still goes on."""
    return incident.closed_ms is None and incident.state != CLOSED


def open_incidents(snapshot: Snapshot) -> list[IncidentPicture]:
    """Give the incidents that go on, those that act soonest first."""
    rows = [item for item in snapshot.incidents if is_open(item)]
    return sorted(rows, key=lambda item: (item.at_ms is None, item.at_ms or 0))


def can_be_vetoed(incident: IncidentPicture) -> bool:
    """Tell whether a veto would still stop something of this incident."""
    return is_open(incident) and not incident.vetoed and incident.state not in ("recovering", "unwinding")


def worst_venues(snapshot: Snapshot) -> list[VenuePicture]:
    """Give the venues that are not fine, the worst first."""
    rows = [venue for venue in snapshot.venues if venue.condition != Condition.FINE]
    return sorted(rows, key=lambda venue: -condition_rank(venue.condition))
