"""A minimum-size hedge and its release on each backup, and what it proves."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.control.preflight import ALONE
from riskguard.core.facts import PreflightEnded
from riskguard.core.messages import OperatorSaid
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Money
from riskguard.core.types import Mode, Side

from .scene import ALPHA, BETA, LIMITS, MAIN, Scene, policy


def flown(scene: Scene, seconds: float = 12.0, by: str = ALONE) -> list[PreflightEnded]:
    scene.passes(3.0)
    scene.see(OperatorSaid("preflight", by=by))
    scene.passes(seconds)
    return [fact for _, fact in scene.journal if isinstance(fact, PreflightEnded)]


def test_each_backup_buys_and_sells_its_minimum_once_and_the_account_is_as_before() -> None:
    scene = Scene()
    scene.positions |= {MAIN: Decimal(1), BETA: Decimal("-0.2")}
    results = flown(scene)
    assert [(r.venue, r.ok, r.amount) for r in results] == [
        ("alpha", True, Decimal("0.001")),
        ("beta", True, Decimal("0.001")),
    ]
    assert all(r.fee > 0 and r.cost_bps > 0 and r.latency_ms == 250 for r in results)
    sent = scene.orders_of(Purpose.PREFLIGHT)
    assert sorted((o.leg, o.side) for o in sent) == [
        (leg, side) for leg in (ALPHA, BETA) for side in (Side.BUY, Side.SELL)
    ]
    assert [o.leg for o in sent if o.reduce_only] == [ALPHA]  # at beta the trader is short: nothing to reduce
    assert scene.positions == {MAIN: Decimal(1), ALPHA: Decimal(0), BETA: Decimal("-0.2")}
    assert not scene.guard.memory.preflights.under_way


@pytest.mark.parametrize(
    ("scene", "words", "by"),
    [
        (Scene(policy(mode=Mode.OBSERVE)), (), ALONE),
        (Scene(policy(mode=Mode.PAPER)), ("arm",), ALONE),
        (Scene(), (), "cli"),
        (Scene(), ("arm", "disarm"), ALONE),
    ],
    ids=["observe", "paper", "a running guard that is not armed", "disarmed by a person"],
)
def test_nothing_is_sent_where_it_is_refused(scene: Scene, words: tuple[str, ...], by: str) -> None:
    for word in words:
        scene.see(OperatorSaid(word))
    assert flown(scene, by=by) == []
    assert scene.guard.memory.preflights.refused
    assert not scene.sent


def test_limits_bind_it() -> None:
    scene = Scene(policy(replace(LIMITS, day_notional=Money(Decimal(10), "USDT"))))
    results = flown(scene)
    assert [r.ok for r in results] == [False, False]
    assert all("in 24 h" in r.because for r in results)
    assert not scene.sent


def test_what_was_bought_is_sold_after_a_crash_in_between() -> None:
    scene = Scene()
    scene.passes(3.0)
    scene.answers_orders = False
    scene.see(OperatorSaid("preflight", by=ALONE))
    scene.passes(0.25)
    assert scene.positions[ALPHA] == Decimal("0.001")
    later = Scene(facts=scene.journal, start_s=scene.now_s + 20)
    later.positions, later.orders = scene.positions, scene.orders
    later.passes(12.0)
    assert later.positions[ALPHA] == later.positions[BETA] == 0
    assert later.guard.memory.preflights.passed_ms.keys() == {"alpha", "beta"}


def test_a_backup_that_swallows_the_order_fails_and_the_other_does_not_wait_for_it() -> None:
    scene = Scene()
    scene.passes(3.0)
    scene.breaks("alpha")
    scene.see(OperatorSaid("preflight", by=ALONE))
    scene.passes(8.0)
    assert [(r.venue, r.ok) for r in scene.guard.memory.preflights.ended.values()] == [("beta", True)]
    scene.passes(20.0)
    assert not scene.guard.memory.preflights.ended["alpha"].ok


def hedges_by(scene: Scene) -> list[str]:
    """Break the primary, with backups whose canaries never answer; name the venues that take a hedge."""
    scene.see(OperatorSaid("arm"))
    scene.passes(3.0)
    scene.breaks()
    scene.until_hedged(25.0)
    return [o.leg.venue for o in scene.orders_of(Purpose.HEDGE)]


def test_a_young_preflight_admits_a_backup_that_nothing_else_proves() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    flown(scene)
    later = Scene(facts=scene.journal, start_s=scene.now_s + 5)
    later.positions, later.orders = scene.positions, scene.orders
    later.proves = False
    assert hedges_by(later) == ["alpha"]
    old = Scene(facts=scene.journal, start_s=scene.now_s + 5)
    old.wall_offset_ms = round(LIMITS.preflight_age_s * 1000) + 60_000
    old.positions, old.proves = (
        dict.fromkeys((MAIN,), Decimal(1)) | {ALPHA: Decimal(0), BETA: Decimal(0)},
        False,
    )
    assert hedges_by(old) == []
