"""Our own limits: they bind what adds risk, cut what is too large, and never take hedge off."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.facts import FillRecorded, PlanApproved
from riskguard.core.hedge.limits import Approved, Ask, Refused, cut, judge, keep_held
from riskguard.core.hedge.margin import Account, Held
from riskguard.core.hedge.usage import DAY_MS, Usage, notional_today, orders_this_minute
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import Event
from riskguard.core.policy import Limits, Money
from riskguard.core.types import Leg, Mode, Side

from .builders import EPOCH_MS, LEG, intent, ledger_of, moved


def usdt(amount: int) -> Money:
    return Money(Decimal(amount), "USDT")


LIMITS = Limits(
    per_hedge=usdt(60_000),
    all_hedges=usdt(100_000),
    day_hedges=5,
    day_notional=usdt(250_000),
    slippage_bps=Decimal(40),
    orders_per_min=30,
    loss=usdt(2_000),
    hedge_liq=Decimal("0.15"),
    margin_left=Decimal("0.3"),
    data_age_s=3.0,
    position_age_s=86_400.0,
    preflight_age_s=604_800.0,
)
OTHER = Leg("alpha", "ETH/USDT:USDT")
HELD = Held(OTHER, Decimal(20_000), Decimal(20_000), Decimal(20_000))
ACCOUNT = Account(Decimal(100_000), Decimal(96_000), (HELD,))
GOOD = Ask(
    leg=LEG,
    notional=Decimal(-50_000),
    mode=Mode.AUTO,
    armed=True,
    said_yes=False,
    venue_fine=True,
    place_proven=True,
    book_fresh=True,
    book_apart=False,
    new_plan=True,
    plans_today=0,
    notional_today=Decimal(0),
    orders_this_minute=0,
    loss_today=Decimal(0),
    journal_ok=True,
    account=ACCOUNT,
)


def test_a_good_order_is_approved() -> None:
    assert judge(GOOD, LIMITS) == Approved()


@pytest.mark.parametrize(
    ("changed", "limited_by"),
    [
        ({"mode": Mode.OBSERVE}, "ceiling"),
        ({"mode": Mode.PAPER}, "ceiling"),
        ({"mode": Mode.CONFIRM}, "ceiling"),
        ({"armed": False}, "ceiling"),
        ({"journal_ok": False}, "ceiling"),
        ({"venue_fine": False}, "verdict"),
        ({"place_proven": False}, "verdict"),
        ({"book_fresh": False}, "verdict"),
        ({"book_apart": True}, "verdict"),
        ({"plans_today": 5}, "ceiling"),
        ({"notional_today": Decimal(200_001)}, "ceiling"),
        ({"orders_this_minute": 30}, "ceiling"),
        ({"loss_today": Decimal(2_000)}, "ceiling"),
        ({"account": None}, "margin"),
        ({"account": replace(ACCOUNT, equity=Decimal(0))}, "margin"),
        ({"account": replace(ACCOUNT, free=Decimal(29_999))}, "margin"),
        ({"account": replace(ACCOUNT, held=(replace(HELD, distance=Decimal("0.14")),))}, "margin"),
        ({"account": replace(ACCOUNT, held=(replace(HELD, high=Decimal(700_000)),))}, "margin"),
        ({"account": replace(ACCOUNT, spoken_for=Decimal(300_000))}, "margin"),
        ({"account": replace(ACCOUNT, ceiling=Decimal(60_000), hedged=Decimal(20_000))}, "ceiling"),
    ],
)
def test_each_reason_alone_refuses(changed: dict[str, object], limited_by: str) -> None:
    ruling = judge(replace(GOOD, **changed), LIMITS)  # type: ignore[arg-type]  # named fields of Ask
    assert isinstance(ruling, Refused)
    assert ruling.limited_by == limited_by


def test_a_plan_under_way_may_finish_and_a_yes_is_enough_in_confirm_mode() -> None:
    assert judge(replace(GOOD, plans_today=5, new_plan=False), LIMITS) == Approved()
    assert judge(replace(GOOD, mode=Mode.CONFIRM, said_yes=True), LIMITS) == Approved()


@given(st.decimals(-50, 50, places=3), st.integers(1, 90_000), st.integers(0, 150_000))
def test_a_cut_keeps_the_side_and_both_ceilings(target: Decimal, mid: int, others: int) -> None:
    found = cut(target, Decimal(mid), Decimal(others), LIMITS)
    assert abs(found.target) * mid <= LIMITS.per_hedge.amount or found.target == target
    assert found.target * target >= 0
    assert abs(found.target) <= abs(target)
    assert bool(found.because) == (found.target != target)
    assert abs(found.target) * mid <= max(LIMITS.all_hedges.amount - others, Decimal(0)) or not found.because


@pytest.mark.parametrize(
    ("cut_to", "held", "wanted", "target"),
    [
        ("-0.8", "-1", "-1.5", "-1"),
        ("-0.8", "-1", "-0.9", "-0.9"),
        ("-0.8", "-0.5", "-1.5", "-0.8"),
        ("-0.8", "0", "-1.5", "-0.8"),
        ("-0.8", "1", "-1.5", "-0.8"),
    ],
)
def test_a_ceiling_takes_nothing_off(cut_to: str, held: str, wanted: str, target: str) -> None:
    assert keep_held(Decimal(cut_to), Decimal(held), Decimal(wanted)) == Decimal(target)


def test_usage_is_a_rolling_day() -> None:
    plan = PlanApproved("a1.BTC.1", "a1", "BTC", Decimal(-1), Decimal(100))
    usage = Usage().fold(plan, EPOCH_MS).fold(plan, EPOCH_MS + DAY_MS // 2)
    assert [usage.plans_today(EPOCH_MS + days * DAY_MS // 4) for days in (2, 4, 6)] == [2, 1, 0]


def test_losses_are_realised_by_closing_and_fees_count() -> None:
    def fill(side: Side, price: int) -> FillRecorded:
        return FillRecorded("rga1h", LEG, str(price), side, Decimal(1), Decimal(price), Decimal(2), EPOCH_MS)

    usage = Usage().fold(fill(Side.SELL, 100), EPOCH_MS).fold(fill(Side.BUY, 110), EPOCH_MS)
    assert usage.loss_today(EPOCH_MS) == Decimal(14)
    assert usage.loss_today(EPOCH_MS + DAY_MS + 1) == 0


def test_what_may_still_fill_counts_against_the_day() -> None:
    ledger = ledger_of(
        intent("rga1h"), intent("rga2u", purpose=Purpose.UNWIND, sequence=1), intent("rga3h", sequence=2)
    )
    assert notional_today(ledger, EPOCH_MS) == Decimal(200)
    ledger = moved(ledger, "rga1h", Event.REJECTED)
    assert notional_today(ledger, EPOCH_MS) == Decimal(100)
    assert orders_this_minute(ledger, EPOCH_MS) == 2
    assert orders_this_minute(ledger, EPOCH_MS + 60_000) == 0
