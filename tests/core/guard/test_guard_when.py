"""When a hedge follows what is seen: for the rule's words and assets only, and not at every flicker."""

from dataclasses import replace
from decimal import Decimal

from riskguard.core.messages import PositionReport, PositionsRead, Source
from riskguard.core.orders.intent import Purpose
from riskguard.core.types import Condition

from .desk import MAIN_ETH, Desk, two_assets
from .scene import MAIN, Scene, policy
from .test_guard_others import cover, hedged
from .test_guard_words import opened, patient


def is_read(scene: Scene, amount: str) -> None:
    """Let two channels agree at once on what is held."""
    for source in (Source.POSITIONS, Source.ACCOUNT):
        row = PositionReport(MAIN, Decimal(amount))
        scene.see(PositionsRead("main", (row,), source, scene.now_s))
    scene.positions[MAIN] = Decimal(amount)
    assert scene.guard.memory.bases.agreed[MAIN].amount == Decimal(amount)


def test_a_flicker_takes_no_hedge_off() -> None:
    scene, _ = hedged("1")
    is_read(scene, "0.4")
    scene.passes(1.0)
    is_read(scene, "1")
    scene.passes(8.0)
    assert not scene.orders_of(Purpose.ORPHAN)
    assert cover(scene) == -1


def test_of_what_flickers_only_that_comes_off_which_was_too_much_all_the_time() -> None:
    scene, _ = hedged("1")
    for amount in ("0.2", "0.6", "0.4", "0.6"):
        is_read(scene, amount)
        scene.passes(1.0)
    assert [order.amount for order in scene.orders_of(Purpose.ORPHAN)] == [Decimal("0.4")]
    scene.passes(6.0)
    assert cover(scene) == Decimal("-0.6")


def test_what_is_missing_is_added_without_waiting() -> None:
    scene, _ = hedged("1")
    is_read(scene, "1.5")
    scene.passes(0.5)
    assert [order.amount for order in scene.orders_of(Purpose.HEDGE)] == [1, Decimal("0.5")]


def test_trouble_that_the_rule_does_not_name_adds_nothing_in_an_incident_that_is_open() -> None:
    scene = opened(patient(25.0))
    scene.heals()
    scene.blind.add("main")
    scene.passes(60.0)
    standing = scene.guard.memory.standing("main")
    assert standing.down
    assert standing.word in (Condition.DEGRADED, Condition.BLIND)
    assert any(incident.open for incident in scene.guard.memory.incidents)
    assert not scene.orders_of(Purpose.HEDGE)


def test_an_asset_that_the_rule_does_not_name_is_left_alone() -> None:
    base = two_assets()
    desk = Desk(replace(base, rules=(replace(base.rules[0], assets=("BTC",)),)))
    desk.positions |= {MAIN: Decimal(1), MAIN_ETH: Decimal(20)}
    desk.arm()
    desk.breaks()
    desk.until_hedged()
    desk.passes(10.0)
    assert {order.asset for order in desk.orders_of(Purpose.HEDGE)} == {"BTC"}


def test_of_two_rules_that_fit_the_first_one_wins() -> None:
    base = policy()
    half = replace(base.rules[0], name="half", hedge=replace(base.rules[0].hedge, size=Decimal("0.5")))
    for rules, wanted in (((half, base.rules[0]), "0.5"), ((base.rules[0], half), "1")):
        scene, _ = hedged("1", scene=Scene(replace(base, rules=rules)))
        assert cover(scene) == -Decimal(wanted)
