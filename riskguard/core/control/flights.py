"""Preflights: what passed and when (a fold of the journal), and those under way."""

from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.core.facts import Fact, FillRecorded, PreflightEnded
from riskguard.core.orders.intent import Purpose
from riskguard.core.types import ZERO, ClientId, Leg, VenueId


@dataclass(slots=True)
class Flight:
    """One backup's preflight under way; its orders are in the ledger."""

    leg: Leg
    began_s: float
    ids: list[ClientId] = field(default_factory=list)
    next_s: float = 0.0
    latency_ms: float | None = None
    closed_s: float | None = None
    trades_s: float = float("-inf")
    waits_for: str = "nothing read yet"


@dataclass(slots=True)
class Preflights:
    """All that is known of preflights."""

    passed_ms: dict[VenueId, int] = field(default_factory=dict)
    """Per backup: when it passed its last one (wall milliseconds); zero where it failed."""
    fees: dict[ClientId, Decimal] = field(default_factory=dict)
    """Per order: what its executions cost, quote units."""
    under_way: dict[VenueId, Flight] = field(default_factory=dict)
    ended: dict[VenueId, PreflightEnded] = field(default_factory=dict)
    """Results of the one that was asked for last."""
    refused: str = ""
    """Why the one that was asked for last was not begun."""
    resumed: bool = False
    """Whether this run looked for what an earlier one's left."""

    def fold(self, fact: Fact, wall_ms: int) -> None:
        """Take in one fact; facts about other things change nothing."""
        match fact:
            case PreflightEnded(venue, ok=ok):
                self.passed_ms[venue] = wall_ms if ok else 0
            case FillRecorded(client_id=identity, fee=fee) if identity.endswith(Purpose.PREFLIGHT):
                self.fees[identity] = self.fees.get(identity, ZERO) + fee
            case _:
                pass
