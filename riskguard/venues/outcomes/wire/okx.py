"""OKX V5: `{code, data: [{sCode, sMsg, subCode, ordId}], msg}`; order calls fail per row under code 1."""

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

_PARTLY: Final = "2"
"""Bulk partially succeeded: for a single order a contradiction."""

_GENERIC: Final = "51000"
"""Parameter error; with a sub-code it means what the sub-code means."""


def read_okx(answer: Json, asked: Operation) -> Reading:
    """Read the one row that belongs to the one order asked for."""
    found = members(answer)
    code, text = word(found.get("code")), word(found.get("msg"))
    rows = items(found.get("data"))
    if not code:
        return refusal("", text) if text else Unclear("no code", foreign=True)
    if asked == "query" and code == "0":
        return Success() if isinstance(found.get("data"), list) else Unclear("success without data")
    if code == _PARTLY or len(rows) > 1:
        return Unclear("an answer for several orders")
    row = members(rows[0]) if rows else {}
    if code == "0":
        return _placed(row)
    if asked in ("place", "other") and order_id(row.get("ordId")):
        return Unclear("a refusal together with an order id")
    return _complaint(code, text, row)


def _placed(row: dict[str, Json]) -> Reading:
    if word(row.get("sCode")) != "0":
        return Unclear("success without its row")
    return acknowledged(row.get("ordId"))


def _complaint(code: str, text: str, row: dict[str, Json]) -> Reading:
    status = word(row.get("sCode"))
    if not status:
        return refusal(code, text)
    if status == "0":
        return Unclear("failure with a row of success")
    faults = _row_faults(row, status)
    return Refusal(faults if code == "1" else (Fault(code, text), *faults))


def _row_faults(row: dict[str, Json], status: str) -> tuple[Fault, ...]:
    """Report the sub-code too: 51000 was seen hiding 51149, a time-out of unknown outcome."""
    text, sub = word(row.get("sMsg")), word(row.get("subCode"))
    if sub in ("", "0", status):
        return (Fault(status, text),)
    return (Fault(sub, text, detail=status != _GENERIC), Fault(status, text))
