"""The detector's parts, each on its own: weights, charts, own health, persistence, probes, conditions."""

import asyncio
import random

import pytest

from riskguard.core.detect import (
    Canary,
    Cause,
    Learned,
    OutcomeClass,
    OwnHealth,
    Rung,
    VenueDetector,
    condition,
    persistence_s,
    waiting_s,
)
from riskguard.core.detect.cusum import Charts
from riskguard.core.detect.in_flight import MOST_KEPT
from riskguard.core.detect.likelihood import CLIP_UP, Weights
from riskguard.core.detect.persistence import MONTH_S
from riskguard.core.detect.survival import BUCKETS, Durations, bucket_of, edge_s
from riskguard.core.detect.threshold import Threshold
from riskguard.core.detect.verdict_table import TRANSITIONS, Signal, after
from riskguard.core.types import Condition, Path, Verdict

# Weights


def test_a_bucket_begins_at_its_edge() -> None:
    for bucket in range(1, BUCKETS):
        assert bucket_of(edge_s(bucket) * 1.0001) == bucket


def test_survival_follows_what_was_seen() -> None:
    durations = Durations(0.1)
    for _ in range(5000):
        durations.add(0.02)
    assert durations.survival()[bucket_of(0.1)] < 0.01
    assert durations.survival()[bucket_of(0.01)] > 0.99


def test_a_call_under_way_never_speaks_for_the_venue_and_says_more_as_it_ages() -> None:
    weights = Weights(Durations(0.06, weight=100.0).survival(), 0.003, 0.001)
    for i in (0, 1):
        nats = [triple[i] for triple in weights.in_flight]
        assert min(nats) >= 0.0
        assert nats == sorted(nats)
    assert weights.in_flight[bucket_of(10.0)][0] > 5.0


def test_an_answer_at_usual_speed_speaks_against_every_fault() -> None:
    weights = Weights(Durations(0.06, weight=100.0).survival(), 0.003, 0.001)
    assert all(nats < 0.0 for nats in weights.answered[bucket_of(0.06)])


def test_an_answer_twenty_times_too_late_speaks_for_slow_and_three_times_does_not() -> None:
    durations = Durations(0.06)
    rng = random.Random(1)  # noqa: S311 - a simulation
    for _ in range(3000):
        durations.add(0.06 * rng.lognormvariate(0.0, 0.5))
    weights = Weights(durations.survival(), 0.003, 0.001)
    assert weights.answered[bucket_of(1.2)][2] > 1.0
    assert weights.answered[bucket_of(0.18)][2] < 0.0


def test_charts_have_a_floor_and_a_cap() -> None:
    charts = Charts(16.0)
    for i in range(10):
        charts.add(float(i), (CLIP_UP, -3.0, 0.0))
    assert charts.levels() == (16.0, 0.0, 0.0)
    charts.add(11.0, (-2.5, 1.0, 0.0))
    assert charts.levels() == (13.5, 1.0, 0.0)


def test_a_threshold_grows_with_traffic_and_with_what_is_asked() -> None:
    usual, busy, strict = Threshold(1.0), Threshold(1.0), Threshold(0.1)
    for i in range(20_000):
        busy.call(i / 20.0, calm=True)
    assert busy.nats - usual.nats == pytest.approx(2.0, abs=1.0)
    assert strict.nats - usual.nats == pytest.approx(2.303, abs=0.01)


# The table


def test_every_verdict_has_a_row_and_down_leads_only_to_recovering() -> None:
    assert set(TRANSITIONS) == set(Verdict)
    assert set(TRANSITIONS[Verdict.DOWN].values()) == {Verdict.RECOVERING}
    assert all(after(verdict, Signal.PERSISTED) is Verdict.DOWN for verdict in Verdict)
    assert Verdict.UNPROVEN not in {new for row in TRANSITIONS.values() for new in row.values()}


# Persistence


def test_persistence_is_learnt_from_the_venues_own_blips() -> None:
    rng = random.Random(3)  # noqa: S311 - a simulation
    quick = [x for x in (rng.lognormvariate(-0.7, 0.6) for _ in range(60)) if x > 1.0]
    lasting = [x for x in (rng.lognormvariate(1.1, 0.8) for _ in range(360)) if x > 1.0]
    unknown = persistence_s(1.0, 0.0, [])
    assert persistence_s(1.0, 12 * MONTH_S, quick) < 3.0 < unknown < persistence_s(1.0, 12 * MONTH_S, lasting)


