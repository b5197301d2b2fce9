"""What may happen at a venue in trouble unheard by us: resting orders that fill, legs that are liquidated.

What is found is journalled: a guard that comes back during the outage must not size the hedge as if they
had never been. An order that the venue no longer lists stays in doubt until the position was agreed on anew.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from riskguard.core.exposure import liquidations
from riskguard.core.exposure.interval import Doubtful, ghost
from riskguard.core.facts import RestingNoted
from riskguard.core.memory import Ghost, Memory
from riskguard.core.messages import OrderReport
from riskguard.core.orders.intent import AT_HOME, Purpose
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, VenueId


def step(memory: Memory, turn: Turn) -> None:
    """Bring what is known of resting orders up to date, from the trouble's begin until all is well."""
    for venue in memory.policy.venues:
        troubled = not memory.standing(venue.id).fine
        if troubled:
            _note_resting(memory, turn, venue.id)
            _note_vanished(memory, turn, venue.id)
        known = memory.ghosts.get(venue.id)
        if known:
            well = not troubled and memory.incidents.open_at(venue.id) is None
            _settle(memory, turn, venue.id, everything=well)
    liquidations.step(memory, turn)


def doubtful(memory: Memory, legs: tuple[Leg, ...]) -> Iterator[Doubtful]:
    """Name every order that may change what the trader holds unseen, and every leg that may be gone.

    His own orders and our canaries count at venues in trouble only, what closes at home (which was marketable
    when it left) everywhere.
    """
    yield from liquidations.doubtful(memory, legs)
    for ours in memory.ledger.pending():
        if ours.intent.purpose in AT_HOME and ours.intent.leg in legs:
            left = (ours.possible - ours.filled) * ours.intent.side.sign
            yield Doubtful(ours.intent.leg, left, exposed=True)
    for venue in memory.troubled():
        moved: dict[Leg, Decimal] = {}
        for known in memory.ghosts.get(venue, {}).values():
            order = known.order
            if order.leg in legs:
                left = max(order.amount - _held(memory, known), ZERO)
                left -= _in_position(memory, known, left, moved)
                yield Doubtful(order.leg, left * order.side.sign, known.exposed, order.conditional)
        for ours in memory.ledger.pending(venue=venue):
            if ours.intent.purpose is Purpose.CANARY and ours.intent.leg in legs:
                yield Doubtful(ours.intent.leg, ours.intent.signed_amount, exposed=False, probe=True)


def _in_position(memory: Memory, known: Ghost, left: Decimal, moved: dict[Leg, Decimal]) -> Decimal:
    """Give how much of an order's rest the position shows to be filled since the venue listed it last.

    A position that moved the order's way is taken to hold its fill, as far as it goes: lists of orders lag
    behind positions, and counting both would hedge the same fill twice. `moved` keeps what is not yet used.
    What is known to be filled since then moved it as well, and is not found a second time.
    """
    leg, sign = known.order.leg, known.order.side.sign
    basis = memory.bases.agreed.get(leg)
    if basis is None or known.then is None:
        return ZERO
    unused = moved.setdefault(leg, basis.amount - known.then)
    counted = min(max(_held(memory, known) - known.then_filled, ZERO), max(unused * sign, ZERO))
    found = min(left, max(unused * sign - counted, ZERO))
    moved[leg] = unused - (found + counted) * sign
    return found


def _note_resting(memory: Memory, turn: Turn, venue: VenueId) -> None:
    resting, known = memory.resting.get(venue), memory.ghosts.get(venue, {})
    told = _still_tells(memory, venue, turn)
    orders = dict(resting.orders) if resting is not None else {}
    if resting is None:  # a restart: what the journal tells of is all there is
        orders = {identity: before.order for identity, before in known.items()}
    for identity, order in orders.items():
        before = known.get(identity)
        was_exposed = before is not None and before.exposed
        asset = memory.policy.asset_of(order.leg)
        extremes = memory.extremes.get((venue, asset.name)) if asset is not None else None
        exposed = not told and (was_exposed or ghost(order, extremes, told=told).exposed)
        if before is None or exposed != was_exposed or order.filled != before.order.filled:
            memory.record(_fact(order, "exposed" if exposed else "rests"), turn)
        if before is not None and order.filled > before.order.filled:
            memory.ghosts[venue][identity] = replace(
                memory.ghosts[venue][identity],
                filled_s=turn.now.mono_s,
                filled_before=_filled(memory, before),
            )


