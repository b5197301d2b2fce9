"""Fault rules as plain data, and the book that says which rule strikes a request.

A rule in JSON: `{"kind": …, "groups": […], …}`. Groups: place reduce cancel query account fills book public
test stream-private stream-public all (all = every group). Kinds:

* `hang`: never executed, never answered, the connection stays. On a stream: no messages, no pongs, and new
  connections never open.
* `refuse`: the listening socket is closed and every connection reset, for the whole venue.
* `reset` / `close`: RST / FIN instead of an answer; on a stream also for the connections that are open.
* `http`: answered with `status`, `body`, `headers` (a body that is an object is sent as JSON).
* `lost`: executed, the answer never sent. `cut`: executed, half of the answer sent.
* `late`: never answered; executed when the rule is lifted or after `after_s`, whichever is first.
* `slow`: delayed by `after_s`, then normal, even if the client left. On a stream: late messages.
* `silent` (streams): the socket stays open without messages; `pongs` false stops pongs too. `backlog`
  "replay" delivers what was held back when the rule is lifted, `duplicate` true delivers it twice,
  `out_of_order` true shuffled.
* `freeze` (book): book answers and book streams stand still while the venue trades on.
* `lag` (query, account, fills): answers show the state of `lag_s` seconds ago.

Further keys: `symbol` (unified; the rule strikes only what names it), `probability` (default 1), `executed`
true with reset, close and http (the request takes effect first), `id` (given by the book when absent).
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class Group(StrEnum):
    """A group of operations that fails together."""

    PLACE = "place"
    REDUCE = "reduce"
    CANCEL = "cancel"
    QUERY = "query"
    ACCOUNT = "account"
    FILLS = "fills"
    BOOK = "book"
    PUBLIC = "public"
    TEST = "test"
    STREAM_PRIVATE = "stream-private"
    STREAM_PUBLIC = "stream-public"
    ALL = "all"


class FaultKind(StrEnum):
    """What happens to a request or a stream; the module says how."""

    HANG = "hang"
    REFUSE = "refuse"
    RESET = "reset"
    CLOSE = "close"
    HTTP = "http"
    LOST = "lost"
    CUT = "cut"
    LATE = "late"
    SLOW = "slow"
    SILENT = "silent"
    FREEZE = "freeze"
    LAG = "lag"


STREAMS = (Group.STREAM_PRIVATE, Group.STREAM_PUBLIC)
_TYPES: dict[str, Any] = {
    "probability": int | float,
    "after_s": int | float,
    "lag_s": int | float,
    "status": int,
    "headers": Mapping,
    "id": str,
}
_NOT_ON_REQUESTS = (FaultKind.LAG, FaultKind.SILENT, FaultKind.REFUSE, FaultKind.FREEZE)


class BadRuleError(ValueError):
    """A fault rule that cannot be read; the text names the key."""


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One fault; see the module for the meaning of its keys."""

    kind: FaultKind
    groups: frozenset[Group]
    id: str = ""
    symbol: str | None = None
    probability: float = 1.0
    after_s: float = 30.0
    status: int = 503
    body: object = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    executed: bool = False
    lag_s: float = 0.0
    pongs: bool = True
    backlog: str = "drop"
    duplicate: bool = False
    out_of_order: bool = False

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "FaultRule":
        """Read a rule; unknown keys and words are refused."""
        known = {item.name for item in fields(FaultRule)}
        if unknown := sorted(set(data) - known):
            raise BadRuleError(f"unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}")
        try:
            kind = FaultKind(data["kind"])
            groups = data.get("groups", ["all"])
            chosen = frozenset(Group(item) for item in ([groups] if isinstance(groups, str) else groups))
        except (KeyError, ValueError) as error:
            raise BadRuleError(f"kind or groups: {error}") from error
        rest = {name: value for name, value in data.items() if name not in ("kind", "groups")}
        for name, wanted in _TYPES.items():
            if name in rest and (not isinstance(rest[name], wanted) or isinstance(rest[name], bool)):
                raise BadRuleError(f"{name}: {rest[name]!r} is of the wrong type")
        return FaultRule(kind, chosen, **rest)

    def to_json(self) -> dict[str, Any]:
        """Write the rule so that `from_json` reads it back."""
        data = asdict(self)
        data["kind"] = self.kind.value
        data["groups"] = sorted(group.value for group in self.groups)
        data["headers"] = dict(self.headers)
        return data

    def covers(self, group: Group, symbol: str | None) -> bool:
        """Whether the rule is about this kind of operation on this symbol."""
        return self.touches(group) and self.symbol in (None, symbol)

    def touches(self, group: Group) -> bool:
        """Whether the rule is about a group, for whatever symbol."""
        return Group.ALL in self.groups or group in self.groups


class FaultBook:
    """The rules of one venue in force; a newer rule is looked at first."""

    def __init__(self, seed: int = 0) -> None:
        self._rules: dict[str, FaultRule] = {}
        self._random = random.Random(seed)  # noqa: S311 - chance in a simulation, not a secret
        self._next = 1

    @property
    def rules(self) -> tuple[FaultRule, ...]:
        """Rules in force, oldest first."""
        return tuple(self._rules.values())

    def add(self, rule: FaultRule) -> FaultRule:
        """Put a rule in force; a rule with the same id is replaced."""
        if not rule.id:
            rule = FaultRule(**{**_shallow(rule), "id": f"f{self._next}"})
            self._next += 1
        self._rules[rule.id] = rule
        return rule

    def lift(self, ids: Iterable[str] | None = None) -> list[FaultRule]:
        """Lift the named rules, or all, and give them."""
        wanted = list(self._rules) if ids is None else [item for item in ids if item in self._rules]
        return [self._rules.pop(item) for item in wanted]

    def strike(self, group: Group, symbol: str | None = None) -> FaultRule | None:
        """Give the rule that strikes one request, None when it goes through."""
        for rule in reversed(self._rules.values()):
            if rule.kind in _NOT_ON_REQUESTS or not rule.covers(group, symbol):
                continue
            if rule.probability >= 1 or self._random.random() < rule.probability:
                return rule
        return None

    def on_stream(self, group: Group, symbol: str | None = None) -> FaultRule | None:
        """Give the rule that holds for a stream's messages."""
        kinds = (FaultKind.HANG, FaultKind.SILENT, FaultKind.SLOW)
        rows = (rule for rule in reversed(self._rules.values()) if rule.kind in kinds)
        return next((rule for rule in rows if rule.covers(group, symbol)), None)

    def lag_ms(self, group: Group, symbol: str | None = None) -> int:
        """Give how far answers of a group lag behind, zero when they are current."""
        lags = (r.lag_s for r in self._rules.values() if r.kind is FaultKind.LAG and r.covers(group, symbol))
        return round(max(lags, default=0.0) * 1000)

    @property
    def freezes_book(self) -> bool:
        """Whether books stand still."""
        return any(r.kind is FaultKind.FREEZE and r.touches(Group.BOOK) for r in self._rules.values())

    def shuffle(self, rows: list[Any]) -> None:
        """Put rows into another order, the same one for the same seed."""
        self._random.shuffle(rows)

    @property
    def refuses(self) -> bool:
        """Whether the venue accepts no connection at all."""
        return any(rule.kind is FaultKind.REFUSE for rule in self._rules.values())


def _shallow(rule: FaultRule) -> dict[str, Any]:
    return {item.name: getattr(rule, item.name) for item in fields(rule)}
