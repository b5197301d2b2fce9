"""A titled list of lines, and how sections share a screen that is too low for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.text import Text

from riskguard.dashboard.lines import Level, Piece, cut, line


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the screen; rows with the highest urgency are the last to be hidden."""

    title: str
    rows: Sequence[Text]
    urgency: Sequence[int]
    """One number per row."""
    head: Text | None = None
    """Column names, shown when at least one row is."""
    wanted: int = 1
    """Rows that should be visible before any other section gets more than it wants."""
    note: str = ""
    """What this layout leaves out, such as columns."""
    newest_last: bool = field(default=False)
    """Whether later rows are more urgent than earlier ones of the same urgency."""

    def drawn(self, height: int, width: int) -> list[Text]:
        """Give at most `height` lines; the title says how many rows are hidden."""
        if height <= 0:
            return []
        with_head = self.head is not None and height > 1 + min(len(self.rows), 2)
        kept = self._kept(height - 1 - with_head)
        title = self._title(len(self.rows) - len(kept), width)
        head = [self.head] if with_head and self.head is not None else []
        return [title, *head, *(self.rows[at] for at in kept)]

    def _kept(self, count: int) -> list[int]:
        order = sorted(
            range(len(self.rows)), key=lambda at: (-self.urgency[at], -at if self.newest_last else at)
        )
        return sorted(order[: max(count, 0)])

    def _title(self, hidden: int, width: int) -> Text:
        words = f" {self.title} "
        if not self.rows:
            words += "none "
        if hidden:
            words += f"+{hidden} more "
        if self.note and cell_len(words) + cell_len(self.note) + 4 <= width:
            words += f"({self.note}) "
        rule = "─" * max(width - cell_len(words) - 1, 0)
        return cut(
            line(Piece("─", Level.QUIET), Piece(words, Level.HEADING), Piece(rule, Level.QUIET)), width
        )


def share(sections: Sequence[Section], height: int) -> list[int]:
    """Divide `height` lines between sections given in order of importance."""
    given = [0] * len(sections)
    left = max(height, 0)
    full = [1 + len(part.rows) + (part.head is not None and bool(part.rows)) for part in sections]
    wanted = [min(most, 1 + part.wanted) for most, part in zip(full, sections, strict=True)]
    for goals in ([1] * len(sections), wanted, full):
        for at, goal in enumerate(goals):
            more = min(max(goal - given[at], 0), left)
            given[at] += more
            left -= more
    return given
