"""Strict and bounded JSON: whatever does not parse whole and unambiguous is not an answer."""

import json
from typing import Final, NoReturn

from riskguard.venues.outcomes.reading import Json

_NUMBER_LIMIT: Final = 40


class NotJsonError(ValueError):
    """The body is cut off, ambiguous, too deep or not JSON at all."""


def parse(body: str) -> Json:
    """Parse one JSON document; raise NotJsonError if it is cut off, doubled, NaN, too deep or too long."""
    try:
        parsed: Json = json.loads(
            body,
            object_pairs_hook=_unambiguous,
            parse_constant=_refuse_constant,
            parse_float=_ignore_float,
            parse_int=_short_int,
        )
    except (ValueError, RecursionError) as error:
        raise NotJsonError(str(error)[:80]) from None
    return parsed


def _unambiguous(pairs: list[tuple[str, Json]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJsonError("a key is given twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise NotJsonError(name)


def _ignore_float(_digits: str) -> None:
    """Drop a number with a fraction: no code, id or success field of any venue is one."""


def _short_int(digits: str) -> int:
    if len(digits) > _NUMBER_LIMIT:
        raise NotJsonError("a number is too long")
    return int(digits)
