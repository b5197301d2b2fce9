"""Orders that take hedge off: as much as is too much, through the market, reduce-only where they can be."""

from decimal import Decimal

import pytest

from riskguard.core.control.preflight import ALONE
from riskguard.core.incident.table import State
from riskguard.core.messages import OperatorSaid
from riskguard.core.orders.intent import OrderIntent, Purpose

from .desk import Desk
from .scene import ALPHA, BETA, LIMITS, MAIN, Scene, policy
from .test_guard_flattens import flat
from .test_guard_flattens import hedged as flattening
from .test_guard_home import home
from .test_guard_others import cover, hedged
from .test_guard_returns import until

MID = Decimal(60_000)


def is_banded(intent: OrderIntent) -> bool:
    """Tell whether an order is priced through the market, and within the policy's band."""
    worse = (intent.price - MID) * intent.side.sign
    return 0 < worse <= MID * LIMITS.slippage_bps / 10_000


@pytest.mark.parametrize("held", ["1", "-1"])
def test_every_order_that_should_fill_is_priced_through_the_market_and_within_the_band(held: str) -> None:
    scene, _ = hedged(held, scene=Scene(policy(slices=2)))
    scene.passes(6.0)
    scene.positions[MAIN] = Decimal(held) / 2
    scene.passes(8.0)
    scene.heals()
    until(scene, State.CLOSED)
    scene.see(OperatorSaid("preflight", by=ALONE))
    scene.passes(8.0)
    closing, at_home = flattening(flat(2), held), home(held)
    closing.passes(60.0)
    at_home.passes(30.0)
    sent = [place.intent for one in (scene, closing, at_home) for place in one.sent]
    found = {intent.purpose for intent in sent}
    assert found == set(Purpose)
    wrong = [intent for intent in sent if intent.purpose is not Purpose.CANARY and not is_banded(intent)]
    assert not wrong


def on_two_venues() -> Desk:
    """Hedge 1.5, of which 0.9 is at alpha and 0.6 at beta."""
    desk = Desk()
    desk.depth |= {ALPHA: [(1, "0.9")], BETA: [(3, "5")]}
    desk.positions[MAIN] = Decimal("1.5")
    desk.arm()
    desk.breaks()
    desk.until_hedged()
    desk.passes(3.0)
    assert (desk.positions[ALPHA], desk.positions[BETA]) == (Decimal("-0.9"), Decimal("-0.6"))
    return desk


@pytest.mark.parametrize("left", ["1.2", "0.8", "0.5", "0.1"])
def test_what_is_too_much_comes_off_once_whatever_venues_carry_it(left: str) -> None:
    desk = on_two_venues()
    desk.positions[MAIN] = Decimal(left)
    desk.passes(10.0)
    assert sum(intent.amount for intent in desk.orders_of(Purpose.ORPHAN)) == Decimal("1.5") - Decimal(left)
    assert cover(desk) == -Decimal(left)
    assert len(desk.orders_of(Purpose.HEDGE)) == 2


def test_a_hedge_on_two_venues_is_released_from_both() -> None:
    desk = on_two_venues()
    desk.heals()
    until(desk, State.CLOSED)
    assert desk.positions[ALPHA] == desk.positions[BETA] == 0
    assert {intent.leg: intent.amount for intent in desk.orders_of(Purpose.UNWIND)} == {
        ALPHA: Decimal("0.9"),
        BETA: Decimal("0.6"),
    }


@pytest.mark.parametrize(
    ("traders", "reduces"),
    [("0", True), ("-3", True), ("0.4", False), ("3", False)],
    ids=["nothing", "the same side", "a part of it", "more, the other way"],
)
def test_reduce_only_is_said_exactly_where_the_venue_sees_it_so(traders: str, reduces: bool) -> None:
    """The account's position is the trader's and ours together."""
    scene = Scene()
    scene.positions |= {MAIN: Decimal(1), ALPHA: Decimal(traders), BETA: -Decimal(traders)}
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    (order,) = scene.orders_of(Purpose.HEDGE)
    assert order.leg == ALPHA
    assert not order.reduce_only
    scene.passes(3.0)
    scene.heals()
    until(scene, State.CLOSED)
    (back,) = scene.orders_of(Purpose.UNWIND)
    assert back.reduce_only is reduces
    assert scene.positions[ALPHA] == Decimal(traders)


@pytest.mark.parametrize("closed", ["0.3", "1"])
def test_what_somebody_may_have_closed_is_left_to_a_person_and_the_rest_comes_off(closed: str) -> None:
    """His trade is a position of his own or an end to our hedge; at home he made up for the former."""
    scene, leg = hedged("1")
    scene.positions[leg] += Decimal(closed)
    scene.passes(16.0)
    scene.positions[MAIN] = -Decimal(closed)
    scene.passes(12.0)
    assert sum((o.amount for o in scene.orders_of(Purpose.ORPHAN)), Decimal(0)) == 1 - Decimal(closed)
    assert scene.positions[leg] == 0
    assert cover(scene) == -Decimal(closed)


def test_what_others_added_to_our_hedge_keeps_none_of_it_on() -> None:
    scene, leg = hedged("1")
    scene.positions[leg] -= Decimal("0.4")
    scene.passes(16.0)
    scene.positions[MAIN] = Decimal("0.4")
    scene.passes(12.0)
    assert cover(scene) == 0
    assert scene.positions[leg] == Decimal("-0.4")


@pytest.mark.parametrize(("held", "level"), [("1", 66_000), ("-1", 54_000)])
def test_a_hedge_that_vanished_far_from_its_level_was_not_liquidated(held: str, level: int) -> None:
    scene, leg = hedged(held)
    scene.liquidations[leg] = Decimal(level)
    scene.passes(3.0)
    scene.positions[leg] = Decimal(0)
    scene.liquidations.clear()
    scene.passes(16.0)
    assert not [title for title in scene.told if "liquidated our hedge" in title]
    assert [title for title in scene.told if "changed by somebody else" in title]
    assert cover(scene) == -Decimal(held)
