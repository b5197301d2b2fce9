"""The guard as a whole: what it sends, and what it leaves, when one venue stops taking orders."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.messages import (
    FillReport,
    FillSeen,
    OperatorSaid,
    OrderAnswered,
    OrderReport,
    OrderStatus,
    PositionReport,
    PositionsRead,
    Source,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import State
from riskguard.core.orders.outcome import Reason, Rejected, Unknown
from riskguard.core.policy import Money
from riskguard.core.types import Mode, Side

from .scene import ALPHA, BETA, LIMITS, MAIN, Scene, policy


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


@pytest.mark.parametrize("held", ["1.5", "-0.7"])
def test_a_trapped_position_is_hedged_once_and_released_when_the_venue_is_well(held: str) -> None:
    scene = hedged(held)
    assert cover(scene) == -Decimal(held)
    assert len(scene.orders_of(Purpose.HEDGE)) == 1
    scene.heals()
    scene.passes(60.0)
    assert cover(scene) == 0
    assert scene.positions[MAIN] == Decimal(held)
    assert not [incident for incident in scene.guard.memory.incidents if incident.open]


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.PAPER])
def test_nothing_is_sent_where_the_mode_forbids_it(mode: Mode) -> None:
    scene = hedged(scene=Scene(policy(mode=mode)))
    scene.passes(20.0)
    assert not scene.sent


def test_nothing_is_sent_unarmed() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.passes(4.0)
    scene.breaks()
    scene.passes(40.0)
    assert not scene.sent


def test_a_neutral_book_is_left_alone() -> None:
    scene = Scene()
    scene.positions |= {MAIN: Decimal(1), BETA: Decimal(-1)}
    scene.arm()
    scene.breaks()
    scene.passes(40.0)
    assert not scene.orders_of(Purpose.HEDGE)


def test_an_unknown_hedge_is_not_sent_again_and_ends_by_its_client_id() -> None:
    scene = Scene()
    scene.answers_orders = False
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    for _ in range(200):
        scene.passes(0.25)
        for place in scene.sent:
            if scene.guard.memory.ledger.orders[place.intent.client_id].state is State.INTENDED:
                scene.see(OrderAnswered(place.intent.client_id, Unknown("no answer")))
    assert len(scene.orders_of(Purpose.HEDGE)) == 1
    assert cover(scene) == -1


def test_a_veto_stops_the_hedge_and_the_hedge_word_sets_it_free() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    while not list(scene.guard.memory.incidents):
        scene.passes(0.25)
    scene.see(OperatorSaid("veto"))
    scene.passes(30.0)
    assert not scene.orders_of(Purpose.HEDGE)
    scene.see(OperatorSaid("hedge"))
    scene.passes(3.0)
    assert cover(scene) == -1


def test_an_orphan_comes_off_within_moments_and_only_as_far_as_it_is_one() -> None:
    scene = hedged("1.5")
    scene.positions[MAIN] = Decimal("0.5")
    scene.passes(6.0)
    assert cover(scene) == Decimal("-0.5")
    assert [o.amount for o in scene.orders_of(Purpose.ORPHAN)] == [Decimal(1)]


def test_an_empty_position_list_is_no_orphan() -> None:
    scene = hedged("1.5")
    scene.lists_flat = False
    scene.positions[MAIN] = Decimal(0)
    scene.passes(30.0)
    assert cover(scene) == Decimal("-1.5")


def test_fills_tell_that_a_leg_is_gone_where_its_venue_lists_nothing() -> None:
    scene = hedged("1.5")
    scene.lists_flat = False
    scene.positions[MAIN] = Decimal(0)
    sold = FillReport(
        MAIN, "t1", "o1", "bot", Side.SELL, Decimal("1.5"), Decimal(60_000), Decimal(0), scene.now.wall_ms
    )
    scene.see(FillSeen(sold, Source.TRADES))
    scene.passes(6.0)
    assert cover(scene) == 0


def test_a_rising_price_takes_nothing_off_a_hedge_that_a_ceiling_cut() -> None:
    limits = replace(LIMITS, per_hedge=Money(Decimal(30_000), "USDT"))
    scene = hedged("1.5", scene=Scene(policy(limits)))
    assert cover(scene) == Decimal("-0.5")
    for leg in scene.mids:
        scene.mids[leg] = Decimal(66_000)
    scene.passes(10.0)
    assert cover(scene) == Decimal("-0.5")


def test_a_ceiling_in_money_is_told_once() -> None:
    limits = replace(LIMITS, day_notional=Money(Decimal(30_000), "USDT"))
    scene = Scene(policy(limits))
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    for tick in range(60):
        for leg in scene.mids:
            scene.mids[leg] = Decimal(60_000 + tick)
        scene.passes(0.5)
    assert not scene.orders_of(Purpose.HEDGE)
    assert sum("cannot be sent" in title for title in scene.told) <= 2


def test_an_intent_without_an_answer_is_asked_about_after_a_restart_and_not_sent_again() -> None:
    scene = Scene()
    scene.answers_orders = False
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    intent = scene.orders_of(Purpose.HEDGE)[0]
    again = Scene(facts=scene.journal, start_s=scene.now_s + 5)
    again.positions, again.orders = scene.positions, scene.orders
    again.hangs = scene.hangs
    assert again.guard.memory.ledger.orders[intent.client_id].state is State.INTENDED
    again.passes(1.0)
    assert again.guard.memory.ledger.orders[intent.client_id].state is State.CLOSED
    again.passes(30.0)
    assert not again.orders_of(Purpose.HEDGE)
    assert cover(again) == -1


def test_a_ghost_fill_survives_a_restart_during_the_outage() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    rests = OrderReport(
        MAIN, "o1", "bot", Side.BUY, Decimal("0.5"), Decimal(59_000), Decimal(0), None, OrderStatus.OPEN
    )
    scene.resting[MAIN] = [rests]
    scene.arm()
    scene.breaks()
    scene.blind.add("main")
    scene.until_hedged()
    for leg in (ALPHA, BETA):
        scene.mids[leg] = Decimal(58_900)
    scene.passes(12.0)
    assert cover(scene) == Decimal("-1.5")
    again = Scene(facts=scene.journal, start_s=scene.now_s + 5)
    again.positions, again.orders, again.mids = scene.positions, scene.orders, scene.mids
    again.hangs, again.blind = scene.hangs, scene.blind
    again.passes(40.0)
    assert not again.orders_of(Purpose.ORPHAN)


def test_one_assets_price_says_nothing_of_anothers_resting_orders() -> None:
    scene = hedged("1")
    assert set(scene.guard.memory.extremes) == {("main", "BTC")}


def test_the_way_out_pauses_longer_after_each_refusal_and_is_tried_on() -> None:
    scene = hedged("1")
    scene.heals()
    scene.fills_orders = False
    for _ in range(400):
        scene.passes(0.25)
        for place in scene.sent:
            known = scene.guard.memory.ledger.orders[place.intent.client_id]
            if place.intent.purpose is Purpose.UNWIND and known.state is State.INTENDED:
                scene.see(OrderAnswered(place.intent.client_id, Rejected(Reason.ORDER, "1", "no")))
    sent = [place.intent.created_ms for place in scene.sent if place.intent.purpose is Purpose.UNWIND]
    pauses = [later - sooner for sooner, later in itertools.pairwise(sent)]
    assert len(sent) > 4
    assert pauses == sorted(pauses)
    assert pauses[-1] > 4 * pauses[0]


def test_hedge_that_somebody_else_may_have_closed_is_a_question_not_an_order() -> None:
    scene = hedged("1")
    leg = scene.orders_of(Purpose.HEDGE)[0].leg
    scene.positions[leg] = Decimal(0)
    scene.passes(15.0)
    scene.positions[MAIN] = Decimal(0)
    scene.heals()
    scene.passes(60.0)
    assert scene.positions[leg] == 0
    assert any("changed by somebody else" in title for title in scene.told)


def test_a_clock_that_jumps_does_not_hasten_the_end_of_a_doubt() -> None:
    scene = Scene()
    scene.answers_orders = False
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.breaks()
    scene.until_hedged()
    order = scene.orders_of(Purpose.HEDGE)[0]
    kept = scene.orders.pop(order.client_id)
    scene.positions[order.leg] = Decimal(0)
    scene.see(OrderAnswered(order.client_id, Unknown("no answer")))
    scene.wall_offset_ms += 60_000
    scene.passes(3.0)
    assert scene.guard.memory.ledger.orders[order.client_id].state is State.IN_DOUBT
    scene.orders[order.client_id] = kept
    scene.positions[order.leg] = Decimal(-1)
    scene.passes(10.0)
    assert scene.guard.memory.ledger.orders[order.client_id].state is State.CLOSED


def test_a_position_that_only_one_reading_shows_is_not_hedged() -> None:
    scene = hedged("1")
    before = len(scene.sent)
    report = PositionReport(MAIN, Decimal(3))
    scene.see(PositionsRead("main", (report,), Source.STREAM, scene.now_s, complete=False))
    assert len(scene.sent) == before


def test_one_venues_wrong_price_fills_no_ghost_and_takes_no_hedge() -> None:
    scene = Scene()
    scene.positions |= {MAIN: Decimal(1), BETA: Decimal(-1)}
    rests = OrderReport(
        MAIN, "o1", "bot", Side.SELL, Decimal("0.5"), Decimal(61_000), Decimal(0), None, OrderStatus.OPEN
    )
    scene.resting[MAIN] = [rests]
    scene.arm()
    scene.breaks()
    scene.breaks("alpha")
    scene.blind.add("main")
    scene.passes(12.0)
    scene.mids[BETA] = Decimal(62_400)
    scene.passes(12.0)
    assert not scene.orders_of(Purpose.HEDGE)