def test_fewer_allowed_false_alarms_need_more_patience() -> None:
    times = [persistence_s(per_year, 0.0, []) for per_year in (12.0, 1.0, 0.2)]
    assert times == sorted(times)
    assert times[0] < times[-1]


def test_the_waiting_time_is_known_without_a_detector() -> None:
    learned = Learned(12 * MONTH_S, (1.2, 1.4, 30.0, 70.0, 0.2))
    detector = VenueDetector("A", learned=learned, false_alarms_per_year=2.0)
    assert detector.snapshot(0.0)["persistence_s"] == round(waiting_s(2.0, learned), 2)


def test_what_was_learnt_is_handed_on() -> None:
    learned = Learned(12 * MONTH_S, (1.2, 1.4, 1.1))
    first = VenueDetector("A", learned=learned)
    assert first.learned() == learned
    assert (
        VenueDetector("A", learned=first.learned()).snapshot(0.0)["persistence_s"]
        == first.snapshot(0.0)["persistence_s"]
    )


# Own health


def test_one_dead_reference_of_two_is_no_trouble() -> None:
    own = OwnHealth(references=("a", "b"))
    for i in range(20):
        own.reference(float(i), i + 0.03, ok=True, name="a")
        own.reference(float(i), i + 0.9, ok=False, name="b")
        assert own.condition(i + 0.95).condition is Condition.FINE


def test_unanswered_pings_count_before_their_time_out() -> None:
    own = OwnHealth(references=("a",))
    own.join("A")
    own.reference(0.0, 0.03, ok=True, name="a")
    own.reference_sent("a", 1.0)
    assert not own.trouble(1.2)
    assert own.trouble(1.4)
    assert own.void_at("A") == 1.4
    assert own.condition(3.5).condition is Condition.SELF
    own.reference(4.0, 4.03, ok=True, name="a")
    assert own.condition(4.1).condition is Condition.FINE


def test_three_venues_that_fail_together_without_a_reference_are_our_own_fault() -> None:
    own = OwnHealth()
    for venue in "ABC":
        own.join(venue)
        own.suspect(venue, 10.0 + 0.1 * "ABC".index(venue))
    assert not own.vouched("A", 10.0, 11.0)
    own.answered("B", 10.5)
    assert own.vouched("A", 10.0, 11.0)


def test_two_venues_of_one_domain_are_one_witness() -> None:
    own = OwnHealth()
    for venue, domain in (("A", "x"), ("B", "y"), ("C", "y")):
        own.join(venue, domain)
        own.suspect(venue, 10.9 if venue != "A" else 10.0)
    own.answered("B", 10.5)
    assert own.vouched("A", 10.0, 11.0)


def test_a_reference_older_than_the_suspicion_does_not_count() -> None:
    own = OwnHealth(references=("a",))
    own.join("A")
    own.reference(9.9, 10.2, ok=True, name="a")
    assert not own.vouched("A", 10.0, 11.0)


def test_peers_taint_only_in_the_majority_and_among_three() -> None:
    for suspicious, total, vouched in ((2, 2, True), (2, 3, False), (2, 4, True), (3, 4, False)):
        detector = VenueDetector("A")
        detector.peers(suspicious, total, 10.0)
        assert detector.own.vouched("A", 9.9, 11.0) is vouched


@pytest.mark.parametrize("stall_s", [0.3, 0.5])
async def test_a_blocked_loop_convicts_nobody(stall_s: float) -> None:
    """A real loop: answers arrive while it stands still, and its timers run before they are read."""
    loop = asyncio.get_running_loop()
    detector = VenueDetector("A", seed_latency_ms=5, persistence_s=0.2, ladder={})
    for i in range(40):
        detector.sent(("warm", i), loop.time(), Path.PLACE)
        detector.done(("warm", i), loop.time() + 0.002, OutcomeClass.OK)
    seen: list[Verdict] = []

    async def call(rid: int) -> None:
        detector.sent(rid, loop.time(), Path.PLACE)
        await asyncio.sleep(0.005)
        detector.done(rid, loop.time(), OutcomeClass.OK)

    async def ticking() -> None:
        due = loop.time() + 0.02
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            detector.tick(loop.time(), due)
            seen.append(detector.verdicts(loop.time())[Path.PLACE])
            due = max(due + 0.02, loop.time())

    ticker = asyncio.create_task(ticking())
    calls = [asyncio.create_task(call(i)) for i in range(8)]
    await asyncio.sleep(0)
    until = loop.time() + stall_s
    while loop.time() < until:
        pass
    await asyncio.gather(*calls)
    await asyncio.sleep(0.1)
    ticker.cancel()
    assert not {Verdict.CONFIRMED, Verdict.DOWN} & set(seen)


