"""Scripts written by hand: the main line, doubt, crashes everywhere, and checks that can fail."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.types import Leg
from riskguard.simulation.world.faults import ACTING, Fault, Kind, Place
from riskguard.simulation.world.generate import script_of
from riskguard.simulation.world.history import Result, run
from riskguard.simulation.world.policies import leg, policy
from riskguard.simulation.world.script import Crash, Resting, Script, VenueSetup

MAIN, ALPHA = leg("main", "BTC"), leg("alpha", "BTC")
FALL = ((0.0, Decimal(60_000)), (15.0, Decimal(60_000)), (35.0, Decimal(58_500)), (300.0, Decimal(58_500)))
OUTAGE = Fault(Kind.HANG, 15.0, 35.0, "main", ACTING)


def script(*faults: Fault, crashes: tuple[Crash, ...] = (), slices: int = 1) -> Script:
    """Make a plain outage with 1.5 BTC at the primary, and what else goes wrong."""
    return Script(
        "by hand",
        policy(slices=slices),
        tuple(VenueSetup(venue) for venue in ("main", "alpha", "beta")),
        prices=(("BTC", FALL),),
        held=((MAIN, Decimal("1.5")),),
        resting=(Resting(MAIN, Decimal("0.2"), Decimal(57_000)),),
        faults=(OUTAGE, *faults),
        crashes=crashes,
        hedged_by_s=None if crashes or faults else 34.0,
        lasts_s=85.0,
    )


def said(result: Result, what: str) -> int:
    return sum(what in line for line in result.transcript.lines)


def test_hang_hedge_return_unwind() -> None:
    result = run(script())
    assert not result.broken, result.transcript.tail()
    assert said(result, "(hedge)") == 1
    assert said(result, "(unwind)") == 1
    assert result.sums == {MAIN: Decimal("1.5"), ALPHA: Decimal(0)}


def test_a_lost_answer_leads_to_no_second_hedge() -> None:
    result = run(script(Fault(Kind.LOST, 17.0, 30.0, "alpha", (Place.PLACE,))))
    assert not result.broken, result.transcript.tail()
    assert said(result, "unknown: no answer in time") >= 1
    assert result.sums[MAIN] == Decimal("1.5")


@pytest.mark.parametrize("when", ["commit", "durable", "sent", "arrived", "answered"])
def test_a_crash_anywhere_converges_to_the_same_book(when: str) -> None:
    whole = run(script(slices=2))
    for nth in range(1, 7):
        result = run(script(crashes=(Crash(when, nth, 1.5),), slices=2))
        assert not result.broken, f"{when} {nth}: {result.broken}\n{result.transcript.tail()}"
        assert _book(result) == _book(whole), f"{when} {nth}"


def _book(result: Result) -> dict[Leg, Decimal]:
    return {one: amount for one, amount in result.sums.items() if amount}


def test_a_hedge_that_is_due_and_missing_is_noticed() -> None:
    unarmed = replace(script(), armed=False)
    assert run(unarmed).broken.startswith("LIVE")


def test_a_hedge_left_at_the_end_is_noticed() -> None:
    assert run(replace(script(), lasts_s=40.0)).broken.startswith("END")


def test_rate_limits_alone_lead_to_no_hedge() -> None:
    throttled = replace(OUTAGE, kind=Kind.THROTTLED)
    result = run(replace(script(), faults=(throttled,), hedged_by_s=None))
    assert not result.broken, result.transcript.tail()
    assert said(result, "throttled") == 1
    assert said(result, "(hedge)") == 0


def test_every_seed_is_drawn_once() -> None:
    assert script_of(3) == script_of(3)
    assert script_of(3) != script_of(4)
