"""What an account and an asset are to the limits: every doubt counted, what is not known is not enough."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.exposure.assessing import account_of, amount_of, assess
from riskguard.core.hedge.margin import Account
from riskguard.core.messages import (
    BalanceRead,
    CallEnded,
    MarketsLoaded,
    OrderAnswered,
    PositionReport,
    PositionsRead,
    ReadFailed,
    ReadKind,
    ReadVenue,
    Source,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.outcome import Unknown
from riskguard.core.policy import Money, Policy
from riskguard.core.turn import Turn
from riskguard.core.types import Leg, Market, Path

from .scene import ALPHA, BETA, LIMITS, MAIN, STEP_S, Scene, policy
from .test_guard_others import again, hedged

STRANGE = Leg("alpha", "SOL/USDT:USDT")
SPOT = Leg("alpha", "BTC/USDT")


def account(scene: Scene, venue: str = "alpha") -> Account | None:
    return account_of(scene.guard.memory, venue, Turn(scene.now))


def quiet(rules: Policy | None = None) -> Scene:
    scene = Scene(rules or policy())
    scene.arm()
    return scene


def tells(scene: Scene, venue: str, *rows: PositionReport, times: int = 2) -> None:
    """Let a venue tell all its positions, twice over."""
    for _ in range(times):
        scene.now_s += 1.0
        scene.see(PositionsRead(venue, rows, Source.POSITIONS, scene.now_s))


# ------------------------------------------------------------------ accounts


def test_positions_that_no_asset_lists_take_margin_too() -> None:
    scene = quiet()
    strange = PositionReport(STRANGE, Decimal(-100), mark=Decimal(150))
    tells(scene, "alpha", PositionReport(ALPHA, Decimal(0)), strange)
    found = account(scene)
    assert found is not None
    assert found.at(STRANGE).size == 15_000
    tells(scene, "alpha", PositionReport(ALPHA, Decimal(0)))
    found = account(scene)
    assert found is not None
    assert found.at(STRANGE).size == 0


def test_a_position_that_nobody_can_price_makes_the_account_unknown() -> None:
    scene = quiet()
    tells(scene, "alpha", PositionReport(ALPHA, Decimal(0)), PositionReport(STRANGE, Decimal(-100)))
    assert account(scene) is None
    assert account(scene, "beta") is not None


def with_coins() -> Scene:
    """Guard coins at alpha beside its contracts."""
    base = policy()
    asset = replace(base.assets[0], legs=(*base.assets[0].legs, SPOT))
    scene = quiet(replace(base, assets=(asset,)))
    market = Market(
        SPOT, "BTC", "USDT", Decimal("0.001"), Decimal("0.001"), Decimal(5), Decimal("0.1"), derivative=False
    )
    scene.see(MarketsLoaded("alpha", (market, scene.guard.memory.markets[ALPHA]), ()))
    return scene


@pytest.mark.parametrize(("held", "size"), [("5", 0), ("-2", 120_000)])
def test_coins_that_are_owned_need_no_margin_but_those_that_are_owed_do(held: str, size: int) -> None:
    scene = with_coins()
    spot = PositionReport(SPOT, Decimal(held), mark=Decimal(60_000))
    tells(scene, "alpha", PositionReport(ALPHA, Decimal(0)), spot)
    found = account(scene)
    assert found is not None
    assert found.at(SPOT).size == size


def test_a_list_of_contracts_says_nothing_of_coins() -> None:
    scene = with_coins()
    tells(scene, "alpha", PositionReport(ALPHA, Decimal(0)), PositionReport(SPOT, Decimal(5)))
    for source in (Source.POSITIONS, Source.ACCOUNT, Source.STREAM):
        scene.now_s += 1.0
        scene.see(PositionsRead("alpha", (PositionReport(ALPHA, Decimal(1)),), source, scene.now_s))
    bases = scene.guard.memory.bases
    assert bases.agreed[ALPHA].amount == 1
    assert bases.agreed[SPOT].amount == 5
    assert not bases.contradicted(SPOT)


class Throttled(Scene):
    """Backups whose balance is not told any more."""

    silent = False

    def _read(self, command: ReadVenue) -> None:
        if self.silent and command.what is ReadKind.BALANCE and command.venue == "alpha":
            ended = CallEnded(command.call, command.venue, Path.ACCOUNT, "rate_limited")
            self.see(ReadFailed(command.venue, command.what), ended)
            return
        super()._read(command)


def test_a_backup_whose_balance_is_old_takes_no_hedge() -> None:
    scene = Throttled()
    scene.arm()
    scene.silent = True
    scene.passes(40.0)
    assert account(scene) is not None
    scene.passes(26.0)
    assert account(scene) is None
    scene.positions[MAIN] = Decimal(1)
    scene.passes(4.0)
    scene.breaks()
    scene.until_hedged()
    assert [intent.leg for intent in scene.orders_of(Purpose.HEDGE)] == [BETA]


def lost() -> Scene:
    """Play until a hedge order has left, whose answer does not come."""
    scene = Scene()
    scene.positions[MAIN] = Decimal(1)
    scene.arm()
    scene.answers_orders = False
    scene.breaks()
    scene.until_hedged()
    return scene


def test_an_order_without_an_answer_may_be_held_and_its_margin_may_be_taken() -> None:
    scene = lost()
    (order,) = scene.orders_of(Purpose.HEDGE)
    venue = order.leg.venue
    found = account(scene, venue)
    assert found is not None
    at_least = order.amount * order.price
    assert found.spoken_for >= at_least
    assert found.settling >= at_least
    assert found.hedged == 60_000
    assert found.at(order.leg).low == -60_000
    assert found.at(order.leg).high == 0
    scene.see(OrderAnswered(order.client_id, Unknown("no answer")))
    found = account(scene, venue)
    assert found is not None
    assert found.spoken_for >= at_least
    assert found.settling == 0  # no balance shows when a doubt ends
    assert found.at(order.leg).low == -60_000


def test_margin_is_held_back_until_a_balance_shows_the_fill_and_no_longer() -> None:
    scene, leg = hedged("1")
    scene.passes(6.0)
    found = account(scene, leg.venue)
    assert found is not None
    assert found.spoken_for == found.settling == 0
    memory = scene.guard.memory
    (order,) = scene.orders_of(Purpose.HEDGE)
    before_s = memory.moved_s[order.client_id]
    scene.see(BalanceRead(leg.venue, Decimal(1_000_000), Decimal(900_000), before_s - STEP_S))
    found = account(scene, leg.venue)
    assert found is not None
    assert found.settling >= order.amount * order.price


def test_a_venues_own_ceiling_is_part_of_its_account() -> None:
    base = policy()
    venues = tuple(replace(venue, max_hedge=Money(Decimal(70_000), "USDT")) for venue in base.venues)
    scene, leg = hedged("1", scene=Scene(replace(base, venues=venues)))
    found = account(scene, leg.venue)
    assert found is not None
    assert (found.ceiling, found.hedged) == (Decimal(70_000), Decimal(60_000))


# ------------------------------------------------------------------ assets


def net(scene: Scene, rules: Policy) -> Decimal | None:
    found = assess(scene.guard.memory, rules.assets[0], Turn(scene.now)).exposure
    return None if found is None else found.net


@pytest.mark.parametrize(
    ("keep", "elsewhere", "held"),
    [("0", "0", "3"), ("1", "0", "2"), ("-1", "0", "4"), ("0", "2", "5"), ("0", "-2", "1"), ("1", "-2", "0")],
)
def test_what_is_kept_is_not_at_risk_and_what_lies_elsewhere_is(keep: str, elsewhere: str, held: str) -> None:
    base = policy()
    asset = replace(base.assets[0], keep=Decimal(keep), elsewhere=Decimal(elsewhere))
    rules = replace(base, assets=(asset,))
    scene = Scene(rules)
    scene.positions |= {MAIN: Decimal(2), BETA: Decimal(1)}
    scene.arm()
    assert net(scene, rules) == Decimal(held)


def test_one_leg_that_is_not_known_makes_the_whole_unknown() -> None:
    scene = Scene()
    scene.positions[MAIN] = Decimal(2)
    scene.blind.add("beta")
    scene.arm()
    found = assess(scene.guard.memory, scene.policy.assets[0], Turn(scene.now))
    assert found.exposure is None
    assert "beta" in found.unknown


def test_an_agreement_counts_for_as_long_as_the_policy_says() -> None:
    rules = policy(replace(LIMITS, position_age_s=40.0))
    scene = Scene(rules)
    scene.positions[MAIN] = Decimal(2)
    scene.arm()
    scene.blind.add("main")
    scene.passes(30.0)
    assert amount_of(scene.guard.memory, MAIN, Turn(scene.now))[0] == 2
    scene.passes(15.0)
    assert amount_of(scene.guard.memory, MAIN, Turn(scene.now))[0] is None


def test_readings_that_contradict_each_other_for_long_make_a_leg_unknown() -> None:
    scene = quiet()
    tells(scene, "main", PositionReport(MAIN, Decimal(2)))
    memory = scene.guard.memory
    scene.now_s += 1.0
    asked_s = scene.now_s
    scene.see(PositionsRead("main", (PositionReport(MAIN, Decimal(3)),), Source.POSITIONS, asked_s))
    assert amount_of(memory, MAIN, Turn(scene.now))[0] == 2
    scene.now_s += 5.0
    assert amount_of(memory, MAIN, Turn(scene.now))[0] == 2
    scene.now_s += 2.0
    assert amount_of(memory, MAIN, Turn(scene.now))[0] is None


def test_what_was_held_before_a_restart_counts_only_where_the_venue_does_not_answer() -> None:
    before, _ = hedged("2")
    before.blind.add("main")
    before.passes(3.0)
    scene = again(before)
    scene.passes(1.0)
    memory = scene.guard.memory
    assert memory.bases.agreed[MAIN].restored
    assert amount_of(memory, MAIN, Turn(scene.now))[0] is None
    while memory.standing("main").fine:
        scene.passes(0.25)
    assert amount_of(memory, MAIN, Turn(scene.now))[0] == 2
    scene.now_s += 1.0
    scene.see(PositionsRead("main", (PositionReport(MAIN, Decimal(1)),), Source.POSITIONS, scene.now_s))
    assert amount_of(memory, MAIN, Turn(scene.now))[0] is None