# Probes


def test_the_ladder_asks_seldom_while_calm_and_quickly_in_suspicion() -> None:
    detector = VenueDetector("A", ladder={Path.CANCEL: Canary(Rung.CANCEL_UNKNOWN, 2.0)}, seed_latency_ms=60)
    asked = []
    for i in range(200):
        now = i * 0.1
        plan = detector.want_probe(now)
        if plan is not None:
            asked.append(now)
            detector.sent(i, now, plan.path, canary=True)
            detector.done(i, now + 0.05, OutcomeClass.OK if now < 10.0 else OutcomeClass.VENUE_FAULT)
    calm, troubled = [t for t in asked if t < 10.0], [t for t in asked if t > 12.5]
    assert len(calm) <= 6
    assert len(troubled) > 12


def test_one_place_and_cancel_canary_at_a_time() -> None:
    detector = VenueDetector("A", ladder={Path.PLACE: Canary(Rung.PLACE_CANCEL, 30.0)})
    detector.sent("user", 0.0, Path.CANCEL)
    assert detector.want_probe(0.0) is not None
    detector.sent("canary", 0.0, Path.PLACE, canary=True)
    detector.done("user", 0.1, OutcomeClass.VENUE_FAULT)
    assert detector.want_probe(1.5) is None
    detector.done("canary", 1.6, OutcomeClass.OK)
    assert detector.want_probe(1.7) is not None


def test_probes_slow_down_when_the_venue_throttles() -> None:
    def probes(outcome: OutcomeClass) -> int:
        detector, count = VenueDetector("A"), 0
        for i in range(100):
            now = 0.1 * i
            while (plan := detector.want_probe(now)) is not None:
                count += 1
                detector.sent((i, count), now, plan.path, canary=True)
                detector.done((i, count), now + 0.01, outcome)
        return count

    assert probes(OutcomeClass.RATE_LIMITED) < probes(OutcomeClass.OK)


# Conditions

UP = dict.fromkeys(Path, Verdict.UP)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({}, "FINE"),
        ({Path.CANCEL: Verdict.DOWN}, "TRAPPED"),
        ({Path.CANCEL: Verdict.CONFIRMED}, "TRAPPED?"),
        ({Path.PLACE: Verdict.DOWN}, "DEGRADED"),
        ({Path.PLACE: Verdict.DOWN, Path.REDUCE: Verdict.DOWN}, "TRAPPED"),
        ({Path.PLACE: Verdict.DOWN, Path.REDUCE: Verdict.UNPROVEN}, "TRAPPED"),
        ({Path.FILLS: Verdict.DOWN, Path.ACCOUNT: Verdict.DOWN}, "BLIND"),
        ({Path.FILLS: Verdict.DOWN}, "DEGRADED"),
        (dict.fromkeys(Path, Verdict.DOWN), "DARK"),
        (dict.fromkeys(Path, Verdict.CONFIRMED), "DARK?"),
        ({Path.CANCEL: Verdict.RECOVERING}, "RECOVERING"),
        ({Path.CANCEL: Verdict.DOWN, Path.BOOK: Verdict.DOWN}, "TRAPPED"),
        (dict.fromkeys(Path, Verdict.UNPROVEN), "FINE"),
    ],
)
def test_conditions(changed: dict[Path, Verdict], word: str) -> None:
    assert str(condition(UP | changed)) == word


def test_an_overload_that_exempts_reduce_is_no_trap() -> None:
    verdicts = UP | {Path.PLACE: Verdict.DOWN, Path.REDUCE: Verdict.UNPROVEN}
    assert condition(verdicts, overloaded_reduce_exempt=True).word is Condition.DEGRADED


def test_slow_is_not_trapped() -> None:
    verdicts = UP | {Path.CANCEL: Verdict.DOWN}
    assert condition(verdicts, causes={Path.CANCEL: Cause.SLOW}).word is Condition.SLOW
    assert condition(verdicts, causes={Path.CANCEL: Cause.PARTIAL}).word is Condition.DEGRADED


