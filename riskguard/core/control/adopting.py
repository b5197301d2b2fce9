"""`adopt`: a person's word that settles what no evidence can: lost journals, other guards, foreign changes.

What is offered is shown with numbers before it is taken: hedges that an earlier journal of this instance
left, by the venue's own history of orders that bear its mark; hedges that somebody else closed; other guards.
"""

from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.exposure import disputes
from riskguard.core.exposure.others import journal_of
from riskguard.core.facts import BasisAgreed, HedgeAdjusted, StrangerSeen
from riskguard.core.incident.handling import affected, begin
from riskguard.core.incident.table import State
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import OrderReport, Severity
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import AssetPolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, VenueId

HEDGING = f"{Purpose.HEDGE}{Purpose.UNWIND}{Purpose.ORPHAN}{Purpose.PREFLIGHT}"
"""Last letters of the ids whose fills are ours to take over; canaries rest far away and are pulled."""

LOOK_AGAIN_S = 30.0
"""Whoever asks again sooner is told what was read already."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that a person may settle."""

    kind: str
    """`lost` (a hedge without its journal), `closed` (others changed our hedge), `gone` (a leg that its venue
    no longer lists) or `stranger`."""
    venue: VenueId
    says: str
    leg: Leg | None = None
    amount: Decimal = ZERO
    """What our part changes by; base units, signed."""


def look(memory: Memory, turn: Turn) -> None:
    """Have the order history of every backup read, unless that was asked for a moment ago."""
    if turn.now.mono_s - memory.others.look_s > LOOK_AGAIN_S:
        memory.others.look_s = turn.now.mono_s


def unread(memory: Memory) -> tuple[Leg, ...]:
    """Name the legs whose history has not been read since somebody asked."""
    return tuple(
        leg
        for leg in _carriers(memory)
        if memory.others.history_s.get(leg, float("-inf")) < memory.others.look_s
    )


def offers(memory: Memory) -> tuple[Offer, ...]:
    """Give all that may be settled now."""
    found = [offer for leg in _carriers(memory) if (offer := _lost(memory, leg)) is not None]
    found += [offer for leg in memory.legs() if (offer := _gone(memory, leg)) is not None]
    for leg, by in memory.others.changes.items():
        part = disputes.closed_by_others(memory, leg)
        says = f"{leg}: others traded {signed(by)} beside our hedge of {signed(memory.ours(leg))}; "
        says += f"{signed(-part)} of it counts as closed by them" if part else "that is theirs"
        found.append(Offer("closed", leg.venue, says, leg, part))
    for (venue, journal), identity in memory.others.strangers.items():
        says = f"{venue}: the guard of order {identity} (journal {journal}) is no danger any more"
        found.append(Offer("stranger", venue, says))
    return tuple(found)


def adopt(memory: Memory, turn: Turn, by: str) -> tuple[Offer, ...]:
    """Settle everything that is offered; durable before anything is sent on it."""
    taken = offers(memory)
    for offer in taken:
        match offer.kind, offer.leg:
            case "lost", Leg() as leg:
                _take_over(memory, turn, leg, offer.amount, by)
            case "gone", Leg() as leg:
                memory.record(BasisAgreed(leg, ZERO, f"adopted by {by}: not listed any more"), turn)
                memory.bases = memory.bases.settle(leg, ZERO, turn.now)
            case "closed", Leg() as leg:
                disputes.settle(memory, turn, leg, "adopted: closed by others", by)
            case _:
                _settle_strangers(memory, turn, offer.venue)
        memory.tell(turn, Severity.WARNING, f"adopted by {by}", offer.says)
    if not taken:
        memory.tell(turn, Severity.INFO, "adopt: nothing to settle")
    return taken


def _carriers(memory: Memory) -> tuple[Leg, ...]:
    """Give the legs that hedges may be on."""
    return tuple(dict.fromkeys(leg for asset in memory.policy.assets for leg in asset.hedge_on))


