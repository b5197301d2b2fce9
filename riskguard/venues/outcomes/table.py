"""Loads the reviewed outcome tables: which code of which venue definitely means which refusal."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from riskguard.core.orders.outcome import Reason
from riskguard.venues.outcomes.reading import Fault, Operation

UNKNOWN: Final = "unknown"

READS: Final = frozenset({*(reason.value for reason in Reason), UNKNOWN})
"""What a listed code can read as; `unknown` is listed too, so that nobody adds it as a refusal later."""

_PLACING: Final = frozenset[Operation]({"place", "amend", "other"})
_NAMING: Final = frozenset[Operation]({"cancel", "amend", "query"})
_EVERY: Final = frozenset[Operation]({"place", "cancel", "amend", "query", "other"})

SCOPES: Final = {Reason.GONE.value: _NAMING, Reason.FUNDS.value: _PLACING, Reason.RESTRICTED.value: _PLACING}
"""Operations for which a refusal makes sense; elsewhere the same code contradicts itself and is unknown."""

DOUBT_WORDS: Final = (
    "timeout", "timed out", "time out", "status unknown", "unknown status", "unknown error",
    "internal error", "internal server error", "system error", "server error",
    "upstream", "bad gateway", "deadline exceeded", "not responding", "no response", "unexpected response",
)  # fmt: skip
"""A text with one of these outweighs a listed code: venues reuse codes (KuCoin 300000, Bitget 40010)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a table; an empty `codes` matches answers without a venue code (pages, bare texts)."""

    reads: str
    codes: frozenset[str] = frozenset()
    http: frozenset[int] = frozenset()
    operations: frozenset[Operation] = _EVERY
    text: str = ""
    text_is: str = ""
    bare: bool = False
    """Counts for a text outside any envelope too; without it a page that mentions the words does not."""
    note: str = ""

    def fits(self, fault: Fault, code: str, asked: Operation, http_status: int) -> bool:
        """Tell whether every condition of this line holds; text comparison ignores case and spacing."""
        if (code not in self.codes) if self.codes else bool(code):
            return False
        if http_status not in self.http or asked not in self.operations or (fault.bare and not self.bare):
            return False
        said = _plain(fault.text)
        if self.text_is:
            return said == self.text_is
        return self.text in said

    def doubted_by(self, text: str) -> bool:
        """Tell whether the rest of the text speaks of a time-out or of an error inside the venue."""
        if self.reads == UNKNOWN or self.text_is:
            return False
        rest = _plain(text).replace(self.text, " ") if self.text else _plain(text)
        return any(words in rest for words in DOUBT_WORDS)


_DOUBTFUL: Final = Listed(reads=UNKNOWN, note="the text speaks of a time-out or an internal error")


@dataclass(frozen=True, slots=True)
class Table:
    """All lines for one venue; lines with conditions come before the plain codes."""

    venue: str
    wire: str
    lines: tuple[Listed, ...]
    codes_by_prefix: bool
    """Kraken appends details after a colon, so a shorter form of the code counts too."""
    ignored_prefix: str = ""
    """Coinbase gives the same reason with and without `PREVIEW_`; the table lists it once, without."""

    id_taken: frozenset[str] = frozenset()
    """Codes that say that an order with this client id exists."""
    id_taken_text: str = ""

    def look_up(self, fault: Fault, asked: Operation, http_status: int) -> Listed | None:
        """Return the first line that fits, or None; doubtful words beyond those of the line outweigh it."""
        for code in self.spellings(fault.code):
            for line in self.lines:
                if line.fits(fault, code, asked, http_status):
                    return _DOUBTFUL if line.doubted_by(fault.text) else line
        return None

    def spellings(self, code: str) -> Iterator[str]:
        """Give a code as it may be listed: as it is, without its beginning, without its details."""
        spelled = code.casefold()
        yield spelled
        if self.ignored_prefix and spelled.startswith(self.ignored_prefix):
            yield spelled.removeprefix(self.ignored_prefix)
        while self.codes_by_prefix and spelled.count(":") > 1:
            spelled = spelled.rpartition(":")[0]
            yield spelled


def _plain(text: str) -> str:
    return " ".join(text[:2000].casefold().replace("_", " ").split())


def _statuses(given: list[int | str]) -> frozenset[int]:
    """Read 503 as itself and "4xx" as the class without 408, which is a timeout wherever it comes from."""
    found: set[int] = set()
    for one in given:
        if isinstance(one, int):
            found.add(one)
        else:
            first = int(one.removesuffix("xx")) * 100
            found.update(range(first, first + 100))
            found.discard(408)
    return frozenset(found)


def _conditional(document: dict[str, Any]) -> Iterator[Listed]:
    for entry in document.get("when", []):
        yield Listed(
            reads=entry["reads"],
            codes=_names(entry.get("codes", [])),
            http=_statuses(entry.get("http", document["codes_count_with_http"])),
            operations=frozenset(entry["operations"]) if "operations" in entry else _scope(entry["reads"]),
            text=_plain(entry.get("text", "")),
            text_is=_plain(entry.get("text_is", "")),
            bare=entry.get("bare", False),
            note=entry["note"],
        )


def _unconditional(document: dict[str, Any]) -> Iterator[Listed]:
    usual = _statuses(document["codes_count_with_http"])
    for reads, meanings in document.get("codes", {}).items():
        # A code that says "unknown" says it with any status.
        http = frozenset(range(100, 600)) if reads == UNKNOWN else usual
        for note, codes in meanings.items():
            yield Listed(reads=reads, codes=_names(codes), http=http, operations=_scope(reads), note=note)
    for status, reads in document.get("pages", {}).items():
        yield Listed(
            reads=reads, http=frozenset({int(status)}), bare=True, note="no venue code in the answer"
        )


def _names(codes: list[str]) -> frozenset[str]:
    return frozenset(code.casefold() for code in codes)


def _scope(reads: str) -> frozenset[Operation]:
    return SCOPES.get(reads, _EVERY)


def documents() -> dict[str, dict[str, Any]]:
    """Return every shipped table file as parsed, by file name; the lint in the tests reads these."""
    folder = files("riskguard.venues").joinpath("outcome_tables")
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda file: file.name):
        if entry.name.endswith(".toml"):
            found[entry.name] = tomllib.loads(entry.read_text(encoding="utf-8"))
    return found


def _load() -> dict[str, Table]:
    """Build one table per ccxt id; a file may serve several ids and an id may have several files."""
    serving: dict[str, list[dict[str, Any]]] = {}
    for document in documents().values():
        for venue in document["venues"]:
            serving.setdefault(venue, []).append(document)
    return {venue: _table(venue, given) for venue, given in serving.items()}


def _table(venue: str, given: list[dict[str, Any]]) -> Table:
    conditional = [line for document in given for line in _conditional(document)]
    unconditional = [line for document in given for line in _unconditional(document)]
    taken = [document["id_taken"] for document in given if "id_taken" in document]
    return Table(
        venue=venue,
        wire=given[0]["wire"],
        lines=(*conditional, *unconditional),
        codes_by_prefix=given[0].get("codes_by_prefix", False),
        ignored_prefix=given[0].get("ignored_prefix", "").casefold(),
        id_taken=_names([code for one in taken for code in one["codes"]]),
        id_taken_text=next((_plain(one["text"]) for one in taken if "text" in one), ""),
    )


TABLES: Final = _load()

TESTED_VENUES: Final = frozenset(TABLES) - {"bitmex"}
"""ccxt ids with a tested table; with any other id every answer is unknown, and `doctor` says so."""
