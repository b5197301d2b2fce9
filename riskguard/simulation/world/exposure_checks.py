"""I3: what is truly held lies within what the guard holds for possible, while a venue is in trouble."""

from riskguard.core.exposure.assessing import assess
from riskguard.core.guard import Guard
from riskguard.core.instant import Instant
from riskguard.core.turn import Turn
from riskguard.core.types import Asset
from riskguard.simulation.world.exchange import true_ms
from riskguard.simulation.world.faults import Faults, Kind
from riskguard.simulation.world.hedge_checks import LOT
from riskguard.simulation.world.policies import PRIMARY
from riskguard.simulation.world.script import Script, by_others
from riskguard.simulation.world.truth import Truth
from riskguard.simulation.world.verdict import must

SEEN_S = 7.0
"""A truth outside the interval must have been noticed within this: positions are read and agreed on anew."""


class ExposureChecks:
    """Compares the interval with the truth, where nobody trades by himself: that none can foresee."""

    def __init__(self, script: Script, truth: Truth, faults: Faults) -> None:
        self._script, self._truth, self._faults = script, truth, faults
        self._foreseeable = not by_others(script)
        # An order of contracts counts at the price they are converted at, and fills at another.
        self._slack = 5 * LOT if any(venue.margin for venue in script.venues) else LOT
        self._out_s: dict[Asset, float] = {}

    def i3_interval(self, guard: Guard, now_s: float) -> None:
        """Check that resting orders and liquidations at a venue in trouble are reckoned with."""
        memory = guard.memory
        incident = memory.incidents.open_at(PRIMARY)
        if not self._foreseeable or self._truth.promise_broken or incident is None or not incident.in_trouble:
            self._out_s.clear()
            return
        turn = Turn(Instant(now_s, true_ms(now_s)))
        for policy in self._script.policy.assets:
            exposure = assess(memory, policy, turn).exposure
            net = self._truth.trader(policy.name) + policy.elsewhere - policy.keep
            within = exposure is None or exposure.low - self._slack <= net <= exposure.high + self._slack
            if within or self._cut_off(now_s) or exposure is None:
                self._out_s.pop(policy.name, None)
                continue
            since_s = self._out_s.setdefault(policy.name, now_s)
            what = f"{policy.name}: {net} is held, [{exposure.low}, {exposure.high}] is held for possible"
            must(now_s - since_s <= SEEN_S, "I3", f"{what}, for {now_s - since_s:.0f} s")

    def _cut_off(self, now_s: float) -> bool:
        """Tell whether our own network hid, until a moment ago, what happened at the venues."""
        cuts = (f for f in self._faults.all if f.kind in (Kind.NETWORK, Kind.UNPLUGGED))
        return any(f.begin_s <= now_s <= f.end_s + SEEN_S for f in cuts)
