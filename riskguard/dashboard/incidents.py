"""Each trouble being handled, and the latest that are over."""

from riskguard.core.snapshot import IncidentPicture, Snapshot
from riskguard.dashboard.lines import WHOLE, Cell, Level, table
from riskguard.dashboard.section import Section
from riskguard.dashboard.severity import can_be_vetoed, is_open
from riskguard.dashboard.words import clean, countdown, money, seconds, short, since


def section(snapshot: Snapshot, width: int) -> Section:
    """Draw the incidents with what each will do next."""
    heads = ["id", "state", "venue", "rule", "since", "naked", "USDT·s", "next"]
    mins = [6, 6, 4, 4, 6, WHOLE, WHOLE, 9]
    head, rows = table(heads, [_cells(item, snapshot.at_ms) for item in snapshot.incidents], width, mins)
    return Section(
        title="INCIDENTS",
        rows=rows,
        urgency=[int(is_open(item)) for item in snapshot.incidents],
        head=head,
        wanted=2,
    )


def pending_words(incident: IncidentPicture, now_ms: int) -> str:
    """Say in a few words what comes next, with the seconds that are left and how to stop it."""
    if not is_open(incident):
        return "over"
    action = short(incident.next_action, 80 if incident.at_ms is None else 40)
    if incident.vetoed:
        return action if action.startswith("vetoed") else f"vetoed, {action or 'no hedge'}"
    if not action:
        return "-"
    stop = ", v to veto" if incident.at_ms is not None and can_be_vetoed(incident) else ""
    return f"{action} {countdown(incident.at_ms, now_ms)}".rstrip() + stop


def _cells(item: IncidentPicture, now_ms: int) -> list[Cell]:
    going_on = is_open(item)
    lasted = since(item.opened_ms, now_ms if item.closed_ms is None else item.closed_ms)
    return [
        Cell(clean(item.id), Level.HEADING if going_on else Level.CALM),
        Cell(clean(item.state), Level.WATCH if going_on else Level.CALM),
        Cell(clean(item.venue)),
        Cell(clean(item.rule)),
        Cell(lasted),
        Cell(seconds(item.naked_s)),
        Cell(money(item.naked_usdt_s)),
        Cell(pending_words(item, now_ms)),
    ]
