"""Evidence is kept as figures while all is well, and in full from a minute before a suspicion."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.facts import EvidenceDigest, EvidenceKept
from riskguard.core.instant import Instant
from riskguard.core.messages import (
    BookSeen,
    CallEnded,
    CallStarted,
    LoopTicked,
    ReferenceAnswered,
    StreamMoved,
    VenueSpoke,
)
from riskguard.core.types import Leg, Path
from riskguard.core.watch.evidence import BATCH_S, FULL_S, LEAD_S, MOST_PER_HOUR, Evidence, Witness, read

Facts = list[EvidenceDigest | EvidenceKept]


def now(at_s: float) -> Instant:
    return Instant(at_s, 1_800_000_000_000 + round(at_s * 1000))


def lived(
    witness: Witness, from_s: float, to_s: float, *, suspicious: bool = False, every_s: float = 1.0
) -> Facts:
    """Let calls begin and end 0.1 s later; gives what went on record."""
    found: Facts = []
    for step in range(round((to_s - from_s) / every_s)):
        at_s = from_s + step * every_s
        call = round(at_s * 1000)
        found += witness.saw(CallStarted(call, "main", Path.CANCEL), now(at_s), suspicious=suspicious)
        ended = CallEnded(call, "main", Path.CANCEL, "ok")
        found += witness.saw(ended, now(at_s + 0.1), suspicious=suspicious)
    return found


def kept(facts: Facts) -> list[tuple[float, Evidence]]:
    return [note for fact in facts if isinstance(fact, EvidenceKept) for note in read(fact)]


def test_a_quiet_hour_leaves_figures_only() -> None:
    found = lived(Witness(), 0.0, 3_700.0)
    first, second = (fact for fact in found if isinstance(fact, EvidenceDigest))
    assert len(found) == 2
    assert json.loads(first.outcomes) == {"ok": 1800}
    assert (first.venue, first.path, first.median_ms, first.slowest_ms) == ("main", "cancel", 100.0, 100.0)
    assert second.from_ms == first.to_ms


def test_a_suspicion_brings_the_minute_before_it_on_record_and_all_that_follows() -> None:
    witness = Witness()
    assert lived(witness, 0.0, 100.0) == []
    found = lived(witness, 100.0, 130.0, suspicious=True) + lived(witness, 130.0, 140.0)
    moments = [at_s for at_s, _ in kept(found)]
    assert moments[0] == 100.0 - LEAD_S
    assert moments == sorted(moments)
    calls = [seen.call for _, seen in kept(found) if isinstance(seen, CallStarted)]
    assert calls == [second * 1000 for second in range(40, 131)]
    spans = [(fact.to_ms - fact.from_ms) / 1000 for fact in found if isinstance(fact, EvidenceKept)]
    assert max(spans) <= BATCH_S


def test_a_suspicion_that_lasts_is_kept_at_its_beginning_and_its_end() -> None:
    witness = Witness()
    found = lived(witness, 0.0, 4 * FULL_S, suspicious=True) + lived(witness, 4 * FULL_S, 4 * FULL_S + 9)
    moments = [at_s for at_s, _ in kept(found)]
    gaps = [(before, after) for before, after in pairwise(moments) if after - before > 5]
    ((before, after),) = gaps
    assert FULL_S - BATCH_S <= before <= FULL_S + BATCH_S
    assert after >= 4 * FULL_S - LEAD_S - 1


def test_a_venue_that_flaps_does_not_fill_the_disk() -> None:
    witness, found = Witness(), []
    for round_ in range(1_500):  # 25 minutes, a suspicion a second
        found += lived(witness, round_, round_ + 0.5, suspicious=True, every_s=0.01)
        found += lived(witness, round_ + 0.5, round_ + 1.0, every_s=0.01)
    assert len(kept(found)) <= MOST_PER_HOUR + 200 * BATCH_S


NOTES: list[Evidence] = [
    CallStarted(7, "main", Path.PLACE, "BTC/USDT:USDT", canary=True),
    CallEnded(
        7, "main", Path.PLACE, "unknown", "BTC/USDT:USDT", canary=True, cause="é\n", reduce_exempt=True
    ),
    ReferenceAnswered("https://one.test", 1.25, ok=False),
    VenueSpoke("main", "maintenance", "status page", "BTC/USDT:USDT"),
    StreamMoved("main", Path.BOOK),
    LoopTicked(0.5),
]


@given(st.permutations(NOTES))
def test_what_was_kept_comes_back_as_it_was(notes: list[Evidence]) -> None:
    witness = Witness()
    found: Facts = []
    for step, note in enumerate(notes):
        found += witness.saw(note, now(2.0 + step), suspicious=True)
    found += witness.saw(LoopTicked(9.0), now(9.0), suspicious=False)
    assert [seen for _, seen in kept(found)] == notes


def test_what_bears_on_no_verdict_is_not_kept() -> None:
    witness = Witness()
    book = BookSeen(Leg("main", "BTC/USDT:USDT"), (), ())
    assert witness.saw(book, now(1.0), suspicious=True) == ()
    assert witness.saw(LoopTicked(1.9), now(2.0), suspicious=False) == ()
