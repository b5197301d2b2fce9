"""The way back that leaves the position: leg and hedge closed together, never a slice apart."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.hedge.strategy import Situation, Target
from riskguard.core.messages import OperatorSaid, OrderAnswered, PlaceOrder
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import State
from riskguard.core.orders.outcome import Reason, Rejected, Unknown
from riskguard.core.policy import Policy

from .scene import ALPHA, BETA, LEGS, MAIN, Scene, policy


def flat(slices: int = 4, **unwind: object) -> Policy:
    rules = policy(slices=slices)
    how = {"how": "flatten", **unwind}
    return replace(rules, unwind=replace(rules.unwind, **how))  # type: ignore[arg-type]  # named by the callers


class Watched(Scene):
    """A scene that keeps the whole net after every order."""

    def _execute(self, command: PlaceOrder) -> None:
        intent = command.intent
        held = self.positions[intent.leg] * -intent.side.sign
        self.fills_orders = not intent.reduce_only or held >= intent.amount  # or it would do more than reduce
        super()._execute(command)
        self.__dict__.setdefault("nets", []).append(sum(self.positions.values()))

    @property
    def nets(self) -> list[Decimal]:
        """Give the net after each order since the venue came back."""
        return list(self.__dict__.get("nets", []))


def hedged(rules: Policy, held: str = "1", others: str = "0") -> Watched:
    scene = Watched(rules)
    scene.positions |= {MAIN: Decimal(held), BETA: Decimal(others)}
    scene.arm()
    scene.breaks()
    scene.passes(30.0)
    scene.heals()
    scene.__dict__["nets"] = []
    return scene


def cover(scene: Scene) -> Decimal:
    return scene.guard.memory.ledger.cover("BTC")


def is_closed(scene: Scene) -> bool:
    return not [incident for incident in scene.guard.memory.incidents if incident.open]


@pytest.mark.parametrize("held", ["1", "-0.7"])
@pytest.mark.parametrize("slices", [1, 3])
def test_leg_and_hedge_close_together_at_most_one_slice_apart(held: str, slices: int) -> None:
    scene = hedged(flat(slices), held)
    scene.passes(90.0)
    assert [scene.positions[leg] for leg in LEGS] == [0, 0, 0]
    assert is_closed(scene)
    one_slice = abs(Decimal(held)) / slices + Decimal("0.001")
    assert max(map(abs, scene.nets)) <= one_slice
    closes = scene.orders_of(Purpose.FLATTEN)
    assert len(closes) == slices
    assert all(intent.reduce_only and intent.leg == MAIN for intent in closes)


def test_only_what_is_hedged_is_closed() -> None:
    rules = flat()
    kept = replace(rules, assets=(replace(rules.assets[0], keep=Decimal("0.4")),))
    scene = hedged(kept)
    assert cover(scene) == Decimal("-0.6")
    scene.passes(90.0)
    assert (scene.positions[MAIN], cover(scene)) == (Decimal("0.4"), Decimal(0))


def test_a_hedge_of_more_than_the_leg_is_released_for_the_rest() -> None:
    scene = hedged(flat(), "1", others="0.5")
    assert cover(scene) == Decimal("-1.5")
    scene.passes(120.0)
    assert scene.positions[MAIN] == 0
    assert scene.positions[ALPHA] + scene.positions[BETA] == Decimal("0.5")
    assert is_closed(scene)


def test_a_strategy_may_want_it_where_the_policy_does_not() -> None:
    def leaves(situation: Situation, /, **_params: object) -> Target | None:
        return Target(-situation.point, flatten=True)

    scene = Watched(policy())
    scene.guard.memory.strategies = {"hedge": leaves}
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.passes(20.0)
    scene.heals()
    scene.passes(90.0)
    assert [scene.positions[leg] for leg in LEGS] == [0, 0, 0]


def answer_all(scene: Scene, seconds: float, outcome: Rejected | Unknown) -> None:
    """Let time pass while every order at home ends this way."""
    for _ in range(round(seconds / 0.25)):
        scene.passes(0.25)
        for place in scene.sent:
            known = scene.guard.memory.ledger.orders[place.intent.client_id]
            if place.intent.purpose is Purpose.FLATTEN and known.state is State.INTENDED:
                scene.see(OrderAnswered(place.intent.client_id, outcome))


class Refusing(Watched):
    """Orders at home never reach the book."""

    def _execute(self, command: PlaceOrder) -> None:
        if command.intent.purpose is not Purpose.FLATTEN:
            super()._execute(command)


def test_where_home_refuses_the_hedge_stays_and_the_trader_hears_of_it() -> None:
    scene = Refusing(flat())
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.passes(20.0)
    scene.heals()
    answer_all(scene, 90.0, Rejected(Reason.ORDER, "1", "no"))
    assert cover(scene) == -1
    assert sum("closing main BTC/USDT:USDT failed" in title for title in scene.told) == 1
    assert len(scene.orders_of(Purpose.FLATTEN)) >= 4


def test_a_slice_without_an_answer_stops_everything_until_it_is_settled() -> None:
    scene = Refusing(flat())
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.passes(20.0)
    scene.heals()
    while not scene.orders_of(Purpose.FLATTEN):
        answer_all(scene, 0.25, Unknown("no answer"))
    answer_all(scene, 5.0, Unknown("no answer"))
    assert len(scene.orders_of(Purpose.FLATTEN)) == 1
    assert cover(scene) == -1


def test_a_restart_goes_on_where_it_was() -> None:
    scene = hedged(flat(10))
    while len(scene.orders_of(Purpose.FLATTEN)) < 3:
        scene.passes(0.25)
    scene.passes(0.25)
    again = Watched(scene.policy, facts=scene.journal, start_s=scene.now_s + 5)
    again.positions, again.orders = scene.positions, scene.orders
    again.__dict__["nets"] = []
    again.passes(120.0)
    assert [again.positions[leg] for leg in LEGS] == [0, 0, 0]
    assert is_closed(again)
    assert max(map(abs, again.nets)) <= Decimal("0.101")


def test_a_leg_that_its_owner_closes_meanwhile_takes_its_hedge_with_it() -> None:
    scene = hedged(flat(10))
    while len(scene.orders_of(Purpose.FLATTEN)) < 3:
        scene.passes(0.25)
    scene.passes(1.0)
    scene.positions[MAIN] = Decimal(0)
    scene.passes(60.0)
    assert cover(scene) == 0
    assert scene.positions[MAIN] == 0


def test_a_relapse_in_the_middle_leaves_what_is_held_hedged() -> None:
    scene = hedged(flat(10))
    while len(scene.orders_of(Purpose.FLATTEN)) < 3:
        scene.passes(0.25)
    scene.breaks()
    scene.passes(30.0)
    assert cover(scene) == -scene.positions[MAIN]
    scene.heals()
    scene.passes(200.0)
    assert [scene.positions[leg] for leg in LEGS] == [0, 0, 0]


# ------------------------------------------------------------------ orphan = "ask"


def test_an_orphan_stays_until_a_person_says_so_where_the_policy_asks() -> None:
    scene = Scene(replace(policy(), unwind=replace(policy().unwind, orphan="ask")))
    scene.positions[MAIN] = Decimal("1.5")
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    scene.passes(3.0)
    scene.positions[MAIN] = Decimal("0.5")
    scene.passes(20.0)
    assert cover(scene) == Decimal("-1.5")
    assert sum("is held where" in title for title in scene.told) == 1
    scene.see(OperatorSaid("unwind"))
    scene.passes(6.0)
    assert cover(scene) == Decimal("-0.5")


def test_asking_about_orphans_does_not_keep_a_hedge_from_growing() -> None:
    scene = Scene(replace(policy(), unwind=replace(policy().unwind, orphan="ask")))
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    scene.passes(3.0)
    scene.positions[MAIN] = Decimal(2)
    scene.passes(6.0)
    assert cover(scene) == -2
