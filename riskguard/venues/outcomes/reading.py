"""What an envelope reader found in an answer, before any table is asked what it means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"
"""A parsed answer; numbers with a fraction or exponent arrive as None, no code or id is one."""

Operation: TypeAlias = Literal["place", "cancel", "amend", "query", "other"]
"""What was asked; a reduce-only order is a place, any other word is `other` and never accepted."""

_ID_LIMIT: Final = 128
_NO_ID: Final = frozenset({"", "0", "-1", "null", "none", "undefined", "nan"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One complaint of the venue; the code is empty where the answer has only a text."""

    code: str
    text: str = ""
    detail: bool = False
    """It only adds to another complaint: listed as unknown it counts, not listed it is ignored."""
    bare: bool = False
    """The text stood outside any envelope of the venue: a page, a plain sentence, nothing at all."""


@dataclass(frozen=True, slots=True)
class Success:
    """The venue's own success shape, complete; the id is empty where the shape names none."""

    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One or more complaints; all of them must be listed before this is a refusal to act on."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Unclear:
    """Neither the success shape nor a complaint, with the exact words why."""

    cause: str
    foreign: bool = False
    """The object is not this venue's shape at all, as a gateway in front of it would write."""


Reading: TypeAlias = Success | Refusal | Unclear
Reader: TypeAlias = Callable[[Json, Operation], Reading]


def refusal(code: str, text: str = "") -> Refusal:
    """Return a refusal with a single complaint."""
    return Refusal((Fault(code, text),))


def members(value: Json) -> dict[str, Json]:
    """Return the object, or an empty one where the answer has something else in its place."""
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Json]:
    """Return the array, or an empty one where the answer has something else in its place."""
    return value if isinstance(value, list) else []


def word(value: Json) -> str:
    """Return a code as text: a string or an integer, empty for anything else (a bool is no code)."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def order_id(value: Json) -> str:
    """Return a usable order id, empty where there is none; 0 and -1 are how venues spell none."""
    found = word(value)
    if len(found) > _ID_LIMIT or not found.isascii() or not found.isprintable():
        return ""
    return "" if found.lower() in _NO_ID else found


def acknowledged(value: Json) -> Reading:
    """Return success for a usable order id; a success without an id proves nothing."""
    found = order_id(value)
    return Success(found) if found else Unclear("success without an order id")
