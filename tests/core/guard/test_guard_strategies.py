"""The guard with strategies: what it lets them see, over restarts too, and what it does not let them do."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.guard import Guard
from riskguard.core.hedge.strategy import Situation, Target
from riskguard.core.messages import OperatorSaid, OrderReport, OrderStatus
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Money, Policy
from riskguard.core.types import Side

from .scene import ALPHA, BETA, EPOCH_MS, LIMITS, MAIN, Scene, hedge, policy


def scene_with(
    strategy: Callable[..., object], *, before: Scene | None = None, rules: Policy | None = None
) -> Scene:
    """Make a scene whose rule names this strategy; `before`: the same world, the guard restarted."""
    rules = rules or policy()
    scene = Scene(rules, facts=before.journal if before else (), start_s=before.now_s + 5 if before else 100)
    scene.guard = Guard(
        rules,
        epoch_ms=EPOCH_MS,
        strategies={"hedge": strategy},  # type: ignore[dict-item]  # some answer nonsense on purpose
        facts=scene.facts,
    )
    if before is not None:
        scene.positions, scene.orders, scene.mids = before.positions, before.orders, before.mids
        scene.hangs, scene.blind, scene.resting = before.hangs, before.blind, before.resting
        scene.journal = list(before.journal)
    return scene


def broken(scene: Scene, held: str = "1") -> Scene:
    """Let the primary stop taking orders while that is held there."""
    scene.positions[MAIN] = Decimal(held)
    scene.arm()
    scene.breaks()
    return scene


def price(scene: Scene, mid: int) -> None:
    """Let every venue show a price."""
    for leg in scene.mids:
        scene.mids[leg] = Decimal(mid)


def cover(scene: Scene) -> Decimal:
    return scene.guard.memory.ledger.cover("BTC")


def growing(situation: Situation, /, **_params: object) -> Target | None:
    """Hold a tenth per 10 bps lost."""
    share = min(situation.worst_bps // 10, Decimal(10)) / 10
    return Target(-share * situation.point)


def test_hedge_grows_with_the_loss_and_stays_when_the_price_comes_back_even_over_a_restart() -> None:
    scene = broken(scene_with(growing))
    scene.passes(15.0)
    assert cover(scene) == 0
    price(scene, 59_820)  # 30 bps lost
    scene.passes(6.0)
    assert cover(scene) == Decimal("-0.3")
    price(scene, 60_500)
    scene.passes(6.0)
    assert cover(scene) == Decimal("-0.3")
    again = scene_with(growing, before=scene)
    again.passes(20.0)
    assert cover(again) == Decimal("-0.3")
    assert not again.orders_of(Purpose.ORPHAN)
    price(again, 59_760)  # 40 bps of the price at the opening, which only the journal knows
    again.passes(6.0)
    assert cover(again) == Decimal("-0.4")


def test_the_time_that_counts_goes_on_over_a_restart_and_ignores_a_clock_that_jumps() -> None:
    seen: list[float] = []

    def watches(situation: Situation, /, **_params: object) -> None:
        seen.append(situation.lasted_s)

    scene = broken(scene_with(watches))
    scene.passes(20.0)
    scene.wall_offset_ms += 3_600_000
    scene.passes(5.0)
    assert seen[-1] < 30
    assert seen == sorted(seen)
    before_s = seen[-1]
    scene.wall_offset_ms = 0
    again = scene_with(watches, before=scene)
    again.passes(10.0)
    assert seen[-1] >= before_s + 10


def stopped(situation: Situation, /, **_params: object) -> Target | None:
    """Do what crossed stops would have done."""
    return Target(-sum((one.amount for one in situation.stops if one.reached), Decimal(0)))


def a_stop(trigger: int, amount: str = "0.4", side: Side = Side.SELL) -> OrderReport:
    """Make a resting stop at the primary."""
    return OrderReport(
        MAIN, f"s{trigger}", "bot", side, Decimal(amount), None, Decimal(0), None, OrderStatus.OPEN,
        reduce_only=True, conditional=True, trigger=Decimal(trigger),
    )  # fmt: skip


def test_stops_that_died_with_the_venue_are_traded_where_the_price_elsewhere_crosses_them() -> None:
    scene = scene_with(stopped)
    scene.resting[MAIN] = [a_stop(59_000), a_stop(58_000), a_stop(61_000, side=Side.BUY)]
    broken(scene)
    scene.passes(15.0)
    assert cover(scene) == 0
    price(scene, 58_990)
    scene.passes(4.0)
    assert cover(scene) == Decimal("-0.4")
    price(scene, 59_500)
    scene.passes(4.0)
    again = scene_with(stopped, before=scene)
    again.passes(20.0)
    assert cover(again) == Decimal("-0.4")
    price(again, 57_990)
    again.passes(4.0)
    assert cover(again) == Decimal("-0.8")


def test_one_venues_wrong_price_crosses_no_stop() -> None:
    scene = scene_with(stopped)
    scene.resting[MAIN] = [a_stop(59_000)]
    broken(scene)
    scene.passes(15.0)
    scene.mids[ALPHA] = Decimal(57_000)
    scene.passes(15.0)
    assert cover(scene) == 0


def test_a_stop_that_worked_after_all_is_not_traded_again() -> None:
    scene = scene_with(stopped)
    scene.resting[MAIN] = [a_stop(59_000, "1")]
    broken(scene)
    scene.passes(15.0)
    price(scene, 58_900)
    scene.resting[MAIN], scene.positions[MAIN] = [], Decimal(0)  # the venue's engine lived on, and says so
    scene.passes(20.0)
    assert cover(scene) == 0
    assert scene.positions[ALPHA] + scene.positions[BETA] == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Decimal("NaN"), "its target is NaN"),
        (Decimal("-Infinity"), "its target is -Infinity"),
        (-1.0, "its target is a float"),
        (None, "its target is a NoneType"),
        (Decimal("0.5"), "that is no hedge"),
        (Decimal(-2), "that is no hedge"),
    ],
)
def test_a_target_that_cannot_be_used_sends_nothing_and_is_told_once(answer: object, said: str) -> None:
    scene = broken(scene_with(lambda *_args, **_params: Target(answer)))  # type: ignore[arg-type]  # nonsense on purpose
    scene.passes(40.0)
    assert not scene.orders_of(Purpose.HEDGE)
    told = [event for event in scene.guard.memory.events if "strategy hedge failed" in event.title]
    assert len(told) == 1
    assert said in told[0].body


@pytest.mark.parametrize("answer", [3, "sell", Decimal(-1), True])
def test_an_answer_that_is_no_target_sends_nothing(answer: object) -> None:
    scene = broken(scene_with(lambda *_args, **_params: answer))
    scene.passes(40.0)
    assert not scene.orders_of(Purpose.HEDGE)


def test_a_strategy_that_raises_in_the_middle_leaves_what_is_held() -> None:
    fails: list[int] = []

    def fickle(situation: Situation, /, **_params: object) -> Target | None:
        if fails:
            raise ZeroDivisionError
        return Target(-situation.point)

    scene = broken(scene_with(fickle))
    scene.until_hedged()
    scene.passes(3.0)
    fails.append(1)
    scene.passes(20.0)
    assert cover(scene) == -1


def test_no_strategy_passes_the_ceilings() -> None:
    limits = replace(LIMITS, per_hedge=Money(Decimal(30_000), "USDT"))
    scene = broken(scene_with(hedge, rules=policy(limits)), "5")
    scene.passes(40.0)
    assert cover(scene) == Decimal("-0.5")


def test_changed_code_is_told_at_the_next_start_and_the_same_code_is_not() -> None:
    told: list[int] = []
    facts: list[tuple[int, object]] = []
    for sha256 in ("a" * 64, "a" * 64, "b" * 64):
        scene = Scene(facts=facts)  # type: ignore[arg-type]  # facts of the scene itself
        scene.guard = Guard(
            policy(), epoch_ms=EPOCH_MS, strategies={"hedge": hedge}, strategy_hashes={"hedge": sha256},
            facts=scene.facts,
        )  # fmt: skip
        scene.see(OperatorSaid("arm"))
        told.append(sum("not the code that ran before" in title for title in scene.told))
        facts += scene.journal
    assert told == [0, 0, 1]


# ------------------------------------------------------------------ net, not leg


def test_with_keep_only_the_excess_is_hedged() -> None:
    rules = policy()
    kept = replace(rules, assets=(replace(rules.assets[0], keep=Decimal("0.4")),))
    scene = broken(scene_with(hedge, rules=kept), "1")
    scene.passes(40.0)
    assert cover(scene) == Decimal("-0.6")


@pytest.mark.parametrize(("other", "hedged"), [("-1", "0"), ("-0.4", "-0.6"), ("0", "-1"), ("0.5", "-1.5")])
def test_the_net_is_hedged_not_the_leg(other: str, hedged: str) -> None:
    scene = scene_with(hedge)
    scene.positions[BETA] = Decimal(other)
    broken(scene, "1")
    scene.passes(40.0)
    assert cover(scene) == Decimal(hedged)


def neutral_with_a_dead_leg(liquidation: int) -> Scene:
    """Play a neutral book whose leg at the primary died, with that liquidation price."""
    scene = scene_with(hedge)
    scene.positions[BETA] = Decimal(-1)
    scene.liquidations[MAIN] = Decimal(liquidation)
    broken(scene, "1")
    scene.passes(10.0)
    scene.blind.add("main")
    scene.passes(20.0)
    return scene


def test_a_neutral_book_with_a_dead_leg_far_from_liquidation_is_left_alone() -> None:
    scene = neutral_with_a_dead_leg(40_000)
    assert not scene.orders_of(Purpose.HEDGE)
    assert not any("liquidation" in title or "naked" in title for title in scene.told)


def test_a_dead_leg_near_its_liquidation_is_an_incident_and_hedged_once_it_may_be_gone() -> None:
    scene = neutral_with_a_dead_leg(56_000)  # 6.7 % away, within `hedge_liq`
    near = [event for event in scene.guard.memory.events if "of its liquidation" in event.title]
    assert [(event.severity, event.incident) for event in near] == [("alarm", "a1")]
    assert not scene.orders_of(Purpose.HEDGE)
    price(scene, 55_000)
    scene.passes(15.0)
    assert cover(scene) == 1
