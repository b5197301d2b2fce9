"""Turns lines into bytes for a terminal, and sends only the lines that changed."""

from collections.abc import Sequence

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

ASCII = str.maketrans({"▌": "|", "─": "-", "·": ".", "…": "~"})
"""Our own marks for terminals whose locale has none of them."""

_measure = Console(width=1_000_000, no_color=False, legacy_windows=False, file=None)


def encoded(line: Text, *, colour: bool, unicode: bool) -> str:
    """Give one line with its escape sequences, or as plain text."""
    if not colour:
        return line.plain if unicode else plain_ascii(line.plain)
    words = "".join(_styled(segment) for segment in line.render(_measure))
    return words if unicode else plain_ascii(words)


def difference(before: Sequence[str], after: Sequence[str]) -> str:
    """Give the sequences that turn one screen into the next."""
    changes = [
        f"\x1b[{row + 1};1H{line}\x1b[0m\x1b[K"
        for row, line in enumerate(after)
        if row >= len(before) or before[row] != line
    ]
    below = f"\x1b[{len(after) + 1};1H\x1b[J" if len(before) > len(after) else ""
    return "".join(changes) + below


def plain_ascii(words: str) -> str:
    """Replace our own marks, and what ASCII lacks by a question mark."""
    return words.translate(ASCII).encode("ascii", errors="replace").decode("ascii")


def _styled(segment: Segment) -> str:
    return segment.style.render(segment.text) if segment.style is not None else segment.text
