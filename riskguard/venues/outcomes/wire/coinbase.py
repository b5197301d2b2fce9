"""Coinbase Advanced: `{success, error_response}` for orders, `results[]` for cancels, `{error}` elsewhere."""

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
    word,
)


def read_coinbase(answer: Json, asked: Operation) -> Reading:
    """Read the success flag and its id; a refusal names its reason in one of several fields."""
    found = members(answer)
    if "success" in found:
        return _placed(found)
    if "results" in found:
        return _cancelled(found)
    faults = [
        Fault(word(one.get("id")), word(one.get("message")))
        for one in map(members, items(found.get("errors")))
    ]
    error = word(found.get("error"))
    if error:
        faults.append(Fault(error, word(found.get("message")) or word(found.get("error_details"))))
    if faults:
        return Refusal(tuple(faults))
    if asked == "query" and found and "message" not in found:
        return Success()
    return Unclear("no success flag", foreign=True)


def _placed(found: dict[str, Json]) -> Reading:
    response = members(found.get("success_response"))
    given = order_id(response.get("order_id")) or order_id(found.get("order_id"))
    if found["success"] is True:
        return (
            Unclear("success together with an error") if found.get("error_response") else acknowledged(given)
        )
    if found["success"] is not False:
        return Unclear("no success flag")
    if given:
        return Unclear("a refusal together with an order id")
    error = members(found.get("error_response"))
    text = word(error.get("message")) or word(error.get("error_details"))
    fields = (
        error.get("error"),
        error.get("new_order_failure_reason"),
        error.get("preview_failure_reason"),
        error.get("edit_failure_reason"),
        found.get("failure_reason"),
    )
    return _reasons(fields, text)


def _cancelled(found: dict[str, Json]) -> Reading:
    rows = items(found["results"])
    if len(rows) != 1:
        return Unclear("not exactly one cancel result")
    row = members(rows[0])
    why = _reasons((row.get("failure_reason"),), "")
    if row.get("success") is True:
        given = Success(order_id(row.get("order_id")))
        return Unclear("success together with a reason") if isinstance(why, Refusal) else given
    return why if row.get("success") is False else Unclear("no success flag")


def _reasons(fields: tuple[Json, ...], text: str) -> Reading:
    """Keep each reason once; `UNKNOWN_…_REASON` is how this API spells an empty field."""
    named = {word(one): None for one in fields if word(one)}
    told = [one for one in named if not (one.startswith("UNKNOWN_") and one.endswith("_REASON"))]
    return Refusal(tuple(Fault(one, text) for one in told)) if told else Unclear("a refusal without a reason")
