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
    if asked == "query" and isinstance(answer, list):
        return Success()
    found = members(answer)
    status = word(found.get("status"))
    complaint = _complaint(found, status, asked)
    if complaint is not None:
        return complaint
    if asked == "query" and found:
        return Success()
    if status != "ok":
        return Unclear("no status", foreign=isinstance(answer, dict))
    body = members(found.get("response"))
    rows = items(members(body.get("data")).get("statuses"))
    return (
        _one(rows[0], word(body.get("type")), asked) if len(rows) == 1 else Unclear("not exactly one status")
    )


def _complaint(found: dict[str, Json], status: str, asked: Operation) -> Reading | None:
    if status == "err" or "error" in found:
        text = word(found.get("response" if status == "err" else "error"))
        return refusal("", text) if text else Unclear("an error without a text")
    if status in ("", "ok") or (asked == "query" and status == "order"):
        return None
    return refusal(status)


def _one(row: Json, kind: str, asked: Operation) -> Reading:
    given = members(row)
    if "error" in given:
        text = word(given["error"])
        return refusal("", text) if text and len(given) == 1 else Unclear("two statuses for one order")
    if asked == "cancel":
        return Success() if row == "success" and kind.startswith("cancel") else Unclear("no cancel success")
    if len(given) != 1 or kind.startswith("cancel"):
        return Unclear("a status without an order id")
    return acknowledged(members(given.get("resting") or given.get("filled")).get("oid"))
