"""A stuck leg whose liquidation price was passed elsewhere may be gone, until its venue is read again."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.exposure.assessing import assess
from riskguard.core.exposure.interval import Exposure
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Doubts
from riskguard.core.turn import Turn

from .scene import ALPHA, BETA, MAIN, Scene, policy


def stuck(held: str, level: str, doubts: Doubts = Doubts.LIKELY) -> Scene:
    """Play until a leg with that liquidation price is hedged, its venue dark in every respect."""
    rules = tuple(replace(rule, hedge=replace(rule.hedge, doubts=doubts)) for rule in policy().rules)
    scene = Scene(replace(policy(), rules=rules))
    scene.positions[MAIN] = Decimal(held)
    scene.liquidations[MAIN] = Decimal(level)
    scene.arm()
    scene.breaks()
    scene.blind.add("main")
    scene.until_hedged()
    scene.passes(4.0)
    return scene


def elsewhere(scene: Scene, price: str) -> None:
    for leg in (ALPHA, BETA):
        scene.mids[leg] = Decimal(price)


def exposure(scene: Scene) -> Exposure:
    found = assess(scene.guard.memory, scene.policy.assets[0], Turn(scene.now))
    assert found.exposure is not None
    return found.exposure


def cover(scene: Scene) -> Decimal:
    return scene.guard.memory.ledger.cover("BTC")


@pytest.mark.parametrize(("held", "level", "price"), [("1.5", "57000", "56900"), ("-0.8", "64000", "64100")])
def test_a_price_beyond_the_level_widens_the_interval_to_the_leg_gone(
    held: str, level: str, price: str
) -> None:
    scene = stuck(held, level)
    assert exposure(scene).low == exposure(scene).high == Decimal(held)
    elsewhere(scene, price)
    scene.passes(4.0)
    found = exposure(scene)
    assert {found.low, found.high} == {Decimal(0), Decimal(held)}
    assert found.point(Doubts.CERTAIN) == found.point(Doubts.LIKELY) == 0
    assert found.point(Doubts.WORST) == Decimal(held)
    assert [title for title in scene.told if "may have been liquidated" in title] == [
        f"{MAIN} may have been liquidated"
    ]


def test_a_price_short_of_the_level_changes_nothing_but_near_it_the_trader_is_warned() -> None:
    scene = stuck("1.5", "57000")
    elsewhere(scene, "57010")
    scene.passes(4.0)
    assert exposure(scene).low == Decimal("1.5")
    assert cover(scene) == Decimal("-1.5")
    assert sum("of its liquidation" in title for title in scene.told) == 1


@pytest.mark.parametrize(
    ("doubts", "left"), [(Doubts.LIKELY, "0"), (Doubts.CERTAIN, "0"), (Doubts.WORST, "-1.5")]
)
def test_the_hedge_follows_the_point_that_the_trader_chose(doubts: Doubts, left: str) -> None:
    scene = stuck("1.5", "57000", doubts)
    elsewhere(scene, "56000")
    scene.passes(6.0)
    assert cover(scene) == Decimal(left)


def test_a_leg_that_may_be_gone_is_not_hedged_anew() -> None:
    # Patient enough that what the venue may still tell of its positions is waited for before `down`.
    patient = replace(policy().detect, false_alarms_per_year=12.0)
    scene = Scene(replace(policy(), detect=patient))
    scene.positions[MAIN] = Decimal("1.5")
    scene.liquidations[MAIN] = Decimal(59_900)
    scene.arm()
    scene.breaks()
    scene.blind.add("main")
    elsewhere(scene, "59000")
    scene.passes(30.0)
    assert not scene.orders_of(Purpose.HEDGE)


def test_a_price_that_comes_back_does_not_bring_the_leg_back_but_a_reading_does() -> None:
    scene = stuck("1.5", "57000")
    elsewhere(scene, "56900")
    scene.passes(4.0)
    elsewhere(scene, "60000")
    scene.passes(10.0)
    assert exposure(scene).low == 0
    scene.blind.clear()
    scene.passes(6.0)
    assert exposure(scene).low == exposure(scene).high == Decimal("1.5")
    assert cover(scene) == Decimal("-1.5")
    assert sum("was read again" in title for title in scene.told) == 1


def test_a_leg_that_was_indeed_liquidated_leaves_no_hedge_behind() -> None:
    scene = stuck("1.5", "57000", Doubts.WORST)
    elsewhere(scene, "56000")
    scene.passes(4.0)
    scene.positions[MAIN] = Decimal(0)
    scene.liquidations.clear()
    scene.blind.clear()
    scene.passes(8.0)
    assert cover(scene) == 0
    assert scene.positions[ALPHA] == scene.positions[BETA] == 0


def test_a_venue_that_tells_its_positions_is_believed_about_them() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal("1.5")
    scene.liquidations[MAIN] = Decimal(57_000)
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    elsewhere(scene, "56000")
    scene.passes(6.0)
    assert exposure(scene).low == Decimal("1.5")


def test_the_price_is_followed_where_no_venue_takes_orders_and_books_still_come() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal("1.5")
    scene.liquidations[MAIN] = Decimal(57_000)
    scene.arm()
    for venue in ("main", "alpha", "beta"):
        scene.breaks(venue)
    scene.blind.add("main")
    scene.passes(60.0)
    assert not any(scene.guard.memory.standing(leg.venue).fine for leg in (MAIN, ALPHA, BETA))
    elsewhere(scene, "56900")
    scene.passes(4.0)
    assert exposure(scene).high == Decimal("1.5")
    assert exposure(scene).low == 0


def test_one_venues_wrong_price_liquidates_nobody() -> None:
    scene = stuck("1.5", "57000")
    scene.mids[ALPHA] = Decimal(50_000)
    scene.passes(6.0)
    assert exposure(scene).low == Decimal("1.5")


def test_a_restart_during_the_outage_remembers_level_and_doubt() -> None:
    scene = stuck("1.5", "57000", Doubts.WORST)
    elsewhere(scene, "56900")
    scene.passes(4.0)
    elsewhere(scene, "58000")
    again = Scene(scene.policy, facts=scene.journal, start_s=scene.now_s + 5)
    again.positions, again.orders, again.mids = scene.positions, scene.orders, scene.mids
    again.hangs, again.blind = scene.hangs, scene.blind
    again.passes(20.0)
    assert exposure(again).low == 0
    assert cover(again) == Decimal("-1.5")


def test_a_level_that_is_passed_while_the_guard_is_back_from_a_restart_is_seen() -> None:
    scene = stuck("1.5", "57000", Doubts.WORST)
    again = Scene(scene.policy, facts=scene.journal, start_s=scene.now_s + 5)
    again.positions, again.orders, again.mids = scene.positions, scene.orders, scene.mids
    again.hangs, again.blind = scene.hangs, scene.blind
    again.passes(15.0)
    elsewhere(again, "56000")
    again.passes(4.0)
    assert exposure(again).low == 0
