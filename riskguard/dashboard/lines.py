"""Lines and tables of exactly known width; a cut is always marked with an ellipsis."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rich.cells import cell_len
from rich.text import Text

from riskguard.dashboard.words import clean


class Level(Enum):
    """How loudly a piece is drawn; its words carry the same meaning without colour."""

    QUIET = "dim"
    CALM = ""
    HEADING = "bold"
    WATCH = "yellow"
    ACT = "bold white on red"


WHOLE = 99
"""A least width that keeps a column of numbers from giving way: half a number is a wrong number."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words and how loudly they are said."""

    words: str
    level: Level = Level.CALM


Cell = Piece
"""A piece inside a table."""


def line(*pieces: Piece | str) -> Text:
    """Join pieces to one line."""
    text = Text(no_wrap=True, end="")
    for piece in pieces:
        said = piece if isinstance(piece, Piece) else Piece(piece)
        text.append(_one_line(said.words), style=said.level.value)
    return text


def cut(text: Text, width: int) -> Text:
    """Give the line shortened to `width` cells, with an ellipsis where something was cut."""
    short = text.copy()
    short.truncate(max(width, 0), overflow="ellipsis")
    return short


def wrapped(text: Text, width: int, lines_max: int) -> list[Text]:
    """Break a line between words into at most `lines_max` lines, the later ones indented."""
    words = text.plain.split(" ")
    taken: list[Text] = []
    start, end, room = 0, 0, max(width, 1)
    for number, word in enumerate(words):
        stop = (end + 1 if number else 0) + len(word)
        too_long = cell_len(text.plain[start:stop]) > room
        if too_long and end > start and len(taken) < lines_max - 1:
            taken.append(_indented(text[start:end], first=not taken))
            start, room = end + 1, max(width - 2, 1)
        end = stop
    taken.append(_indented(text[start:end], first=not taken))
    return [cut(part, width) for part in taken]


def table(
    heads: Sequence[str], rows: Sequence[Sequence[Cell]], width: int, mins: Sequence[int]
) -> tuple[Text, list[Text]]:
    """Lay rows out in columns that fit into `width`; columns give way down to `mins`, the widest first."""
    naturals = [
        max([cell_len(head), *(cell_len(_one_line(row[at].words)) for row in rows)])
        for at, head in enumerate(heads)
    ]
    widths = _shrunk(naturals, mins, width - len(heads))
    head = _row([Cell(head, Level.QUIET) for head in heads], widths, width)
    return head, [_row(row, widths, width) for row in rows]


def _row(cells: Sequence[Cell], widths: Sequence[int], width: int) -> Text:
    text = Text(no_wrap=True, end="")
    for cell, size in zip(cells, widths, strict=True):
        part = Text(_one_line(cell.words), style=cell.level.value, end="")
        part.truncate(size, overflow="ellipsis")
        text.append(" ")
        text.append_text(part)
        text.append(" " * (size - cell_len(part.plain)))
    text.rstrip()
    return cut(text, width)


def _shrunk(naturals: Sequence[int], mins: Sequence[int], room: int) -> list[int]:
    widths = [min(size, max(room, 1)) for size in naturals]
    for _ in range(sum(widths)):
        if sum(widths) <= room:
            break
        spare = [
            (size - min(least, size), at) for at, (size, least) in enumerate(zip(widths, mins, strict=True))
        ]
        most, at = max(spare)
        if most == 0:
            break
        widths[at] -= 1
    return widths


def _indented(text: Text, *, first: bool) -> Text:
    return text if first else Text("  ", no_wrap=True, end="").append_text(text)


def _one_line(words: str) -> str:
    """Keep wanted blanks of our own texts, but let no foreign control character through."""
    return words if words.isprintable() else clean(words)