def _held(memory: Memory, known: Ghost) -> Decimal:
    """Give what the position agreed on last is known to hold of an order, by lists and by executions."""
    return max(_filled(memory, known), _counted(memory, known.order))


def _filled(memory: Memory, known: Ghost) -> Decimal:
    """Give what is filled of an order as far as the position agreed on last can show it."""
    basis = memory.bases.agreed.get(known.order.leg)
    shown = basis is None or basis.asked_s >= known.filled_s
    return known.order.filled if shown else known.filled_before


def _note_vanished(memory: Memory, turn: Turn, venue: VenueId) -> None:
    """Take in what left the list shortly before the trouble: no position shows yet whether it filled."""
    for identity, (order, gone_s) in memory.vanished.pop(venue, {}).items():
        if identity in memory.ghosts.get(venue, {}) or settled(memory, order, gone_s):
            continue
        asset = memory.policy.asset_of(order.leg)
        extremes = memory.extremes.get((venue, asset.name)) if asset is not None else None
        exposed = ghost(order, extremes, told=False).exposed
        memory.record(_fact(order, "exposed" if exposed else "rests"), turn)
        memory.ghosts[venue][identity] = replace(memory.ghosts[venue][identity], gone_s=gone_s)


def settled(memory: Memory, order: OrderReport, gone_s: float) -> bool:
    """Tell whether the position agreed on last shows what became of an order that is no longer listed."""
    basis = memory.bases.agreed.get(order.leg)
    if basis is None:
        return False
    return basis.asked_s > gone_s or _counted(memory, order) >= order.amount


def _settle(memory: Memory, turn: Turn, venue: VenueId, *, everything: bool) -> None:
    resting = memory.resting.get(venue)
    for identity, known in list(memory.ghosts[venue].items()):
        listed = resting is None or identity in resting.orders
        if everything or (known.gone_s is not None and settled(memory, known.order, known.gone_s)):
            memory.record(_fact(known.order, "settled"), turn)
        elif listed == (known.gone_s is not None):
            gone_s = None if listed else turn.now.mono_s
            memory.ghosts[venue][identity] = replace(known, gone_s=gone_s)
        elif listed and resting is not None and resting.asked_s > known.listed_s:
            basis = memory.bases.agreed.get(known.order.leg)
            then = basis.amount if basis is not None else None
            memory.ghosts[venue][identity] = replace(
                known, then=then, then_filled=_held(memory, known), listed_s=resting.asked_s
            )


def _counted(memory: Memory, order: OrderReport) -> Decimal:
    """Give what is filled of an order by executions before the moment of the position agreed on last."""
    basis = memory.bases.agreed.get(order.leg)
    if basis is None:
        return ZERO
    until_ms = basis.at.wall_ms - memory.clock_doubt_ms
    fills = memory.order_fills.get(order.order_id, ())
    return sum((amount for at_ms, amount in fills if at_ms <= until_ms), ZERO)


def _fact(order: OrderReport, state: str) -> RestingNoted:
    return RestingNoted(
        order.leg,
        order.order_id,
        order.client_id,
        order.side,
        order.amount,
        (order.trigger if order.conditional else order.price) or ZERO,
        order.filled,
        state,
        order.conditional,
        order.reduce_only,
    )


def _still_tells(memory: Memory, venue: VenueId, turn: Turn) -> bool:
    """Tell whether a venue in trouble still answers what is held, so that a fill would show there."""
    age_s = 2 * memory.policy.limits.data_age_s
    agreed = [memory.bases.agreed.get(leg) for leg in memory.legs(venue)]
    return all(basis is not None and turn.now.mono_s - basis.asked_s <= age_s for basis in agreed)
