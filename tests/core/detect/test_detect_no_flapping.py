"""A path that is down comes back once: good answers before a new hang bring it back no second time."""

from itertools import pairwise

from riskguard.core.detect import OutcomeClass, VenueDetector
from riskguard.core.types import Path, Verdict

BOOK_EVERY_S = 0.2


def test_calls_that_hang_after_good_answers_keep_a_path_down_at_every_look() -> None:
    detector = VenueDetector("v", seed_latency_ms=30.0)
    calls = iter(range(1_000_000))
    now = 0.0

    def answered(path: Path, outcome: OutcomeClass = OutcomeClass.OK) -> None:
        rid = next(calls)
        detector.sent(rid, now, path)
        detector.done(rid, now + 0.03, outcome)

    seen: list[Verdict] = []
    for step in range(1, 400):
        now = step * 0.1
        detector.tick(now, now)
        detector.reference(now - 0.04, now, ok=True)
        answered(Path.BOOK)
        if now < 8.0 or 24.0 <= now < 24.6:
            answered(Path.QUERY)
        elif step % 5 == 0:
            detector.sent(next(calls), now, Path.QUERY)
        seen.append(detector.verdicts(now + 0.05)[Path.QUERY])
    changes = [b for a, b in pairwise(seen) if a is not b]
    assert changes.count(Verdict.DOWN) == 2
    assert changes.count(Verdict.RECOVERING) == 1
