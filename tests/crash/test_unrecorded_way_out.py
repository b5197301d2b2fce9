"""A way out leaves while the disk is full, the guard dies: the next finds it at the venue and counts it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.facts import IntentRecorded
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import Policy, Recover, Unwind
from riskguard.simulation.world.exchange import EPOCH_MS
from riskguard.simulation.world.faults import ACTING, Fault, Kind
from riskguard.simulation.world.history import Result, run
from riskguard.simulation.world.journals import CountingJournal
from riskguard.simulation.world.policies import leg, policy
from riskguard.simulation.world.script import Crash, Script, VenueSetup

MAIN = leg("main", "BTC")
FULL = Fault(Kind.BROKEN_DISK, 21.5, 40.0)
"""From while the hedge is held until after the crash in the middle of its end."""


def quick() -> Policy:
    made = policy(slices=2, veto_s=0.0, backups=("alpha",), unwind=Unwind(when="auto", after_s=0.0))
    return replace(made, detect=replace(made.detect, recover=Recover(clean_s=2.0, acks=2, stable_s=1.0)))


def lived(*crashes: Crash, streams: bool) -> Result:
    setups = (VenueSetup(venue, pushes=streams, says_result=streams) for venue in ("main", "alpha"))
    script = Script(
        "a full disk",
        quick(),
        tuple(setups),
        prices=(("BTC", ((0.0, Decimal(60_000)), (300.0, Decimal(59_000)))),),
        held=((MAIN, Decimal("1.5")),),
        faults=(Fault(Kind.HANG, 7.0, 18.0, "main", ACTING), FULL),
        crashes=crashes,
        lasts_s=120.0,
    )
    return run(script, journal=CountingJournal(EPOCH_MS))


@pytest.mark.crash
@pytest.mark.parametrize("streams", [True, False], ids=["streams", "polled"])
@pytest.mark.parametrize(("when", "nth"), [("sent", 4), ("arrived", 4), ("filled", 3), ("filled", 4)])
def test_it_counts_as_ours_and_its_number_is_not_used_again(when: str, nth: int, streams: bool) -> None:
    result = lived(Crash(when, nth, 6.0), streams=streams)
    told = f"{result.broken}\n{result.transcript.tail()}"
    assert not result.broken, told  # I2: no id twice; END: no hedge left, what is filled is known
    assert {one: amount for one, amount in result.sums.items() if amount} == {MAIN: Decimal("1.5")}, told
    assert any("is not on record" in line for line in result.transcript.lines), told
    assert not any("somebody else" in line for line in result.transcript.lines), told
    assert result.last is not None
    facts = [fact for _, fact in result.last[1].replay()]
    ways_out = [
        f.intent for f in facts if isinstance(f, IntentRecorded) and f.intent.purpose is Purpose.UNWIND
    ]
    assert sum(intent.amount for intent in ways_out) == Decimal("1.5")
    assert len({intent.sequence for intent in ways_out}) == len(ways_out)


def test_without_a_crash_the_record_arrives_when_the_disk_is_well_again() -> None:
    result = lived(streams=True)
    assert not result.broken, result.transcript.tail()
    assert not any("is not on record" in line for line in result.transcript.lines)
