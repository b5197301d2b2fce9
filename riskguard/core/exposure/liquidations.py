"""Legs at a venue in trouble that may have been liquidated unseen: the price elsewhere passed their level.

The liquidation price is noted while the venue still tells it, in the journal: a guard that comes back during
the outage cannot ask again. Once the price elsewhere lies beyond, the leg counts as held and as gone, until
the venue's positions were read anew. Where an account's legs share their margin, each level only holds while
the other prices stand still: legs are gone together once together they lost what kept one of them.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from riskguard.core.exposure.interval import Doubtful
from riskguard.core.exposure.prices import Extremes, bps
from riskguard.core.exposure.risk import LegRisk
from riskguard.core.facts import LegAtRisk
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import Severity
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, VenueId

MOVED_BPS = Decimal(10)
"""A liquidation price that moved by less is not noted again: funding moves it a little all the time."""

TELLS_WITHIN_S = 2.0
"""Positions are asked for every second: a venue that still tells them has spoken by then."""


def step(memory: Memory, turn: Turn) -> None:
    """Bring what is known of liquidation prices up to date, from a trouble's begin until all is well."""
    for venue in memory.policy.venues:
        troubled = not memory.standing(venue.id).fine
        for leg in memory.legs(venue.id):
            if leg in memory.others.risks:
                well = not troubled and memory.incidents.open_at(venue.id) is None
                _settle(memory, turn, leg, well=well)
            if troubled:
                _note(memory, turn, leg)
                _cross(memory, turn, leg)


def doubtful(memory: Memory, legs: tuple[Leg, ...]) -> Iterator[Doubtful]:
    """Name every leg that may be gone, as an order that would close it and may have filled."""
    for leg in legs:
        risk, position = memory.others.risks.get(leg), memory.bases.position(leg)
        if risk is not None and risk.crossed and position:
            yield Doubtful(leg, -_lost(memory, leg, position), exposed=True)


def _lost(memory: Memory, leg: Leg, position: Decimal) -> Decimal:
    """Give what goes with a leg that is liquidated: its position, and the coin that margins its account."""
    basis, (report, _) = memory.bases.agreed.get(leg), memory.bases.reports.get(leg, (None, 0.0))
    if basis is None or report is None or not report.margin or report.isolated:
        return position
    return basis.amount


def _note(memory: Memory, turn: Turn, leg: Leg) -> None:
    position, (report, _) = memory.bases.position(leg), memory.bases.reports.get(leg, (None, 0.0))
    known = memory.others.risks.get(leg)
    if position is None or report is None or report.liquidation is None:
        return
    if position * (report.amount - report.margin) <= ZERO:
        return
    mark = ZERO if report.isolated or report.mark is None else report.mark
    if known is not None and (known.crossed or _same(known, position, report.liquidation, mark)):
        return
    memory.record(LegAtRisk(leg, position, report.liquidation, "held", mark=mark), turn)


def _same(known: LegRisk, amount: Decimal, price: Decimal, mark: Decimal) -> bool:
    if known.amount != amount or bps(price, known.price) >= MOVED_BPS:
        return False
    return known.mark == mark or (known.mark > ZERO and bps(mark, known.mark) < MOVED_BPS)


