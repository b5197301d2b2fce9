"""What holds for any history: order, good answers, remarks, taint, replay, shift and scale of time."""

import copy
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskguard.core.detect import OutcomeClass, OwnHealth, VenueDetector
from riskguard.core.types import Path, Verdict

PATHS = (Path.PLACE, Path.CANCEL, Path.QUERY, Path.ACCOUNT)
WEIGHED = (OutcomeClass.OK, OutcomeClass.USER_FAULT, OutcomeClass.VENUE_FAULT, OutcomeClass.UNKNOWN)


@dataclass(frozen=True)
class Step:
    """One call: how long after the one before it leaves, and how it ends."""

    pause_s: float
    path: Path
    outcome: OutcomeClass
    latency_s: float
    symbol: str | None
    canary: bool


steps = st.lists(
    st.builds(
        Step,
        pause_s=st.sampled_from([0.0, 0.0625, 0.25, 1.0, 3.0]),
        path=st.sampled_from(PATHS),
        outcome=st.sampled_from(list(OutcomeClass)),
        latency_s=st.sampled_from([0.015625, 0.0625, 0.09375, 0.375, 1.5, 4.0]),
        symbol=st.sampled_from([None, "X", "Y"]),
        canary=st.booleans(),
    ),
    max_size=40,
)


def events(history: list[Step]) -> list[tuple[float, int, bool, Step]]:
    """Give (when, id, is the end of the call, step) in the order of time."""
    now, found = 0.0, []
    for rid, step in enumerate(history):
        now += step.pause_s
        found.append((now, rid, False, step))
        found.append((now + step.latency_s, rid, True, step))
    return sorted(found, key=lambda event: (event[0], event[2], event[1]))


def feed(
    detector: VenueDetector, event: tuple[float, int, bool, Step], *, times: float = 1.0, shift: float = 0.0
) -> None:
    when, rid, is_end, step = event
    now = when * times + shift
    if is_end:
        detector.done(rid, now, step.outcome)
    else:
        detector.sent(rid, now, step.path, step.symbol, step.canary)


def run(
    history: list[Step], *, times: float = 1.0, shift: float = 0.0
) -> tuple[VenueDetector, list[dict[Path, Verdict]]]:
    detector = VenueDetector("A", seed_latency_ms=60 * times, persistence_s=5.0 * times)
    seen = []
    for event in events(history):
        feed(detector, event, times=times, shift=shift)
        seen.append(detector.verdicts(event[0] * times + shift))
    return detector, seen


def nats(detector: VenueDetector, now: float) -> dict[str, tuple[float, ...]]:
    """Give each path's three levels, calls under way included."""
    shown = detector.snapshot(now)["paths"]
    assert isinstance(shown, dict)
    return {path: tuple(values["nats"]) for path, values in shown.items() if "nats" in values}


@settings(max_examples=40, deadline=None)
@given(
    steps,
    st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(WEIGHED)), min_size=2, max_size=6),
    st.data(),
)
def test_answers_of_one_moment_commute(
    history: list[Step], together: list[tuple[Path, OutcomeClass]], data: st.DataObject
) -> None:
    first, _ = run(history)
    now = first._now if history else 0.0
    for i, (path, _) in enumerate(together):
        first.sent(("t", i), now + 0.01 * (i + 1), path, canary=i % 2 == 0)
    second = copy.deepcopy(first)
    end = now + 0.5
    for i in range(len(together)):
        first.done(("t", i), end, together[i][1])
    for i in data.draw(st.permutations(range(len(together)))):
        second.done(("t", i), end, together[i][1])
    for later in (0.0, 0.3, 6.0):
        assert first.verdicts(end + later) == second.verdicts(end + later)
        ours, theirs = nats(first, end + later), nats(second, end + later)
        for name, levels in ours.items():
            assert levels == pytest.approx(theirs[name], abs=0.011)


@settings(max_examples=40, deadline=None)
@given(
    steps,
    st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(WEIGHED)), min_size=2, max_size=6),
    st.data(),
)
def test_calls_that_leave_together_commute(
    history: list[Step], together: list[tuple[Path, OutcomeClass]], data: st.DataObject
) -> None:
    first, _ = run(history)
    now = (first._now if history else 0.0) + 0.01
    second = copy.deepcopy(first)
    for i, (path, _) in enumerate(together):
        first.sent(("t", i), now, path, canary=i % 2 == 0)
    for i in data.draw(st.permutations(range(len(together)))):
        second.sent(("t", i), now, together[i][0], canary=i % 2 == 0)
    for later in (0.0, 0.3, 1.1):
        assert first.verdicts(now + later) == second.verdicts(now + later)
    for i, (_, outcome) in enumerate(together):
        first.done(("t", i), now + 2.0, outcome)
        second.done(("t", i), now + 2.0, outcome)
    assert first.verdicts(now + 8.0) == second.verdicts(now + 8.0)
    ours, theirs = nats(first, now + 8.0), nats(second, now + 8.0)
    for name, levels in ours.items():
        assert levels == pytest.approx(theirs[name], abs=0.011)


