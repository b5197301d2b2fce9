"""Bitfinex: `["error", code, text]` with HTTP 500, or a notification array that ends in SUCCESS or ERROR."""

from typing import Final

from riskguard.venues.outcomes.reading import (
    Json,
    Operation,
    Reading,
    Success,
    Unclear,
    acknowledged,
    items,
    refusal,
    word,
)

_KIND: Final[dict[Operation, tuple[str, ...]]] = {
    "place": ("on-req",),
    "cancel": ("oc-req", "oc_multi-req"),
    "amend": ("ou-req",),
}
_NOTIFICATION_LENGTH: Final = 8


def read_bitfinex(answer: Json, asked: Operation) -> Reading:
    """Read the array by position: kind 1, payload 4, code 5, status 6, text 7."""
    if isinstance(answer, dict):
        error = word(answer.get("error"))
        text = word(answer.get("message")) or word(answer.get("error_description"))
        return refusal(error, text) if error or text else Unclear("no error, no notification", foreign=True)
    rows = items(answer)
    if rows and rows[0] == "error":
        return refusal(word(rows[1]) if len(rows) > 1 else "?", word(rows[2]) if len(rows) > 2 else "")
    if asked == "query":
        return Success()
    if len(rows) < _NOTIFICATION_LENGTH:
        return Unclear("not a notification")
    return _notification(rows, asked)


def _notification(rows: list[Json], asked: Operation) -> Reading:
    status, text = word(rows[6]), word(rows[7])
    if status in ("ERROR", "FAILURE"):
        return refusal(word(rows[5]), text) if text or word(rows[5]) else Unclear("an error without a text")
    if status != "SUCCESS" or rows[1] not in _KIND.get(asked, ()):
        return Unclear("no success for this request")
    payload = items(rows[4])
    if not payload or not isinstance(payload[0], list):
        return acknowledged(payload[0] if payload else None)
    first = items(payload[0])
    if len(payload) > 1:
        return Unclear("an answer for several orders")
    return acknowledged(first[0] if first else None)
