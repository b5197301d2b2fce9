"""Two venues fall ill together: theirs while anything independent answers, ours while nothing does."""

from collections.abc import Callable, Iterator

import pytest

from riskguard.core.detect import OutcomeClass, VenueDetector, condition
from riskguard.core.types import Condition, Path, Verdict

from .scripted_world import Fault, World

ONSET, END = 60.0, 100.0
OK = OutcomeClass.OK


def hangs_from(onset: float) -> Fault:
    return lambda now, _path, usual: None if now >= onset else (OK, usual)


def before_onset(now: float) -> bool:
    return now < ONSET


def speaks_until(onset: float) -> Callable[[float], bool]:
    return lambda now: now < onset


def words(world: World) -> list[Condition]:
    detectors = [venue.detector for venue in world.venues.values()]
    return [condition(d.verdicts(world.now), causes=d.causes()).word for d in detectors]


def was_self(world: World) -> bool:
    return any(ours == Condition.SELF for _, ours in world.selves)


def nobody_down(world: World) -> bool:
    return not any(v is Verdict.DOWN for venue in world.venues.values() for _, _, v in venue.history)


@pytest.mark.parametrize("names", ["AB", "ABC"], ids=["1+1", "2+1"])
@pytest.mark.parametrize("apart_s", [0.0, 0.4, 5.0])
def test_a_and_b_sick_while_a_reference_answers_are_both_dark(names: str, apart_s: float) -> None:
    w = World(names, refs=lambda _now: True)
    for name, onset in (("A", ONSET), ("B", ONSET + apart_s)):
        w.venues[name].answers = hangs_from(onset)
        w.venues[name].book = speaks_until(onset)
    w.run(END)
    assert words(w) == [Condition.DARK, Condition.DARK, Condition.FINE][: len(names)]
    assert not was_self(w)


@pytest.mark.parametrize("names", ["AB", "ABC"], ids=["1+1", "2+1"])
@pytest.mark.parametrize("refs", [before_onset, None], ids=["reference silent too", "no reference named"])
def test_everything_silent_at_once_is_ours_and_nobody_is_down(
    names: str, refs: Callable[[float], bool] | None
) -> None:
    w = World(names, refs=refs)
    for venue in w.venues.values():
        venue.answers, venue.book = hangs_from(ONSET), before_onset
    w.run(END)
    assert nobody_down(w)
    assert w.selves[-1][1] == Condition.SELF


def test_two_of_three_sick_while_the_reference_is_silent_and_the_third_answers_are_theirs() -> None:
    """The third venue's answers prove our network as well as any reference does."""
    w = World("ABC", refs=before_onset)
    for name in "AB":
        w.venues[name].answers, w.venues[name].book = hangs_from(ONSET), before_onset
    w.run(END)
    assert words(w) == [Condition.DARK, Condition.DARK, Condition.FINE]
    assert not was_self(w)


def lonely(total: int, *, pings: bool) -> Iterator[tuple[float, VenueDetector]]:
    """Run a facade that shares nothing with the others' and hears of them by `peers` only."""
    detector = VenueDetector("A", seed_latency_ms=60)
    for step in range(1000):
        now = step * 0.1
        detector.sent(step, now, Path.PLACE, canary=True)
        if now < ONSET:
            detector.done(step, now + 0.05, OK)
        if step % 10 == 0:
            detector.reference(now, now + 0.06, ok=pings or now < ONSET)
        detector.peers(2 if now >= ONSET else 0, total, now + 0.06)
        detector.tick(now + 0.06, now + 0.06)
        yield now, detector


@pytest.mark.parametrize("total", [2, 3], ids=["1+1", "2+1"])
def test_a_facade_that_hears_of_sick_peers_convicts_while_its_reference_answers(total: int) -> None:
    down = next(now for now, d in lonely(total, pings=True) if d.verdicts(now)[Path.PLACE] is Verdict.DOWN)
    assert down - ONSET < 14.0


@pytest.mark.parametrize("total", [2, 3], ids=["1+1", "2+1"])
def test_a_facade_that_hears_of_sick_peers_blames_nobody_while_its_reference_is_silent(total: int) -> None:
    ours: list[Condition] = []
    for now, detector in lonely(total, pings=False):
        assert detector.verdicts(now)[Path.PLACE] is not Verdict.DOWN, now
        ours.append(detector.own_condition(now).condition)
    assert ours[-1] is Condition.SELF
