"""How a history must end once everything calmed down: no hedge, no doubt, the trader's book as it is."""

from decimal import Decimal

from riskguard.core.guard import Guard
from riskguard.core.orders.intent import Purpose
from riskguard.core.types import ZERO, Leg
from riskguard.simulation.world.script import Script
from riskguard.simulation.world.truth import Truth
from riskguard.simulation.world.verdict import must

LOT = Decimal("0.001")
CONVERTED = Decimal("0.0005")
"""Inverse contracts are told in coins of five digits, their margin to a millionth."""
YOUNG_S = 5.0
"""A canary that left a moment ago may still be out."""


def at_end(script: Script, truth: Truth, guard: Guard) -> None:
    """Check the end; raises `Broken`."""
    memory = guard.memory
    if truth.promise_broken:
        return
    for identity, filled in truth.filled.items():
        order = memory.ledger.orders.get(identity)
        known = order.filled if order is not None else ZERO
        must(known == filled or not script.calm_end, "END", f"{identity}: {known} known, {filled} executed")
    if not script.calm_end:
        return
    doubts = [
        order.intent.client_id
        for order in memory.ledger.pending()
        if order.intent.purpose is not Purpose.CANARY or truth.sent_before(order.intent.client_id, YOUNG_S)
    ]
    must(not doubts, "END", f"still in doubt: {', '.join(doubts)}")
    open_ = [f"{i.id} {i.state}" for i in memory.incidents if i.open]
    must(not open_, "END", f"still open: {', '.join(open_)}")
    for asset in script.policy.assets:
        left = truth.cover(asset.name)
        must(abs(left) < LOT, "END", f"a hedge of {left} {asset.name} is left")
    for leg, amount in truth.positions.items():
        basis = memory.bases.agreed.get(leg)
        held = amount - truth.ours_at.get(leg, ZERO)
        must(
            basis is not None and abs(basis.amount - held) <= told_within(leg),
            "END",
            f"{leg}: the trader holds {held}, the guard believes {basis.amount if basis else None}",
        )


def told_within(leg: Leg) -> Decimal:
    """Give how far what the guard is told of a leg may lie from what is held: zero but for inverse ones."""
    pair, _, settle = leg.symbol.partition(":")
    return CONVERTED if pair.partition("/")[0] == settle else ZERO
