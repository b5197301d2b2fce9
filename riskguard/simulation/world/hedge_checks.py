"""I1, I5, I6, I8, I9: what a hedge order must not do, judged by the truth at the moment it is sent."""

from decimal import Decimal

from riskguard.core.guard import Guard
from riskguard.core.policy import Role
from riskguard.core.types import ZERO, Asset, Mode
from riskguard.simulation.world.envelope import SEEN_WITHIN_S, Envelope, legs_of, window
from riskguard.simulation.world.faults import ACTING, OURS, PUBLIC, Fault, Faults, Kind, Place
from riskguard.simulation.world.policies import PRIMARY
from riskguard.simulation.world.script import Script
from riskguard.simulation.world.truth import HEDGE, Sent, Truth
from riskguard.simulation.world.verdict import Broken, must

LOT = Decimal("0.001")
CONVICTING = (Kind.HANG, Kind.LOST, Kind.REFUSED, Kind.EXEMPT, Kind.ERROR, Kind.LATE, Kind.OVERDUE)
"""Kinds on an order path that may justify a hedge."""
TOO_SLOW_S = 1.0
NOTICED_WITHIN_S = 15.0
"""A fault on the order paths that lasts this long must have been noticed."""
HEARD_S = 0.5


class HedgeChecks:
    """What holds for hedges as a whole."""

    def __init__(
        self, script: Script, truth: Truth, faults: Faults, envelopes: dict[Asset, Envelope]
    ) -> None:
        self.guard: Guard | None = None
        self._script, self._truth, self._faults = script, truth, faults
        self._envelopes = envelopes
        self._disarmed_s: float | None = None if script.armed else float("-inf")
        self._vetoed: dict[str, float] = {}
        self._excess_s: dict[Asset, float] = {}

    def pressed(self, word: str, now_s: float) -> None:
        """Note what a person said."""
        if word == "disarm":
            self._disarmed_s = now_s
        elif word == "arm":
            self._disarmed_s = None
        elif word in ("veto", "hedge") and self.guard is not None:
            self._vetoed.clear()
            if word == "veto":
                open_ = [i.id for i in self.guard.memory.incidents if i.open]
                self._vetoed.update(dict.fromkeys(open_, now_s))

    def sent(self, request: Sent, now_s: float) -> None:
        """Check a request at the moment its bytes leave."""
        identity, intent = request.intent.client_id, request.intent
        self._permission(request, now_s)
        if request.purpose == HEDGE:
            self._cause(identity, now_s)
            self._place(request, now_s)
        if request.purpose in ("h", "u", "o"):
            self._overshoot(intent.asset, identity, now_s, way_out=request.purpose != HEDGE)
        if request.purpose == "o":
            self._orphan(request, now_s)
        if request.purpose == "u":
            self._release(request, now_s)

    # ------------------------------------------------------------------ I9

    def _permission(self, request: Sent, now_s: float) -> None:
        identity = request.intent.client_id
        mode = self._script.policy.mode
        must(mode in (Mode.CONFIRM, Mode.AUTO), "I9", f"{identity} was sent in mode {mode}")
        late = self._disarmed_s is not None and now_s > self._disarmed_s + HEARD_S
        must(not late, "I9", f"{identity} was sent while the guard was not armed")
        vetoed = now_s > self._vetoed.get(request.intent.incident, now_s) + HEARD_S
        must(not (vetoed and request.purpose == HEDGE), "I9", f"{identity} was sent after a veto")

    # ------------------------------------------------------------------ I1

    def _overshoot(self, asset: Asset, identity: str, now_s: float, *, way_out: bool) -> None:
        low, high = self._truth.cover_range(asset)
        least, most = self._envelopes[asset].hedge_bounds(window(self._faults.all, now_s))
        if way_out:
            # What was right is coming off: it must not go beyond zero; the rest is judged elsewhere.
            held = self._truth.cover(asset)
            least, most = min(least, held), max(most, held)
        must(
            least - LOT <= low and high <= most + LOT,
            "I1",
            f"{identity} makes the hedge of {asset} [{low}, {high}], right is [{least}, {most}]",
        )

    def as_time_passes(self, now_s: float) -> None:
        """Check what must have happened by now."""
        for asset, envelope in self._envelopes.items():
            self._orphan_left(asset, envelope, now_s)
        due_s = self._script.hedged_by_s
        if due_s is not None and due_s <= now_s < due_s + 0.5:  # prices move that often
            self._hedged(now_s)

    def _hedged(self, now_s: float) -> None:
        for asset in self._script.policy.assets:
            seen = self._envelopes[asset.name].within(window(self._faults.all, now_s))
            held = self._truth.cover(asset.name)
            slack = asset.guard + LOT
            good = any(-s.high - slack <= held <= -s.low + slack for s in seen)
            wanted = sorted({(-s.high, -s.low) for s in seen})
            must(good, "LIVE", f"{asset.name}: {held} is held, {wanted} was wanted by now")

    def _orphan_left(self, asset: Asset, envelope: Envelope, now_s: float) -> None:
        """Check that a hedge whose leg is gone comes off soon, if nothing stands in the way."""
        least, most = envelope.hedge_bounds(now_s)
        held = self._truth.cover(asset)
        disturbed = any(trade.leg.venue != PRIMARY for trade in self._script.trades)
        calm = not disturbed and not any(
            f.begin_s - 1 <= now_s <= f.end_s + NOTICED_WITHIN_S for f in self._faults.all
        )
        # A small rest may stay within the asset's guard; one that turned the other way is too much at once.
        slack = next(entry.guard for entry in self._script.policy.assets if entry.name == asset) + LOT
        if self._disarmed_s is not None or not calm or least - slack <= held <= most + slack:
            self._excess_s.pop(asset, None)
            return
        since_s = self._excess_s.setdefault(asset, now_s)
        late = now_s - since_s > NOTICED_WITHIN_S and self._script.crashes == ()
        what = f"{asset}: {held} is held, [{least}, {most}] is right, for {now_s - since_s:.0f} s"
        must(not late, "I6", what)

    # ------------------------------------------------------------------ I5

    def _cause(self, identity: str, now_s: float) -> None:
        grounds = [f for f in self._faults.all if convicts(f) and f.venue == PRIMARY and f.begin_s < now_s]
        must(bool(grounds), "I5", f"{identity} was sent though the primary's orders never failed")

    # ------------------------------------------------------------------ I8

    def _place(self, request: Sent, now_s: float) -> None:
        leg, identity = request.intent.leg, request.intent.client_id
        policy = self._script.policy
        must(policy.venue(leg.venue).role is not Role.PRIMARY, "I8", f"{identity} went to {leg.venue}")
        told_s = self._truth.books_told.get(leg, float("-inf"))
        old = now_s - told_s > policy.limits.data_age_s + HEARD_S + self._disk_s(now_s)
        must(not old, "I8", f"{identity} was priced by a book of {leg} that is {now_s - told_s:.1f} s old")
        for fault in self._faults.all:
            here = fault.venue == leg.venue and fault.begin_s + NOTICED_WITHIN_S < now_s < fault.end_s
            must(
                not (here and convicts(fault) and Place.CANCEL in fault.places),
                "I8",
                f"{identity} went to {leg.venue}, which has been failing since {fault.begin_s:.1f} s",
            )
            soon = (
                fault.venue == leg.venue and fault.begin_s + 3.0 + self._disk_s(now_s) < now_s < fault.end_s
            )
            apart = fault.kind is Kind.APART and set(fault.places) >= set(PUBLIC)
            shown = soon and apart and self._others_show(leg.venue, now_s)
            must(not shown, "I8", f"{identity} went to {leg.venue}, whose prices are apart")

    def _others_show(self, venue: str, now_s: float) -> bool:
        """Tell whether another backup's book was there to compare with."""
        near = [f for f in self._faults.all if f.begin_s - 1 < now_s < f.end_s + SEEN_WITHIN_S]
        backups = [v.id for v in self._script.policy.venues if v.can_hedge and v.id != venue]
        return any(not any(f.venue in (name, "") for f in near) for name in backups)

    def _disk_s(self, now_s: float) -> float:
        slow = [f.amount for f in self._faults.all if f.kind is Kind.SLOW_DISK and f.begin_s <= now_s]
        return min(max(slow, default=0.0), 2.0)

    # ------------------------------------------------------------------ I6

    def _orphan(self, request: Sent, now_s: float) -> None:
        """Check that a hedge is reduced as an orphan only if truly less was needed at some moment lately."""
        asset = request.intent.asset
        held, side = self._truth.cover(asset), request.intent.side.sign
        seen = self._envelopes[asset].within(window(self._faults.all, now_s))
        # The order moves the hedge towards zero; some true exposure must have asked for less.
        needed = [-s.low if side > 0 else -s.high for s in seen]
        fits = any(need > held for need in needed) if side > 0 else any(need < held for need in needed)
        must(fits, "I6", f"{request.intent.client_id} takes off a hedge of {held} that is needed")

    def _release(self, request: Sent, now_s: float) -> None:
        identity, stable_s = request.intent.client_id, self._script.policy.detect.recover.stable_s
        for fault in self._faults.all:
            here = fault.venue == PRIMARY and fault.begin_s + NOTICED_WITHIN_S < now_s < fault.end_s
            must(
                not (here and convicts(fault) and Place.CANCEL in fault.places),
                "I6",
                f"{identity} releases the hedge while {fault}",
            )
        ends = [f.end_s for f in self._faults.all if convicts(f) and f.venue == PRIMARY and f.end_s <= now_s]
        for what, from_s, least in (
            ("positions", now_s - stable_s - SEEN_WITHIN_S, 2),
            ("open-orders", max(ends, default=0.0), 1),
            ("trades", max(ends, default=0.0), 1),
        ):
            told = [at for at in self._truth.reads_told.get((PRIMARY, what), ()) if at >= from_s]
            enough = len(told) >= least
            must(enough, "I6", f"{identity} releases the hedge after {len(told)} reads of {what}")
        guard = self.guard
        if guard is None:
            raise Broken("I6", "no guard")
        for leg, basis in guard.memory.bases.agreed.items():
            if leg.venue != PRIMARY or self._truth.asset_of[leg] != request.intent.asset:
                continue
            seen = self._envelopes[request.intent.asset].within(window(self._faults.all, now_s))
            policy = self._script.policy.asset_of(leg)
            keep = policy.keep if policy is not None else ZERO
            others = self._elsewhere(request.intent.asset)
            known = any(abs(s.net + keep - basis.amount - others) < LOT for s in seen)
            must(known, "I6", f"{identity} releases the hedge, but {leg} is not {basis.amount}")

    def _elsewhere(self, asset: Asset) -> Decimal:
        legs = [one for one in legs_of(self._truth, asset) if one.venue != PRIMARY]
        truth = self._truth
        return sum((truth.positions.get(x, ZERO) - truth.ours_at.get(x, ZERO) for x in legs), ZERO)


def convicts(fault: Fault) -> bool:
    """Tell whether a fault on the order paths may justify a hedge."""
    if not set(fault.places) & set(ACTING) or fault.kind in OURS:
        return False
    return fault.kind in CONVICTING or (fault.kind is Kind.SLOW and fault.amount > TOO_SLOW_S)
