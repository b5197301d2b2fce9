"""What is wrong with a policy file, where, and what would be right."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; line and column count from 1, line 0 means the file as a whole."""

    path: Path
    line: int
    col: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.col}" if self.line else f"{self.path}"
        return f"{where}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class PolicyInvalid(Exception):  # noqa: N818 - named for the state it reports
    """The file cannot be used; carries every problem found, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Refused(ValueError):  # noqa: N818 - named for what happened to the value
    """A value that cannot be used; the hint, when empty, is filled in with the key's own example."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)


def quoted(value: object) -> str:
    """Show a word of the file on one line, escaped and not too long."""
    text = str(value)
    shown = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown) + '"'


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Give the hint that names the nearest known word, empty when none is near."""
    near = nearest(word, known)
    return f"did you mean {quoted(near)}?" if near else ""


def nearest(word: object, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Give the known word that is most like this one, empty when none reaches the cutoff."""
    if not isinstance(word, str):
        return ""
    names = {name.casefold(): name for name in known}
    # A stray blank or capital is the commonest slip and the hardest one to see.
    near = difflib.get_close_matches(word.strip().casefold()[:_SHOWN_CHARS], names, n=1, cutoff=cutoff)
    return names[near[0]] if near else ""
