"""What is held of each leg, our own hedge not counted: believed only when two readings agree.

Two readings agree when they come over different channels, or over one channel from questions asked at least
`APART_S` apart. A leg that is merely missing from a list is a weak reading: after something was held, only
another channel can confirm it, since lists come back empty by accident. The coin that margins it is read on
its own and counts as it is. A reading taken while one of our own orders on that leg may still execute proves
nothing about the trader's part, and is left out. What two sources contradict stays as it was, and ages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from riskguard.core.facts import BasisAgreed
from riskguard.core.instant import Instant
from riskguard.core.messages import PositionReport, Source
from riskguard.core.types import ZERO, Leg

APART_S = 0.4
SAME_MOMENT_MS = 1_500
"""A fill this long before the last agreement may not have been in it: clocks differ, answers take time."""
SETTLE_S = 1.0
"""A position asked for sooner after one of our own orders moved may still lack its fill."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer about one leg."""

    amount: Decimal
    """The trader's part, base units, signed."""
    asked_s: float
    source: Source
    weak: bool = False
    """Not a row that says so, but the absence of a row."""
    margin: Decimal = ZERO
    """The part of the amount that is no position but the coin that margins it."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The last amount that two readings agreed on."""

    amount: Decimal
    at: Instant
    restored: bool = False
    """From the journal of an earlier run; `at.mono_s` means nothing then."""
    asked_s: float = float("-inf")
    """When the newest of the readings was asked for."""
    margin: Decimal = ZERO
    """The part of the amount that is no position but the coin that margins it."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A reading that differs from what was agreed on."""

    basis: Basis
    amount: Decimal
    """What is read now."""
    since_s: float
    """When the first reading of that amount was asked for."""
    asked_s: float
    """When the newest was."""


@dataclass(frozen=True, slots=True)
class Bases:
    """Per leg what was read last and what was agreed last."""

    readings: Mapping[Leg, Reading] = field(default_factory=dict)
    agreed: Mapping[Leg, Basis] = field(default_factory=dict)
    reports: Mapping[Leg, tuple[PositionReport, float]] = field(default_factory=dict)
    """The last report per leg as it came, and when it was asked for."""
    touched: Mapping[Leg, float] = field(default_factory=dict)
    """When one of our own orders on the leg last moved; readings asked before that are left out."""

    def touch(self, leg: Leg, now_s: float) -> "Bases":
        """Note that our own order on that leg moved; a half-made agreement is void."""
        readings = {key: reading for key, reading in self.readings.items() if key != leg}
        return replace(self, readings=readings, touched={**self.touched, leg: now_s})

    def read(
        self,
        report: PositionReport,
        ours: Decimal,
        source: Source,
        asked_s: float,
        now: Instant,
        *,
        weak: bool = False,
        apart_s: float = APART_S,
    ) -> tuple["Bases", BasisAgreed | None]:
        """Take in one reading; gives the fact when it moves what is agreed.

        `apart_s`: how long a change must keep being read before it is believed, on whatever channels.
        """
        leg = report.leg
        state = replace(self, reports={**self.reports, leg: (report, asked_s)})
        if asked_s < self.touched.get(leg, float("-inf")) + SETTLE_S:
            return state, None
        reading = Reading(report.amount - ours, asked_s, source, weak, report.margin)
        before = self.readings.get(leg)
        old = self.agreed.get(leg)
        if before is None or before.amount != reading.amount:
            return replace(state, readings={**self.readings, leg: reading}), None
        doubtful = weak and old is not None and old.amount != reading.amount and not _coin_alone(old, reading)
        if before.source is source and doubtful:
            return state, None
        if abs(asked_s - before.asked_s) < (APART_S if before.source is source else 0.0):
            return state, None
        if old is not None and old.amount != reading.amount and asked_s - before.asked_s < apart_s:
            return state, None
        state = replace(
            state,
            readings={**self.readings, leg: reading},
            agreed={**self.agreed, leg: Basis(reading.amount, now, asked_s=asked_s, margin=reading.margin)},
        )
        moved = old is None or old.restored or old.amount != reading.amount
        because = f"{before.source} and {source} agree"
        return state, BasisAgreed(leg, reading.amount, because, reading.margin) if moved else None

    def disputed(self, leg: Leg, asked_s: float) -> Dispute | None:
        """Give the basis and what the newest reading, asked for at `asked_s`, says; None where they agree."""
        reading, basis = self.readings.get(leg), self.agreed.get(leg)
        if reading is None or basis is None or reading.amount == basis.amount:
            return None
        return Dispute(basis, reading.amount, reading.asked_s, asked_s)

    def explain(self, leg: Leg, now: Instant) -> tuple["Bases", BasisAgreed | None]:
        """Believe the newest reading, which contradicts the basis, because fills add up to the difference.

        This is how a leg that a venue no longer lists is known to be flat where no second channel says so.
        """
        reading = self.readings.get(leg)
        if reading is None:
            return self, None
        agreed = {
            **self.agreed,
            leg: Basis(reading.amount, now, asked_s=reading.asked_s, margin=reading.margin),
        }
        because = "fills explain what is shown"
        return replace(self, agreed=agreed), BasisAgreed(leg, reading.amount, because, reading.margin)

    def restore(self, fact: BasisAgreed, wall_ms: int) -> "Bases":
        """Take a basis from the journal."""
        basis = Basis(fact.amount, Instant(float("-inf"), wall_ms), restored=True, margin=fact.margin)
        return replace(self, agreed={**self.agreed, fact.leg: basis})

    def position(self, leg: Leg) -> Decimal | None:
        """Give the trader's position without the coin that margins it; None where nothing was agreed."""
        basis = self.agreed.get(leg)
        return None if basis is None else basis.amount - self.margin(leg)

    def margin(self, leg: Leg) -> Decimal:
        """Give how much of a leg's amount is no position but the coin that margins it."""
        seen = self.reports.get(leg)
        return seen[0].margin if seen is not None else ZERO

    def settle(self, leg: Leg, amount: Decimal, now: Instant) -> "Bases":
        """Believe an amount on a person's word."""
        return replace(
            self, agreed={**self.agreed, leg: Basis(amount, now, asked_s=now.mono_s, margin=self.margin(leg))}
        )

    def shift(self, leg: Leg, amount: Decimal) -> "Bases":
        """Count so much more as the trader's and less as ours; readings split otherwise are void."""
        basis = self.agreed.get(leg)
        if basis is None:
            return self
        readings = {key: reading for key, reading in self.readings.items() if key != leg}
        agreed = {**self.agreed, leg: replace(basis, amount=basis.amount + amount)}
        return replace(self, readings=readings, agreed=agreed)

    def age_s(self, leg: Leg, now: Instant) -> float | None:
        """Give the age of a leg's basis; None where there is none."""
        basis = self.agreed.get(leg)
        return None if basis is None else max(0.0, (now.wall_ms - basis.at.wall_ms) / 1000)

    def contradicted(self, leg: Leg) -> bool:
        """Tell whether the newest reading differs from what is agreed."""
        reading, basis = self.readings.get(leg), self.agreed.get(leg)
        return reading is not None and basis is not None and reading.amount != basis.amount


def _coin_alone(old: Basis, reading: Reading) -> bool:
    """Say whether only the coin that margins the leg differs: that was read, be the leg listed or not."""
    return reading.margin != ZERO and old.amount - old.margin == reading.amount - reading.margin
