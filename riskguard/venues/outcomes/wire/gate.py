"""Gate APIv4: `{label, message}` for a complaint, the bare order object for a success."""

from riskguard.venues.outcomes.reading import (
    Json,
    Operation,
    Reading,
    Success,
    Unclear,
    acknowledged,
    members,
    order_id,
    refusal,
    word,
)


def read_gate(answer: Json, asked: Operation) -> Reading:
    """Read the label, else the order object; a cancel must say that the order is cancelled."""
    if isinstance(answer, list):
        return Success() if asked == "query" else Unclear("an array where one order was expected")
    found = members(answer)
    text = word(found.get("message")) or word(found.get("detail"))
    if "label" in found:
        return _complaint(found, text)
    if asked == "query" and found and not text:
        return Success(order_id(found.get("id")))
    if "id" not in found:
        return refusal("", text) if text else Unclear("no order and no label", foreign=True)
    return _order(found, asked)


def _complaint(found: dict[str, Json], text: str) -> Reading:
    label = word(found["label"])
    if not label or order_id(found.get("id")):
        return Unclear("a label together with an order id, or an empty one")
    return refusal(label, text)


def _order(found: dict[str, Json], asked: Operation) -> Reading:
    if found.get("succeeded") is False:
        return Unclear("not succeeded, without a label")
    if asked == "cancel" and "cancelled" not in (found.get("status"), found.get("finish_as")):
        return Unclear("no cancelled status")
    return acknowledged(found.get("id"))
