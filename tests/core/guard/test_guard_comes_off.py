"""How a hedge comes off: in equal slices whatever a person said before, and to the last lot or told."""

from decimal import Decimal

import pytest

from riskguard.core.incident.table import State
from riskguard.core.messages import OperatorSaid
from riskguard.core.orders.intent import Purpose

from .scene import ALPHA, BETA, MAIN, Scene, policy
from .test_guard_returns import cover, hedged, incident, until


@pytest.mark.parametrize("says", ["", "hedge"])
@pytest.mark.parametrize("slices", [1, 3, 4])
def test_the_slices_are_equal_and_as_many_as_the_rule_says(says: str, slices: int) -> None:
    """A plan that a person ended does not make each slice one of what is left, smaller without end."""
    scene = hedged("1.2", scene=Scene(policy(slices=slices)))
    until(scene, State.HEDGED)
    if says:
        scene.see(OperatorSaid(says))
    scene.heals()
    until(scene, State.CLOSED)
    amounts = [intent.amount for intent in scene.orders_of(Purpose.UNWIND)]
    assert amounts == [Decimal("1.2") / slices] * slices


def with_a_long_of_the_traders(slices: int, mid: int) -> Scene:
    """Hedge a long while the trader is long at the backup too: there our orders are never reduce-only."""
    scene = Scene(policy(slices=slices))
    scene.mids = dict.fromkeys(scene.mids, Decimal(mid))
    scene.positions |= {MAIN: Decimal("1.2"), ALPHA: Decimal(5), BETA: Decimal(-5)}
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    until(scene, State.HEDGED)
    return scene


def test_what_no_order_could_take_off_goes_with_the_last_slice() -> None:
    """Five dollars are the least order, which at a price of 2000 is more than two lots."""
    scene = with_a_long_of_the_traders(slices=2, mid=2_000)
    scene.fills_partly = Decimal("0.599")
    scene.heals()
    until(scene, State.CLOSED)
    assert [intent.amount for intent in scene.orders_of(Purpose.UNWIND)] == [Decimal("0.6"), Decimal("0.601")]
    assert cover(scene) == 0
    assert scene.positions[ALPHA] + scene.positions[BETA] == 0


def test_dust_that_a_venue_takes_no_order_for_becomes_the_traders_and_is_told_once() -> None:
    scene = with_a_long_of_the_traders(slices=1, mid=2_000)
    backup = scene.orders_of(Purpose.HEDGE)[0].leg
    scene.fills_partly = Decimal("1.199")  # what is left is worth two dollars
    scene.heals()
    until(scene, State.CLOSED)
    assert cover(scene) == 0
    assert [title for title in scene.told if "counts as yours" in title] == [
        f"BTC: -0.001 of the hedge stays on {backup} and counts as yours"
    ]
    scene.passes(10.0)
    assert scene.guard.memory.bases.agreed[backup].amount == Decimal(5) - Decimal("0.001")
    assert incident(scene).state is State.CLOSED
