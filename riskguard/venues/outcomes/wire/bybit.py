"""Bybit V5: `{retCode, retMsg, result}`, HTTP 200 for complaints; 0 acknowledges, it does not confirm."""

from riskguard.venues.outcomes.reading import (
    Json,
    Operation,
    Reading,
    Success,
    Unclear,
    acknowledged,
    items,
    members,
    order_id,
    refusal,
    word,
)


def read_bybit(answer: Json, asked: Operation) -> Reading:
    """Read the return code; success needs the order id in the result."""
    found = members(answer)
    code, text = word(found.get("retCode")), word(found.get("retMsg"))
    result = members(found.get("result"))
    if not code:
        return Unclear("no retCode", foreign=True)
    if code != "0":
        if order_id(result.get("orderId")):
            return Unclear("an error code together with an order id")
        return refusal(code, text)
    if asked == "query":
        return (
            Success(order_id(result.get("orderId")))
            if "result" in found
            else Unclear("success without result")
        )
    inner = items(members(found.get("retExtInfo")).get("list"))
    if any(word(members(one).get("code")) not in ("", "0") for one in inner):
        return Unclear("success with a failure inside")  # how the batch endpoints refuse
    return acknowledged(result.get("orderId"))
