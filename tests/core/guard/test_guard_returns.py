"""The way back: what the venue, or anybody, did to the leg meanwhile, and incidents that share a hedge."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.incident.incident import Incident
from riskguard.core.incident.table import State
from riskguard.core.messages import FillReport, FillSeen, OperatorSaid, Source
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Policy, Role, Unwind, VenuePolicy
from riskguard.core.types import Leg, Side

from .scene import ALPHA, BETA, MAIN, Scene, policy


def hedged(held: str = "1.5", *, scene: Scene | None = None) -> Scene:
    """Play until the hedge of a position at the broken primary stands."""
    scene = scene or Scene()
    scene.positions[MAIN] = Decimal(held)
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    scene.passes(3.0)
    return scene


def cover(scene: Scene) -> Decimal:
    return scene.guard.memory.ledger.cover("BTC")


def incident(scene: Scene, number: int = 1) -> Incident:
    return scene.guard.memory.incidents.by_id[f"a{number}"]


def until(scene: Scene, state: State, number: int = 1) -> None:
    """Let time pass until an incident has come to a state."""
    for _ in range(400):
        if incident(scene, number).state is state:
            return
        scene.passes(0.25)
    pytest.fail(f"never {state}: {incident(scene, number).state}")


def taken_off(scene: Scene) -> Decimal:
    """Add up what was sent to take hedge off, every order of which fills."""
    return sum(
        (o.amount for why in (Purpose.ORPHAN, Purpose.UNWIND) for o in scene.orders_of(why)), Decimal(0)
    )


def telling(scene: Scene, words: str) -> list[str]:
    return [title for title in scene.told if words in title]


# ------------------------------------------------------------------ what the venue did


@pytest.mark.parametrize("left", ["0.6", "0"])
def test_a_leg_that_the_venue_cut_without_a_fill_is_believed_in_the_end_and_told_once(left: str) -> None:
    scene = hedged("1.5")
    scene.positions[MAIN] = Decimal(left)
    scene.heals()
    scene.passes(8.0)
    assert cover(scene) == -Decimal(left)
    scene.passes(60.0)
    assert cover(scene) == 0
    assert incident(scene).state is State.CLOSED
    # Where nothing was left, nothing was left to reconcile either.
    assert len(telling(scene, "no fills explain it")) == (left != "0")
    assert taken_off(scene) == Decimal("1.5")


def test_fills_that_explain_the_change_need_no_patience() -> None:
    scene = hedged("1.5")
    scene.positions[MAIN] = Decimal("0.5")
    sold = FillReport(
        MAIN, "t1", "o1", "", Side.SELL, Decimal(1), Decimal(60_000), Decimal(0), scene.now.wall_ms
    )
    scene.see(FillSeen(sold, Source.TRADES), FillSeen(sold, Source.TRADES))
    scene.heals()
    scene.passes(25.0)
    assert incident(scene).state is State.CLOSED
    assert not telling(scene, "no fills explain it")


def test_a_position_that_goes_on_changing_is_not_believed() -> None:
    scene = hedged("1.5")
    scene.heals()
    until(scene, State.RECOVERING)
    for tenth in range(1, 13):
        scene.positions[MAIN] = Decimal("1.5") + Decimal(tenth) / 10
        scene.passes(6.0)
    assert cover(scene) == Decimal("-1.5")
    assert not telling(scene, "no fills explain it")


def test_reconciling_without_end_is_told_once_with_what_is_missing() -> None:
    scene = hedged("1.5")
    scene.lists_flat = False
    scene.positions[MAIN] = Decimal(0)
    scene.heals()
    scene.passes(100.0)
    assert incident(scene).state is State.RECOVERING
    assert cover(scene) == Decimal("-1.5")
    assert len(telling(scene, "books do not add up")) == 1
    scene.passes(320.0)
    assert len(telling(scene, "books do not add up")) == 2


def test_a_person_may_say_that_a_leg_is_gone_which_its_venue_no_longer_lists() -> None:
    scene = hedged("1.5")
    scene.lists_flat = False
    scene.positions[MAIN] = Decimal(0)
    scene.see(OperatorSaid("adopt"))
    scene.passes(3.0)
    assert cover(scene) == Decimal("-1.5")  # while it is in trouble its lists prove nothing to anybody
    scene.heals()
    until(scene, State.RECOVERING)
    scene.passes(2.0)
    scene.see(OperatorSaid("adopt"))
    scene.passes(8.0)
    assert cover(scene) == 0
    assert incident(scene).state is State.CLOSED


# ------------------------------------------------------------------ what the trader's own bot did


@pytest.mark.parametrize("state", [State.HEDGED, State.RECOVERING, State.UNWINDING])
@pytest.mark.parametrize("left", ["0", "0.5", "-0.4"])
def test_a_leg_that_a_foreign_order_changes_takes_its_hedge_along_once(state: State, left: str) -> None:
    scene = hedged("1.5", scene=Scene(policy(slices=3)))
    until(scene, State.HEDGED)
    if state is not State.HEDGED:
        scene.heals()
        until(scene, state)
    scene.positions[MAIN] = Decimal(left)
    scene.passes(5.0)
    covered = max(Decimal(left), Decimal(0))
    if state is State.HEDGED:
        assert cover(scene) == -Decimal(left)  # the venue is in trouble still: what is left stays hedged
    else:
        assert abs(cover(scene)) <= covered
    scene.heals()
    scene.passes(90.0)
    assert cover(scene) == 0
    assert scene.positions[ALPHA] == scene.positions[BETA] == 0
    assert incident(scene).state is State.CLOSED


def test_what_lost_its_leg_while_it_was_unwound_comes_off_in_one_order() -> None:
    scene = hedged("1.5", scene=Scene(policy(slices=10)))
    until(scene, State.HEDGED)
    scene.heals()
    until(scene, State.UNWINDING)
    scene.fills_orders = False
    scene.positions[MAIN] = Decimal(0)
    scene.passes(3.0)
    scene.fills_orders = True
    before = len(scene.sent)
    scene.passes(6.0)
    assert [o.intent.purpose for o in scene.sent[before:] if o.intent.purpose is not Purpose.CANARY] == [
        Purpose.ORPHAN
    ]
    assert cover(scene) == 0


# ------------------------------------------------------------------ relapse


@pytest.mark.parametrize("state", [State.RECOVERING, State.UNWINDING])
def test_a_relapse_brings_the_hedge_back_to_what_is_wanted(state: State) -> None:
    scene = hedged("1.5", scene=Scene(policy(slices=40)))
    until(scene, State.HEDGED)
    scene.heals()
    until(scene, state)
    scene.passes(0.5)
    scene.breaks()
    scene.passes(60.0)
    assert cover(scene) == Decimal("-1.5")
    assert incident(scene).state is State.HEDGED
    scene.heals()
    scene.passes(60.0)
    assert cover(scene) == 0
    assert incident(scene).state is State.CLOSED
    assert len(scene.guard.memory.incidents.by_id) == 1


def test_a_yes_to_unwinding_is_for_one_return_only() -> None:
    asks = replace(policy(), unwind=Unwind("ask", after_s=1.0))
    scene = hedged("1.5", scene=Scene(asks))
    scene.heals()
    until(scene, State.RECOVERING)
    scene.see(OperatorSaid("unwind"))
    scene.breaks()
    until(scene, State.HEDGED)
    scene.heals()
    scene.passes(60.0)
    assert incident(scene).state is State.RECOVERING
    assert cover(scene) == Decimal("-1.5")
    scene.see(OperatorSaid("unwind"))
    scene.passes(10.0)
    assert cover(scene) == 0


def test_the_backup_may_fail_while_the_hedge_comes_off() -> None:
    scene = hedged("1.5", scene=Scene(policy(slices=5)))
    until(scene, State.HEDGED)
    scene.heals()
    until(scene, State.UNWINDING)
    backup = scene.orders_of(Purpose.HEDGE)[0].leg
    scene.breaks(backup.venue)
    scene.passes(30.0)
    assert cover(scene) != 0
    scene.heals()
    scene.passes(80.0)
    assert cover(scene) == 0
    assert scene.positions[ALPHA] == scene.positions[BETA] == 0
    assert incident(scene).state is State.CLOSED


# ------------------------------------------------------------------ two incidents, one backup


def two_primaries() -> Policy:
    """Make a policy in which `main` and `beta` are guarded and only `alpha` carries hedges."""
    scene = policy()
    guarded = replace(scene.venues[0], id="beta")
    venues: tuple[VenuePolicy, ...] = (scene.venues[0], scene.venues[1], guarded)
    legs: tuple[Leg, ...] = (ALPHA,)
    assert guarded.role is Role.PRIMARY
    return replace(
        scene,
        venues=venues,
        assets=(replace(scene.assets[0], hedge_on=legs),),
        rules=(replace(scene.rules[0], venues=("main", "beta")),),
    )


def both_hedged() -> Scene:
    scene = Scene(two_primaries())
    scene.positions |= {MAIN: Decimal(1), BETA: Decimal("0.5")}
    scene.arm()
    scene.breaks("main")
    scene.until_hedged()
    scene.breaks("beta")
    until(scene, State.HEDGED)
    scene.passes(20.0)
    until(scene, State.HEDGED, 2)
    assert cover(scene) == Decimal("-1.5")
    return scene


def test_a_hedge_that_two_incidents_rest_on_comes_off_when_the_second_is_reconciled() -> None:
    scene = both_hedged()
    scene.hangs = {(venue, path) for venue, path in scene.hangs if venue == "beta"}
    until(scene, State.CLOSED)
    scene.passes(20.0)
    assert incident(scene, 2).in_trouble
    assert cover(scene) == Decimal("-1.5")
    assert taken_off(scene) == 0
    scene.heals()
    until(scene, State.CLOSED, 2)
    assert cover(scene) == 0
    assert taken_off(scene) == Decimal("1.5")


def test_an_incident_on_its_way_back_does_not_keep_the_other_from_hedging() -> None:
    scene = hedged("1", scene=Scene(two_primaries()))
    scene.positions[BETA] = Decimal("0.5")
    scene.passes(5.0)
    scene.hangs.clear()
    scene.breaks("beta")
    until(scene, State.RECOVERING)
    scene.lists_flat = False  # keeps the first from being reconciled: nothing is listed of a flat leg
    scene.blind.add("main")
    for _ in range(200):
        if len(scene.guard.memory.incidents.by_id) == 2 and incident(scene, 2).state is State.HEDGED:
            break
        scene.passes(0.25)
    assert cover(scene) == Decimal("-1.5")


def test_a_word_that_names_no_incident_while_two_are_open_says_so() -> None:
    scene = both_hedged()
    scene.see(OperatorSaid("unwind"))
    assert telling(scene, "unwind: several incidents are open, name one: a1, a2")
