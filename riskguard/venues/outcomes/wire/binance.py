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
    code = word(found.get("code"))
    if asked == "cancel" and code == "200":
        return Success()  # DELETE allOpenOrders of the futures API names no order
    if code or "msg" in found or "code" in found:
        return _complaint(found, code)
    if asked == "query" and found:
        return Success(order_id(found.get("orderId")))
    return _order(found, asked)


def _complaint(found: dict[str, Json], code: str) -> Reading:
    if order_id(found.get("orderId")):
        return Unclear("an error code together with an order id")
    return refusal(code, word(found.get("msg")))


def _order(found: dict[str, Json], asked: Operation) -> Reading:
    if "orderId" not in found:
        return Unclear("no order and no code", foreign=True)
    status = word(found.get("status"))
    if asked == "cancel" and status not in _CANCELLED:
        return Unclear("no cancelled status")
    if asked != "cancel" and status in ("REJECTED", "CANCELED"):
        return Unclear("an order object that says it was not taken")
    return acknowledged(found.get("orderId"))
