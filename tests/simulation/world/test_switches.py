"""Dead-man's switches under virtual time: on while the guard acts, off when it must not, and judged."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.policy import DeadMan
from riskguard.core.types import Mode
from riskguard.simulation import engine
from riskguard.simulation.world.faults import ACTING, Fault, Faults, Kind
from riskguard.simulation.world.history import run
from riskguard.simulation.world.policies import leg, policy
from riskguard.simulation.world.script import Crash, Press, Resting, Script, VenueSetup
from riskguard.simulation.world.switch_checks import SwitchChecks
from riskguard.simulation.world.truth import Fired, Switched, Truth
from riskguard.simulation.world.verdict import Broken

MAIN = leg("main", "BTC")
BOT = Resting(MAIN, Decimal("0.2"), Decimal(50_000))


def script(after_s: float = 8.0, mode: Mode = Mode.AUTO) -> Script:
    return Script(
        "by hand",
        policy(mode=mode, dead_men={"main": DeadMan(after_s, "cancels_my_stops")}),
        tuple(VenueSetup(venue) for venue in ("main", "alpha", "beta")),
        prices=(("BTC", ((0.0, Decimal(60_000)), (300.0, Decimal(60_010)))),),
        held=((MAIN, Decimal("1.5")),),
        resting=(BOT,),
        lasts_s=60.0,
    )


def lines(made: Script) -> list[str]:
    result = run(made)
    assert not result.broken, result.transcript.tail()
    return result.transcript.lines


def test_while_the_guard_lives_no_switch_fires_and_leaving_takes_it_off() -> None:
    told = lines(replace(script(), calm_end=False))  # else it ends at once
    assert any("dead-man's switch at main: on" in line for line in told)
    assert not any("switch cancels" in line for line in told)
    assert "takes the dead-man's switch at main off" in told[-2]
    assert "dead-man's switch at main: off" in told[-1]


def test_a_killed_guard_leaves_the_orders_to_the_switch() -> None:
    told = lines(replace(script(), crashes=(Crash("at", 200, 15.0),)))
    fired = [line for line in told if "the dead-man's switch cancels bot0" in line]
    assert len(fired) == 1
    assert 24.0 <= float(fired[0].split()[0]) <= 29.0


def test_a_venue_that_hears_nothing_of_us_fires_its_switch_and_the_hedge_is_still_right() -> None:
    outage = Fault(Kind.HANG, 15.0, 40.0, "main", ACTING)
    told = lines(replace(script(), faults=(outage,), lasts_s=90.0))
    assert any("the dead-man's switch cancels bot0" in line for line in told)
    assert any("(hedge)" in line for line in told)


def test_a_disarmed_guard_takes_its_switch_off() -> None:
    told = lines(replace(script(), presses=(Press(20.0, "disarm"),), lasts_s=50.0))
    off = [line for line in told if "takes the dead-man's switch at main off" in line]
    assert off
    assert float(off[0].split()[0]) < 21.0
    assert not any("switch cancels" in line for line in told)


@pytest.mark.parametrize("made", [script(mode=Mode.OBSERVE), replace(script(), armed=False)])
def test_a_guard_that_must_not_act_sets_none(made: Script) -> None:
    assert not any("dead-man's switch" in line for line in lines(made))


def test_a_switch_set_by_a_guard_that_must_not_act_is_noticed() -> None:
    checks = SwitchChecks(script(mode=Mode.PAPER), Truth({}), Faults(()))
    with pytest.raises(Broken, match="set in mode paper"):
        checks.switched(Switched("main", 8.0), None, 5.0)
    checks = SwitchChecks(script(), Truth({}), Faults(()))
    checks.switched(Switched("main", 8.0), 4.9, 5.0)
    with pytest.raises(Broken, match="not armed"):
        checks.switched(Switched("main", 8.0), 4.0, 5.0)
    checks.switched(Switched("main", 0.0), 4.0, 5.0)


def test_a_switch_that_fires_while_the_guard_lives_is_noticed() -> None:
    venue = engine.VenueEngine("main", {engine.Instrument(MAIN.symbol, "BTC", "USDT"): Decimal(60_000)})
    venue.open_account("trader", {"USDT": Decimal(100_000)})
    request = engine.OrderRequest(MAIN.symbol, engine.Side.BUY, Decimal(1), Decimal(59_000))
    placed = venue.place("trader", request, 0)
    assert isinstance(placed, engine.Placed)
    fired = Fired("main", placed.order)
    hang = Fault(Kind.HANG, 14.0, 18.0, "main", ACTING)
    for faults, excused in ((Faults(()), False), (Faults((hang,)), True)):
        checks = SwitchChecks(script(), Truth({}), faults)
        checks.switched(Switched("main", 8.0), None, 12.0)
        if excused:
            checks.fired(fired, 20.0)
        else:
            with pytest.raises(Broken, match="though the guard lives"):
                checks.fired(fired, 20.0)
            checks.died(15.0)
            checks.fired(fired, 20.0)
