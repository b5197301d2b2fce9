"""The recent past, newest at the bottom."""

from rich.text import Text

from riskguard.core.snapshot import EventPicture
from riskguard.dashboard.lines import Level, Piece, cut, line
from riskguard.dashboard.section import Section
from riskguard.dashboard.words import clean, clock, short

LEVELS = {"critical": Level.ACT, "alarm": Level.ACT, "warning": Level.WATCH}


def section(events: tuple[EventPicture, ...], width: int) -> Section:
    """Draw the events; the newest are kept."""
    return Section(
        title="EVENTS",
        rows=[_row(event, width) for event in events],
        urgency=[0] * len(events),
        wanted=2,
        newest_last=True,
    )


def _row(event: EventPicture, width: int) -> Text:
    level = LEVELS.get(event.severity, Level.CALM)
    mark = "" if level is Level.CALM else f"{clean(event.severity).upper()} "
    tail = f" [{clean(event.incident)}]" if event.incident else ""
    title = Piece(f"{mark}{short(event.title, 200)}", level)
    body = f"  {short(event.body, 200)}" if event.body else ""
    return cut(line(f" {clock(event.at_ms)} ", title, tail, body), width)