def test_maintenance_when_it_says_so() -> None:
    assert condition(UP, explicit="upgrade until 04:00").word is Condition.MAINTENANCE


# Bounds


def test_memory_is_bounded() -> None:
    detector = VenueDetector("A", ladder={})
    for i in range(5000):
        now = i * 0.05
        detector.sent(i, now, Path.PLACE, f"S{i}")
        if i % 3:
            detector.done(i, now, OutcomeClass.VENUE_FAULT if i % 7 == 0 else OutcomeClass.SYMBOL_HALT)
        detector.tick(now, now)
    path = detector._evidence.paths[Path.PLACE]
    assert len(detector._evidence.calls) <= MOST_KEPT
    assert max(len(path.symbols.tried), len(path.symbols.failing)) <= 33
    assert len(detector._remarks.halted(now)) <= 64


def test_an_unknown_or_repeated_end_is_ignored() -> None:
    detector = VenueDetector("A")
    detector.done("never sent", 1.0, OutcomeClass.VENUE_FAULT)
    detector.sent("x", 2.0, Path.PLACE)
    detector.done("x", 2.1, OutcomeClass.OK)
    for _ in range(10):
        detector.done("x", 2.2, OutcomeClass.VENUE_FAULT)
    assert detector.verdicts(2.3)[Path.PLACE] is Verdict.UP


def test_time_alone_is_announced() -> None:
    detector = VenueDetector("A", ladder={})
    assert detector.next_tick(0.0) is None
    detector.sent("x", 1.0, Path.PLACE)
    upcoming = detector.next_tick(1.0)
    assert upcoming is not None
    assert 1.0 < upcoming < 1.5


def test_a_call_beyond_the_traders_patience_counts_however_slow_the_venue_usually_is() -> None:
    detector = VenueDetector("A", seed_latency_ms=400, order_ack_s=0.2, ladder={})
    for i in range(400):
        detector.sent(i, 1.0 * i, Path.PLACE)
        detector.done(i, 1.0 * i + 0.15 + 0.4 * (i % 2), OutcomeClass.OK)
    for i in range(4):
        detector.sent(("late", i), 500.0 + 0.01 * i, Path.PLACE)
    assert detector.verdicts(500.15)[Path.PLACE] is Verdict.UP
    assert detector.verdicts(500.3)[Path.PLACE] is Verdict.CONFIRMED


def test_a_call_under_way_is_weighed_between_the_tabulated_ages() -> None:
    weights = Weights(Durations(0.06, weight=100.0).survival(), 0.003, 0.001, seen=5000)
    for bucket in range(30, 40):
        low, high = weights.in_flight[bucket][0], weights.in_flight[bucket + 1][0]
        middle = weights.under_way(edge_s(bucket) * 2.0 ** (0.5 / 4))[0]
        assert middle == pytest.approx(0.5 * (low + high), abs=1e-6)
    assert weights.under_way(0.2, slower=8.0)[0] == pytest.approx(weights.under_way(0.05)[0], abs=1e-6)
    assert weights.under_way(0.2, slower=8.0)[2] == weights.under_way(0.2)[2]


def test_a_healthy_venue_costs_no_look_until_a_call_could_say_something() -> None:
    detector = VenueDetector("A", seed_latency_ms=60, ladder={})
    for i in range(400):
        detector.sent(i, 1.0 * i, Path.PLACE)
        detector.done(i, 1.0 * i + 0.06, OutcomeClass.OK)
        detector.verdicts(1.0 * i + 0.06)
    assert detector.next_tick(400.0) is None
    detector.sent("out", 400.0, Path.PLACE)
    wakes = detector.next_tick(400.0)
    assert wakes is not None
    assert 400.02 < wakes < 400.2
    assert detector.verdicts(402.0)[Path.PLACE] is Verdict.SUSPECT


def test_a_call_looked_at_on_the_edge_of_a_bucket_is_looked_at_again() -> None:
    detector = VenueDetector("A", seed_latency_ms=60, ladder={})
    for i in range(400):
        detector.sent(i, 1.0 * i, Path.PLACE)
        detector.done(i, 1.0 * i + 0.06, OutcomeClass.OK)
    detector.sent("out", 400.0, Path.PLACE)
    now, looks = 400.0, 0
    while detector.verdicts(now)[Path.PLACE] is Verdict.UP:
        wakes = detector.next_tick(now)
        assert wakes is not None
        assert now < wakes < 400.5
        now, looks = wakes, looks + 1
    assert looks < 20
