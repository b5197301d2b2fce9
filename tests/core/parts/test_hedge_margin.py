"""What an account can still carry: never nearer to liquidation than the limit, never short of free margin."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.hedge.margin import Account, Held, room, shortage
from riskguard.core.types import ZERO, Leg

from .test_hedge_limits import LIMITS

HERE, THERE = Leg("alpha", "BTC/USDT:USDT"), Leg("alpha", "ETH/USDT:USDT")
MONEY: st.SearchStrategy[Decimal] = st.integers(-400_000, 400_000).map(Decimal)
PARTS = st.one_of(st.none(), st.integers(1, 200).map(lambda per_cent: Decimal(per_cent) / 100))


def at(leg: Leg, notional: int, distance: str | None = None) -> Held:
    """Make a long position that is as the venue shows it."""
    size = Decimal(notional)
    return Held(leg, size, size, size, None if distance is None else Decimal(distance))


@st.composite
def held(draw: st.DrawFn, leg: Leg) -> Held:
    shown: Decimal = draw(MONEY)
    more: Decimal = draw(MONEY) / 4
    distance: Decimal | None = draw(PARTS)
    low, high = sorted((shown, shown + more))
    return Held(leg, low, high, shown, distance)


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    equity = Decimal(draw(st.integers(0, 200_000)))
    positions = draw(st.sampled_from([(), (HERE,), (THERE,), (HERE, THERE)]))
    return Account(
        equity,
        equity * draw(st.integers(0, 100)) / 100,
        tuple(draw(held(leg)) for leg in positions),
        spoken_for=Decimal(draw(st.integers(0, 50_000))),
        hedged=Decimal(draw(st.integers(0, 50_000))),
        ceiling=draw(st.one_of(st.none(), st.integers(0, 100_000).map(Decimal))),
    )


@given(accounts(), MONEY.filter(bool))
def test_room_is_what_judging_approves_and_a_little_more_is_refused(
    account: Account, notional: Decimal
) -> None:
    sign = 1 if notional > 0 else -1
    found = room(account, HERE, notional, LIMITS)
    assert ZERO <= found <= abs(notional)
    if found > ZERO:
        assert shortage(account, HERE, sign * found, LIMITS) is None
    if found < abs(notional):
        assert shortage(account, HERE, sign * (found + found / 1_000 + 1), LIMITS) is not None


@given(accounts(), MONEY.filter(bool))
def test_whatever_is_approved_leaves_every_position_as_far_as_wanted_or_takes_risk_off(
    account: Account, notional: Decimal
) -> None:
    if shortage(account, HERE, notional, LIMITS) is not None:
        return
    after = account.after(HERE, notional)
    if after.at(HERE).size <= account.at(HERE).size:
        return
    assert account.free >= LIMITS.margin_left * account.equity
    assert account.equity >= LIMITS.hedge_liq * after.at(HERE).size
    for position in after.held:
        same_side = position.low * position.reported >= 0 and position.high * position.reported >= 0
        if position.buffer is not None and position.size and same_side:
            assert position.buffer >= LIMITS.hedge_liq * position.size


@pytest.mark.parametrize(
    ("account", "notional", "why"),
    [
        (Account(Decimal(15_000), Decimal(15_000)), "-60_000", ""),
        (Account(Decimal(15_000), Decimal(15_000)), "-95_000", "30% of the equity"),
        (Account(Decimal(15_000), Decimal(4_000)), "-1", "30% of the equity"),
        (Account(ZERO, ZERO), "-1", "no equity"),
        # An order that reduces what is near its liquidation is the way to bring it away from there.
        (
            Account(Decimal(9_000), ZERO, (at(HERE, 90_000, "0.09"),)),
            "-60_000",
            "",
        ),
        (
            Account(Decimal(9_000), Decimal(9_000), (at(HERE, 90_000, "0.09"),)),
            "1",
            "15%",
        ),
        # Far by itself, but all positions together are too much where no liquidation price is told.
        (Account(Decimal(15_000), Decimal(15_000), (at(THERE, 60_000),)), "-60_000", "15%"),
        # Told prices show that long and short do not fall together.
        (
            Account(Decimal(15_000), Decimal(13_500), (at(THERE, 60_000, "0.24"),)),
            "-60_000",
            "",
        ),
    ],
)
def test_each_reason(account: Account, notional: str, why: str) -> None:
    found = shortage(account, HERE, Decimal(notional), LIMITS)
    assert (found is None) if not why else (found is not None and why in found.because)


def test_an_order_under_way_takes_the_margin_of_the_next() -> None:
    account = Account(Decimal(20_000), Decimal(20_000))
    first = room(account, HERE, Decimal(-60_000), LIMITS)
    assert first == 60_000
    rest = room(account.after(HERE, -first), THERE, Decimal(-60_000), LIMITS)
    assert ZERO < rest < 60_000
    assert shortage(replace(account, spoken_for=first + rest), THERE, Decimal(-100), LIMITS) is not None
