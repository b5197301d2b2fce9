"""BitMEX: `{error: {message, name}}`; closed in 2026, kept so that old recordings can still be read."""

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


def read_bitmex(answer: Json, asked: Operation) -> Reading:
    """Read the error text, else the order object with its id."""
    if isinstance(answer, list):
        return Success() if asked == "query" else Unclear("an array where one order was expected")
    found = members(answer)
    if "error" in found:
        text = word(members(found["error"]).get("message"))
        return refusal("", text) if text else Unclear("an error without a text")
    if asked == "cancel" and found.get("ordStatus") != "Canceled":
        return Unclear("no cancelled status")
    return acknowledged(found.get("orderID"))
