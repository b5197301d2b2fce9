"""What holding a hedge costs: it decides between backups that are alike, and a person reads it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.hedge.carry import OLD_AFTER_S
from riskguard.core.incident.table import State
from riskguard.core.messages import FundingSeen, ReadKind, ReadVenue
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Canary, Rung
from riskguard.core.snapshot import CoveragePicture
from riskguard.core.types import Leg

from .desk import Desk
from .scene import ALPHA, BETA, MAIN, policy
from .test_guard_returns import until

DEAR, CHEAP = Decimal("-0.003"), Decimal("0.0001")
"""What a long pays a day; our hedge of a long is short, so that it pays where the rate is negative."""


def told(rates: dict[Leg, Decimal], *, ago_s: float = 0.0, held: str = "1") -> Desk:
    desk = Desk(policy())
    desk.positions[MAIN] = Decimal(held)
    desk.see(*(FundingSeen(leg, rate) for leg, rate in rates.items()))
    desk.now_s += ago_s
    desk.arm()
    return desk


def hedged_at(desk: Desk) -> list[str]:
    desk.breaks()
    desk.until_hedged()
    return [intent.leg.venue for intent in desk.orders_of(Purpose.HEDGE)]


@pytest.mark.parametrize(
    ("rates", "held", "where"),
    [
        ({}, "1", "alpha"),
        ({ALPHA: DEAR, BETA: CHEAP}, "1", "beta"),
        ({ALPHA: CHEAP, BETA: DEAR}, "1", "alpha"),
        ({ALPHA: DEAR, BETA: CHEAP}, "-1", "alpha"),  # a long earns what a short pays
        ({ALPHA: DEAR}, "1", "beta"),  # what is not told counts as nothing
        ({ALPHA: Decimal("-0.2"), BETA: DEAR}, "1", "alpha"),  # absurd, so not known
    ],
)
def test_of_two_backups_alike_the_one_that_is_cheaper_to_hold_takes_the_hedge(
    rates: dict[Leg, Decimal], held: str, where: str
) -> None:
    assert hedged_at(told(rates, held=held)) == [where]


def test_a_better_book_outweighs_a_rate_for_as_long_as_a_hedge_is_expected_to_stay() -> None:
    desk = told({ALPHA: DEAR, BETA: CHEAP})  # a third of a day: ten basis points
    desk.depth[BETA] = [(15, "50")]
    assert hedged_at(desk) == ["alpha"]


def test_a_rate_that_was_not_heard_for_long_is_forgotten() -> None:
    assert hedged_at(told({ALPHA: DEAR, BETA: CHEAP}, ago_s=OLD_AFTER_S + 1)) == ["alpha"]


def coverage(rates: dict[Leg, Decimal]) -> CoveragePicture:
    """Give what is shown while all is well and both backups answer test orders."""
    proving = Canary(Rung.TEST_ORDER, every_s=0.5)
    rules = policy()
    desk = Desk(replace(rules, venues=tuple(replace(venue, canary=proving) for venue in rules.venues)))
    desk.positions[MAIN] = Decimal(1)
    desk.see(*(FundingSeen(leg, rate) for leg, rate in rates.items()))
    desk.arm()
    return desk.guard.snapshot(desk.now).assets[0].coverage


def test_coverage_shows_what_a_day_would_cost_or_that_it_is_not_known() -> None:
    assert coverage({}).carry_bps_day is None
    assert coverage({ALPHA: DEAR, BETA: DEAR}).carry_bps_day == 30
    assert coverage({ALPHA: CHEAP, BETA: CHEAP}).carry_bps_day == -1


def test_the_reminder_of_a_hedge_that_stays_says_what_it_costs() -> None:
    desk = told({ALPHA: DEAR, BETA: DEAR})
    desk.guard.memory.policy = replace(
        desk.policy, unwind=replace(desk.policy.unwind, review_s=20.0, when="ask")
    )
    assert hedged_at(desk) == ["alpha"]
    until(desk, State.HEDGED)
    desk.passes(25.0)
    assert "at the funding rates of now it costs 180.00 USDT a day" in desk.body_of("has stood for")


def test_rates_are_asked_of_what_may_carry_a_hedge_only() -> None:
    desk = Desk(policy())
    asked: list[ReadVenue] = []
    for _ in range(40):
        desk.now_s += 0.25
        commands = desk.guard.wake(desk.now)
        asked += [one for one in commands if isinstance(one, ReadVenue) and one.what is ReadKind.FUNDING]
        desk._took(commands)
        desk.passes(0.05)
    assert {one.leg for one in asked} <= {ALPHA, BETA}
