"""What the detectors were told, for the record: figures while all is well, in full around a suspicion.

In full from `LEAD_S` before a suspicion until it is over, at most `FULL_S` of one that lasts; its end is kept
with its own lead. `read` gives back what `Witness` kept, so that a replay can tell the detectors the same.
"""

import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import TypeAlias

from riskguard.core.facts import EvidenceDigest, EvidenceKept
from riskguard.core.instant import Instant
from riskguard.core.messages import (
    CallEnded,
    CallStarted,
    LoopTicked,
    Observation,
    ReferenceAnswered,
    StreamMoved,
    VenueSpoke,
)
from riskguard.core.types import Path, VenueId

LEAD_S = 60.0
FULL_S = 600.0
BATCH_S = 5.0
"""A row of full evidence holds at most this much time."""
DIGEST_S = 1_800.0
LATE_S = 0.2
"""A tick less late than this says nothing."""
STREAM_APART_S = 1.0
"""A stream's life is noted this often."""
MOST_PER_HOUR = 20_000
"""Notes kept in full within an hour; a venue that flaps all day must not fill the disk."""
LATENCIES = 2_000

Evidence: TypeAlias = CallStarted | CallEnded | ReferenceAnswered | VenueSpoke | StreamMoved | LoopTicked
Note: TypeAlias = list[object]
"""Monotonic seconds, a letter for the kind, and its fields."""


@dataclass(slots=True)
class _Figures:
    """The calls of one path since the last digest."""

    outcomes: Counter[str] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Witness:
    """Sees every observation; gives the facts that are due to be kept."""

    _ring: deque[Note] = field(default_factory=deque)
    _ring_ms: int = 0
    _figures: dict[tuple[VenueId, Path], _Figures] = field(default_factory=dict)
    _started: dict[int, float] = field(default_factory=dict)
    _streams: dict[tuple[VenueId, Path], float] = field(default_factory=dict)
    _since_s: float | None = None
    """When the suspicion of now began."""
    _kept_s: float = 0.0
    _digest: Instant | None = None
    _kept: int = 0
    _hour: int = 0

    def saw(
        self, seen: Observation, now: Instant, *, suspicious: bool
    ) -> tuple[EvidenceDigest | EvidenceKept, ...]:
        """Take in one observation and what the detectors think after it."""
        note = self._note(seen, now.mono_s)
        if note is not None:
            self._ring.append(note)
        while self._ring and _at(self._ring[0]) < now.mono_s - LEAD_S:
            self._ring.popleft()
        if self._digest is None:
            self._digest = now
        found: list[EvidenceDigest | EvidenceKept] = []
        if now.mono_s - self._digest.mono_s >= DIGEST_S:
            found += self._digests(self._digest.wall_ms, now.wall_ms)
            self._digest = now
        if self._is_due(now.mono_s, suspicious=suspicious):
            found += self._keep(now)
        return tuple(found)

    def _is_due(self, now_s: float, *, suspicious: bool) -> bool:
        """Tell whether what is in the ring must be kept now."""
        if not suspicious:
            ended, self._since_s = self._since_s is not None, None
            return ended
        if self._since_s is None:
            self._since_s = now_s
            return True
        return now_s - self._since_s <= FULL_S and now_s - self._kept_s >= BATCH_S

    def _keep(self, now: Instant) -> Iterator[EvidenceKept]:
        hour = now.wall_ms // 3_600_000
        if hour != self._hour:
            self._hour, self._kept = hour, 0
        self._kept_s = now.mono_s
        while self._ring and self._kept < MOST_PER_HOUR:
            first_s = _at(self._ring[0])
            batch: list[Note] = []
            while self._ring and _at(self._ring[0]) < first_s + BATCH_S:
                batch.append(self._ring.popleft())
            self._kept += len(batch)
            ago_ms = round((now.mono_s - first_s) * 1000), round((now.mono_s - _at(batch[-1])) * 1000)
            body = json.dumps(batch, separators=(",", ":"), ensure_ascii=False)
            yield EvidenceKept(now.wall_ms - ago_ms[0], now.wall_ms - ago_ms[1], body)

    def _digests(self, from_ms: int, to_ms: int) -> Iterator[EvidenceDigest]:
        for (venue, path), figures in self._figures.items():
            outcomes = json.dumps(dict(sorted(figures.outcomes.items())), separators=(",", ":"))
            slowest_s = max(figures.latencies_s, default=0.0)
            middle_s = median(figures.latencies_s) if figures.latencies_s else 0.0
            yield EvidenceDigest(
                venue,
                path.value,
                from_ms,
                to_ms,
                outcomes,
                round(middle_s * 1e3, 1),
                round(slowest_s * 1e3, 1),
            )
        self._figures.clear()

    def _note(self, seen: Observation, now_s: float) -> Note | None:
        """Write down what bears on a verdict; None for everything else."""
        at_s = round(now_s, 4)
        match seen:
            case CallStarted(call, venue, path, symbol, canary):
                self._started[call] = now_s
                return [at_s, "s", call, venue, path.value, symbol, canary]
            case CallEnded(call, venue, path, evidence, symbol, canary, cause, exempt):
                self._count(call, (venue, path), evidence, now_s)
                return [at_s, "e", call, venue, path.value, evidence, symbol, canary, cause, exempt]
            case ReferenceAnswered(name, sent_s, ok):
                return [at_s, "r", name, round(sent_s, 4), ok]
            case VenueSpoke(venue, what, source, symbol):
                return [at_s, "v", venue, what, source, symbol]
            case StreamMoved(venue, path):
                if now_s - self._streams.get((venue, path), float("-inf")) < STREAM_APART_S:
                    return None
                self._streams[venue, path] = now_s
                return [at_s, "m", venue, path.value]
            case LoopTicked(due_s) if now_s - due_s > LATE_S:
                return [at_s, "t", round(due_s, 4)]
            case _:
                return None

    def _count(self, call: int, where: tuple[VenueId, Path], evidence: str, now_s: float) -> None:
        figures = self._figures.setdefault(where, _Figures())
        figures.outcomes[evidence] += 1
        sent_s = self._started.pop(call, None)
        if sent_s is not None and len(figures.latencies_s) < LATENCIES:
            figures.latencies_s.append(now_s - sent_s)


def read(kept: EvidenceKept) -> Iterator[tuple[float, Evidence]]:
    """Yield what was kept, with its monotonic second. Raises `ValueError` where it cannot be understood."""
    for at_s, letter, *fields in json.loads(kept.body):
        match letter, fields:
            case "s", [call, venue, path, symbol, canary]:
                yield at_s, CallStarted(call, venue, Path(path), symbol, canary)
            case "e", [call, venue, path, evidence, symbol, canary, cause, exempt]:
                yield at_s, CallEnded(call, venue, Path(path), evidence, symbol, canary, cause, exempt)
            case "r", [name, sent_s, ok]:
                yield at_s, ReferenceAnswered(name, sent_s, ok)
            case "v", [venue, what, source, symbol]:
                yield at_s, VenueSpoke(venue, what, source, symbol)
            case "m", [venue, path]:
                yield at_s, StreamMoved(venue, Path(path))
            case "t", [due_s]:
                yield at_s, LoopTicked(due_s)
            case _:
                raise ValueError(f"evidence of an unknown kind: {letter!r}")


def _at(note: Note) -> float:
    at_s = note[0]
    return at_s if isinstance(at_s, float | int) else 0.0
