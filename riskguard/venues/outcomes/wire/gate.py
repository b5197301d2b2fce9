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
    label = word(found.get("label"))
    text = word(found.get("message")) or word(found.get("detail"))
    if label:
        if order_id(found.get("id")):
            return Unclear("a label together with an order id")
        return refusal(label, text)
    if found.get("succeeded") is False:
        return Unclear("not succeeded, without a label")
    if asked == "query":
        return Success(order_id(found.get("id"))) if found and "message" not in found else Unclear("no order")
    if "id" not in found:
        return refusal("", text) if text else Unclear("no order and no label", foreign=True)
    if asked == "cancel" and "cancelled" not in (found.get("status"), found.get("finish_as")):
        return Unclear("no cancelled status")
    return acknowledged(found.get("id"))