@settings(max_examples=40, deadline=None)
@given(steps, st.sampled_from([OutcomeClass.OK, OutcomeClass.USER_FAULT]), st.data())
def test_a_good_answer_never_raises_a_chart(
    history: list[Step], good: OutcomeClass, data: st.DataObject
) -> None:
    detector, _ = run(history)
    started = max(detector._now, 0.0)
    for i, path in enumerate(PATHS):
        detector.sent(("out", i), started + 0.01 * (i + 1), path, canary=True)
    now = started + data.draw(st.sampled_from([0.05, 0.3, 1.5, 5.0]))
    before = nats(detector, now)
    detector.done(("out", data.draw(st.integers(0, 3))), now, good)
    after = nats(detector, now)
    for name, levels in after.items():
        assert all(b <= a + 0.011 for a, b in zip(before[name], levels, strict=True))


@settings(max_examples=40, deadline=None)
@given(steps)
def test_a_refused_bad_order_weighs_like_an_accepted_one(history: list[Step]) -> None:
    changed = [
        Step(s.pause_s, s.path, OutcomeClass.USER_FAULT, s.latency_s, s.symbol, s.canary)
        if s.outcome is OutcomeClass.OK
        else s
        for s in history
    ]
    one, seen = run(history)
    other, also = run(changed)
    assert seen == also
    assert nats(one, one._now) == nats(other, other._now)


@settings(max_examples=40, deadline=None)
@given(steps, st.sampled_from([OutcomeClass.RATE_LIMITED, OutcomeClass.SYMBOL_HALT, OutcomeClass.AUTH]))
def test_remarks_move_no_chart(history: list[Step], remark: OutcomeClass) -> None:
    detector, _ = run(history)
    now = max(detector._now, 0.0) + 0.01
    detector.verdicts(now)  # an episode that is over may be forgotten here, remark or not
    levels = {path: e.charts.levels() for path, e in detector._evidence.paths.items()}
    for i in range(20):
        detector.sent(("r", i), now, Path.PLACE)
        detector.done(("r", i), now, remark)
    detector.verdicts(now)
    assert {
        path: e.charts.levels() for path, e in detector._evidence.paths.items() if path in levels
    } == levels


@settings(max_examples=40, deadline=None)
@given(steps, st.floats(0.21, 3.0))
def test_a_late_loop_raises_no_chart_and_a_stalled_one_voids_all(history: list[Step], late_s: float) -> None:
    detector, _ = run(history)
    now = max(detector._now, 0.0) + 0.01
    before = nats(detector, now)
    detector.tick(now + 0.0001, now + 0.0001 - late_s)
    after = nats(detector, now + 0.0001)
    for name, levels in after.items():
        assert all(
            b <= (0.0 if late_s > 2.0 else a + 0.011) for a, b in zip(before[name], levels, strict=True)
        )


@settings(max_examples=40, deadline=None)
@given(steps)
def test_replaying_the_recorded_evidence_gives_the_same_verdicts(history: list[Step]) -> None:
    one, seen = run(history)
    other, again = run(history)
    assert seen == again
    assert one.snapshot(one._now) == other.snapshot(other._now)


@settings(max_examples=40, deadline=None)
@given(steps, st.sampled_from([256.0, 65536.0]))
def test_verdicts_do_not_depend_on_when_it_is(history: list[Step], shift: float) -> None:
    assert run(history)[1] == run(history, shift=shift)[1]


@settings(max_examples=40, deadline=None)
@given(steps)
def test_charts_do_not_depend_on_the_scale_of_time(history: list[Step]) -> None:
    usual, _ = run(history)
    slower, _ = run(history, times=2.0)
    there = {path: e.charts.levels() for path, e in slower._evidence.paths.items()}
    for path, evidence in usual._evidence.paths.items():
        assert evidence.charts.levels() == pytest.approx(there[path], abs=0.05)


@settings(max_examples=40, deadline=None)
@given(steps)
def test_nobody_is_down_without_a_reference_newer_than_the_trouble(history: list[Step]) -> None:
    detector = VenueDetector(
        "A", own_health=OwnHealth(references=("ref",)), seed_latency_ms=60, persistence_s=2.0
    )
    only_bad = [s for s in history if s.outcome in (OutcomeClass.VENUE_FAULT, OutcomeClass.UNKNOWN)]
    detector.reference(-1.0, 0.0, ok=True, name="ref")
    for event in events(only_bad):
        feed(detector, event)
        assert not {Verdict.CONFIRMED, Verdict.DOWN} & set(detector.verdicts(event[0]).values())
