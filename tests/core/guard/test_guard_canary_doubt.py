"""Canaries come and go in doubt all through an outage; the hedge does not follow them."""

from dataclasses import replace
from decimal import Decimal

from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Canary, Doubts, Rung

from .scene import Scene, policy

PLACED = Canary(Rung.PLACE_CANCEL, every_s=2.0, distance=Decimal("0.1"), size=Decimal("0.001"))


def test_a_hedge_by_the_worst_case_is_sent_once_however_many_canaries_are_in_doubt() -> None:
    before = policy()
    rules = tuple(replace(rule, hedge=replace(rule.hedge, doubts=Doubts.WORST)) for rule in before.rules)
    main, *others = before.venues
    scene = Scene(replace(before, rules=rules, venues=(replace(main, canary=PLACED), *others)))
    scene.positions[scene.policy.assets[0].legs[0]] = Decimal("1.5")
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    scene.passes(60.0)
    assert [intent.amount for intent in scene.orders_of(Purpose.HEDGE)] == [Decimal("1.5")]
    assert not scene.orders_of(Purpose.ORPHAN)
