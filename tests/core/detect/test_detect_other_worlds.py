"""Worlds other than the assumed one: what can be learnt is not taken for granted, and nothing poisons it."""

import random
from collections.abc import Callable
from functools import partial

from riskguard.core.detect import OutcomeClass, OwnHealth, Recover, VenueDetector
from riskguard.core.types import Path, Verdict

from .scripted_world import Answer, World

OK, FAULT, LOST = OutcomeClass.OK, OutcomeClass.VENUE_FAULT, OutcomeClass.UNKNOWN
BAD = {Verdict.CONFIRMED, Verdict.DOWN}


def ask(
    detector: VenueDetector, path: Path, at: float, outcome: OutcomeClass, takes_s: float = 0.06
) -> Verdict:
    """Make one call and give the verdict on its path after it."""
    detector.sent((path, at), at, path, canary=True)
    detector.done((path, at), at + takes_s, outcome)
    return detector.verdicts(at + takes_s)[path]


def test_references_that_take_half_a_second_are_no_trouble_and_their_silence_is() -> None:
    own = OwnHealth(references=("far",))
    for i in range(30):
        own.reference_sent("far", float(i))
        assert not own.trouble(i + 0.44) or i == 0
        own.reference(float(i), i + 0.45, ok=True, name="far")
    own.reference_sent("far", 30.0)
    assert not own.trouble(30.5)
    assert own.trouble(33.1)


def test_a_wrong_guess_of_the_latency_is_corrected_by_what_is_seen() -> None:
    rng = random.Random(5)  # noqa: S311 - a simulation
    w = World("AB", seed_latency_ms=60)
    w.venues["A"].answers = lambda _now, _path, _usual: (OK, min(2.5, 0.8 * rng.lognormvariate(0.0, 0.4)))
    w.run(120.0)
    assert Verdict.DOWN not in {verdict for _, _, verdict in w.venues["A"].history}
    assert w.venues["A"].verdicts[Path.CANCEL] is Verdict.UP
    w.venues["A"].answers = lambda _now, _path, _usual: None
    w.run(160.0)
    assert w.venues["A"].verdicts[Path.CANCEL] is Verdict.DOWN


def test_an_outage_in_the_training_teaches_nothing() -> None:
    detector = VenueDetector("A", ladder={}, recover=Recover(1.0, 3))
    for i in range(2000):
        ask(detector, Path.PLACE, 0.3 * i, FAULT)
    for i in range(40):
        ask(detector, Path.PLACE, 700.0 + 0.3 * i, OK)
    assert detector.verdicts(720.0)[Path.PLACE] is Verdict.UP
    seen = [ask(detector, Path.PLACE, 720.0 + 0.3 * i, FAULT) for i in range(4)]
    assert seen[-1] in BAD


def test_a_call_lost_alone_long_ago_does_not_date_a_blip() -> None:
    """Orders are seldom; one was lost by chance, and half a minute later a blip of a second begins."""
    detector = VenueDetector("A", ladder={}, seed_latency_ms=60)
    for i in range(20):
        ask(detector, Path.PLACE, 1.0 * i, OK)
    ask(detector, Path.PLACE, 20.0, LOST)
    for i in range(60):
        ask(detector, Path.CANCEL, 21.0 + 0.5 * i, OK)
    blip = [
        ask(detector, path, 52.0 + 0.2 * i, FAULT) for i in range(5) for path in (Path.PLACE, Path.CANCEL)
    ]
    assert Verdict.CONFIRMED in blip
    assert Verdict.DOWN not in blip


def test_a_fast_traders_hanging_calls_date_the_outage_although_few_are_kept() -> None:
    w = World("AB")
    for i in range(2400):
        w.at(30.0 + i * 0.02, partial(w.call, "A", Path.PLACE, symbol="X"))
    w.venues["A"].answers = hangs_from(40.0)
    w.run(60.0)
    down = w.venues["A"].first(Path.PLACE, Verdict.DOWN)
    assert down is not None
    assert down - 40.0 < 12.0


def hangs_from(onset: float) -> Callable[[float, Path, float], Answer]:
    return lambda now, _path, usual: None if now >= onset else (OK, usual)


def test_a_path_is_up_again_after_the_policys_seconds_and_answers_whatever_the_charts_remember() -> None:
    detector = VenueDetector("A", ladder={}, persistence_s=2.0, recover=Recover(clean_s=4.0, acks=5))
    for i in range(100):
        ask(detector, Path.CANCEL, 0.5 * i, OK)
    for i in range(20):
        ask(detector, Path.CANCEL, 50.0 + 0.5 * i, FAULT)
    assert detector.verdicts(60.0)[Path.CANCEL] is Verdict.DOWN
    back = [ask(detector, Path.CANCEL, 60.0 + 1.0 * i, OK) for i in range(5)]
    assert back == [Verdict.DOWN, Verdict.DOWN, Verdict.RECOVERING, Verdict.RECOVERING, Verdict.UP]


def test_a_path_that_recovers_and_fails_again_is_down_at_once() -> None:
    detector = VenueDetector("A", ladder={}, persistence_s=2.0, recover=Recover(clean_s=60.0, acks=5))
    for i in range(100):
        ask(detector, Path.CANCEL, 0.5 * i, OK)
    for i in range(20):
        ask(detector, Path.CANCEL, 50.0 + 0.5 * i, FAULT)
    for i in range(8):
        ask(detector, Path.CANCEL, 60.0 + 1.0 * i, OK)
    assert detector.verdicts(68.0)[Path.CANCEL] is Verdict.RECOVERING
    again = [ask(detector, Path.CANCEL, 68.0 + 0.3 * i, FAULT) for i in range(4)]
    assert again[-1] is Verdict.DOWN


def test_a_stream_that_speaks_often_does_not_hide_when_we_were_last_vouched_for() -> None:
    """A busy stream elsewhere answers hundreds of times between two failing calls."""
    own = OwnHealth()
    own.join("A")
    own.join("B")
    for i in range(5000):
        own.answered("B", 100.0 + 0.01 * i)
    assert own.vouched("A", 145.0, failed_sent_at=141.0, onset=140.0)
    assert not own.vouched("A", 145.0, failed_sent_at=139.0, onset=140.0)
