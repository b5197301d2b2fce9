"""Frozen dataclasses to and from JSON by their type hints, so that a new fact needs no code here.

Decimals and enums become strings, tuples lists, nested dataclasses objects. Reading ignores unknown fields
and gives missing ones their default: a journal of another version stays readable as far as it can be.
"""

import dataclasses
import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from riskguard.core.facts import Fact

T = TypeVar("T")

FACT_KINDS: dict[str, type[Fact]] = {kind.__name__: kind for kind in get_args(Fact)}
"""Every kind of fact by the name that its rows bear."""


class UnreadableError(ValueError):
    """A stored value does not fit the type that it is said to have."""


def encode(fact: Fact) -> tuple[str, str]:
    """Give a fact's kind and its body as JSON text."""
    return type(fact).__name__, json.dumps(to_plain(fact), separators=(",", ":"), ensure_ascii=False)


def decode(kind: str, body: str) -> Fact | None:
    """Read a stored fact; None for a kind that this version does not know. Raises `UnreadableError`."""
    fact = FACT_KINDS.get(kind)
    if fact is None:
        return None
    try:
        plain = json.loads(body)
    except ValueError as error:
        raise UnreadableError(f"{kind}: not JSON") from error
    return from_plain(fact, plain)


def to_plain(value: object) -> Any:
    """Turn a dataclass, and all that it holds, into what `json.dumps` takes."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: to_plain(getattr(value, name)) for name in _names(type(value))}
    raise TypeError(f"no plain form for {type(value).__name__}")


def from_plain(kind: type[T], plain: object) -> T:
    """Build `kind` from its plain form; raises `UnreadableError` where something is missing or wrong."""
    read: Callable[[object], object] = _reader(kind)
    value = read(plain)
    if not isinstance(value, kind):
        raise UnreadableError(f"not a {kind.__name__}")
    return value


@lru_cache(maxsize=256)
def _names(kind: type) -> tuple[str, ...]:
    return tuple(entry.name for entry in dataclasses.fields(kind))


def _reader(hint: Any) -> Callable[[object], object]:
    """Give the reader of one type hint, made once."""
    known = _readers.get(hint)
    if known is None:
        known = _readers[hint] = _make_reader(hint)
    return known


def _make_reader(hint: Any) -> Callable[[object], object]:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _optional_reader(hint)
    if origin is tuple:
        return _tuple_reader(hint)
    if not isinstance(hint, type):
        raise TypeError(f"no reader for {hint!r}")
    if dataclasses.is_dataclass(hint):
        return _dataclass_reader(hint)
    return _enum_reader(hint) if issubclass(hint, Enum) else _scalar_reader(hint)


def _dataclass_reader(kind: type) -> Callable[[object], object]:
    hints = get_type_hints(kind)
    fields = tuple((entry, _reader(hints[entry.name])) for entry in dataclasses.fields(kind))

    def read(plain: object) -> object:
        if not isinstance(plain, dict):
            raise UnreadableError(f"{kind.__name__}: not an object")
        values: dict[str, object] = {}
        for entry, read_field in fields:
            if entry.name in plain:
                values[entry.name] = read_field(plain[entry.name])
            elif entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING:
                raise UnreadableError(f"{kind.__name__}: {entry.name} is missing")
        return kind(**values)

    return read


def _optional_reader(hint: Any) -> Callable[[object], object]:
    inner = [arm for arm in get_args(hint) if arm is not NoneType]
    if len(inner) != 1 or NoneType not in get_args(hint):
        raise TypeError(f"no reader for {hint!r}: only `X | None` is stored")
    read = _reader(inner[0])
    return lambda plain: None if plain is None else read(plain)


def _tuple_reader(hint: Any) -> Callable[[object], object]:
    arms = get_args(hint)
    if len(arms) == 2 and arms[1] is Ellipsis:
        read_item = _reader(arms[0])
        return lambda plain: tuple(read_item(item) for item in _list(plain))
    readers = tuple(_reader(arm) for arm in arms)

    def read(plain: object) -> object:
        items = _list(plain)
        if len(items) != len(readers):
            raise UnreadableError(f"{len(items)} items where {len(readers)} are expected")
        return tuple(read_one(item) for read_one, item in zip(readers, items, strict=True))

    return read


def _enum_reader(kind: type[Enum]) -> Callable[[object], object]:
    def read(plain: object) -> object:
        try:
            return kind(plain)
        except ValueError as error:
            raise UnreadableError(f"{plain!r} is no {kind.__name__}") from error

    return read


def _scalar_reader(kind: type) -> Callable[[object], object]:
    def read(plain: object) -> object:
        if type(plain) is not kind:
            raise UnreadableError(f"{type(plain).__name__} where {kind.__name__} is expected")
        return plain

    return read


def _read_float(plain: object) -> object:
    if isinstance(plain, bool) or not isinstance(plain, int | float):
        raise UnreadableError(f"{type(plain).__name__} where a number is expected")
    return float(plain)


def _read_decimal(plain: object) -> object:
    if not isinstance(plain, str):
        raise UnreadableError(f"{type(plain).__name__} where a decimal string is expected")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise UnreadableError(f"{plain!r} is no decimal") from error


def _list(plain: object) -> list[object]:
    if not isinstance(plain, list):
        raise UnreadableError("not a list")
    return plain


_readers: dict[Any, Callable[[object], object]] = {Decimal: _read_decimal, float: _read_float}
