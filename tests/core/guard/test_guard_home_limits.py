"""Closing at home keeps to what may be touched: armed, on record, our side well, the right leg and size."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.incident.table import State
from riskguard.core.messages import (
    JournalFailed,
    LoopTicked,
    MarketsLoaded,
    OperatorSaid,
    PositionReport,
    PositionsRead,
    Source,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.types import Leg, Market

from .scene import ALPHA, BETA, MAIN, Scene, policy
from .test_guard_flattens import flat
from .test_guard_flattens import hedged as flattening
from .test_guard_home import Home, amounts, cover, home
from .test_guard_returns import until

SPOT = Leg("main", "BTC/USDT")


def disk_full(scene: Scene) -> None:
    scene.see(JournalFailed("disk full"))


def disarmed(scene: Scene) -> None:
    scene.see(OperatorSaid("disarm"))


def our_fault(scene: Scene) -> None:
    scene.see(LoopTicked(scene.now_s - 1.0))


def vetoed(scene: Scene) -> None:
    for incident in scene.guard.memory.incidents:
        if not incident.vetoed:
            scene.see(OperatorSaid("veto"))


@pytest.mark.parametrize("bar", [disk_full, disarmed, our_fault, vetoed])
def test_the_traders_leg_is_left_alone(bar: Callable[[Scene], None]) -> None:
    rules = policy()
    scene = home("1", replace(rules, rules=(replace(rules.rules[0], veto_s=6.0),)))
    for _ in range(80):
        scene.passes(0.25)
        if list(scene.guard.memory.incidents):
            bar(scene)
    assert list(scene.guard.memory.incidents)
    assert not scene.orders_of(Purpose.HOME)


def test_no_more_than_the_leg_is_closed_and_the_rest_is_hedged() -> None:
    scene = Home(policy())
    scene.positions |= {MAIN: Decimal(1), ALPHA: Decimal("0.5")}
    scene.arm()
    scene.breaks()
    scene.passes(30.0)
    assert amounts(scene, Purpose.HOME) == [Decimal(-1)]
    assert cover(scene) == Decimal("-0.5")


def test_no_more_than_is_missing_is_closed() -> None:
    scene = Home(policy())
    scene.positions |= {MAIN: Decimal(1), BETA: Decimal("-0.4")}
    scene.arm()
    scene.breaks()
    scene.passes(30.0)
    assert amounts(scene, Purpose.HOME) == [Decimal("-0.6")]
    assert cover(scene) == 0


def test_a_leg_that_such_an_order_would_make_larger_is_left_alone() -> None:
    scene = Home(policy())
    scene.positions |= {MAIN: Decimal(-1), ALPHA: Decimal(3)}
    scene.arm()
    scene.breaks()
    scene.passes(30.0)
    assert not scene.orders_of(Purpose.HOME)
    assert cover(scene) == -2


def test_coins_at_home_are_never_sold() -> None:
    """Nothing there keeps an order from doing more than to reduce."""
    base = policy()
    asset = replace(base.assets[0], legs=(*base.assets[0].legs, SPOT))
    scene = Home(replace(base, assets=(asset,)))
    scene.arm()
    market = Market(
        SPOT, "BTC", "USDT", Decimal("0.001"), Decimal("0.001"), Decimal(5), Decimal("0.1"), derivative=False
    )
    scene.see(
        MarketsLoaded("main", (market, scene.guard.memory.markets[MAIN]), scene.guard.memory.rungs["main"])
    )
    for _ in range(2):
        scene.now_s += 1.0
        rows = (PositionReport(MAIN, Decimal(0)), PositionReport(SPOT, Decimal(2)))
        scene.see(PositionsRead("main", rows, Source.POSITIONS, scene.now_s))
    scene.breaks()
    scene.passes(30.0)
    assert not scene.orders_of(Purpose.HOME)
    assert cover(scene) == -2


def test_it_is_tried_once_in_each_incident() -> None:
    scene = home("1", fills=Decimal(0))
    scene.passes(30.0)
    assert len(scene.orders_of(Purpose.HOME)) == 1
    scene.heals()
    until(scene, State.CLOSED)
    scene.breaks()
    scene.passes(30.0)
    assert len(scene.orders_of(Purpose.HOME)) == 2
    assert cover(scene) == -1


def test_it_is_tried_once_although_nobody_else_takes_the_order_either() -> None:
    scene = home("1", fills=Decimal(0), fills_orders=False)
    scene.passes(30.0)
    assert len(scene.orders_of(Purpose.HEDGE)) > 3
    assert len(scene.orders_of(Purpose.HOME)) == 1


@pytest.mark.parametrize("fills", ["0.3", "1"])
def test_what_was_closed_at_home_is_explained_when_the_books_are_checked(fills: str) -> None:
    scene = home("1", fills=Decimal(fills))
    scene.passes(20.0)
    scene.heals()
    scene.passes(25.0)
    assert not [incident for incident in scene.guard.memory.incidents if incident.open]
    assert not [title for title in scene.told if "no fills explain it" in title]
    assert cover(scene) == 0
    assert scene.positions[MAIN] == 1 - Decimal(fills)


@pytest.mark.parametrize("bar", [disk_full, disarmed, our_fault])
def test_nothing_is_closed_in_step_with_the_hedge_either(bar: Callable[[Scene], None]) -> None:
    scene = flattening(flat(50))
    while not scene.orders_of(Purpose.FLATTEN):
        scene.passes(0.25)
    for _ in range(12):  # a little later it counts as ours
        bar(scene)
        scene.passes(0.25)
    before = len(scene.orders_of(Purpose.FLATTEN))
    assert before < 50
    for _ in range(60):
        bar(scene)
        scene.passes(0.25)
    assert len(scene.orders_of(Purpose.FLATTEN)) == before
