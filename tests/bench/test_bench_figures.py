"""The benchmark's own arithmetic, so that its intervals can be believed."""

import random

import pytest

from riskguard.core.types import Path

from . import faults
from .faults import Span
from .figures import poisson_interval, quantile, ratio_interval, sum_interval
from .loop import Conditions
from .rivals import Oracle, Phi, Seen
from .runs import trained
from .world import load, persistence_limit_s, slower


def test_poisson_intervals_are_the_exact_ones() -> None:
    assert poisson_interval(0) == pytest.approx((0.0, 3.689), abs=0.001)
    assert poisson_interval(10) == pytest.approx((4.795, 18.390), abs=0.001)


def test_quantiles_and_ratios() -> None:
    assert quantile([float(i) for i in range(101)], 0.5) == 50.0
    assert ratio_interval([2.0, 4.0], [1.0, 2.0])[0] == 2.0


def test_the_persistence_limit_is_that_of_the_design() -> None:
    assert persistence_limit_s(30.0, 1.0, 0.8, 1.0) == pytest.approx(9.2, abs=0.1)


def test_survival_begins_at_one_and_scales() -> None:
    world = load("base")
    assert slower(world, 0.0) == 1.0
    assert slower(world, 0.4, 2.0) == slower(world, 0.2)


def test_a_sum_of_rates_is_wider_than_each_and_narrower_than_their_sum() -> None:
    one, other = sum_interval([(5, 10.0)]), sum_interval([(0, 4.0)])
    low, high = poisson_interval(5)
    assert one == pytest.approx((0.5, low / 10.0, high / 10.0))
    both = sum_interval([(5, 10.0), (0, 4.0)])
    assert both[0] == 0.5
    assert max(one[2], other[2]) < both[2] < one[2] + other[2]


def test_the_exact_cusum_crosses_between_two_looks() -> None:
    oracle = Oracle(lambda _seen: 0.0, lambda age_s: 10.0 * age_s, frozenset({Path.PLACE}))
    out = [Seen(0.0, Path.PLACE), Seen(0.5, Path.PLACE), Seen(0.0, Path.QUERY)]
    assert not oracle.waits(0.9, out)
    assert oracle.waits(1.2, out)
    assert oracle.crossing(0.9, 1.2, out) == pytest.approx(1.0, abs=1e-4)


def test_phi_keeps_the_sums_of_the_gaps_it_remembers() -> None:
    phi = Phi(exponential=False)
    for i in range(300):
        phi.done(i + 0.1 * (i % 3), Seen(0.0, Path.PLACE))
    gaps = phi.gaps[Path.PLACE]
    assert phi.sums[Path.PLACE] == pytest.approx((sum(gaps), sum(gap**2 for gap in gaps)))


@pytest.mark.bench
def test_an_outage_is_confirmed_after_its_first_failure_and_before_it_is_down() -> None:
    loop = trained(load("base"), 3)
    loop.run(3.0, Conditions())
    span = Span(loop.now + 1.0, loop.now + 40.0)
    rng = random.Random(3)  # noqa: S311 - a simulation
    alarms = loop.run(30.0, Conditions(fault=faults.errors(span, rng)), onset=span.start, stop_at_down=True)
    assert alarms.first_affected is not None
    assert alarms.confirmed is not None
    assert alarms.down is not None
    assert alarms.first_affected <= alarms.confirmed < alarms.down
