"""Recorded evidence through the detectors of a policy: when each venue's condition would have been told.

Evidence is on record around suspicions only, so each stretch begins with fresh detectors that learn what is
usual from the minute before. Conditions that need streams or reads beyond that may come later than they did.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from riskguard.core.facts import ConditionChanged, EvidenceKept, Fact
from riskguard.core.instant import Instant
from riskguard.core.memory import Memory
from riskguard.core.messages import (
    CallEnded,
    CallStarted,
    LoopTicked,
    Record,
    ReferenceAnswered,
    StreamMoved,
    VenueSpoke,
)
from riskguard.core.policy import Policy
from riskguard.core.turn import Turn
from riskguard.core.watch.evidence import read
from riskguard.core.watch.watching import Watch

TOGETHER_MS = 15_000
"""Rows of evidence that follow one another within this are one stretch."""
LOOK_S = 0.25
Timed = tuple[int, Fact]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Evidence without a gap."""

    from_ms: int
    to_ms: int
    rows: tuple[EvidenceKept, ...]


def stretches(facts: Iterable[Timed]) -> Iterator[Stretch]:
    """Put rows of full evidence together."""
    rows: list[EvidenceKept] = []
    for _, fact in facts:
        if not isinstance(fact, EvidenceKept):
            continue
        if rows and fact.from_ms - rows[-1].to_ms > TOGETHER_MS:
            yield Stretch(rows[0].from_ms, rows[-1].to_ms, tuple(rows))
            rows = []
        rows.append(fact)
    if rows:
        yield Stretch(rows[0].from_ms, rows[-1].to_ms, tuple(rows))


def judge_again(stretch: Stretch, policy: Policy) -> list[tuple[int, ConditionChanged]]:
    """Give the changes of condition that a policy's detectors see in a stretch, with wall milliseconds.

    Raises `ValueError` where the evidence cannot be read.
    """
    memory, watch = Memory(policy, "", 0, {}), Watch(policy)
    known = set(watch.detectors)
    found: list[tuple[int, ConditionChanged]] = []
    began_s: float | None = None
    looked_s = float("-inf")
    for kept in stretch.rows:
        for at_s, seen in read(kept):
            began_s = at_s if began_s is None else began_s
            while looked_s + LOOK_S < at_s and looked_s > float("-inf"):
                looked_s += LOOK_S
                found += _look(memory, watch, _instant(stretch, began_s, looked_s))
            looked_s = at_s
            if getattr(seen, "venue", None) in known | {None}:
                _tell(watch, seen, at_s)
            found += _look(memory, watch, _instant(stretch, began_s, at_s))
    return found


def _instant(stretch: Stretch, began_s: float, at_s: float) -> Instant:
    return Instant(at_s, stretch.from_ms + round((at_s - began_s) * 1000))


def _look(memory: Memory, watch: Watch, now: Instant) -> list[tuple[int, ConditionChanged]]:
    turn = Turn(now)
    watch.step(memory, turn)
    facts = (command.fact for command in turn.commands if isinstance(command, Record))
    return [(now.wall_ms, fact) for fact in facts if isinstance(fact, ConditionChanged)]


def _tell(
    watch: Watch,
    seen: CallStarted | CallEnded | ReferenceAnswered | VenueSpoke | StreamMoved | LoopTicked,
    at_s: float,
) -> None:
    match seen:
        case CallStarted():
            watch.started(seen, at_s)
        case CallEnded():
            watch.ended(seen, at_s)
        case ReferenceAnswered():
            watch.referred(seen, at_s)
        case VenueSpoke():
            watch.spoke(seen, at_s)
        case StreamMoved():
            watch.moved(seen, at_s)
        case LoopTicked():
            watch.ticked(seen, at_s)


def recorded(facts: Iterable[Timed], stretch: Stretch) -> Sequence[tuple[int, ConditionChanged]]:
    """Give the changes of condition that are on record for a stretch."""
    return [
        (at_ms, fact)
        for at_ms, fact in facts
        if isinstance(fact, ConditionChanged) and stretch.from_ms <= at_ms <= stretch.to_ms + TOGETHER_MS
    ]