def _cross(memory: Memory, turn: Turn, leg: Leg) -> None:
    """See whether the price elsewhere went beyond the level while nobody said what became of the leg."""
    risk, asset = memory.others.risks.get(leg), memory.policy.asset_of(leg)
    if risk is None or risk.crossed or asset is None:
        return
    reached, basis = memory.extremes.get((leg.venue, asset.name)), memory.bases.agreed.get(leg)
    asked_s = basis.asked_s if basis is not None else float("-inf")
    if asked_s != risk.asked_s:
        risk = memory.others.risks[leg] = replace(risk, asked_s=asked_s, told=reached, beyond_s=None)
    price = _worst(risk, reached)
    if price is None:
        return
    alone = (price > risk.price) is not (risk.amount > ZERO)
    if not (alone or risk.beyond_s is not None or _together(memory, leg, risk)):
        _warn(memory, turn, leg, risk, price)
        return
    beyond_s = turn.now.mono_s if risk.beyond_s is None else risk.beyond_s
    memory.others.risks[leg] = replace(risk, beyond_s=beyond_s)
    due_s = beyond_s + TELLS_WITHIN_S
    if turn.now.mono_s < due_s:  # a venue that tells its positions will say what became of it
        turn.wake_at(due_s)
        return
    memory.record(LegAtRisk(leg, risk.amount, risk.price, "crossed", price, risk.mark), turn)
    memory.others.risks[leg] = replace(memory.others.risks[leg], since_s=turn.now.mono_s)
    title = f"{leg} may have been liquidated"
    with_others = "" if alone else " and the account's other legs lost what kept it from that"
    body = (
        f"{signed(risk.amount)} was held, its liquidation price is {risk.price:.8g}, the price elsewhere "
        f"reached {price:.8g}{with_others}; it counts as held and as gone until {leg.venue} tells "
        "its position again, and a hedge by likely doubts counts it as gone"
    )
    memory.tell(turn, Severity.ALARM, title, body, incident=_incident(memory, leg.venue), once=title)


def _worst(risk: LegRisk, reached: Extremes | None) -> Decimal | None:
    """Give the price elsewhere that came nearest to the level since the venue last told the position."""
    if reached is None:
        return None
    low, high = reached.last, reached.last
    if risk.told is None or reached.low < risk.told.low:
        low = reached.low
    if risk.told is None or reached.high > risk.told.high:
        high = reached.high
    return low if risk.amount > ZERO else high


def _together(memory: Memory, leg: Leg, risk: LegRisk) -> bool:
    """Tell whether all legs that share this one's margin have lost, since told, what keeps it from its level.

    What is lost and what may be lost are both counted at the legs' sizes; the margin that a venue wants to be
    left grows along with either, so it cancels out.
    """
    if risk.mark == ZERO or leg.symbol.startswith(f"{_settles(leg)}/"):  # coin margin has one asset only
        return False
    lost = ZERO
    for other, known in memory.others.risks.items():
        asset = memory.policy.asset_of(other)
        shares = other.venue == leg.venue and _settles(other) == _settles(leg) and known.mark > ZERO
        reached = memory.extremes.get((leg.venue, asset.name)) if asset is not None else None
        if shares and reached is not None:
            lost += (known.amount + memory.ours(other)) * (known.mark - reached.last)
    return lost >= abs((risk.amount + memory.ours(leg)) * (risk.price - risk.mark))


def _settles(leg: Leg) -> str:
    return leg.symbol.rpartition(":")[2]


def _warn(memory: Memory, turn: Turn, leg: Leg, risk: LegRisk, price: Decimal) -> None:
    """Say that a stuck leg is near its liquidation, where nothing can be done about it at its venue."""
    away = abs(price - risk.price) / price
    incident = _incident(memory, leg.venue)
    if away >= memory.policy.limits.hedge_liq or not incident:
        return
    title = f"{leg} came within {memory.policy.limits.hedge_liq:.0%} of its liquidation"
    body = f"{signed(risk.amount)} held, liquidation at {risk.price:.8g}, price elsewhere {price:.8g}"
    memory.tell(turn, Severity.ALARM, title, body, incident=incident, once=f"{incident}{title}")


def _settle(memory: Memory, turn: Turn, leg: Leg, *, well: bool) -> None:
    risk, basis = memory.others.risks[leg], memory.bases.agreed.get(leg)
    if not risk.crossed:
        if well:
            memory.record(LegAtRisk(leg, risk.amount, risk.price, "settled"), turn)
        return
    since_s = max(risk.since_s, memory.began_s)
    if basis is None or basis.restored or basis.asked_s <= since_s:
        return
    memory.record(LegAtRisk(leg, risk.amount, risk.price, "settled"), turn)
    title = f"{leg} was read again after its liquidation price was passed: {signed(basis.amount)} is held"
    body = f"{signed(risk.amount)} was held before"
    memory.tell(turn, Severity.WARNING, title, body, incident=_incident(memory, leg.venue))


def _incident(memory: Memory, venue: VenueId) -> str:
    incident = memory.incidents.open_at(venue)
    return incident.id if incident is not None else ""
