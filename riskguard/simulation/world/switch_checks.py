"""Dead-man's switches: set only by a guard that acts, kept from firing while it lives, taken off."""

from riskguard.core.types import Mode, VenueId
from riskguard.simulation.world.exchange import ACCOUNT
from riskguard.simulation.world.faults import OURS, Faults, Place
from riskguard.simulation.world.script import Script
from riskguard.simulation.world.truth import Fired, Switched, Truth
from riskguard.simulation.world.verdict import must

ACTING_MODES = (Mode.AUTO,)
"""Modes in which a guard may set a switch once it is armed."""
HEARD_S = 0.5
SETTLED_S = 12.0
"""From when on a switch must stand as is wanted, where nothing disturbed its calls."""
CALLED_AT = Place.CANCEL
"""The place whose faults strike the calls that set a switch."""


class SwitchChecks:
    """What holds for every switch of one history; without switches in the policy nothing is looked at."""

    def __init__(self, script: Script, truth: Truth, faults: Faults) -> None:
        self._script, self._truth, self._faults = script, truth, faults
        self._venues = tuple(venue.id for venue in script.policy.venues if venue.dead_man is not None)
        self._born_s = 0.0
        self._died_s = float("-inf")
        self._set_s: dict[VenueId, float] = {}

    def booted(self, now_s: float) -> None:
        """Note a new life of the guard."""
        self._born_s = now_s

    def died(self, now_s: float) -> None:
        """Note that the guard was killed: from now on a switch may fire, which is what it is for."""
        self._died_s = now_s

    def switched(self, wish: Switched, disarmed_s: float | None, now_s: float) -> None:
        """Check a wish at the moment it leaves."""
        if not wish.after_s:
            return
        self._set_s[wish.venue] = now_s
        mode = self._script.policy.mode
        must(mode in ACTING_MODES, "SWITCH", f"{wish.venue}: set in mode {mode}")
        late = disarmed_s is not None and now_s > disarmed_s + HEARD_S + 2.0 * self._slow_disk()
        must(not late, "SWITCH", f"{wish.venue}: set while the guard was not armed")

    def fired(self, fired: Fired, now_s: float) -> None:
        """Check that a switch took orders off only because the guard was dead or could not be heard."""
        # The last wish may still be on its way: what it was to keep alive was set before.
        since_s = min(self._set_s.get(fired.venue, 0.0), now_s - SETTLED_S)
        quiet = self._excused(fired.venue, since_s, now_s)
        must(quiet, "SWITCH", f"{fired.venue}: {fired.order.order_id} was cancelled though the guard lives")

    def as_time_passes(self, disarmed_s: float | None, now_s: float) -> None:
        """Check that switches are on while the guard acts, and off soon after it was disarmed."""
        for venue in self._venues:
            from_s = max(self._born_s, disarmed_s or 0.0, now_s - SETTLED_S)
            dead = self._died_s > self._born_s
            if dead or now_s - from_s < SETTLED_S or self._excused(venue, from_s, now_s):
                continue
            acts = disarmed_s is None and self._script.policy.mode in ACTING_MODES
            what = f"{venue}: on though the guard has not acted for {SETTLED_S:g} s"
            must(acts or not self._is_on(venue), "SWITCH", what)

    def left(self, now_s: float) -> None:
        """Check that whoever leaves leaves no switch of his own behind."""
        for venue in self._venues:
            mine = self._set_s.get(venue, float("-inf")) >= self._born_s
            well = not self._excused(venue, now_s - SETTLED_S, now_s)
            must(not (mine and well and self._is_on(venue)), "SWITCH", f"{venue}: still on after we left")

    def stands(self, disarmed_s: float | None, now_s: float) -> None:
        """Check at a calm end that the switches of a guard that acts are on."""
        acts = disarmed_s is None and self._script.policy.mode in ACTING_MODES
        for venue in self._venues:
            calm = not self._excused(venue, now_s - SETTLED_S, now_s) and now_s - self._born_s > SETTLED_S
            must(not (acts and calm) or self._is_on(venue), "SWITCH", f"{venue}: off though the guard acts")

    def _is_on(self, venue: VenueId) -> bool:
        return bool(self._truth.exchanges[venue].engine.dead_man(ACCOUNT))

    def _excused(self, venue: VenueId, since_s: float, now_s: float) -> bool:
        """Tell whether calls to the venue failed, or nobody was there to make them, since a moment."""
        if self._died_s >= since_s or self._born_s > since_s:
            return True
        return any(
            f.begin_s <= now_s and f.end_s >= since_s
            for f in self._faults.all
            if f.kind in OURS or (f.venue == venue and (CALLED_AT in f.places or not f.places))
        )

    def _slow_disk(self) -> float:
        return max((f.amount for f in self._faults.all if f.kind in OURS), default=0.0)
