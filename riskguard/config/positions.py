"""Where each key and value of a TOML text stands.

`tomllib` checks a document but forgets positions. This scanner runs on text that `tomllib` accepted, so it
need not find errors: it only follows the structure. A location is the path into the parsed document, such as
`("venue", 0, "id")`.
"""

import contextlib
import re
import tomllib
from dataclasses import dataclass

Loc = tuple[str | int, ...]

_SKIP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{1,2})?'
    r"|'''.*?'''(?:'{1,2})?"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
# A date-time may hold one blank between date and time.
_SCALAR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[^\s,\]}#]*|[^\s,\]}#]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """Offsets of one location; for a table the value is its header's bracket."""

    key: int
    value: int


class Positions:
    """Lines and columns of a document's keys and values."""

    def __init__(self, text: str) -> None:
        self._text = text
        scanner = _Scanner(text)
        # Only positions would be lost: what is not marked is reported at its nearest parent.
        with contextlib.suppress(IndexError, RecursionError):
            scanner.document()
        self.marks: dict[Loc, Mark] = scanner.marks

    def key(self, loc: Loc) -> tuple[int, int]:
        """Give line and column of a key, or of its nearest known parent."""
        return self._line_col(self._nearest(loc).key)

    def value(self, loc: Loc) -> tuple[int, int]:
        """Give line and column of a value, or of its nearest known parent."""
        return self._line_col(self._nearest(loc).value)

    def _nearest(self, loc: Loc) -> Mark:
        while loc and loc not in self.marks:
            loc = loc[:-1]
        return self.marks.get(loc, Mark(0, 0))

    def _line_col(self, offset: int) -> tuple[int, int]:
        return line_col(self._text, offset)


def line_col(text: str, offset: int) -> tuple[int, int]:
    """Turn an offset in characters into line and column, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class _Scanner:
    """Follows a document from front to back, marking as it goes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.marks: dict[Loc, Mark] = {}
        self.lengths: dict[Loc, int] = {}
        """How many tables each array of tables has so far."""

    def document(self) -> None:
        table: Loc = ()
        while self._skip(_SKIP) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Loc:
        bracket = self.at
        array = self.text.startswith("[[", bracket)
        self.at += 2 if array else 1
        parts = self._keys()
        self.at += 2 if array else 1
        loc: Loc = ()
        for index, (part, offset) in enumerate(parts):
            last = index == len(parts) - 1
            loc = (*loc, part)
            if last and array:
                self.marks.setdefault(loc, Mark(offset, bracket))
                self.lengths[loc] = self.lengths.get(loc, 0) + 1
            if last and not array:
                self.marks[loc] = Mark(offset, bracket)
            if loc in self.lengths:
                loc = (*loc, self.lengths[loc] - 1)
            self.marks.setdefault(loc, Mark(offset, bracket))
        return loc

    def _pair(self, table: Loc) -> None:
        parts = self._keys()
        self.at += 1  # the equals sign
        self._skip(_BLANKS)
        loc = table
        for part, offset in parts[:-1]:
            loc = (*loc, part)
            self.marks.setdefault(loc, Mark(offset, offset))
        last, offset = parts[-1]
        self.marks[(*loc, last)] = Mark(offset, self.at)
        self._value((*loc, last))

    def _keys(self) -> list[tuple[str, int]]:
        parts = []
        while True:
            self._skip(_BLANKS)
            start = self.at
            if self.text[start] in "\"'":
                raw = self._take(_STRING)
                parts.append((str(tomllib.loads(f"key = {raw}")["key"]), start))
            else:
                parts.append((self._take(_BARE_KEY), start))
            self._skip(_BLANKS)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def _value(self, loc: Loc) -> None:
        first = self.text[self.at]
        if first == "[":
            self._array(loc)
        elif first == "{":
            self._inline_table(loc)
        else:
            self._take(_STRING if first in "\"'" else _SCALAR)

    def _array(self, loc: Loc) -> None:
        self.at += 1
        index = 0
        while self.text[self._skip(_SKIP)] != "]":
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self.marks[(*loc, index)] = Mark(self.at, self.at)
            self._value((*loc, index))
            index += 1
        self.at += 1

    def _inline_table(self, loc: Loc) -> None:
        self.at += 1
        while self.text[self._skip(_SKIP)] != "}":
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self._pair(loc)
        self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise IndexError(self.at)
        self.at = match.end()
        return match.group()
