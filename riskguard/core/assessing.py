"""One asset as it stands now: exposure, price and hedge, or the one reason why it cannot be said."""

from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.exposure.interval import Exposure, exposure
from riskguard.core.ghosts import doubtful
from riskguard.core.hedge.limits import Account
from riskguard.core.memory import Memory
from riskguard.core.policy import AssetPolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, VenueId

CONTRADICTION_S = 6.0
"""Readings that disagree for longer than this make a leg unknown."""
BALANCE_AGE_S = 60.0
"""An older balance is not known."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known of one asset; base units, signed."""

    asset: AssetPolicy
    exposure: Exposure | None
    """None: a leg is not known, so nothing about the whole can be said."""
    unknown: str
    """Which leg is not known, and why; empty where all are."""
    mid: Decimal | None
    """Consensus price; None where no fresh and sound book exists."""
    cover: Decimal
    cover_low: Decimal
    cover_high: Decimal

    @property
    def lot_notional(self) -> Decimal:
        """Give the notional below which nothing counts as naked; quote units."""
        return (self.mid or ZERO) * self.asset.guard


def amount_of(memory: Memory, leg: Leg, turn: Turn) -> tuple[Decimal | None, str]:
    """Give what the trader holds of a leg, or None and why it is not known."""
    basis = memory.bases.agreed.get(leg)
    if basis is None:
        return None, f"{leg}: no two readings have agreed yet"
    if (turn.now.wall_ms - basis.at.wall_ms) / 1000 > memory.policy.limits.position_age_s:
        return None, f"{leg}: the last agreement is too old"
    reading = memory.bases.readings.get(leg)
    if basis.restored and (reading is not None or memory.standing(leg.venue).fine):
        # What was held before a restart counts only where the venue has not answered since.
        return None, f"{leg}: not confirmed since the guard came back"
    # A leg that is merely missing from a list contradicts nothing: lists come back empty by accident.
    contradicted = reading is not None and reading.amount != basis.amount and not reading.weak
    if reading is not None and contradicted and turn.now.mono_s - reading.asked_s > CONTRADICTION_S:
        return None, f"{leg}: readings contradict each other"
    return basis.amount, ""


def assess(memory: Memory, asset: AssetPolicy, turn: Turn) -> Assessment:
    """Put together all that is known of an asset."""
    legs = tuple(dict.fromkeys((*asset.legs, *asset.hedge_on)))
    amounts: dict[Leg, Decimal] = {}
    unknown = ""
    for leg in legs:
        amount, why = amount_of(memory, leg, turn)
        if amount is None:
            unknown = unknown or why
        else:
            amounts[leg] = amount
    found = None
    if not unknown:
        found = exposure(
            amounts,
            offset=asset.elsewhere - asset.keep,
            troubled=memory.troubled(),
            doubtful=tuple(doubtful(memory, legs)),
        )
    low, high = memory.ledger.cover_range(asset.name)
    return Assessment(
        asset, found, unknown, mid_of(memory, asset, turn), memory.ledger.cover(asset.name), low, high
    )


def mid_of(memory: Memory, asset: AssetPolicy, turn: Turn) -> Decimal | None:
    """Give an asset's consensus price."""
    legs = tuple(dict.fromkeys((*asset.legs, *asset.hedge_on)))
    age_s = memory.policy.limits.data_age_s
    return memory.prices.consensus(legs, turn.now.mono_s, age_s, without=memory.troubled())


def account_of(memory: Memory, venue: VenueId, turn: Turn) -> Account | None:
    """Give a venue's account as the limits need it; None: not known."""
    balance = memory.balances.get(venue)
    if balance is None or turn.now.mono_s - balance.asked_s > BALANCE_AGE_S:
        return None
    positions, distances = ZERO, []
    for leg, (report, _) in memory.bases.reports.items():
        held = report.amount - report.margin
        if leg.venue != venue or held == ZERO:
            continue
        book = memory.prices.books.get(leg)
        mark = report.mark or (book.mid if book and book.sound else None)
        if mark is None:
            return None
        positions += abs(held) * mark
        if report.liquidation:
            distances.append(abs(mark - report.liquidation) / mark)
    return Account(balance.equity, balance.free, positions, min(distances, default=None))
