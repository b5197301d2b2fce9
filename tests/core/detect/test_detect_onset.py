"""When a trouble began: before the first call that met it, as far as the last good answer allows."""

import itertools
from collections.abc import Callable

import pytest

from riskguard.core.detect import OutcomeClass, VenueDetector
from riskguard.core.detect.likelihood import FailureRates
from riskguard.core.detect.observation import Cause
from riskguard.core.detect.path_evidence import BEFORE_S, Fact, PathEvidence
from riskguard.core.detect.survival import Durations
from riskguard.core.types import Path, Verdict

WAITS_S = 9.0
EVERY_S = 0.25
BREAKS_AT = 100.0
ANSWER_S = 0.03

Ending = Callable[[float], OutcomeClass | None]
"""How a cancel that leaves at a moment ends; None hangs."""


class Sparse:
    """A venue whose cancels are asked seldom until the first fails, and often from then on."""

    def __init__(self, gap_s: float, ending: Ending) -> None:
        self.detector = VenueDetector("v", seed_latency_ms=1000.0 * ANSWER_S, persistence_s=WAITS_S)
        self.ending = ending
        self.calls = itertools.count()
        self.down_at: float | None = None
        steps_apart = round(gap_s / EVERY_S)
        for step in range(round((BREAKS_AT + 30.0) / EVERY_S)):
            now = step * EVERY_S
            self.detector.tick(now, now)
            self.detector.reference(now - 0.04, now, ok=True)
            self._asks(Path.QUERY, now, OutcomeClass.OK)
            if now >= BREAKS_AT or (step - BREAKS_AT / EVERY_S) % steps_apart == 0:
                self._asks(Path.CANCEL, now, ending(now))
            if self.down_at is None and self.detector.verdicts(now + 0.1)[Path.CANCEL] is Verdict.DOWN:
                self.down_at = now

    def _asks(self, path: Path, now: float, outcome: OutcomeClass | None) -> None:
        rid = next(self.calls)
        self.detector.sent(rid, now, path)
        if outcome is not None:
            self.detector.done(rid, now + ANSWER_S, outcome)


def fails(now: float) -> OutcomeClass:
    return OutcomeClass.VENUE_FAULT if now >= BREAKS_AT else OutcomeClass.OK


def hangs(now: float) -> OutcomeClass | None:
    return None if now >= BREAKS_AT else OutcomeClass.OK


@pytest.mark.parametrize(
    ("gap_s", "before_s"), [(0.25, 0.125), (1.0, 0.5), (3.0, 1.5), (10.0, BEFORE_S), (50.0, BEFORE_S)]
)
@pytest.mark.parametrize("ending", [fails, hangs])
def test_it_began_halfway_back_to_the_last_good_answer_but_not_long_ago(
    gap_s: float, before_s: float, ending: Ending
) -> None:
    down_at = Sparse(gap_s, ending).down_at
    assert down_at is not None
    assert down_at - BREAKS_AT == pytest.approx(WAITS_S - before_s, abs=EVERY_S)


def test_a_blip_is_as_long_as_what_would_have_been_waited_for() -> None:
    """From halfway before its first failure to halfway after its last."""
    ends = BREAKS_AT + 3.0
    sparse = Sparse(1.0, lambda now: fails(now) if now < ends else OutcomeClass.OK)
    (blip,) = sparse.detector.blips()
    assert blip.length_s == pytest.approx(3.0 + 0.5 - 0.5 * EVERY_S, abs=0.05)


def test_a_blip_is_not_as_long_as_a_hang_before_it_that_is_over() -> None:
    path = PathEvidence(Path.CANCEL, 16.0, Durations(0.1, weight=1.0), FailureRates())
    path.verdict = Verdict.CONFIRMED
    path.begin_look()
    path.under_way(100.0, "X", (5.0, 5.0, 0.0))
    path.end_look(101.0)
    path.run.began = 99.0
    path.begin_look()
    path.end_look(102.0)  # what hung was answered

    path.bad(Fact(110.0, 110.1, OutcomeClass.VENUE_FAULT, "X", void=False, latency_s=0.1))
    path.ok(Fact(110.5, 110.6, OutcomeClass.OK, "X", void=False, latency_s=0.1))

    assert path.run_s == pytest.approx(0.25)  # from its only failure to halfway to the answer


def test_what_only_hangs_is_dead_and_not_slow() -> None:
    sparse = Sparse(4.0, hangs)
    assert sparse.down_at is not None
    assert sparse.detector.causes()[Path.CANCEL] is Cause.DEAD


@pytest.mark.parametrize(
    ("good", "failed", "agree"),
    [(3, 0, True), (11, 1, False), (10, 2, True), (56, 3, False), (56, 5, True), (200, 10, False)],
)
def test_probes_second_a_path_that_fails_now_and_then_by_more_than_a_stray_failure(
    good: int, failed: int, agree: bool
) -> None:
    path = PathEvidence(Path.CANCEL, 16.0, Durations(0.1, weight=1.0), FailureRates())
    path.sporadic.probes_good, path.sporadic.probes_failed = good, failed
    assert path.sporadic.probes_agree() is agree


def _fails_now_and_then(*paths: Path) -> float:
    """Give how long after the onset cancels are down where one call in four fails, on each path by turns."""
    detector = VenueDetector("v", seed_latency_ms=1000.0 * ANSWER_S, persistence_s=WAITS_S)
    for step in range(-round(BREAKS_AT / EVERY_S), round(30.0 / EVERY_S)):
        now = BREAKS_AT + step * EVERY_S
        detector.tick(now, now)
        detector.reference(now - 0.04, now, ok=True)
        for path in (Path.CANCEL, Path.PLACE, Path.QUERY):
            turn = 2 * paths.index(path) if path in paths else None
            bad = turn is not None and step >= 0 and step % 4 == turn
            detector.sent((path, step), now, path, canary=True)
            outcome = OutcomeClass.VENUE_FAULT if bad else OutcomeClass.OK
            detector.done((path, step), now + ANSWER_S, outcome)
        if detector.verdicts(now + 0.05)[Path.CANCEL] is Verdict.DOWN:
            return step * EVERY_S
    return float("inf")


def test_failing_now_and_then_lasts_until_the_last_failure_of_any_path_through_the_engine() -> None:
    alone, together = _fails_now_and_then(Path.CANCEL), _fails_now_and_then(Path.CANCEL, Path.PLACE)
    assert together == alone - 2 * EVERY_S
