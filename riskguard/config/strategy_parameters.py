"""The keyword arguments of a strategy: which there are, and whether a value of the file has their type."""

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

_WORDS: Mapping[object, str] = {
    Decimal: "a number",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    str: "text in quotes",
}


class TypeUnknown(Exception):  # noqa: N818 - named for the state it reports
    """The signature names a type that is not there."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a strategy takes besides the situation."""

    types: Mapping[str, object]
    """Per name its annotation; `inspect.Parameter.empty` where it has none."""
    required: tuple[str, ...]
    takes_any: bool
    """Whether it takes names that it does not list (`**params`)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Give the listed names."""
        return tuple(self.types)

    @classmethod
    def of(cls, function: Callable[..., object]) -> "Parameters":
        """Read a signature; raises `TypeUnknown` where it cannot be a strategy's."""
        try:
            listed = list(inspect.signature(function, eval_str=True).parameters.values())
        except (NameError, TypeError, ValueError, AttributeError, SyntaxError) as error:
            raise TypeUnknown(str(error)) from None
        kinds = inspect.Parameter
        if not listed or listed[0].kind not in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD):
            raise TypeUnknown("its first argument must be the situation")
        named = [p for p in listed[1:] if p.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)]
        return cls(
            types={p.name: p.annotation for p in named},
            required=tuple(p.name for p in named if p.default is kinds.empty),
            takes_any=any(p.kind is kinds.VAR_KEYWORD for p in listed),
        )

    def takes(self, name: str) -> bool:
        """Tell whether there is such a parameter."""
        return name in self.types or self.takes_any

    def mismatch(self, name: str, value: object) -> str:
        """Say why a value cannot be a parameter's; empty where it can."""
        wanted = _alternatives(self.types.get(name, inspect.Parameter.empty))
        if not wanted or any(_fits(value, one) for one in wanted):
            return ""
        return f"must be {' or '.join(_WORDS[one] for one in wanted)}, not {_shown(value)}"

    def converted(self, given: Mapping[str, object]) -> dict[str, object]:
        """Give the values in the types that the signature names; numbers change only their kind."""
        return {name: _converted(value, self.types.get(name)) for name, value in given.items()}


def _alternatives(annotation: object) -> tuple[object, ...]:
    """Give the plain types that an annotation allows; none where it says nothing that can be checked."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        wanted = tuple(one for one in typing.get_args(annotation) if one is not type(None))
    else:
        wanted = (annotation,)
    return wanted if all(one in _WORDS for one in wanted) else ()


def _fits(value: object, wanted: object) -> bool:
    if wanted is bool or isinstance(value, bool):
        return wanted is bool and isinstance(value, bool)
    if isinstance(value, Decimal) and not value.is_finite():
        return False
    if wanted is int:
        return isinstance(value, int)
    if wanted in (Decimal, float):
        return isinstance(value, int | float | Decimal)
    return isinstance(value, str)


def _converted(value: object, annotation: object) -> object:
    wanted = next((one for one in _alternatives(annotation) if _fits(value, one)), None)
    if wanted is Decimal and not isinstance(value, Decimal):
        return Decimal(str(value))
    return float(value) if wanted is float and isinstance(value, int | Decimal) else value


def _shown(value: object) -> str:
    """Name what was given, without its words: a misplaced secret must not be shown."""
    match value:
        case bool():
            return "true or false"
        case int() | float() | Decimal():
            return f"{value}"
        case str():
            return "text"
        case Mapping():
            return "a table"
        case list():
            return "a list"
        case _:
            return "a date or time"
