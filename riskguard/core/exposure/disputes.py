"""What others do on the accounts that carry our hedge: noticed, told, and left to a person to settle.

People and other bots trade on these accounts, and venues liquidate. What somebody may have closed is never
closed a second time, nothing is added meanwhile, and the way out goes on with what is surely ours.
"""

from decimal import Decimal

from riskguard.core.exposure.others import instance_of, journal_of
from riskguard.core.exposure.pricing import mid_of
from riskguard.core.facts import HedgeAdjusted, OperatorDecided, StrangerSeen
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import HistoryRead, Severity
from riskguard.core.orders.intent import is_ours
from riskguard.core.policy import AssetPolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, VenueId

ADOPT = "riskguard adopt"
PROBE = "rgx"
"""How ids begin that were never orders: probes ask to cancel what never was."""


def step(memory: Memory, turn: Turn) -> None:
    """Follow the liquidation prices of our own hedges; disarm beside another guard once nothing is held."""
    _follow_levels(memory, turn)
    refused = refusal(memory)
    if refused and memory.armed and not _holds(memory):
        memory.record(OperatorDecided("disarm", "", "another guard on the account"), turn)
        memory.tell(turn, Severity.ALARM, "disarmed: two guards on one account would both hedge", refused)


def obstacle(memory: Memory, asset: AssetPolicy) -> str:
    """Give why nothing may be added to an asset's hedge until a person settles it; empty when it may."""
    for leg in dict.fromkeys((*asset.hedge_on, *memory.ledger.cover_legs(asset.name))):
        changed = memory.others.changes.get(leg, ZERO)
        if changed:
            return f"somebody else changed {leg} by {signed(changed)} beside our hedge: {ADOPT}"
    return refusal(memory)


def refusal(memory: Memory) -> str:
    """Give why this guard must not be armed; empty when it may be."""
    for (venue, _), identity in memory.others.strangers.items():
        return f"another guard's order {identity} on {venue}; stop one of the two, then: {ADOPT}"
    return ""


def stranger(memory: Memory, turn: Turn, venue: VenueId, client_id: str) -> None:
    """Note an order that another guard sent on one of our accounts, once per guard."""
    mine = client_id.startswith(memory.mark) or client_id in memory.ledger.orders
    if mine or not is_ours(client_id) or client_id.startswith(PROBE):
        return
    key = venue, journal_of(client_id)
    if key in memory.others.strangers or key in memory.others.settled:
        return
    memory.record(StrangerSeen(venue, client_id, "seen"), turn)
    same = instance_of(client_id) == memory.policy.instance
    whose = "this instance under another journal" if same else f"instance {instance_of(client_id)!r}"
    title = f"{venue} shows an order of another guard: {client_id}"
    body = f"{whose}; it is left alone, nothing is added to any hedge and arming is refused until: {ADOPT}"
    memory.tell(turn, Severity.ALARM, title, body)


def history_read(memory: Memory, seen: HistoryRead) -> None:
    """Take in what a venue remembers of orders that an earlier journal of this instance sent."""
    memory.others.history_s[seen.leg] = seen.asked_mono_s
    for report in seen.orders:
        identity = report.client_id
        known = identity in memory.ledger.orders or identity.startswith(memory.mark)
        if is_ours(identity) and not known and instance_of(identity) == memory.policy.instance:
            memory.others.lost.setdefault(report.leg, {})[identity] = report


def changed(memory: Memory, turn: Turn, leg: Leg) -> None:
    """Say what others did to a leg that carries our hedge; a liquidation is settled by its evidence."""
    by, held = memory.others.changes.get(leg, ZERO), memory.ours(leg)
    shown = memory.others.believed.get(leg, ZERO) + held
    if by == ZERO:
        title = f"{leg} is again as our hedge there left it"
        memory.tell(turn, Severity.WARNING, title, f"the venue shows {signed(shown)}")
        return
    level, crossed = memory.others.hedge_levels.get(leg, (ZERO, False))
    if crossed and by * held < ZERO:
        title = f"{leg.venue} liquidated our hedge of {signed(held)} on {leg.symbol}"
        body = f"its level {level:.8g} was passed and the venue shows {signed(shown)}; it counts as closed"
        settle(memory, turn, leg, f"liquidated at {level:.8g}", "riskguard")
        memory.tell(turn, Severity.ALARM, title, body)
        return
    title = f"{leg} was changed by somebody else while it carries our hedge"
    body = (
        f"others traded {signed(by)} beside our {signed(held)}, the venue shows {signed(shown)}; nothing is "
        f"added, and what somebody may have closed is not closed again, until: {ADOPT}"
    )
    memory.tell(turn, Severity.ALARM, title, body)


def closed_by_others(memory: Memory, leg: Leg) -> Decimal:
    """Give how much of our hedge others may have closed: what our part changes by when that is settled."""
    by, held = memory.others.changes.get(leg, ZERO), memory.ours(leg)
    return min(abs(by), abs(held)) * (1 if by > ZERO else -1) if by * held < ZERO else ZERO


def settle(memory: Memory, turn: Turn, leg: Leg, because: str, by: str) -> None:
    """Count what others may have closed of our hedge as closed, and all else that they did as theirs."""
    left = closed_by_others(memory, leg)
    for asset in memory.policy.assets:
        held = memory.ledger.held(asset.name, leg)
        part = min(abs(left), abs(held)) * (1 if left > ZERO else -1)
        if part and held * left < ZERO:
            memory.record(HedgeAdjusted(leg, asset.name, part, because, by), turn)
            left -= part
    carried = memory.policy.asset_of(leg)
    if carried is not None and memory.others.changes.get(leg):  # the rest is theirs
        memory.record(HedgeAdjusted(leg, carried.name, ZERO, because, by), turn)


def _holds(memory: Memory) -> bool:
    return any(memory.ledger.cover_range(asset.name) != (ZERO, ZERO) for asset in memory.policy.assets)


def _follow_levels(memory: Memory, turn: Turn) -> None:
    """Remember where each leg that carries our hedge is liquidated, and whether the price was there."""
    for asset in memory.policy.assets:
        for leg in asset.hedge_on:
            held = memory.ours(leg)
            if held == ZERO:
                memory.others.hedge_levels.pop(leg, None)
                continue
            level, crossed = memory.others.hedge_levels.get(leg, (ZERO, False))
            report, _ = memory.bases.reports.get(leg, (None, 0.0))
            if report is not None and report.liquidation and report.amount * held > ZERO:
                level = report.liquidation
            mid = mid_of(memory, asset, turn)
            if level and mid is not None:
                crossed = crossed or (mid <= level if held > ZERO else mid >= level)
                memory.others.hedge_levels[leg] = level, crossed
