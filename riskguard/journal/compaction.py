"""Keeps a healthy day small: what nobody needs row by row any more is folded up.

Two things only. Canaries that ended without a fill, some minutes ago, become one row of figures per market;
the highest of their numbers stays on record, so that no order id comes twice. Of bases that followed one
another with nothing of weight in between, each minute keeps its last. Nothing else is ever taken away.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from riskguard.core.facts import (
    BasisAgreed,
    CanariesSettled,
    EvidenceDigest,
    Fact,
    FillRecorded,
    IntentRecorded,
    OrderMoved,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import Event, Order, State, move
from riskguard.core.types import ZERO, ClientId, Leg

EVERY_MS = 600_000
"""How often it is done."""
KEPT_MS = 600_000
"""Rows younger than this stay: an order that was not there may still show up."""
MINUTE_MS = 60_000
MOST_ROWS = 20_000
"""Taken away at once, so that no order waits long for the disk."""
KINDS = ("IntentRecorded", "OrderMoved", "FillRecorded")
"""What must be read again at start, to fold up the canaries of earlier runs."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Rows that may go, and the figures that take their place, in one transaction."""

    wall_ms: int
    rows: tuple[int, ...]
    digests: tuple[CanariesSettled, ...]
    canaries: tuple[ClientId, ...]


@dataclass(slots=True)
class _Canary:
    order: Order
    rows: list[int]


@dataclass(slots=True)
class Compactor:
    """Follows the facts as they are written; decides what may be folded up."""

    _canaries: dict[ClientId, _Canary] = field(default_factory=dict)
    _bases: dict[Leg, list[tuple[int, int]]] = field(default_factory=dict)
    """Per leg, since the last fact of weight: number and moment of each basis."""
    _superseded: list[tuple[int, int]] = field(default_factory=list)
    """Number and moment of bases that a later one of the same minute replaced."""
    _now_ms: int = 0
    _next_ms: int = 0

    def at(self, wall_ms: int) -> None:
        """Note what time it is; the newest moment counts."""
        self._now_ms = max(self._now_ms, wall_ms)

    def note(self, seq: int, wall_ms: int, fact: Fact) -> None:
        """Take in one fact under its number."""
        match fact:
            case IntentRecorded(intent) if intent.purpose is Purpose.CANARY:
                self._canaries[intent.client_id] = _Canary(Order(intent, since_ms=wall_ms), [seq])
            case OrderMoved(client_id=client_id) if client_id in self._canaries:
                self._moved(client_id, seq, wall_ms, fact)
            case FillRecorded(client_id=client_id) if client_id in self._canaries:
                del self._canaries[client_id]
            case BasisAgreed(leg):
                self._agreed(leg, seq, wall_ms)
            case CanariesSettled() | EvidenceDigest():
                pass
            case _:
                self._bases.clear()

    def restore(self, rows: Iterable[tuple[int, int, Fact]]) -> None:
        """Take in what an earlier run wrote."""
        for seq, wall_ms, fact in rows:
            self.note(seq, wall_ms, fact)

    def due(self) -> Sweep | None:
        """Give what may be folded up now; None where it is too soon or there is nothing."""
        if self._now_ms < self._next_ms:
            return None
        self._next_ms = self._now_ms + EVERY_MS
        before_ms = self._now_ms - KEPT_MS
        settled: dict[ClientId, _Canary] = {}
        rows = [seq for seq, wall_ms in self._superseded if wall_ms < before_ms]
        for client_id, canary in self._canaries.items():
            if len(rows) >= MOST_ROWS:
                self._next_ms = self._now_ms
                break
            if canary.order.since_ms < before_ms and not canary.order.pending:
                settled[client_id] = canary
                rows += canary.rows
        if not rows:
            return None
        return Sweep(self._now_ms, tuple(rows), _digests(settled.values()), tuple(settled))

    def swept(self, sweep: Sweep) -> None:
        """Forget what is gone from the disk."""
        for client_id in sweep.canaries:
            self._canaries.pop(client_id, None)
        gone = frozenset(sweep.rows)
        self._superseded = [entry for entry in self._superseded if entry[0] not in gone]

    def _moved(self, client_id: ClientId, seq: int, wall_ms: int, fact: OrderMoved) -> None:
        canary = self._canaries[client_id]
        canary.rows.append(seq)
        moved = move(canary.order, Event(fact.event), wall_ms, filled=fact.filled)
        canary.order = moved or canary.order
        if canary.order.filled != ZERO:
            del self._canaries[client_id]  # it traded: its rows stay for good

    def _agreed(self, leg: Leg, seq: int, wall_ms: int) -> None:
        before = self._bases.setdefault(leg, [])
        if before and wall_ms // MINUTE_MS == before[-1][1] // MINUTE_MS:
            self._superseded.append(before.pop())
        before[:] = [(seq, wall_ms)]


def _digests(settled: Iterable[_Canary]) -> tuple[CanariesSettled, ...]:
    """Give one row of figures per market."""
    by_leg: dict[Leg, list[_Canary]] = {}
    for canary in settled:
        by_leg.setdefault(canary.order.intent.leg, []).append(canary)
    return tuple(
        CanariesSettled(
            leg,
            count=len(found),
            void=sum(canary.order.state is State.VOID for canary in found),
            from_ms=min(canary.order.intent.created_ms for canary in found),
            to_ms=max(canary.order.since_ms for canary in found),
            sequence=max(canary.order.intent.sequence for canary in found),
        )
        for leg, found in sorted(by_leg.items())
    )
