"""Deribit: JSON-RPC `{result}` or `{error: {code, message, data}}`, HTTP 400 for most complaints."""

from riskguard.venues.outcomes.reading import (
    Json,
    Operation,
    Reading,
    Success,
    Unclear,
    acknowledged,
    members,
    refusal,
    word,
)


def read_deribit(answer: Json, asked: Operation) -> Reading:
    """Read the RPC error, else the order in the result and the state it is in."""
    found = members(answer)
    if "error" in found and found["error"] is not None:
        if found.get("result") is not None:
            return Unclear("a result together with an error")
        error = members(found["error"])
        reason = word(members(error.get("data")).get("reason"))
        code = word(error.get("code"))
        return (
            refusal(code, f"{word(error.get('message'))} {reason}".strip())
            if code
            else Unclear("no error code")
        )
    result = found.get("result")
    if result is None:
        return Unclear("no result and no error", foreign=True)
    if asked == "query":
        return Success()
    if asked == "cancel":
        return _cancelled(result)
    order = members(members(result).get("order"))
    if order.get("order_state") == "rejected":
        return Unclear("an order object that says it was rejected")
    return acknowledged(order.get("order_id"))


def _cancelled(result: Json) -> Reading:
    if isinstance(result, int) and not isinstance(result, bool):  # cancel_by_label answers with a count
        return Success() if result > 0 else refusal("count:0", "nothing was cancelled")
    order = members(result)
    if order.get("order_state") != "cancelled":
        return Unclear("no cancelled state")
    return acknowledged(order.get("order_id"))
