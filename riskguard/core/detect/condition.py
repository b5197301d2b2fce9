"""A venue's condition as a trader would say it, from the verdicts of its paths."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from riskguard.core.detect.observation import Cause
from riskguard.core.types import Condition, Path, Verdict

Level = Literal["down", "confirmed"]

GONE: Mapping[Level, frozenset[Verdict]] = {
    "down": frozenset({Verdict.DOWN}),
    "confirmed": frozenset({Verdict.DOWN, Verdict.CONFIRMED}),
}
ANSWERING = frozenset({Verdict.UP, Verdict.RECOVERING})
ASKED = (Path.QUERY, Path.ACCOUNT, Path.BOOK, Path.FILLS)
"""Paths that tell whether the venue answers anything at all."""


@dataclass(frozen=True, slots=True)
class VenueCondition:
    """The worst that holds; at `confirmed` a question mark belongs behind the word."""

    word: Condition
    at: Level
    because: str

    def __str__(self) -> str:
        mark = (
            "?" if self.at == "confirmed" and self.word not in (Condition.FINE, Condition.RECOVERING) else ""
        )
        return f"{self.word}{mark}"


def condition(
    verdicts: Mapping[Path, Verdict],
    *,
    causes: Mapping[Path, Cause] | None = None,
    explicit: str | None = None,
    overloaded_reduce_exempt: bool = False,
) -> VenueCondition:
    """Give the condition; what is down outweighs what is merely confirmed.

    `explicit` is what the venue says of itself (maintenance); `overloaded_reduce_exempt` says that the last
    refusal to place named an overload from which reduce-only orders are exempt.
    """
    full = dict.fromkeys(Path, Verdict.UNPROVEN) | dict(verdicts)
    if full[Path.REDUCE] is Verdict.UNPROVEN and not overloaded_reduce_exempt:
        full[Path.REDUCE] = full[Path.PLACE]
    known = dict.fromkeys(Path, Cause.DEAD) | dict(causes or {})
    if explicit is not None:
        return VenueCondition(Condition.MAINTENANCE, "down", f"the venue says: {explicit}")
    levels: tuple[Level, ...] = ("down", "confirmed")
    for level in levels:
        grave = _grave(full, known, level)
        if grave is not None:
            return grave
    for level in levels:
        partial = _partial(full, known, level)
        if partial is not None:
            return partial
    if Verdict.RECOVERING in full.values():
        names = _names(p for p in Path if full[p] is Verdict.RECOVERING)
        return VenueCondition(Condition.RECOVERING, "down", f"{names} answer again, not yet for long enough")
    return VenueCondition(Condition.FINE, "down", "nothing speaks against it")


def _grave(full: Mapping[Path, Verdict], causes: Mapping[Path, Cause], level: Level) -> VenueCondition | None:
    """DARK, TRAPPED or BLIND; a path that is merely slow or fails now and then is none of these."""

    def gone(path: Path) -> bool:
        return full[path] in GONE[level] and causes[path] not in (Cause.SLOW, Cause.PARTIAL)

    lost = [path for path in Path if gone(path)]
    if not lost:
        return None
    answering = [path for path in Path if full[path] in ANSWERING]
    suspected = [path for path in ASKED if full[path] is Verdict.SUSPECT]
    if any(path in lost for path in ASKED) and not answering and not suspected:
        return VenueCondition(Condition.DARK, level, f"nothing answers: {_names(lost)} failed")
    if gone(Path.CANCEL):
        return VenueCondition(Condition.TRAPPED, level, f"cancel fails{_while(answering)}")
    if gone(Path.PLACE) and gone(Path.REDUCE):
        return VenueCondition(Condition.TRAPPED, level, f"place and reduce fail{_while(answering)}")
    if gone(Path.FILLS) and gone(Path.ACCOUNT):
        return VenueCondition(Condition.BLIND, level, "neither fills nor account can be read")
    return None


def _partial(
    full: Mapping[Path, Verdict], causes: Mapping[Path, Cause], level: Level
) -> VenueCondition | None:
    bad = [path for path in Path if full[path] in GONE[level]]
    if not bad:
        return None
    slow = all(causes[path] is Cause.SLOW for path in bad)
    word, verb = (Condition.SLOW, "slow") if slow else (Condition.DEGRADED, "failing")
    return VenueCondition(word, level, f"{verb}: {_names(bad)}")


def _names(paths: Iterable[Path]) -> str:
    return ", ".join(str(path) for path in paths)


def _while(answering: list[Path]) -> str:
    return f" while {_names(answering)} answer" if answering else ""
