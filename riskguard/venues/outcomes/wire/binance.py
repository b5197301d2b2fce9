"""Binance: `{code, msg}` for a complaint, the bare order object for a success (spot and futures alike)."""

from typing import Final

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

_CANCELLED: Final = frozenset({"CANCELED", "PENDING_CANCEL"})


def read_binance(answer: Json, asked: Operation) -> Reading:
    """Read an order object with its id, a cancel with its status, or the complaint."""
    if isinstance(answer, list):
        return Success() if asked == "query" else Unclear("an array where one order was expected")
    found = members(answer)
    code, text = word(found.get("code")), word(found.get("msg"))
    if code and order_id(found.get("orderId")):
        return Unclear("an error code together with an order id")
    if asked == "cancel" and code == "200":
        return Success()  # DELETE allOpenOrders of the futures API names no order
    if code or ("msg" in found and "orderId" not in found):
        return refusal(code, text)
    if asked == "query":
        return Success(order_id(found.get("orderId"))) if found else Unclear("empty object")
    if "orderId" not in found:
        return Unclear("no order and no code", foreign=True)
    status = found.get("status")
    if asked == "cancel" and status not in _CANCELLED:
        return Unclear("no cancelled status")
    if asked != "cancel" and status in ("REJECTED", "CANCELED"):
        return Unclear("an order object that says it was not taken")
    return acknowledged(found.get("orderId"))
