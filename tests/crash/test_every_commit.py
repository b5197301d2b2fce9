"""A crash at every write of the journal in a full incident: the same file, opened again, gives the same book.

In process, under virtual time, with the real journal on a real file: the guard's state is dropped, what was
only queued is lost, and a new guard starts from the rows on disk while the venues lived on.
"""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from riskguard.core.facts import IncidentMoved
from riskguard.core.policy import Policy, Recover, Unwind
from riskguard.core.types import Leg
from riskguard.journal import JournalReader
from riskguard.simulation.world.exchange import EPOCH_MS
from riskguard.simulation.world.faults import ACTING, Fault, Kind, Place
from riskguard.simulation.world.history import Result, run
from riskguard.simulation.world.journals import DiskJournal
from riskguard.simulation.world.policies import leg, policy
from riskguard.simulation.world.script import Crash, Resting, Script, VenueSetup

MAIN, ALPHA = leg("main", "BTC"), leg("alpha", "BTC")
LOST = Fault(Kind.LOST, 36.0, 46.0, "alpha", (Place.REDUCE,))
"""The backup takes the orders that take the hedge off, and does not answer."""
WORLDS = {"plain": (), "polled": (LOST,)}
BEFORE_AND_AFTER = ("commit", "durable", "flush", "flushed")
"""Just before and just after an intent is on disk, and the same for facts that were only queued."""
WHOLE_LIFE = ["opened", "covered", "returned", "reconciled", "unwound"]


def quick() -> Policy:
    """Make a trader's policy with short waiting times, so that a whole incident takes half a minute."""
    made = policy(slices=2, veto_s=0.0, backups=("alpha",), unwind=Unwind(when="auto", after_s=0.0))
    return replace(made, detect=replace(made.detect, recover=Recover(clean_s=2.0, acks=2, stable_s=1.0)))


def script(world: str, crashes: tuple[Crash, ...], *, back_at_s: float) -> Script:
    plain = world == "plain"
    return Script(
        "a short incident",
        quick(),
        tuple(VenueSetup(venue, pushes=plain, says_result=plain) for venue in ("main", "alpha")),
        prices=(("BTC", ((0.0, Decimal(60_000)), (300.0, Decimal(59_000)))),),
        held=((MAIN, Decimal("1.5")),),
        resting=(Resting(MAIN, Decimal("0.2"), Decimal(57_000)),),
        faults=(Fault(Kind.HANG, 7.0, back_at_s, "main", ACTING), *WORLDS[world]),
        crashes=crashes,
        lasts_s=back_at_s + 56.0,
    )


class History:
    """What came of one history, and what its file holds."""

    def __init__(self, world: str, *crashes: Crash, back_at_s: float = 18.0) -> None:
        acted = script(world, crashes, back_at_s=back_at_s)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "rg.db"
            self.result: Result = run(acted, journal=DiskJournal(path, EPOCH_MS))
            with JournalReader(path) as reader:
                self.facts = [fact for _, fact in reader.facts()]

    @property
    def book(self) -> dict[Leg, Decimal]:
        """The final positions that are not zero."""
        return {one: amount for one, amount in self.result.sums.items() if amount}

    @property
    def crashes(self) -> int:
        """How often the guard died."""
        return sum(count for name, count in self.result.struck.items() if name.startswith("crash"))

    def moved(self) -> list[str]:
        """Give the incidents' events in their order."""
        return [fact.event for fact in self.facts if isinstance(fact, IncidentMoved)]


@cache
def whole(world: str, back_at_s: float = 18.0) -> History:
    """Give the uninterrupted run."""
    return History(world, back_at_s=back_at_s)


@pytest.mark.parametrize("world", WORLDS)
def test_the_uninterrupted_run_is_a_full_incident(world: str) -> None:
    found = whole(world)
    assert not found.result.broken
    assert found.moved() == WHOLE_LIFE
    assert found.book == {MAIN: Decimal("1.5")}
    written = found.result.written
    assert written["commit"] == written["durable"] >= 5  # a canary, two slices, and two to take them off
    assert written["flush"] == written["flushed"] >= 5


@pytest.mark.crash
@pytest.mark.parametrize("when", BEFORE_AND_AFTER)
@pytest.mark.parametrize("world", WORLDS)
def test_a_crash_at_every_write_converges_to_the_same_book(world: str, when: str) -> None:
    for nth in range(1, whole(world).result.written[when] + 1):
        found = History(world, Crash(when, nth, 0.5))
        told = f"{when} {nth}: {found.result.broken}\n{found.result.transcript.tail()}"
        assert not found.result.broken, told
        assert found.crashes == 1, told
        assert found.book == whole(world).book, told
        assert found.moved()[-1] in ("unwound", "cleared"), told


@pytest.mark.crash
@pytest.mark.parametrize("when", BEFORE_AND_AFTER)
@pytest.mark.parametrize("world", WORLDS)
def test_a_guard_that_dies_at_one_write_after_the_other_converges_too(world: str, when: str) -> None:
    crashes = [Crash(when, nth, 0.5) for nth in range(1, 6)]
    found = History(world, *crashes, back_at_s=70.0)
    told = f"{found.result.broken}\n{found.result.transcript.tail()}"
    assert not found.result.broken, told
    assert found.crashes == len(crashes), told
    assert found.book == whole(world, 70.0).book, told
    assert found.moved()[-1] == "unwound", told
