"""A placed canary that fills while its cancels hang is our own position and nobody else's."""

from dataclasses import replace
from decimal import Decimal

from riskguard.core.messages import OrderStatus
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Canary, Rung
from riskguard.core.types import Path

from .scene import MAIN, Scene, policy


def test_it_is_asked_about_and_never_hedged_as_the_traders() -> None:
    rules = policy()
    placing = Canary(Rung.PLACE_CANCEL, every_s=2.0, distance=Decimal("0.1"))
    main = replace(rules.venues[0], canary=placing)
    scene = Scene(replace(rules, venues=(main, *rules.venues[1:])))
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.hangs.add(("main", Path.CANCEL))
    for _ in range(40):
        resting = [o for o in scene.orders.values() if o.leg == MAIN and o.status is OrderStatus.OPEN]
        if resting:
            break
        scene.passes(0.25)
    (canary,) = resting
    scene.passes(3.0)
    filled = replace(canary, filled=canary.amount, average=canary.price, status=OrderStatus.CLOSED)
    scene.orders[canary.client_id] = filled
    scene.positions[MAIN] += canary.amount
    scene.passes(25.0)
    assert scene.guard.memory.bases.agreed[MAIN].amount == 1
    assert sum(intent.amount for intent in scene.orders_of(Purpose.HEDGE)) == 1
