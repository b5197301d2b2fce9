"""An order of the trader's that left the list just before the venue fell silent is a doubt, not nothing."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.exposure.assessing import assess
from riskguard.core.exposure.interval import Exposure
from riskguard.core.exposure.observing import EMPTY_FOR_S
from riskguard.core.messages import LoopTicked, OpenOrdersRead, OrderReport, OrderSeen, OrderStatus, Source
from riskguard.core.policy import Doubts
from riskguard.core.turn import Turn
from riskguard.core.types import Path, Side

from .scene import MAIN, Scene

FAR, NEAR = Decimal(50_000), Decimal(59_970)


def resting(price: Decimal, filled: str = "0", status: OrderStatus = OrderStatus.OPEN) -> OrderReport:
    return OrderReport(MAIN, "v9", "bot", Side.BUY, Decimal("0.3"), price, Decimal(filled), None, status)


OTHER = OrderReport(
    MAIN, "v8", "bot", Side.SELL, Decimal("0.1"), Decimal(90_000), Decimal(0), None, OrderStatus.OPEN
)
"""Goes on resting, so that no list is empty."""


def with_an_order(price: Decimal, *others: OrderReport) -> Scene:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.resting[MAIN] = [resting(price), *others]
    scene.arm()
    scene.passes(2.5)
    return scene


def falls_silent(scene: Scene) -> None:
    """Let nothing answer at the primary any more, reads included."""
    scene.breaks()
    scene.blind.add("main")
    scene.hangs |= {("main", path) for path in (Path.QUERY, Path.ACCOUNT)}
    scene.until_hedged()


def exposure(scene: Scene) -> Exposure:
    memory = scene.guard.memory
    found = assess(memory, memory.policy.assets[0], Turn(scene.now)).exposure
    assert found is not None
    return found


@pytest.mark.parametrize(("price", "likely"), [(FAR, "1"), (NEAR, "1.3")])
def test_it_may_have_filled_and_likely_so_where_the_price_is_near(price: Decimal, likely: str) -> None:
    scene = with_an_order(price, OTHER)
    scene.see(OpenOrdersRead("main", (OTHER,), scene.now_s))
    falls_silent(scene)
    found = exposure(scene)
    assert (found.low, found.high) == (Decimal("0.9"), Decimal("1.3"))
    assert found.point(Doubts.LIKELY) == Decimal(likely)


def test_a_cancel_that_the_stream_told_is_none() -> None:
    scene = with_an_order(NEAR)
    scene.see(OrderSeen(resting(NEAR, status=OrderStatus.CLOSED), Source.STREAM))
    scene.see(OpenOrdersRead("main", (), scene.now_s))
    falls_silent(scene)
    assert (exposure(scene).low, exposure(scene).high) == (Decimal(1), Decimal(1))


def test_a_fill_that_the_stream_told_counts_as_far_as_it_went() -> None:
    scene = with_an_order(NEAR)
    scene.see(OrderSeen(resting(NEAR, "0.2", OrderStatus.CLOSED), Source.STREAM))
    falls_silent(scene)
    assert (exposure(scene).low, exposure(scene).high) == (Decimal(1), Decimal("1.2"))


def test_once_a_later_position_shows_what_became_of_it_the_doubt_is_over() -> None:
    scene = with_an_order(NEAR, OTHER)
    scene.resting[MAIN] = [OTHER]
    scene.passes(6.0)
    falls_silent(scene)
    assert (exposure(scene).low, exposure(scene).high) == (Decimal("0.9"), Decimal(1))


@pytest.mark.parametrize(("empty_for_s", "high"), [(6.0, "1.3"), (EMPTY_FOR_S + 6.0, "1")])
def test_an_empty_list_of_orders_is_believed_only_after_long(empty_for_s: float, high: str) -> None:
    """Lists come back empty by accident, and orders that nothing ended go on filling."""
    scene = with_an_order(FAR)
    scene.resting[MAIN] = []
    scene.passes(empty_for_s)
    falls_silent(scene)
    assert (exposure(scene).low, exposure(scene).high) == (Decimal(1), Decimal(high))


def test_an_order_that_only_a_stream_told_of_outlives_an_empty_list_as_well() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.passes(2.5)
    scene.see(OrderSeen(resting(FAR), Source.STREAM))
    scene.passes(6.0)
    falls_silent(scene)
    assert (exposure(scene).low, exposure(scene).high) == (Decimal(1), Decimal("1.3"))


def test_an_empty_list_is_believed_at_once_where_the_position_shows_the_fill() -> None:
    scene = with_an_order(FAR)
    scene.resting[MAIN] = []
    scene.positions[MAIN] += Decimal("0.3")
    scene.passes(6.0)
    falls_silent(scene)
    assert (exposure(scene).low, exposure(scene).high) == (Decimal("1.3"), Decimal("1.3"))


def test_a_part_that_the_list_shows_as_filled_is_in_no_position_that_was_read_before() -> None:
    """Positions cannot be read any more, while the list of orders goes on telling."""
    scene = with_an_order(NEAR)
    scene.breaks()
    scene.hangs.add(("main", Path.ACCOUNT))
    scene.until_hedged()
    scene.hangs |= {("main", Path.QUERY)}
    for filled in ("0.1", "0.2"):
        scene.see(OpenOrdersRead("main", (resting(NEAR, filled),), scene.now_s))
        bases = scene.guard.memory.bases
        old = replace(bases.agreed[MAIN], asked_s=scene.now_s - 5.0)
        scene.guard.memory.bases = replace(bases, agreed={**bases.agreed, MAIN: old})
        scene.see(LoopTicked(scene.now_s - 1.0))
        assert (exposure(scene).low, exposure(scene).high) == (Decimal(1), Decimal("1.3"))
