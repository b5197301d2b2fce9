"""The guard reckons the same whatever others set in this process: ccxt changes everybody's rounding."""

import decimal
from decimal import Decimal

from riskguard.core.orders.intent import Purpose

from .scene import MAIN, Scene


def hedged() -> list[tuple[Decimal, Decimal]]:
    scene = Scene()
    scene.mids = {leg: Decimal(60_000) + number for number, leg in enumerate(scene.mids)}
    scene.positions[MAIN] = Decimal("1.2345")
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    return [(intent.amount, intent.price) for intent in scene.orders_of(Purpose.HEDGE)]


def test_rounding_and_precision_of_others_change_nothing() -> None:
    usual = hedged()
    with decimal.localcontext() as context:
        context.rounding, context.prec = decimal.ROUND_HALF_UP, 6
        assert hedged() == usual