def _lost(memory: Memory, leg: Leg) -> Offer | None:
    """Offer what the orders of a lost journal left, as far as the position still shows it."""
    orders = [o for o in memory.others.lost.get(leg, {}).values() if o.client_id[-1] in HEDGING]
    left = sum((order.filled * order.side.sign for order in orders), ZERO)
    basis = memory.bases.agreed.get(leg)
    if basis is None or left * basis.amount <= ZERO:
        return None
    amount = min(abs(left), abs(basis.amount)) * (1 if left > ZERO else -1)
    names = ", ".join(order.client_id for order in orders[:3]) + (", …" if len(orders) > 3 else "")
    says = (
        f"{leg}: {len(orders)} orders of a lost journal ({names}) add up to {signed(left)}, the venue shows "
        f"{signed(basis.amount + memory.ours(leg))}; {signed(amount)} becomes our hedge"
    )
    return Offer("lost", leg.venue, says, leg, amount)


def _gone(memory: Memory, leg: Leg) -> Offer | None:
    """Offer to believe that a leg is gone which its venue, being well again, has stopped to list.

    Lists come back empty by accident, so that alone proves nothing to us; a person can look for himself.
    """
    incident, basis = memory.incidents.open_at(leg.venue), memory.bases.agreed.get(leg)
    reading = memory.bases.readings.get(leg)
    if incident is None or incident.state is not State.RECOVERING or basis is None or reading is None:
        return None
    if not reading.weak or reading.amount != ZERO or basis.amount == ZERO or memory.ours(leg) != ZERO:
        return None
    says = f"{leg}: {signed(basis.amount)} was held, {leg.venue} lists nothing of it now; it counts as gone"
    return Offer("gone", leg.venue, says, leg)


def _take_over(memory: Memory, turn: Turn, leg: Leg, amount: Decimal, by: str) -> None:
    asset = memory.policy.asset_of(leg)
    if asset is None:
        return
    orders = list(memory.others.lost.get(leg, {}).values())
    price = _price(memory, leg, [o for o in orders if o.filled and o.side.sign * amount > ZERO])
    memory.record(HedgeAdjusted(leg, asset.name, amount, "adopted from a lost journal", by, price), turn)
    for journal in {journal_of(order.client_id): order.client_id for order in orders}.values():
        memory.record(StrangerSeen(leg.venue, journal, "settled"), turn)
    _give_home(memory, turn, asset)


def _price(memory: Memory, leg: Leg, orders: list[OrderReport]) -> Decimal:
    priced = [(o.average or o.price or ZERO, o.filled) for o in orders]
    total = sum((filled for price, filled in priced if price), ZERO)
    if total:
        return sum((price * filled for price, filled in priced), ZERO) / total
    book = memory.prices.books.get(leg)
    return book.mid if book is not None and book.sound else ZERO


def _settle_strangers(memory: Memory, turn: Turn, venue: VenueId) -> None:
    for (where, _), identity in list(memory.others.strangers.items()):
        if where == venue:
            memory.record(StrangerSeen(venue, identity, "settled"), turn)


def _give_home(memory: Memory, turn: Turn, asset: AssetPolicy) -> None:
    """Open an incident for an adopted hedge that belongs to none: only an incident takes hedges off."""
    for incident in memory.incidents:
        rule = next((r for r in memory.policy.rules if r.name == incident.rule), None)
        if incident.open and rule and asset.name in (a.name for a in affected(memory, incident, rule)):
            return
    for rule in memory.policy.rules:
        venue = next((leg.venue for leg in asset.legs if leg.venue in rule.venues), "")
        if venue and "hedge" in rule.do and (not rule.assets or asset.name in rule.assets):
            identity = begin(memory, turn, venue, rule, "a hedge of a lost journal was adopted")
            title = f"{venue}: incident {identity} carries the adopted hedge of {asset.name}"
            memory.tell(turn, Severity.WARNING, title, "it is reconciled and unwound", incident=identity)
            return
    title = f"no rule hedges {asset.name}: the adopted hedge must be taken off by hand"
    memory.tell(turn, Severity.ALARM, title)
