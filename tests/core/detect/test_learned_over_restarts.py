"""What a venue's blips taught outlives the process: the journal's facts give it back."""

from riskguard.core.detect.persistence import KEPT, Blip, Learned, Persistence
from riskguard.core.facts import BlipSeen, VenueWatched
from riskguard.core.guard import Guard
from riskguard.core.instant import Instant
from riskguard.core.messages import Record
from riskguard.core.types import Path
from riskguard.simulation.world.policies import STRATEGIES, policy


def guard(*facts: BlipSeen | VenueWatched) -> Guard:
    return Guard(policy(), epoch_ms=1, strategies=STRATEGIES, facts=[(1, fact) for fact in facts])


def blips(count: int, lasted_s: float) -> list[BlipSeen]:
    return [BlipSeen("main", 0, lasted_s, "place", "slow") for _ in range(count)]


def test_a_restarted_guard_starts_from_what_was_learnt() -> None:
    found = guard(*blips(3, 1.5), VenueWatched("main", 3_600.0)).watch.detectors["main"].learned()
    assert found == Learned(3_600.0, (1.5, 1.5, 1.5))


def test_a_venue_of_long_blips_is_given_more_time_after_a_restart() -> None:
    def patience_s(of: Guard) -> object:
        return of.watch.detectors["main"].snapshot(0.0)["persistence_s"]

    taught, untaught = patience_s(guard(*blips(40, 8.0))), patience_s(guard())
    assert isinstance(taught, float)
    assert isinstance(untaught, float)
    assert taught > untaught
    assert patience_s(guard(BlipSeen("alpha", 0, 8.0, "place", "slow"))) == untaught


def test_what_says_nothing_of_the_tail_is_not_learnt() -> None:
    assert Learned().blip(0.4).blip(120.0) == Learned()


def test_the_fold_of_many_blips_is_what_the_detector_keeps() -> None:
    live, folded = Persistence(50.0, Learned(), 3.0), Learned()
    for number in range(KEPT + 40):
        live.watched(10.0)
        live.ended(Blip(float(number), 1.5 + number % 7, (Path.PLACE,), "slow"))
        folded = folded.watched(10.0).blip(1.5 + number % 7)
    assert live.learned == folded


def test_blips_are_told_also_beyond_those_that_are_kept() -> None:
    watch = guard().watch.detectors["main"]
    known = 0
    for number in range(KEPT + 10):
        watch._persistence.ended(Blip(float(number), 1.5, (Path.PLACE,), "slow"))
        new, known = watch.blips_after(known)
        assert [blip.start for blip in new] == [float(number)]


def test_how_long_a_venue_was_watched_is_journalled_now_and_then() -> None:
    watched = guard()
    moments = [Instant(minute * 60.0, minute * 60_000) for minute in range(150)]
    facts = [c.fact for now in moments for c in watched.wake(now) if isinstance(c, Record)]
    recorded = [fact for fact in facts if isinstance(fact, VenueWatched)]
    found = sum(fact.seconds for fact in recorded if fact.venue == "main")
    assert found <= watched.watch.detectors["main"].learned().watched_s
    assert len(recorded) <= 3 * len(watched.watch.detectors)
