"""Hyperliquid: `{status, response: {type, data: {statuses: [...]}}}`; complaints are texts without a code."""

from riskguard.venues.outcomes.reading import (
    Json,
    Operation,
    Reading,
    Success,
    Unclear,
    acknowledged,
    items,
    members,
    refusal,
    word,
)


def read_hyperliquid(answer: Json, asked: Operation) -> Reading:
    """Read the one status that belongs to the one order asked for."""
    if isinstance(answer, list):
        return Success() if asked == "query" else Unclear("an array where one order was expected")
    found = members(answer)
    status, response = word(found.get("status")), found.get("response")
    if status == "err":
        return refusal("", word(response)) if word(response) else Unclear("an error without a text")
    if status and status != "ok":
        return Success() if asked == "query" and status == "order" else refusal(status)
    if "error" in found:
        return (
            refusal("", word(found["error"])) if word(found["error"]) else Unclear("an error without a text")
        )
    if asked == "query":
        return Success() if found else Unclear("empty object")
    if status != "ok":
        return Unclear("no status", foreign=True)
    body = members(response)
    rows = items(members(body.get("data")).get("statuses"))
    if len(rows) != 1:
        return Unclear("not exactly one status")
    return _one(rows[0], word(body.get("type")), asked)


def _one(row: Json, kind: str, asked: Operation) -> Reading:
    given = members(row)
    if "error" in given:
        return (
            refusal("", word(given["error"]))
            if len(given) == 1 and word(given["error"])
            else Unclear("two statuses")
        )
    if asked == "cancel":
        return Success() if row == "success" and kind.startswith("cancel") else Unclear("no cancel success")
    if len(given) != 1 or kind == "cancel":
        return Unclear("a status without an order id")
    return acknowledged(members(given.get("resting") or given.get("filled")).get("oid"))
