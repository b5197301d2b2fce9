"""Every ceiling binds the second hedge, also after a restart, and lets it go once it binds no more."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.facts import PlanApproved
from riskguard.core.messages import JournalFailed, JournalRestored, OperatorSaid
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Limits, Money

from .desk import Desk
from .scene import ALPHA, BETA, LIMITS, MAIN, Scene, policy
from .test_guard_others import again, cover, hedged


def usdt(amount: int) -> Money:
    return Money(Decimal(amount), "USDT")


def reads_trades(scene: Scene) -> None:
    """Hear of the executions of our own orders, which carry the fees: thirty dollars each."""
    for leg in (ALPHA, BETA):
        scene.see(*scene._fills(leg))


def nothing(_scene: Scene) -> None:
    """Leave the scene as it is."""


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(
    ("limits", "before"),
    [
        (replace(LIMITS, day_hedges=1), nothing),
        (replace(LIMITS, day_notional=usdt(119_000)), nothing),
        (replace(LIMITS, orders_per_min=1), nothing),
        (replace(LIMITS, loss=usdt(29)), reads_trades),
        (replace(LIMITS, per_hedge=usdt(60_000)), nothing),
        (replace(LIMITS, all_hedges=usdt(60_000)), nothing),
    ],
    ids=["hedges a day", "notional a day", "orders a minute", "loss", "per hedge", "all hedges"],
)
def test_what_is_used_up_stays_used_up(
    limits: Limits, before: Callable[[Scene], None], restarts: bool
) -> None:
    scene, _ = hedged("1", scene=Scene(policy(limits)))
    assert cover(scene) == -1
    before(scene)
    scene.positions[MAIN] = Decimal(2)
    if restarts:
        scene = again(scene)
    scene.passes(18.0)
    assert cover(scene) == -1
    assert any("cannot be sent" in title or "only part" in title for title in scene.told)


@pytest.mark.parametrize(
    "limits",
    [
        replace(LIMITS, day_hedges=2),
        replace(LIMITS, day_notional=usdt(121_000)),
        replace(LIMITS, orders_per_min=2),
        replace(LIMITS, loss=usdt(31)),
        replace(LIMITS, per_hedge=usdt(120_100), all_hedges=usdt(120_100)),
    ],
    ids=["hedges a day", "notional a day", "orders a minute", "loss", "per hedge"],
)
def test_what_is_not_used_up_binds_nothing(limits: Limits) -> None:
    scene, _ = hedged("1", scene=Scene(policy(limits)))
    reads_trades(scene)
    scene.positions[MAIN] = Decimal(2)
    scene.passes(8.0)
    assert cover(scene) == -2


def test_a_minute_is_over_after_a_minute() -> None:
    scene, _ = hedged("1", scene=Scene(policy(replace(LIMITS, orders_per_min=1))))
    scene.positions[MAIN] = Decimal(2)
    scene.passes(75.0)
    assert cover(scene) == -2


def test_the_slices_of_one_plan_are_one_hedge_of_the_day_and_one_that_turns_round_is_another() -> None:
    scene, _ = hedged("1", scene=Scene(policy(replace(LIMITS, day_hedges=1), slices=4)))
    scene.passes(8.0)
    assert cover(scene) == -1
    assert len(scene.orders_of(Purpose.HEDGE)) == 4
    assert sum(isinstance(fact, PlanApproved) for _, fact in scene.journal) == 1
    scene.positions[MAIN] = Decimal("-0.5")
    scene.passes(20.0)
    assert cover(scene) == 0


def test_the_way_out_is_bound_by_no_ceiling() -> None:
    limits = replace(
        LIMITS,
        day_hedges=1,
        day_notional=usdt(61_000),
        orders_per_min=1,
        loss=usdt(1),
        per_hedge=usdt(60_100),
    )
    scene, _ = hedged("1", scene=Scene(policy(limits)))
    reads_trades(scene)
    scene.heals()
    scene.passes(30.0)
    assert cover(scene) == 0


@pytest.mark.parametrize(
    ("bars", "frees"),
    [
        (JournalFailed("disk full"), JournalRestored()),
        (JournalFailed(""), JournalRestored()),
        (OperatorSaid("disarm"), OperatorSaid("arm")),
    ],
    ids=["disk full", "disk says nothing", "disarmed"],
)
def test_nothing_is_added_while_it_could_not_be_recorded_or_is_not_allowed(
    bars: JournalFailed | OperatorSaid, frees: JournalRestored | OperatorSaid
) -> None:
    scene, _ = hedged("1")
    scene.see(bars)
    scene.positions[MAIN] = Decimal(2)
    scene.passes(12.0)
    assert cover(scene) == -1
    scene.see(frees)
    scene.passes(6.0)
    assert cover(scene) == -2


@pytest.mark.parametrize(
    ("bar", "comes_off"), [(JournalFailed("full"), True), (OperatorSaid("disarm"), False)]
)
def test_an_orphan_comes_off_without_a_journal_but_not_unarmed(
    bar: JournalFailed | OperatorSaid, comes_off: bool
) -> None:
    scene, _ = hedged("1")
    scene.see(bar)
    scene.positions[MAIN] = Decimal(0)
    scene.passes(10.0)
    assert (cover(scene) == 0) is comes_off


def test_tries_that_are_used_up_come_back_with_a_persons_word() -> None:
    base = policy()
    rule = replace(base.rules[0], hedge=replace(base.rules[0].hedge, tries=2))
    scene = Scene(replace(base, rules=(rule,)))
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.fills_orders = False
    scene.breaks()
    scene.until_hedged()
    scene.passes(15.0)
    first = scene.orders_of(Purpose.HEDGE)
    assert len(first) == 2
    assert first[1].created_ms - first[0].created_ms >= rule.hedge.retry_s * 1000
    scene.see(OperatorSaid("hedge"))
    scene.passes(15.0)
    assert len(scene.orders_of(Purpose.HEDGE)) == 4


def test_a_hedge_that_reduces_what_the_account_holds_needs_no_margin_there() -> None:
    """The trader's long at the backup is near its liquidation: selling there brings it away from that."""
    desk = Desk()
    desk.positions |= {MAIN: Decimal(1), ALPHA: Decimal(2), BETA: Decimal(-2)}
    desk.equity["alpha"] = Decimal(13_000)
    desk.depth[BETA] = [(30, "0.001")]
    desk.arm()
    desk.breaks()
    desk.until_hedged()
    desk.passes(3.0)
    assert [(o.leg, o.signed_amount) for o in desk.orders_of(Purpose.HEDGE)] == [(ALPHA, Decimal(-1))]
