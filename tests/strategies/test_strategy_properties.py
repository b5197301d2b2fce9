"""What holds for every built-in strategy, whatever the situation."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard import Side, Situation
from riskguard.core.hedge.consulting import fault_of
from riskguard.core.hedge.strategy import Strategy
from riskguard.core.incident.price_path import PricePath

from .situations import amount, built_in, mirrored, situation, stop

NAMES = ("alert_only", "hedge", "hedge_partly", "shadow_stops", "flatten_on_recovery")
STRATEGIES: dict[str, Strategy] = {name: built_in(name) for name in NAMES}
every = pytest.mark.parametrize("name", NAMES)

amounts = st.decimals(-1000, 1000, places=3)
positive = st.decimals(Decimal("0.001"), 1000, places=3)
shares = st.decimals(0, 1, places=4)
stops = st.lists(
    st.builds(
        lambda size, side, reached, protects: stop(size, side, reached=reached, protects=protects),
        positive, st.sampled_from(Side), st.booleans(), st.booleans(),
    ),
    max_size=4,
)  # fmt: skip
situations = st.builds(
    lambda point, size, lasted_s, worst, found: situation(
        point, size=size, lasted_s=lasted_s, worst_bps=worst, stops=tuple(found)
    ),
    amounts, shares, st.floats(0, 1e7), st.decimals(0, 5000, places=2), stops,
)  # fmt: skip


@every
@given(seen=situations)
def test_a_target_lies_between_nothing_and_the_policys_share(name: str, seen: Situation) -> None:
    held = amount(STRATEGIES[name](seen))
    full = -seen.size * seen.point
    assert min(full, Decimal(0)) <= held <= max(full, Decimal(0))
    answer = STRATEGIES[name](seen)
    assert answer is None or fault_of(answer, seen) == ""


@every
@given(seen=situations)
def test_what_is_right_for_a_long_is_right_for_a_short(name: str, seen: Situation) -> None:
    assert amount(STRATEGIES[name](mirrored(seen))) == -amount(STRATEGIES[name](seen))


@every
@given(seen=situations, more=amounts.map(abs))
def test_more_exposure_never_wants_less_hedge(name: str, seen: Situation, more: Decimal) -> None:
    grown = seen.point + more * (1 if seen.point >= 0 else -1)
    larger = replace(
        seen, point=grown, net=grown, low=min(grown, Decimal(0)), high=max(grown, Decimal(0)), unstopped=grown
    )
    assert abs(amount(STRATEGIES[name](larger))) >= abs(amount(STRATEGIES[name](seen)))


@every
@given(seen=situations, later_s=st.floats(0, 1e6), worse=st.decimals(0, 1000, places=2))
def test_time_and_loss_never_take_hedge_off(
    name: str, seen: Situation, later_s: float, worse: Decimal
) -> None:
    later = replace(seen, lasted_s=seen.lasted_s + later_s, worst_bps=seen.worst_bps + worse)
    assert abs(amount(STRATEGIES[name](later))) >= abs(amount(STRATEGIES[name](seen)))


@given(seen=situations)
def test_a_stop_once_crossed_stays_crossed(seen: Situation) -> None:
    crossed = replace(seen, stops=tuple(replace(one, reached=True) for one in seen.stops))
    shadow = STRATEGIES["shadow_stops"]
    assert abs(amount(shadow(crossed))) >= abs(amount(shadow(seen)))


prices = st.lists(st.decimals(1000, 100_000, places=1), min_size=1, max_size=30)


@given(seen=prices, held=amounts, trigger=st.decimals(1000, 100_000, places=1))
def test_a_price_path_remembers_the_worst_and_what_was_crossed(
    seen: list[Decimal], held: Decimal, trigger: Decimal
) -> None:
    path, worst, was_crossed = PricePath.begin(seen[0]), Decimal(0), False
    for mid in seen:
        path = path.reach(mid)
        assert path.worst_bps(held) >= worst
        assert path.crossed(trigger) >= was_crossed
        worst, was_crossed = path.worst_bps(held), path.crossed(trigger)
    assert worst == max(path.against_bps(held, mid) for mid in seen)
    lowest, highest = min(seen), max(seen)
    assert was_crossed == (lowest <= trigger if trigger < seen[0] else trigger <= highest)
