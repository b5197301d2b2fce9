"""What other users do: rare references, slow spells, throttling and lost calls, no ticks, one symbol only."""

import itertools
import random
from collections.abc import Callable, Iterator

import pytest

from riskguard.core.detect import OutcomeClass, VenueDetector
from riskguard.core.types import Path, Verdict

OK, FAULT, LOST, LIMITED = (
    OutcomeClass.OK,
    OutcomeClass.VENUE_FAULT,
    OutcomeClass.UNKNOWN,
    OutcomeClass.RATE_LIMITED,
)
ONSET, END = 300.0, 360.0
BAD = {Verdict.CONFIRMED, Verdict.DOWN}
Answer = tuple[OutcomeClass, float]
"""Outcome and seconds until it is known."""


def live(
    answers: Callable[[float, float], Answer], *, every_s: float = 0.25, reference_s: float | None = 1.0,
    median_s: float = 0.06, path: Path = Path.PLACE, until: float = END, ticks: bool = True,
) -> Iterator[tuple[float, Verdict]]:  # fmt: skip
    """Use one facade as somebody else would; give the verdict after every event."""
    rng, detector = random.Random(7), VenueDetector("v")  # noqa: S311 - a simulation
    events: list[tuple[float, int, str, int]] = []
    ids = itertools.count()
    for i in range(int(until / every_s)):
        sent = i * every_s
        outcome, after = answers(sent, median_s * rng.lognormvariate(0.0, 0.4))
        events.append((sent, next(ids), "sent", i))
        events.append((sent + after, next(ids), str(outcome), i))
    pause_s = reference_s or until
    events.extend((i * pause_s + 0.03, next(ids), "reference", i) for i in range(int(until / pause_s)))
    for now, _, what, i in sorted(events):
        if what == "sent":
            detector.sent(i, now, path, "X")
        elif what == "reference" and reference_s is not None:
            detector.reference(i * reference_s, now, ok=True)
        elif what != "reference":
            detector.done(i, now, what)
        if ticks:
            detector.tick(now, now)
        yield now, detector.verdicts(now)[path]


def hangs(now: float, usual: float) -> Answer:
    return (LOST, 5.0) if now >= ONSET else (OK, usual)


def refuses(now: float, usual: float) -> Answer:
    return (FAULT if now >= ONSET else OK), usual


def first(verdict: Verdict, seen: Iterator[tuple[float, Verdict]]) -> float:
    return next(now for now, said in seen if said is verdict) - ONSET


@pytest.mark.parametrize("answers", [hangs, refuses])
@pytest.mark.parametrize("reference_s", [1.0, 10.0, None])
@pytest.mark.parametrize("ticks", [True, False])
def test_an_outage_is_found_however_seldom_references_answer(
    answers: Callable[[float, float], Answer], reference_s: float | None, ticks: bool
) -> None:
    assert first(Verdict.DOWN, live(answers, reference_s=reference_s, ticks=ticks)) < 22.0


@pytest.mark.parametrize(("median_s", "every_s"), [(0.06, 0.25), (0.5, 0.25), (1.2, 1.0)])
def test_a_market_that_is_three_times_slower_is_never_down(median_s: float, every_s: float) -> None:
    def slower(now: float, usual: float) -> Answer:
        return OK, usual * (3.0 if now >= ONSET else 1.0)

    seen = {said for _, said in live(slower, median_s=median_s, every_s=every_s)}
    assert Verdict.DOWN not in seen


def test_stray_losses_among_rate_limits_are_no_outage() -> None:
    rng = random.Random(3)  # noqa: S311 - a simulation

    def throttled(now: float, usual: float) -> Answer:
        if now < ONSET:
            return OK, usual
        return (LOST, 3.0) if rng.random() < 0.05 else (LIMITED, usual)

    assert Verdict.DOWN not in {said for _, said in live(throttled, every_s=0.2)}


def test_an_outage_that_follows_on_rate_limits_is_found() -> None:
    def throttled(now: float, usual: float) -> Answer:
        if now < ONSET - 20.0:
            return OK, usual
        return (LIMITED, usual) if now < ONSET else (LOST, 5.0)

    assert first(Verdict.DOWN, live(throttled)) < 20.0


