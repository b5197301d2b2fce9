"""Which resting orders an incident pulls, and when: only what the rule names, and never unasked."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.incident.table import State
from riskguard.core.messages import (
    LoopTicked,
    OperatorSaid,
    OrderReport,
    OrderSeen,
    OrderStatus,
    Source,
)
from riskguard.core.policy import CancelRule, Policy
from riskguard.core.types import Mode, Side

from .scene import MAIN, Scene, policy
from .test_guard_returns import incident, until

STRANGE = "rgb1k2j3h4g0001h"
"""The id of another guard's order: it is none of the trader's."""


def resting(
    number: str, client_id: str = "", *, reduce_only: bool = False, stop: bool = False
) -> OrderReport:
    return OrderReport(
        MAIN,
        number,
        client_id,
        Side.BUY,
        Decimal("0.1"),
        None if stop else Decimal(50_000),
        Decimal(0),
        None,
        OrderStatus.OPEN,
        reduce_only=reduce_only,
        conditional=stop,
        trigger=Decimal(70_000) if stop else None,
    )


def pulls(
    cancel: CancelRule, *, mode: Mode = Mode.AUTO, does: str = "cancel", at: str = "down", veto_s: float = 1.0
) -> Policy:
    base = policy(mode=mode)
    rule = replace(base.rules[0], do=("tell", does), cancel=cancel, cancel_at=at, veto_s=veto_s)
    return replace(base, rules=(rule,))


def broken(rules: Policy, *words: str) -> Scene:
    """Break the primary, where the trader has an order of each kind; nothing was pulled before that."""
    scene = Scene(rules)
    scene.positions[MAIN] = Decimal(1)
    scene.resting[MAIN] = [
        resting("opens"),
        resting("reduces", reduce_only=True),
        resting("stop", stop=True),
        resting("guarded stop", reduce_only=True, stop=True),
        resting("strange", STRANGE),
    ]
    scene.passes(4.0)
    scene.see(OperatorSaid("adopt"))
    for word in words:
        scene.see(OperatorSaid(word))
    scene.passes(4.0)
    assert not pulled(scene)
    scene.breaks()
    return scene


def pulled(scene: Scene) -> set[str]:
    """Name the orders whose cancel was asked for, our own canaries left out."""
    return set(scene.cancelled) - {order.order_id for order in scene.orders.values()}


@pytest.mark.parametrize(
    ("which", "stops", "named"),
    [
        ("opening", "keep", {"opens"}),
        ("opening", "cancel", {"opens"}),
        ("all", "keep", {"opens", "reduces"}),
        ("all", "cancel", {"opens", "reduces", "stop", "guarded stop"}),
        ("ours", "cancel", set()),
    ],
)
def test_only_what_the_rule_names_is_pulled(which: str, stops: str, named: set[str]) -> None:
    scene = broken(pulls(CancelRule(which, stops)), "arm")
    scene.passes(20.0)
    assert pulled(scene) == named


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (pulls(CancelRule("all", "cancel")), ()),
        (pulls(CancelRule("all", "cancel")), ("arm", "disarm")),
        (pulls(CancelRule("all", "cancel"), mode=Mode.OBSERVE), ("arm",)),
        (pulls(CancelRule("all", "cancel"), mode=Mode.PAPER), ("arm",)),
        (pulls(CancelRule("all", "cancel"), does="freeze"), ("arm",)),
    ],
    ids=["unarmed", "disarmed", "observe", "paper", "not asked for"],
)
def test_nothing_is_pulled_that_nobody_asked_for(rules: Policy, words: tuple[str, ...]) -> None:
    scene = broken(rules, *words)
    scene.passes(20.0)
    assert list(scene.guard.memory.incidents)
    assert not pulled(scene)


def opened(scene: Scene) -> Scene:
    while not list(scene.guard.memory.incidents):
        scene.passes(0.25)
    return scene


def test_a_veto_leaves_the_orders_where_they_are() -> None:
    scene = opened(broken(pulls(CancelRule()), "arm"))
    scene.see(OperatorSaid("veto"))
    scene.passes(20.0)
    assert not pulled(scene)


@pytest.mark.parametrize(("at", "early"), [("down", False), ("confirmed", True)])
def test_the_time_to_veto_is_waited_for_unless_the_rule_says_at_once(at: str, early: bool) -> None:
    scene = opened(broken(pulls(CancelRule(), at=at, veto_s=20.0), "arm"))
    scene.passes(12.0)
    assert bool(pulled(scene)) is early
    scene.passes(12.0)
    assert pulled(scene) == {"opens"}


def test_nothing_is_pulled_before_it_is_certain_that_the_venue_is_down() -> None:
    scene = opened(broken(pulls(CancelRule(), veto_s=0.0), "arm"))
    while not scene.guard.memory.standing("main").down:
        assert not pulled(scene)
        scene.passes(0.25)
    scene.passes(2.0)
    assert pulled(scene)


def test_nothing_is_pulled_while_the_fault_is_ours() -> None:
    scene = opened(broken(pulls(CancelRule(), veto_s=20.0), "arm"))
    while not scene.guard.memory.standing("main").down:
        scene.passes(0.25)
    for _ in range(100):
        scene.see(LoopTicked(scene.now_s - 1.0))
        scene.passes(0.25)
    assert scene.guard.memory.self_ill
    assert scene.guard.memory.standing("main").down
    assert not pulled(scene)


def test_a_venue_that_is_well_again_keeps_its_orders() -> None:
    base = pulls(CancelRule())
    rule = replace(base.rules[0], do=("tell", "cancel", "hedge"))
    scene = broken(replace(base, rules=(rule,)), "arm")
    for order in scene.resting[MAIN]:
        scene.see(OrderSeen(replace(order, status=OrderStatus.CLOSED), Source.STREAM))
    scene.resting[MAIN] = []
    scene.until_hedged()
    scene.heals()
    until(scene, State.RECOVERING)
    scene.resting[MAIN] = [resting("new")]
    until(scene, State.CLOSED)
    assert not pulled(scene)
    assert not incident(scene).open
