"""Slow trouble: rules that name it fire while it holds, at venues whose order paths are well."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.messages import WithdrawalsSeen
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Maintenance, Policy, VenueRisk

from .scene import BETA, EPOCH_MS, MAIN, Scene, policy


def watching(
    word: str, *do: str, risk: VenueRisk | None = None, windows: tuple[Maintenance, ...] = ()
) -> Policy:
    rules = policy()
    rule = replace(rules.rules[0], when=(word,), do=("tell", *do))
    return replace(rules, rules=(rule,), venue_risk=risk or VenueRisk(), maintenance=windows)


def window(venue: str = "main", from_s: float = 130, to_s: float = 160, lead_s: float = 15) -> Maintenance:
    """Announce maintenance at moments of the scene's clock."""
    return Maintenance(venue, EPOCH_MS + round(from_s * 1000), EPOCH_MS + round(to_s * 1000), lead_s)


def armed(rules: Policy, held: str = "1") -> Scene:
    scene = Scene(rules)
    scene.positions[MAIN] = Decimal(held)
    scene.arm()
    return scene


def is_open(scene: Scene) -> bool:
    return any(incident.open for incident in scene.guard.memory.incidents)


def cover(scene: Scene) -> Decimal:
    return scene.guard.memory.ledger.cover("BTC")


def test_announced_maintenance_is_hedged_before_it_begins_and_released_after_its_end() -> None:
    scene = armed(watching("maintenance", "hedge", windows=(window(),)))
    scene.passes(10.0)  # until 114
    assert not is_open(scene)
    scene.passes(6.0)  # until 120: its lead is 115, the veto a second
    assert cover(scene) == -1
    assert any("announced maintenance begins" in event.body for event in scene.guard.memory.events)
    scene.passes(30.0)
    assert cover(scene) == -1
    scene.passes(60.0)
    assert cover(scene) == 0
    assert not is_open(scene)


def test_a_restart_within_the_window_keeps_the_hedge() -> None:
    rules = watching("maintenance", "hedge", windows=(window(),))
    scene = armed(rules)
    scene.passes(20.0)
    again = Scene(rules, facts=scene.journal, start_s=scene.now_s + 5)
    again.positions, again.orders = scene.positions, scene.orders
    again.passes(15.0)
    assert cover(again) == -1
    assert not again.orders_of(Purpose.UNWIND)


def test_a_backup_that_announced_maintenance_takes_no_hedge() -> None:
    rules = policy()
    scene = armed(replace(rules, maintenance=(window("alpha", 90, 900),)))
    scene.breaks()
    scene.passes(30.0)
    assert cover(scene) == -1
    assert {intent.leg for intent in scene.orders_of(Purpose.HEDGE)} == {BETA}


def test_a_price_apart_for_long_enough_fires_and_its_end_closes() -> None:
    risk = VenueRisk(premium_beyond=Decimal("0.005"), premium_longer_than_s=5.0)
    scene = armed(watching("premium", risk=risk))
    scene.mids[MAIN] = Decimal(60_400)
    scene.passes(4.0)
    assert not is_open(scene)
    scene.passes(6.0)
    assert is_open(scene)
    assert any("main: BTC trades +0.67% from all other venues" in title for title in scene.told)
    scene.mids[MAIN] = Decimal(60_000)
    scene.passes(10.0)
    assert not is_open(scene)
    assert not scene.orders_of(Purpose.HEDGE)


def test_a_price_apart_for_a_moment_is_nothing() -> None:
    risk = VenueRisk(premium_beyond=Decimal("0.005"), premium_longer_than_s=5.0)
    scene = armed(watching("premium", risk=risk))
    for mid in (60_400, 60_000) * 5:
        scene.mids[MAIN] = Decimal(mid)
        scene.passes(3.0)
        assert not is_open(scene)


@pytest.mark.parametrize(("share", "fires"), [("0.3", True), ("0.4", False)])
def test_too_much_at_one_venue_is_told_once_and_leaves_nothing_naked(share: str, fires: bool) -> None:
    scene = armed(watching("concentration", risk=VenueRisk(share=Decimal(share))))
    scene.passes(20.0)
    assert is_open(scene) is fires
    assert sum("33% of all equity lies here" in title for title in scene.told) == fires
    scene.passes(700.0)
    assert not any("naked" in title for title in scene.told)


def test_withdrawals_that_stay_closed_fire_until_they_open() -> None:
    scene = armed(watching("withdrawals", risk=VenueRisk(withdrawals_alert_after_s=10.0)))
    scene.see(WithdrawalsSeen("main", (("BTC", False),)))
    scene.passes(5.0)
    assert not is_open(scene)
    scene.passes(66.0)
    assert is_open(scene)
    scene.see(WithdrawalsSeen("main", (("BTC", True),)))
    scene.passes(10.0)
    assert not is_open(scene)


def test_real_trouble_in_a_window_is_handled_by_the_rule_that_fits_first() -> None:
    rules = watching("maintenance", windows=(window(),))
    dark = replace(policy().rules[0], name="dark")
    scene = armed(replace(rules, rules=(dark, *rules.rules)))
    scene.breaks()
    scene.passes(40.0)
    assert cover(scene) == -1


def test_trouble_that_was_only_told_of_gives_way_to_the_rule_before_it() -> None:
    told = replace(policy().rules[0], name="told", when=("maintenance",), do=("tell",))
    hedges = replace(policy().rules[0], veto_s=3.0)
    rules = replace(policy(), rules=(hedges, told), maintenance=(window(from_s=100, to_s=900),))
    scene = armed(rules)
    scene.passes(6.0)
    assert is_open(scene)
    scene.breaks()
    while "main is TRAPPED" not in "".join(scene.told):
        scene.passes(0.25)
    began_s = scene.now_s
    scene.until_hedged()
    assert scene.now_s >= began_s + 3.0  # the time to veto counts from there
    scene.passes(2.0)
    assert cover(scene) == -1
    (incident,) = scene.guard.memory.incidents
    assert incident.rule == "trouble"


def test_trouble_that_eases_stays_with_the_rule_that_hedged_it() -> None:
    told = replace(policy().rules[0], name="told", when=("degraded", "recovering"), do=("tell",))
    rules = replace(policy(), rules=(policy().rules[0], told))
    scene = armed(rules)
    scene.breaks()
    scene.until_hedged()
    scene.heals()
    scene.passes(3.0)
    (incident,) = scene.guard.memory.incidents
    assert incident.rule == "trouble"
