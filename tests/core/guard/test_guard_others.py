"""What others do on our accounts: foreign changes, our hedge liquidated, second guards, lost journals."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.control import adopting
from riskguard.core.control.operating import STARTED_WITH
from riskguard.core.incident.table import State
from riskguard.core.messages import OperatorSaid, OrderReport, OrderSeen, OrderStatus, Source
from riskguard.core.orders.intent import Purpose
from riskguard.core.types import Leg, Side

from .scene import ALPHA, BETA, MAIN, Scene, policy


def hedged(held: str = "1", *, scene: Scene | None = None) -> tuple[Scene, Leg]:
    """Play until the hedge stands; gives the leg that carries it, too."""
    scene = scene or Scene()
    scene.positions[MAIN] = Decimal(held)
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    scene.passes(3.0)
    return scene, scene.orders_of(Purpose.HEDGE)[0].leg


def cover(scene: Scene) -> Decimal:
    return scene.guard.memory.ledger.cover("BTC")


def again(scene: Scene) -> Scene:
    """Kill the guard and start it again, with the journal that it left."""
    later = Scene(scene.policy, facts=list(scene.journal), start_s=scene.now_s + 3)
    later.positions, later.orders, later.mids = scene.positions, scene.orders, scene.mids
    later.hangs, later.blind, later.resting = scene.hangs, scene.blind, scene.resting
    return later


def order_of(client_id: str, leg: Leg = ALPHA, filled: str = "0", status: str = "open") -> OrderReport:
    return OrderReport(
        leg,
        f"x{client_id}",
        client_id,
        Side.SELL,
        Decimal(1),
        Decimal(60_000),
        Decimal(filled),
        None,
        OrderStatus(status),
    )


# ------------------------------------------------------------------ changes beside our hedge


def test_a_foreign_change_pauses_what_adds_until_a_person_settles_it() -> None:
    scene, leg = hedged("1")
    scene.positions[leg] += Decimal("0.3")
    scene.passes(16.0)
    assert sum("changed by somebody else" in title for title in scene.told) == 1
    scene.positions[MAIN] = Decimal(2)
    scene.passes(8.0)
    assert cover(scene) == -1
    scene.see(OperatorSaid("adopt"))
    assert cover(scene) == Decimal("-0.7")  # 0.3 of it counts as closed by others
    scene.passes(8.0)
    assert cover(scene) == -2
    assert scene.positions[ALPHA] + scene.positions[BETA] == -2


def test_a_hedge_that_others_closed_is_never_closed_again_and_the_word_lasts() -> None:
    scene, leg = hedged("1")
    scene.positions[leg] = Decimal(0)
    scene.passes(15.0)
    scene.heals()
    scene.passes(30.0)
    assert cover(scene) == -1
    assert not [o for why in (Purpose.UNWIND, Purpose.ORPHAN) for o in scene.orders_of(why)]
    scene.see(OperatorSaid("adopt"))
    assert cover(scene) == 0
    later = again(scene)
    assert cover(later) == 0
    later.passes(60.0)
    assert later.positions[leg] == 0
    assert not [i for i in later.guard.memory.incidents if i.open]


def test_a_change_that_goes_away_again_needs_no_word() -> None:
    scene, leg = hedged("1")
    scene.positions[leg] += Decimal("0.4")
    scene.passes(15.0)
    scene.positions[leg] -= Decimal("0.4")
    scene.passes(15.0)
    assert sum("again as our hedge there left it" in title for title in scene.told) == 1
    scene.heals()
    scene.passes(40.0)
    assert cover(scene) == 0
    assert scene.positions[leg] == 0


def test_a_change_the_way_of_our_hedge_leaves_all_of_it_ours_to_close() -> None:
    scene, leg = hedged("1")
    scene.positions[leg] -= Decimal("0.4")
    scene.passes(15.0)
    assert cover(scene) == Decimal("-0.6")  # the trader hedged part himself, so part of ours came off
    scene.heals()
    scene.passes(40.0)
    assert cover(scene) == 0
    assert scene.positions[leg] == Decimal("-0.4")


def test_a_hedge_that_its_venue_liquidated_counts_as_closed_and_is_built_elsewhere_or_again() -> None:
    scene, leg = hedged("1")
    scene.liquidations[leg] = Decimal(66_000)
    scene.passes(3.0)
    for other in scene.mids:
        scene.mids[other] = Decimal(66_500)
    scene.positions[leg] = Decimal(0)
    scene.liquidations.clear()
    scene.passes(20.0)
    assert sum("liquidated our hedge" in title for title in scene.told) == 1
    assert cover(scene) == -1
    assert scene.positions[ALPHA] + scene.positions[BETA] == -1
    scene.heals()
    scene.passes(40.0)
    assert cover(scene) == 0
    assert scene.positions[ALPHA] == scene.positions[BETA] == 0


def test_our_own_fill_that_comes_late_is_nobody_elses_trade() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.answers_orders = False
    scene.until_hedged()
    order = scene.orders_of(Purpose.HEDGE)[0]
    kept = scene.orders.pop(order.client_id)
    scene.positions[order.leg] = Decimal(0)
    scene.passes(14.0)
    scene.orders[order.client_id] = kept
    scene.positions[order.leg] += Decimal(-1)
    scene.see(OrderSeen(kept, Source.STREAM))
    scene.passes(30.0)
    assert not scene.guard.memory.others.changes
    assert not any("somebody else" in title for title in scene.told)


# ------------------------------------------------------------------ two guards


STRANGER = "rgbkzzzzzzz0001c"


def test_a_second_guard_on_the_account_refuses_arming_until_it_is_settled() -> None:
    scene = Scene()
    scene.resting[ALPHA] = [order_of(STRANGER)]
    scene.passes(4.0)
    scene.see(OperatorSaid("arm"))
    assert not scene.guard.memory.armed
    scene.resting.clear()  # its orders come and go
    scene.passes(4.0)
    scene.see(OperatorSaid("arm"))
    assert not scene.guard.memory.armed
    later = again(scene)
    later.see(OperatorSaid("arm"))
    assert not later.guard.memory.armed
    later.see(OperatorSaid("adopt"), OperatorSaid("arm"))
    assert later.guard.memory.armed


@pytest.mark.parametrize("own", [STRANGER, "rgakzzzzzzz0001h"], ids=["instance", "journal"])
def test_one_that_appears_later_disarms_at_once_where_nothing_is_held(own: str) -> None:
    scene = Scene()
    scene.see(OperatorSaid("arm", by=STARTED_WITH))
    scene.passes(3.0)
    assert scene.guard.memory.armed
    scene.see(OrderSeen(order_of(own), Source.STREAM))
    scene.passes(0.5)
    assert not scene.guard.memory.armed
    assert sum("two guards" in title for title in scene.told) == 1


def test_one_that_appears_while_we_hold_a_hedge_adds_nothing_but_lets_it_come_off() -> None:
    scene, _ = hedged("1")
    scene.see(OrderSeen(order_of(STRANGER), Source.STREAM))
    scene.positions[MAIN] = Decimal(3)
    scene.passes(8.0)
    assert cover(scene) == -1
    scene.positions[MAIN] = Decimal("0.2")
    scene.passes(8.0)
    assert cover(scene) == Decimal("-0.2")
    scene.heals()
    scene.passes(60.0)
    assert cover(scene) == 0
    assert not scene.guard.memory.armed


def test_resting_orders_of_an_adopted_journal_are_pulled_those_of_another_instance_are_not() -> None:
    scene = Scene()
    ours, theirs = order_of("rgakzzzzzzz0001c"), order_of(STRANGER, BETA)
    scene.resting |= {ALPHA: [ours], BETA: [theirs]}
    scene.passes(6.0)
    assert not scene.cancelled
    scene.see(OperatorSaid("adopt"))
    scene.passes(4.0)
    assert set(scene.cancelled) == {ours.order_id}


def test_our_own_orders_are_no_strangers() -> None:
    scene, _ = hedged("1")
    scene.heals()
    scene.passes(40.0)
    assert not scene.guard.memory.others.strangers


# ------------------------------------------------------------------ a lost journal


def lost() -> tuple[Scene, Leg]:
    """Give a new guard, without the journal of the one that hedged."""
    old, leg = hedged("1")
    old.passes(2.0)
    new = Scene(old.policy, start_s=old.now_s + 5, epoch_ms=old.guard.memory.epoch_ms + 86_400_000)
    new.positions, new.orders = old.positions, old.orders
    new.passes(4.0)
    return new, leg


def test_adopt_takes_over_the_hedge_of_a_lost_journal_and_takes_it_off_in_order() -> None:
    scene, leg = lost()
    assert cover(scene) == 0
    scene.see(OperatorSaid("arm"), OperatorSaid("adoptable"))
    assert adopting.unread(scene.guard.memory)
    scene.passes(3.0)
    assert not adopting.unread(scene.guard.memory)
    (offer,) = adopting.offers(scene.guard.memory)
    assert (offer.kind, offer.leg, offer.amount) == ("lost", leg, Decimal(-1))
    scene.see(OperatorSaid("adopt"))
    assert cover(scene) == -1
    assert not adopting.offers(scene.guard.memory)
    later = again(scene)
    assert cover(later) == -1
    later.passes(60.0)
    assert cover(later) == 0
    assert later.positions[leg] == 0
    assert later.positions[MAIN] == 1
    assert [i.state for i in later.guard.memory.incidents] == [State.CLOSED]
    assert later.guard.memory.usage.loss_today(later.now.wall_ms) < 1000


def test_nothing_is_adopted_that_the_venue_no_longer_shows_or_that_another_instance_sent() -> None:
    scene, leg = lost()
    scene.positions[leg] = Decimal("-0.4")
    scene.see(OperatorSaid("adoptable"))
    scene.passes(4.0)
    assert [offer.amount for offer in adopting.offers(scene.guard.memory)] == [Decimal("-0.4")]
    scene.positions[leg] = Decimal(0)
    scene.passes(4.0)
    assert not adopting.offers(scene.guard.memory)
    other = Scene(replace(policy(), instance="b"), start_s=scene.now_s)
    other.positions, other.orders = scene.positions | {leg: Decimal(-1)}, scene.orders
    other.passes(3.0)
    other.see(OperatorSaid("adoptable"))
    other.passes(4.0)
    assert not adopting.offers(other.guard.memory)
