"""Kraken Futures: `{result, sendStatus | cancelStatus | batchStatus}`; refusals sit in the status."""

from typing import Final

from riskguard.venues.outcomes.reading import (
    Fault,
    Json,
    Operation,
    Reading,
    Refusal,
    Success,
    Unclear,
    acknowledged,
    items,
    members,
    order_id,
    refusal,
    word,
)

_FIELD: Final[dict[Operation, str]] = {"place": "sendStatus", "cancel": "cancelStatus", "amend": "editStatus"}
_DONE: Final[dict[Operation, str]] = {"place": "placed", "cancel": "cancelled", "amend": "edited"}


def read_krakenfutures(answer: Json, asked: Operation) -> Reading:
    """Read the per-order status under `result: success`, else the error word."""
    found = members(answer)
    if word(found.get("result")) != "success":
        return _complaint(found)
    if "error" in found or "errors" in found:
        return Unclear("success together with an error")
    if asked == "query":
        return Success()
    given = members(found.get(_FIELD.get(asked, ""))) or _only(items(found.get("batchStatus")))
    return _status(given, asked)


def _status(given: dict[str, Json], asked: Operation) -> Reading:
    status = word(given.get("status"))
    if not status:
        return Unclear("success without a status")
    if status != _DONE.get(asked):
        return refusal(status)
    if asked == "cancel":
        return Success(order_id(given.get("order_id")))
    return acknowledged(given.get("order_id") or given.get("orderId"))


def _only(rows: list[Json]) -> dict[str, Json]:
    return members(rows[0]) if len(rows) == 1 else {}


def _complaint(found: dict[str, Json]) -> Reading:
    error = word(found.get("error"))
    listed = [members(one) for one in items(found.get("errors"))]
    faults = [Fault(error, error)] if error else []
    faults += [Fault(word(one.get("message")) or "?", word(one.get("message"))) for one in listed]
    return Refusal(tuple(faults)) if faults else Unclear("no result and no error", foreign=True)
