"""The troubles a guard is tried on, end to end through the shipped detector: who is blamed."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial

import pytest

from riskguard.core.detect import OutcomeClass, VenueCondition, VenueDetector, condition
from riskguard.core.types import Condition, Path, Verdict

from .scripted_world import Answer, Fault, World

ONSET = 60.0
END = ONSET + 40.0
ORDERS = frozenset({Path.PLACE, Path.CANCEL, Path.REDUCE})
EVERYTHING = frozenset(Path)


def hangs(paths: AbstractSet[Path] = EVERYTHING, until: float = 1e9) -> Fault:
    return lambda now, path, usual: (
        None if path in paths and ONSET <= now < until else (OutcomeClass.OK, usual)
    )


def answers(outcome: OutcomeClass, paths: AbstractSet[Path] = EVERYTHING) -> Fault:
    return lambda now, path, usual: (outcome if path in paths and now >= ONSET else OutcomeClass.OK, usual)


def before_onset(now: float) -> bool:
    return now < ONSET


def state(world: World, name: str) -> VenueCondition:
    detector = world.venues[name].detector
    return condition(
        detector.verdicts(world.now),
        causes=detector.causes(),
        explicit=detector.maintenance(world.now),
        overloaded_reduce_exempt=detector.reduce_exempt,
    )


def went_down(world: World, name: str, path: Path = Path.CANCEL) -> float | None:
    return world.venues[name].first(path, Verdict.DOWN)


def after_onset(when: float | None) -> float:
    assert when is not None
    return when - ONSET


def was_self(world: World) -> bool:
    return any(condition == Condition.SELF for _, condition in world.selves)


def test_all_traffic_dead_at_once_without_an_outside_reference_is_our_own_fault() -> None:
    w = World("AB")
    for venue in w.venues.values():
        venue.answers, venue.book = hangs(), before_onset
    w.run(END)
    assert not any(verdict is Verdict.DOWN for v in w.venues.values() for _, _, verdict in v.history)
    assert w.selves[-1][1] == Condition.SELF
    assert w.selves[-1][0] - ONSET < 8.0


def test_order_calls_dead_at_both_while_public_data_flows_is_two_trapped_venues() -> None:
    w = World("AB")
    for venue in w.venues.values():
        venue.answers = hangs(ORDERS)
    w.run(END)
    assert [state(w, n).word for n in "AB"] == [Condition.TRAPPED] * 2
    assert not was_self(w)


def test_both_dark_while_an_outside_reference_answers_is_dark_twice() -> None:
    w = World("AB", refs=lambda _now: True)
    for venue in w.venues.values():
        venue.answers, venue.book = hangs(), before_onset
    w.run(END)
    assert [state(w, n).word for n in "AB"] == [Condition.DARK] * 2
    assert not was_self(w)


def test_both_dark_while_the_outside_reference_is_silent_is_our_own_fault() -> None:
    w = World("AB", refs=before_onset)
    for venue in w.venues.values():
        venue.answers, venue.book = hangs(), before_onset
    w.run(END)
    assert not any(verdict is Verdict.DOWN for v in w.venues.values() for _, _, verdict in v.history)
    assert was_self(w)


def test_two_sick_of_three_while_the_third_answers_are_both_dark() -> None:
    w = World("ABC")
    for name in "AB":
        w.venues[name].answers, w.venues[name].book = hangs(), before_onset
    w.run(END)
    assert [state(w, n).word for n in "ABC"] == [Condition.DARK, Condition.DARK, Condition.FINE]
    assert not was_self(w)


def test_hung_orders_at_one_venue_trap_it_and_leave_the_other_alone() -> None:
    w = World("AB")
    w.venues["A"].answers = hangs(ORDERS)
    w.run(END)
    assert str(state(w, "A")) == "TRAPPED"
    assert state(w, "B").word is Condition.FINE
    assert w.venues["A"].verdicts[Path.QUERY] is Verdict.UP
    assert w.venues["A"].verdicts[Path.BOOK] is Verdict.UP
    assert after_onset(went_down(w, "A")) < 14.0


def slow_reads(now: float, path: Path, usual: float) -> Answer:
    return OutcomeClass.OK, usual + (2.9 if now >= ONSET and path in (Path.QUERY, Path.ACCOUNT) else 0.0)


@pytest.mark.parametrize(
    ("answer", "book"),
    [
        (answers(OutcomeClass.RATE_LIMITED), lambda _now: True),
        (answers(OutcomeClass.AUTH), lambda _now: True),
        (hangs(frozenset()), before_onset),
        (slow_reads, lambda _now: True),
        (answers(OutcomeClass.USER_FAULT), lambda _now: True),
    ],
    ids=["rate limited", "keys refused", "market data dead", "slow reads", "orders refused"],
)
def test_what_says_nothing_against_orders_never_convicts_them(
    answer: Fault, book: Callable[[float], bool]
) -> None:
    w = World("AB")
    w.venues["A"].answers, w.venues["A"].book = answer, book
    w.run(END + 60.0)
    assert not {v for _, p, v in w.venues["A"].history if p in ORDERS} & {Verdict.CONFIRMED, Verdict.DOWN}
    assert state(w, "A").word not in (Condition.TRAPPED, Condition.DARK)


def test_one_hung_place_at_a_time_is_enough() -> None:
    w = World("AB")
    w.place_exclusive = True
    w.venues["A"].answers = hangs({Path.PLACE})
    w.run(END)
    assert after_onset(went_down(w, "A", Path.PLACE)) < 15.0
    assert w.venues["A"].verdicts[Path.CANCEL] is Verdict.UP
    assert state(w, "A").word is Condition.TRAPPED


def test_place_that_exempts_reduce_is_no_trap() -> None:
    w = World("A")
    w.exempts_reduce = True
    w.venues["A"].answers = answers(OutcomeClass.VENUE_FAULT, {Path.PLACE})
    w.run(END)
    assert w.venues["A"].verdicts[Path.PLACE] is Verdict.DOWN
    assert w.venues["A"].verdicts[Path.REDUCE] is Verdict.UNPROVEN
    assert state(w, "A").word is Condition.DEGRADED


@pytest.mark.parametrize("outcome", [OutcomeClass.VENUE_FAULT, OutcomeClass.UNKNOWN])
def test_errors_and_lost_answers_on_cancel_are_failures_of_cancel(outcome: OutcomeClass) -> None:
    w = World("AB")
    w.venues["A"].answers = answers(outcome, {Path.CANCEL})
    w.run(END)
    assert state(w, "A").word is Condition.TRAPPED
    assert w.venues["A"].verdicts[Path.PLACE] is Verdict.UP


def test_a_path_comes_back_only_after_clean_seconds_and_good_answers() -> None:
    w = World("AB")
    w.venues["A"].answers = hangs(ORDERS, until=ONSET + 20.0)
    w.run(ONSET + 100.0)
    assert w.venues["A"].verdicts[Path.CANCEL] is Verdict.RECOVERING
    assert state(w, "A").word is Condition.RECOVERING
    w.run(ONSET + 200.0)
    assert w.venues["A"].verdicts[Path.CANCEL] is Verdict.UP
    assert after_onset(w.venues["A"].first(Path.CANCEL, Verdict.RECOVERING)) - 20.0 < 10.0


def test_a_short_blip_is_recorded_and_never_goes_down() -> None:
    w = World("AB")
    w.venues["A"].answers = hangs(ORDERS, until=ONSET + 5.0)
    w.run(END)
    assert went_down(w, "A") is None
    (blip,) = w.venues["A"].detector.blips()
    assert 2.0 < blip.length_s < 6.0
    assert set(blip.paths) == {Path.PLACE, Path.CANCEL}


def test_the_venues_own_word_needs_a_repetition_and_yields_to_an_accepted_order() -> None:
    w = World("AB")
    w.venues["A"].answers = answers(OutcomeClass.EXPLICIT)
    w.run(ONSET + 10.0)
    assert state(w, "A").word is Condition.MAINTENANCE
    assert after_onset(went_down(w, "A")) < 6.0
    w.venues["A"].answers = answers(OutcomeClass.OK)
    w.run(END)
    assert state(w, "A").word is Condition.RECOVERING


def test_an_old_good_reduce_does_not_outlive_place() -> None:
    w = World("A")
    w.call("A", Path.REDUCE)
    w.run(10.0)
    assert w.venues["A"].verdicts[Path.REDUCE] is Verdict.UP
    w.venues["A"].answers = hangs({Path.PLACE})
    w.run(END)
    assert w.venues["A"].verdicts[Path.REDUCE] is Verdict.DOWN
    assert state(w, "A").word is Condition.TRAPPED


def test_a_venue_that_was_always_slow_is_not_slow() -> None:
    w = World("AB", seed_latency_ms=None)
    w.venues["A"].answers = lambda _now, _path, usual: (OutcomeClass.OK, usual + 1.5)
    w.run(END)
    assert state(w, "A").word is Condition.FINE


def test_traffic_that_grows_a_hundredfold_does_not_blunt_the_detector() -> None:
    w = World("AB")
    for i in range(6000):
        w.at(0.5 + i * 0.01, partial(w.call, "A", Path.PLACE, symbol="X"))
    w.venues["A"].answers = answers(OutcomeClass.VENUE_FAULT, ORDERS)
    w.run(END)
    assert state(w, "A").word is Condition.TRAPPED


def test_a_loop_that_is_often_a_little_late_still_finds_an_outage() -> None:
    w = World("AB")
    w.venues["A"].answers = hangs(ORDERS)
    for i in range(60):
        w.at(ONSET + 1.1 + 1.5 * i, partial(w.late, 0.3))
    w.run(END)
    assert state(w, "A").word is Condition.TRAPPED
    assert state(w, "B").word is Condition.FINE


def test_a_stream_that_comes_back_after_our_own_cut_was_never_the_venues_fault() -> None:
    detector = VenueDetector("A", seed_latency_ms=60)
    for step in range(1200):
        now = step * 0.05
        if now < 20.0 or now >= 50.0 + 2.0:  # the references answer again 2 s before the first message
            detector.stream(now, Path.BOOK)
        if step % 20 == 0:
            detector.reference(now, now + 0.03, ok=not 20.0 <= now < 50.0)
        detector.tick(now, now)
        assert detector.verdicts(now)[Path.BOOK] is not Verdict.DOWN, now


def test_a_stream_that_stays_silent_after_our_own_cut_is_down() -> None:
    detector = VenueDetector("A", seed_latency_ms=60)
    for step in range(1600):
        now = step * 0.05
        if now < 20.0:
            detector.stream(now, Path.BOOK)
        if step % 20 == 0:
            detector.reference(now, now + 0.03, ok=not 20.0 <= now < 50.0)
        detector.tick(now, now)
    assert detector.verdicts(80.0)[Path.BOOK] is Verdict.DOWN


def test_stray_failures_before_a_short_blip_do_not_make_it_look_old() -> None:
    detector, seen = VenueDetector("A", seed_latency_ms=60), set[Verdict]()
    for call in range(600):
        now = call * 0.25
        failing = call % 12 == 0 or 120.0 <= now < 123.0
        detector.sent(call, now, Path.PLACE)
        detector.done(call, now + 0.06, OutcomeClass.VENUE_FAULT if failing else OutcomeClass.OK)
        detector.tick(now + 0.1, now + 0.1)
        seen.add(detector.verdicts(now + 0.1)[Path.PLACE])
    assert Verdict.CONFIRMED in seen
    assert Verdict.DOWN not in seen
