"""The one entry point of the outcome tables: venue, operation, HTTP status and body in, an outcome out."""

from typing import Final, assert_never

from riskguard.core.orders.outcome import Accepted, NotSent, Reason, Rejected, Unknown
from riskguard.venues.outcomes.parse import NotJsonError, parse
from riskguard.venues.outcomes.reading import Fault, Json, Operation, Refusal, Success, Unclear
from riskguard.venues.outcomes.table import TABLES, Listed, Table
from riskguard.venues.outcomes.wire import READERS

ACT_SIZE_LIMIT: Final = 1 << 18
"""Characters; an answer to an order is a few hundred, and parsing a hostile one must not stall the loop."""

QUERY_SIZE_LIMIT: Final = 1 << 22

TEXT_LIMIT: Final = 200
_CODE_LIMIT: Final = 80
_LONG_WORD: Final = 15
_AROUND: Final = "\ufeff \t\r\n"
_STATUSES: Final = range(100, 600)
_SUCCESS_STATUS: Final = frozenset({200, 201})
_OPERATIONS: Final[dict[str, Operation]] = {
    "place": "place",
    "reduce": "place",
    "cancel": "cancel",
    "amend": "amend",
    "query": "query",
}


def classify(
    *, venue: str, operation: str, http_status: int, body: str
) -> Accepted | Rejected | NotSent | Unknown:
    """Read an answer that arrived; anything not listed is unknown, and an answer never means "not sent".

    `venue` is a ccxt id, `operation` one of place, reduce, cancel, amend, query; any other word is never
    accepted. `body` may be any text at all: this function does not raise, in time bounded by its size.
    """
    table = TABLES.get(venue)
    if table is None:
        return Unknown("no outcome table for this venue")
    if http_status not in _STATUSES:
        return Unknown("no HTTP status")
    asked = _OPERATIONS.get(operation, "other")
    if len(body) > (QUERY_SIZE_LIMIT if asked == "query" else ACT_SIZE_LIMIT):
        return Unknown("answer too large")
    return _read(table, asked, http_status, body.strip(_AROUND))


def venue_code(venue: str, body: str) -> str:
    """Give the code that a complaint carries in the venue's own envelope, empty where there is none."""
    table = TABLES.get(venue)
    if table is None or len(body) > ACT_SIZE_LIMIT:
        return ""
    try:
        answer = parse(body.strip(_AROUND))
    except NotJsonError:
        return ""
    reading = READERS[table.wire](answer, "other") if isinstance(answer, dict | list) else None
    codes = [fault.code for fault in reading.faults if fault.code] if isinstance(reading, Refusal) else []
    return _shown(codes[0], _CODE_LIMIT) if codes else ""


def says_id_taken(venue: str, refused: Rejected) -> bool:
    """Tell whether a refused order was refused because one with its client id is there.

    Each order is sent once, under an id of its own. So what the venue has is this order's first copy, and
    somebody on the way sent it twice: the request did nothing, and yet the order may be live.
    """
    table = TABLES.get(venue)
    if table is None or refused.reason is not Reason.ORDER:
        return False
    named = any(code in table.id_taken for code in table.spellings(refused.code))
    return named or bool(table.id_taken_text and table.id_taken_text in refused.text.casefold())


def _read(table: Table, asked: Operation, http_status: int, body: str) -> Accepted | Rejected | Unknown:
    try:
        answer = parse(body)
    except NotJsonError:
        if body.startswith(("{", "[")):
            return Unknown("cut off or malformed JSON")
        answer = body
    if isinstance(answer, dict | list):
        return _from_envelope(table, answer, asked, http_status)
    text = answer if isinstance(answer, str) else ""
    return _meaning(table, (Fault("", text, bare=True),), asked, http_status)


def _from_envelope(
    table: Table, answer: Json, asked: Operation, http_status: int
) -> Accepted | Rejected | Unknown:
    reading = READERS[table.wire](answer, asked)
    match reading:
        case Success(order_id):
            if http_status not in _SUCCESS_STATUS:
                return Unknown(f"success body with HTTP {http_status}")
            return Accepted(order_id) if asked != "other" else Unknown("success of an operation not listed")
        case Refusal(faults):
            return _meaning(table, faults, asked, http_status)
        case Unclear(cause, foreign):
            listed = table.look_up(Fault("", bare=True), asked, http_status) if foreign else None
            return _rejected(listed, Fault("")) or Unknown(_shown(f"{cause}, HTTP {http_status}", TEXT_LIMIT))
        case _:
            assert_never(reading)


def _meaning(
    table: Table, faults: tuple[Fault, ...], asked: Operation, http_status: int
) -> Rejected | Unknown:
    """Ask the table for every complaint; one that is not a listed refusal makes the whole answer unknown."""
    verdict: Rejected | None = None
    for fault in faults:
        listed = table.look_up(fault, asked, http_status)
        rejected = _rejected(listed, fault)
        if listed is None and fault.detail:
            continue
        if rejected is None:
            return Unknown(_doubt(fault, http_status, listed=listed is not None))
        verdict = verdict or rejected
    return verdict or Unknown(f"no complaint and no success, HTTP {http_status}")


def _rejected(listed: Listed | None, fault: Fault) -> Rejected | None:
    if listed is None or listed.reads == "unknown":
        return None
    return Rejected(Reason(listed.reads), _shown(fault.code, _CODE_LIMIT), _shown(fault.text, TEXT_LIMIT))


def _doubt(fault: Fault, http_status: int, *, listed: bool) -> str:
    if fault.code:
        kind = "listed as unknown" if listed else "not listed"
        return f"code {_shown(fault.code, _CODE_LIMIT)} {kind}, HTTP {http_status}"
    if not fault.text:
        return f"empty answer, HTTP {http_status}"
    kind = "text listed as unknown" if listed else "no venue code"
    return f"{kind}, HTTP {http_status}"


def _shown(text: str, limit: int) -> str:
    """Make a venue's words safe to log and display: one line, printable, encodable, bounded.

    A long word that does not fit whole is left out: half a signature would not be recognised as one.
    """
    cut = text[: limit * 2].encode("utf-8", "replace").decode("utf-8")
    clean = " ".join("".join(mark if mark.isprintable() else " " for mark in cut).split())
    if len(clean) <= limit:
        return clean
    words, _, last = clean[:limit].rpartition(" ")
    return words if words and len(last) > _LONG_WORD else clean[:limit]
