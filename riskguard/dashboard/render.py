"""Draw one snapshot as a screen: a pure function of the snapshot and the screen's size."""

from collections.abc import Sequence

from rich.text import Text

from riskguard.core.snapshot import Snapshot
from riskguard.dashboard import assets, doubts, events, header, incidents, venues
from riskguard.dashboard.lines import Level, Piece, cut, line
from riskguard.dashboard.section import Section, share


def render(snapshot: Snapshot, width: int, height: int, *, colour: bool, note: str = "") -> Text:
    """Give a renderable of at most `height` lines of at most `width` cells, without a final line break."""
    lines = compose(snapshot, width, height, note=note)
    if not colour:
        lines = [Text(item.plain, end="") for item in lines]
    screen = Text("\n", no_wrap=True, overflow="crop", end="").join(lines)
    screen.no_wrap, screen.overflow, screen.end = True, "crop", ""
    return screen


def compose(snapshot: Snapshot, width: int, height: int, *, note: str = "") -> list[Text]:
    """Give the screen's lines; sentences first, then evidence, sharing what room there is."""
    width, height = max(width, 1), max(height, 1)
    top = [cut(line(Piece(f"▌{note}", Level.WATCH)), width)] if note else []
    sentences_max = max((height - len(top) - 2) // 4, 1)
    top += header.state_lines(snapshot, width, sentences_max)
    top += header.next_lines(snapshot, width, sentences_max)
    if height > len(top) + 1:
        top = [header.status_line(snapshot, width), *top]
    parts = _sections(snapshot, width)
    room = height - len(top) - 1
    given = share(parts, room)
    hidden = sum(size == 0 for size in given)
    body = [text for part, size in zip(parts, given, strict=True) for text in part.drawn(size, width)]
    filled = [*top, *body][: height - 1]
    return [*filled, header.footer(snapshot, width, hidden)]


def _sections(snapshot: Snapshot, width: int) -> Sequence[Section]:
    """Give all sections, the most important first, which is also the order in which they are drawn."""
    return (
        venues.section(snapshot.venues, width),
        assets.section(snapshot.assets, width),
        incidents.section(snapshot, width),
        doubts.section(snapshot.in_doubt, width),
        events.section(snapshot.events, width),
    )
