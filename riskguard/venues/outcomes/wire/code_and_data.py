"""Bitget and KuCoin: `{code, msg, data}` with a success code of their own."""

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


def read_bitget(answer: Json, asked: Operation) -> Reading:
    """Read Bitget: success is code 00000; batch endpoints list one success or one failure."""
    found = members(answer)
    data = found.get("data")
    early = _not_success(found, "00000")
    if early is not None:
        return early
    if asked == "query":
        return Success() if data is not None else Unclear("success without data")
    taken, failed = items(members(data).get("successList")), items(members(data).get("failureList"))
    if len(taken) + len(failed) > 1:
        return Unclear("an answer for several orders")
    if failed:
        row = members(failed[0])
        return refusal(word(row.get("errorCode")) or "?", word(row.get("errorMsg")))
    return acknowledged((members(taken[0]) if taken else members(data)).get("orderId"))


def read_kucoin(answer: Json, asked: Operation) -> Reading:
    """Read KuCoin spot and futures: success is code 200000; a cancel lists what it cancelled."""
    found = members(answer)
    data = found.get("data")
    early = _not_success(found, "200000")
    if early is not None:
        return early
    if asked == "query":
        return Success() if data is not None else Unclear("success without data")
    row = members(data)
    if asked == "cancel":
        ids = items(row.get("cancelledOrderIds"))
        named = (ids[0] if len(ids) == 1 else None) or row.get("cancelledOrderId") or row.get("orderId")
        by_client_id = order_id(row.get("clientOid"))
        return Success() if by_client_id and not order_id(named) else acknowledged(named)
    return acknowledged(row.get("orderId"))


def _not_success(found: dict[str, Json], success: str) -> Reading | None:
    code, text = word(found.get("code")), word(found.get("msg"))
    if not code:
        return refusal("", text) if text else Unclear("no code", foreign=True)
    if code == success:
        return None
    if order_id(members(found.get("data")).get("orderId")):
        return Unclear("an error code together with an order id")
    return refusal(code, text)
