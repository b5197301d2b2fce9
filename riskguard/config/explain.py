"""Turns pydantic's errors into findings that name the key, the mistake and the likely intent."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from riskguard.config.policy_file import PolicyFile
from riskguard.config.positions import Loc
from riskguard.config.problems import Refused, did_you_mean, nearest, quoted

KEYS_HINT = 'write keys = "env:PREFIX", "file:PATH" or "keyring:SERVICE/NAME"'

SECRET_KEYS = frozenset(
    {"apikey", "secret", "apisecret", "password", "passphrase", "privatekey", "walletaddress", "token", "uid"}
    | {"login", "twofa", "accountid", "key"}
)


# pydantic's error types that say all there is to say; an empty hint shows the key's example.
_PLAIN = {
    "string_type": ("expected text in quotes", ""),
    "int_type": ("expected a whole number without quotes", ""),
    "int_from_float": ("expected a whole number", ""),
    "bool_type": ("expected true or false", "without quotes"),
    "datetime_type": ("expected a date-time without quotes", ""),
    "too_short": ("must not be empty", ""),
    "string_too_short": ("must not be empty", ""),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, at a location of the document instead of a line."""

    loc: Loc
    message: str
    hint: str = ""
    at_key: bool = False


def findings(error: ValidationError) -> list[Finding]:
    """Explain every error of one validation; a typo in a needed key is told once."""
    errors = error.errors(include_url=False, include_context=True)
    typos = {
        (*entry["loc"][:-1], near)
        for entry in errors
        if entry["type"] == "extra_forbidden"
        for near in [_near_key(entry["loc"])]
        if near
    }
    return [
        _explain(entry["type"], entry["loc"], entry["input"], entry.get("ctx", {}), entry["msg"])
        for entry in errors
        if not (entry["type"] == "missing" and entry["loc"] in typos)
    ]


def is_secret_key(key: str) -> bool:
    """Tell whether a key's name is one under which ccxt expects a secret."""
    return re.sub(r"[^a-z0-9]", "", key.lower()) in SECRET_KEYS


def _explain(kind: str, loc: Loc, given: object, ctx: Mapping[str, Any], text: str) -> Finding:
    if kind in {"greater_than_equal", "less_than_equal"}:
        bound = f"at least {ctx['ge']}" if "ge" in ctx else f"at most {ctx['le']}"
        return Finding(loc, f"must be {bound}")
    if kind in _PLAIN:
        message, hint = _PLAIN[kind]
        return Finding(loc, message, hint or _example(loc))
    match kind:
        case "extra_forbidden":
            return _unknown_key(loc)
        case "missing":
            return _missing_key(loc)
        case "literal_error":
            return _unknown_word(loc, given, str(ctx.get("expected", "")))
        case "list_type" | "model_type" | "dict_type":
            return _wrong_shape(loc, given)
        case _:
            return _refused(loc, ctx.get("error"), text)


def _refused(loc: Loc, error: object, text: str) -> Finding:
    if isinstance(error, Refused):
        return Finding(loc, error.message, error.hint or _example(loc))
    name = quoted(loc[-1]) if loc else "the file"
    return Finding(loc, f"{name}: {text[:1].lower()}{text[1:]}", _example(loc))


def _unknown_key(loc: Loc) -> Finding:
    message = f"unknown key {quoted(loc[-1])}"
    if loc[0] == "venue" and is_secret_key(str(loc[-1])):
        return Finding(loc, message, f"no secret stands in this file: {KEYS_HINT}", at_key=True)
    near = _near_key(loc)
    if near:
        return Finding(loc, message, f"did you mean {quoted(near)}?", at_key=True)
    homes = _homes(loc)
    known = ", ".join(sorted(_keys_of(_model_at(loc[:-1]))))
    hint = f"it belongs {' or '.join(homes[:2])}" if homes else f"known here: {known}"
    return Finding(loc, message, hint, at_key=True)


def _missing_key(loc: Loc) -> Finding:
    key = str(loc[-1])
    if not loc[:-1] and key in {"venue", "asset"}:
        return Finding(loc, f"the file needs at least one [[{key}]]")
    where = _label(loc[:-1])
    needs = "the file needs" if not loc[:-1] else f"{where.removeprefix('in ')} needs"
    words = _words(_field_at(loc))
    return Finding(loc, f"{needs} {quoted(key)}", _one_of(words) if words else _example(loc))


