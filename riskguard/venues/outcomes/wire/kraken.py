"""Kraken spot: `{error: [...], result}`, HTTP 200 for complaints; the error strings are the codes."""

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
    refusal,
    word,
)


def read_kraken(answer: Json, asked: Operation) -> Reading:
    """Read the error strings; with none, the transaction id (place) or the count (cancel)."""
    found = members(answer)
    errors, result = found.get("error"), found.get("result")
    if isinstance(errors, str):
        errors = [errors] if errors else []
    if not isinstance(errors, list):
        return Unclear("no error array", foreign=True)
    if errors:
        return _complaint(errors, members(result))
    if asked == "query":
        return Success() if result is not None else Unclear("success without result")
    return _cancelled(members(result)) if asked == "cancel" else _placed(members(result))


def _complaint(errors: list[Json], result: dict[str, Json]) -> Reading:
    if result.get("txid"):
        return Unclear("an error together with a transaction id")
    return Refusal(tuple(Fault(word(one) or "?", word(one)) for one in errors))


def _placed(result: dict[str, Json]) -> Reading:
    given = result.get("txid")
    ids = items(given)
    return acknowledged((ids[0] if ids else None) or result.get("amend_id") or given)


def _cancelled(result: dict[str, Json]) -> Reading:
    count = result.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        return Unclear("cancel without a count")
    if result.get("pending"):
        return Unclear("cancel pending")
    return Success() if count else refusal("count:0", "nothing was cancelled")
