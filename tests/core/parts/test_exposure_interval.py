"""Exposure as an interval, the points a hedge is sized by, and which resting orders may have filled."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.exposure.interval import Doubtful, Exposure, exposure, ghost
from riskguard.core.exposure.prices import Extremes
from riskguard.core.messages import OrderReport, OrderStatus
from riskguard.core.policy import Doubts
from riskguard.core.types import Leg, Side

from .builders import LEG

OTHER = Leg("main", "BTC/USDT:USDT")
AMOUNTS = st.decimals(-5, 5, places=3, allow_nan=False)


def found(net: str, *doubts: tuple[str, bool]) -> Exposure:
    rows = tuple(Doubtful(LEG, Decimal(amount), exposed) for amount, exposed in doubts)
    return Exposure(Decimal(net), Decimal(0), rows)


@pytest.mark.parametrize(
    ("case", "likely", "certain", "worst"),
    [
        (found("1.5"), "1.5", "1.5", "1.5"),
        (found("1.5", ("0.3", True)), "1.8", "1.5", "1.8"),
        (found("1.5", ("0.3", False)), "1.5", "1.5", "1.8"),
        (found("1", ("-2", True)), "-1", "0", "-1"),
        (found("1", ("-0.4", True), ("0.2", False)), "0.6", "0.6", "1.2"),
        (found("-1", ("0.4", True), ("-3", False)), "-0.6", "-0.6", "-4"),
    ],
)
def test_points(case: Exposure, likely: str, certain: str, worst: str) -> None:
    points = [case.point(doubts) for doubts in (Doubts.LIKELY, Doubts.CERTAIN, Doubts.WORST)]
    assert points == [Decimal(likely), Decimal(certain), Decimal(worst)]


@given(AMOUNTS, st.lists(st.tuples(AMOUNTS, st.booleans()), max_size=5))
def test_every_point_lies_within_the_interval_and_certain_is_nearest_to_zero(
    net: Decimal, doubts: list[tuple[Decimal, bool]]
) -> None:
    case = Exposure(net, Decimal(0), tuple(Doubtful(LEG, amount, exposed) for amount, exposed in doubts))
    assert case.low <= case.net <= case.high
    likely, certain, worst = (case.point(d) for d in (Doubts.LIKELY, Doubts.CERTAIN, Doubts.WORST))
    assert case.low <= likely <= case.high
    assert abs(certain) <= abs(likely) <= abs(worst)


def test_our_own_canary_widens_the_interval_and_moves_no_point() -> None:
    case = Exposure(Decimal(-1), Decimal(0), (Doubtful(LEG, Decimal("-0.001"), exposed=False, probe=True),))
    assert (case.low, case.high) == (Decimal("-1.001"), Decimal(-1))
    assert [case.point(doubts) for doubts in Doubts] == [Decimal(-1)] * 3


def test_a_neutral_book_nets_out_and_what_is_kept_is_taken_off() -> None:
    bases = {LEG: Decimal(2), OTHER: Decimal("-1.5")}
    neutral = exposure(bases, offset=Decimal("-0.5"), troubled=["main"], doubtful=())
    assert neutral.net == 0
    assert neutral.trapped == Decimal("-1.5")


def resting(side: Side, price: str, filled: str = "0") -> OrderReport:
    return OrderReport(
        OTHER, "7", "bot", side, Decimal(1), Decimal(price), Decimal(filled), None, OrderStatus.OPEN
    )


@pytest.mark.parametrize(
    ("side", "price", "low", "high", "told", "exposed"),
    [
        (Side.BUY, "100", "100.2", "105", False, False),
        (Side.BUY, "100", "100.1", "105", False, True),
        (Side.BUY, "100", "99", "105", False, True),
        (Side.BUY, "100", "99", "105", True, False),
        (Side.SELL, "100", "95", "99.8", False, False),
        (Side.SELL, "100", "95", "99.9", False, True),
    ],
)
def test_ghosts(side: Side, price: str, low: str, high: str, told: bool, exposed: bool) -> None:
    judged = ghost(resting(side, price), Extremes(Decimal(low), Decimal(high)), told=told)
    assert judged.exposed is exposed
    assert judged.signed_amount == side.sign


@pytest.mark.parametrize(
    ("trigger", "low", "high", "told", "exposed"),
    [
        ("90", "95", "105", False, False),
        ("90", "90.05", "105", False, True),
        ("90", "80", "105", False, True),
        ("110", "95", "105", False, False),
        ("110", "95", "112", False, True),
        ("90", "80", "105", True, False),
        (None, "1", "1000", False, False),
    ],
)
def test_a_conditional_order_is_exposed_by_its_trigger_alone(
    trigger: str | None, low: str, high: str, told: bool, exposed: bool
) -> None:
    """A stop to sell lies below the market: judged by its own price it would count as filled at once."""
    stop = replace(resting(Side.SELL, "89"), conditional=True, trigger=Decimal(trigger) if trigger else None)
    assert ghost(stop, Extremes(Decimal(low), Decimal(high)), told=told).exposed is exposed


def test_only_the_rest_of_a_partly_filled_order_is_in_doubt() -> None:
    assert ghost(resting(Side.SELL, "100", "0.4"), None, told=False).signed_amount == Decimal("-0.6")