def _unknown_word(loc: Loc, given: object, expected: str) -> Finding:
    words = re.findall(r"'([^']*)'", expected)
    if not words:
        return Finding(loc, f"{quoted(loc[-1])} must be {expected}, not {quoted(given)}")
    if not isinstance(given, str):
        return Finding(loc, "expected a word in quotes", _one_of(words))
    return Finding(loc, f"unknown word {quoted(given)}", did_you_mean(given, words) or _one_of(words))


def _one_of(words: list[str]) -> str:
    return f"one of {', '.join(words)}" if len(words) > 1 else f"write {quoted(words[0])}"


def _wrong_shape(loc: Loc, given: object) -> Finding:
    """Tell `[venue]` for `[[venue]]`, `[[limits]]` for `[limits]`, and plain values where a table is due."""
    name = ".".join(str(part) for part in loc if isinstance(part, str))
    wants_list = not isinstance(loc[-1], int) and _is_list(_field_at(loc))
    if wants_list and isinstance(given, dict):
        return Finding(loc, f"{quoted(name)} is a list of tables", f"write [[{name}]], with two brackets")
    if wants_list:
        return Finding(loc, "expected a list in brackets", _example(loc))
    if isinstance(given, list):
        return Finding(loc, f"{quoted(name)} stands once", f"write [{name}], with one bracket")
    hint = f"write [[{name}]]" if isinstance(loc[-1], int) else "as in { key = value }"
    return Finding(loc, f"expected a table for {quoted(name)}", hint)


def _example(loc: Loc) -> str:
    """Show the key's own default or example in the form that the file wants."""
    while loc and isinstance(loc[-1], int):
        loc = loc[:-1]
    field = _field_at(loc)
    if field is None:
        return ""
    shown = field.default if isinstance(field.default, str | int) else (field.examples or [""])[0]
    if shown in ("", None):
        return ""
    text = "[" + ", ".join(quoted(part) for part in shown) + "]" if isinstance(shown, list) else str(shown)
    plain = isinstance(shown, list | int) or "T0" in text
    return f"as in {text if plain else quoted(text)}"


def _near_key(loc: Loc) -> str:
    """Give the key of this table that was surely meant; a key of another table is rather misplaced."""
    here = _keys_of(_model_at(loc[:-1]))
    return nearest(loc[-1], here, cutoff=0.8 if _homes(loc) else 0.6)


def _homes(loc: Loc) -> list[str]:
    """Name the tables to which a key belongs that is unknown where it stands."""
    return [home for home, model in _tables() if str(loc[-1]) in _keys_of(model)]


def _is_list(field: FieldInfo | None) -> bool:
    if field is None:
        return False
    kinds = (field.annotation, *get_args(field.annotation))
    return any(get_origin(kind) is list for kind in kinds)


def _words(field: FieldInfo | None) -> list[str]:
    return [word for word in get_args(field.annotation) if isinstance(word, str)] if field else []


def _keys_of(model: type[BaseModel] | None) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()} if model else {}


def _field_at(loc: Loc) -> FieldInfo | None:
    return _keys_of(_model_at(loc[:-1])).get(str(loc[-1])) if loc else None


def _model_at(loc: Loc) -> type[BaseModel] | None:
    model: type[BaseModel] | None = PolicyFile
    for part in loc:
        if isinstance(part, str):
            field = _keys_of(model).get(part)
            model = _model_in(field.annotation) if field else None
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, Union, UnionType):
        return next((found for arg in get_args(annotation) if (found := _model_in(arg))), None)
    return None


def _tables() -> Iterator[tuple[str, type[BaseModel]]]:
    yield _label(()), PolicyFile
    for name, field in _keys_of(PolicyFile).items():
        model = _model_in(field.annotation)
        if model:
            yield _label((name, 0) if get_origin(field.annotation) is list else (name,)), model


def _label(table: Loc) -> str:
    """Name a table as it is written: `[limits]`, `[[venue]]`, or the place above all tables."""
    if not table:
        return "at the top, above the first table"
    name = ".".join(str(part) for part in table if isinstance(part, str))
    return f"in [[{name}]]" if isinstance(table[-1], int) else f"in [{name}]"
