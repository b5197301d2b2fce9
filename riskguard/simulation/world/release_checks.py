"""I6: when a hedge may come off, judged by what the guard was told and by the truth."""

from decimal import Decimal

from riskguard.core.guard import Guard
from riskguard.core.types import ZERO, Asset, VenueId
from riskguard.simulation.world.envelope import SEEN_WITHIN_S, Envelope, legs_of, window
from riskguard.simulation.world.faults import Fault, Faults, Kind, Place
from riskguard.simulation.world.hedge_checks import LOT, NOTICED_WITHIN_S, answers, convicts
from riskguard.simulation.world.script import Script
from riskguard.simulation.world.truth import Sent, Truth
from riskguard.simulation.world.verdict import Broken, must

BLINK_S = 1.0
"""A fault that a stall of ours leaves less of is nobody's to notice."""


class ReleaseChecks:
    """What holds for every order that takes hedge off."""

    def __init__(
        self, script: Script, truth: Truth, faults: Faults, envelopes: dict[Asset, Envelope]
    ) -> None:
        self.guard: Guard | None = None
        self.born_s = 0.0
        """When the guard's present life began."""
        self._script, self._truth, self._faults = script, truth, faults
        self._envelopes = envelopes

    def sent(self, request: Sent, now_s: float) -> None:
        """Check a request at the moment its bytes leave."""
        if self._truth.promise_broken:
            return
        if request.purpose == "o":
            self.i6_orphan(request, now_s)
        if request.purpose == "u":
            venue = self._venue_of(request)
            self.i6_channels(request, venue, now_s)
            self.i6_book(request, venue, now_s)

    def i6_orphan(self, request: Sent, now_s: float) -> None:
        """Check that a hedge is reduced as an orphan only if truly less was needed at some moment lately."""
        asset = request.intent.asset
        held, side = self._truth.cover(asset), request.intent.side.sign
        seen = self._envelopes[asset].within(window(self._faults.all, now_s))
        # The order moves the hedge towards zero; some true exposure must have asked for less.
        needed = [-s.low if side > 0 else -s.high for s in seen]
        fits = any(need > held for need in needed) if side > 0 else any(need < held for need in needed)
        must(fits, "I6", f"{request.intent.client_id} takes off a hedge of {held} that is needed")

    def i6_channels(self, request: Sent, venue: VenueId, now_s: float) -> None:
        """Check that orders, fills and positions were read since the venue is well, and for long enough."""
        identity, stable_s = request.intent.client_id, self._script.policy.detect.recover.stable_s
        bad = [f for f in self._faults.all if convicts(f) and not answers(f) and f in self._faults.hit]
        # What began before a life and ended soon after its begin was nobody's to notice.
        lived = (f for f in bad if f.begin_s >= self.born_s or f.end_s - self.born_s >= NOTICED_WITHIN_S)
        faults = [f for f in lived if f.venue == venue and not self._slept_through(f)]
        for fault in faults:
            now = fault.begin_s + NOTICED_WITHIN_S < now_s < fault.end_s and Place.CANCEL in fault.places
            must(not now, "I6", f"{identity} releases the hedge while {fault}")
        well_s = max((f.end_s for f in faults if f.end_s <= now_s), default=0.0)
        for what, from_s, least in (
            ("positions", now_s - stable_s - SEEN_WITHIN_S, 2),
            ("open-orders", well_s, 1),
            ("trades", well_s, 1),
        ):
            told = [at for at in self._truth.reads_told.get((venue, what), ()) if at >= from_s]
            must(len(told) >= least, "I6", f"{identity} releases the hedge after {len(told)} reads of {what}")
        first_s = min(
            (at for at in self._truth.reads_told[venue, "positions"] if at >= well_s), default=now_s
        )
        stable = now_s - first_s >= stable_s
        must(stable, "I6", f"{identity} releases the hedge {now_s - first_s:.1f} s after the first look")

    def i6_book(self, request: Sent, venue: VenueId, now_s: float) -> None:
        """Check that what the guard believes to be held there is what was truly held lately."""
        guard, asset = self.guard, request.intent.asset
        if guard is None:
            raise Broken("I6", "no guard")
        agreed = guard.memory.bases.agreed
        here = [leg for leg in legs_of(self._truth, asset) if leg.venue == venue]
        believed = sum((agreed[leg].amount for leg in here if leg in agreed), ZERO)
        policy = next(entry for entry in self._script.policy.assets if entry.name == asset)
        others = self._elsewhere(asset, venue)
        seen = self._envelopes[asset].within(window(self._faults.all, now_s))
        known = any(abs(s.net + policy.keep - believed - others) < LOT for s in seen)
        must(known, "I6", f"{request.intent.client_id} releases the hedge, but {venue} is not {believed}")

    def _slept_through(self, fault: Fault) -> bool:
        """Say whether our own loop stood still for all of a fault but a blink: then it sees nothing."""
        stalls = [f for f in self._faults.all if f.kind is Kind.STALL]
        slept_s = sum(
            max(0.0, min(fault.end_s, f.begin_s + f.amount) - max(fault.begin_s, f.begin_s)) for f in stalls
        )
        return slept_s > 0.0 and fault.end_s - fault.begin_s - slept_s < BLINK_S

    def _venue_of(self, request: Sent) -> VenueId:
        if self.guard is None:
            raise Broken("I6", "no guard")
        return self.guard.memory.incidents.by_id[request.intent.incident].venue

    def _elsewhere(self, asset: Asset, venue: VenueId) -> Decimal:
        truth = self._truth
        legs = [one for one in legs_of(truth, asset) if one.venue != venue]
        return sum((truth.positions.get(x, ZERO) - truth.ours_at.get(x, ZERO) for x in legs), ZERO)