def test_thirty_per_cent_failing_at_a_fast_pace_is_no_series_of_short_troubles() -> None:
    rng = random.Random(5)  # noqa: S311 - a simulation

    def partly(now: float, usual: float) -> Answer:
        return (FAULT if now >= ONSET and rng.random() < 0.3 else OK), usual

    assert first(Verdict.DOWN, live(partly, every_s=0.1)) < 16.0


def test_a_slow_venue_is_seen_by_one_symbol_and_slow_canaries() -> None:
    """Nothing fails, so it is the answers that corroborate each other."""
    detector, rng = VenueDetector("v", seed_latency_ms=60), random.Random(2)  # noqa: S311 - a simulation
    seen, out = set[Verdict](), list[tuple[float, int]]()
    for step in range(4000):
        now = step * 0.1
        out.sort()
        while out and out[0][0] <= now:
            at, rid = out.pop(0)
            detector.done(rid, at, OK)
        canary = step % 20 == 0
        detector.sent(step, now, Path.PLACE, None if canary else "X", canary)
        out.append((now + 0.06 * rng.lognormvariate(0.0, 0.4) * (20.0 if now >= ONSET else 1.0), step))
        seen.add(detector.verdicts(now)[Path.PLACE])
        if now < ONSET:
            assert not seen & BAD, now
    assert Verdict.DOWN in seen


def test_a_stream_that_stops_with_its_venue_does_not_void_what_seldom_references_vouch_for() -> None:
    detector, down = VenueDetector("v", seed_latency_ms=800), None
    for step in range(4000):
        now = step * 0.1
        if step % 5 == 0 and now < ONSET:
            detector.stream(now, Path.BOOK)
        if step % 30 == 0:
            detector.reference(now, now + 0.02, ok=True)
        if step % 20 == 0:
            detector.sent(step, now + 0.03, Path.PLACE, "X")
        if step % 20 == 10 and now < ONSET:
            detector.done(step - 10, now + 0.04, OK)
        detector.tick(now + 0.05, now + 0.05)
        if down is None and detector.verdicts(now + 0.05)[Path.PLACE] is Verdict.DOWN:
            down = now
    assert down is not None
    assert down - ONSET < 25.0


def test_a_fast_trader_of_one_symbol_does_not_keep_our_own_probes_away() -> None:
    """Only orders fail, and only canaries can tell that it is not the symbol."""
    detector, down, last = VenueDetector("v", seed_latency_ms=10), None, None
    for step in range(7000):
        now = step * 0.05
        fails = FAULT if now >= ONSET else OK
        if step % 2 == 0:
            detector.sent(step, now, Path.PLACE, "X")
            detector.done(step, now + 0.01, fails)
        while (plan := detector.want_probe(now + 0.02)) is not None:
            detector.sent((step, plan.path), now + 0.02, plan.path, canary=True)
            detector.done((step, plan.path), now + 0.03, fails if plan.path is Path.PLACE else OK)
        last = detector.verdicts(now + 0.04)
        if down is None and last[Path.PLACE] is Verdict.DOWN:
            down = now
    assert down is not None
    assert down - ONSET < 12.0
    assert last is not None
    assert last[Path.CANCEL] is Verdict.UP


def test_calls_that_hang_for_long_keep_a_path_down() -> None:
    """With a deadline far away nothing ends, and what answered before the outage says nothing of now."""
    detector, seen = VenueDetector("v", seed_latency_ms=60), list[Verdict]()
    for step in range(3600):
        now = step * 0.1
        detector.sent(step, now, Path.PLACE, canary=step % 2 == 0)
        if now < ONSET:
            detector.done(step, now + 0.05, OK)
        detector.tick(now + 0.06, now + 0.06)
        seen.append(detector.verdicts(now + 0.06)[Path.PLACE])
    assert Verdict.DOWN in seen
    assert set(seen[seen.index(Verdict.DOWN) :]) == {Verdict.DOWN}
