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
    result = found.get("result")
    if found.get("error") is not None:
        return _complaint(found) if result is None else Unclear("a result together with an error")
    if result is None:
        return Unclear("no result and no error", foreign=True)
    if asked == "query":
        return Success()
    return _cancelled(result) if asked == "cancel" else _placed(result)


def _complaint(found: dict[str, Json]) -> Reading:
    error = members(found["error"])
    code, reason = word(error.get("code")), word(members(error.get("data")).get("reason"))
    return (
        refusal(code, f"{word(error.get('message'))} {reason}".strip()) if code else Unclear("no error code")
    )


def _placed(result: Json) -> Reading:
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
