"""I1, I5, I8, I9: what a hedge order must not do, judged by the truth at the moment it is sent."""

from decimal import Decimal

from riskguard.core.guard import Guard
from riskguard.core.policy import Role, Rung
from riskguard.core.types import Asset, Mode
from riskguard.simulation.world.envelope import SEEN_WITHIN_S, Envelope, window
from riskguard.simulation.world.faults import ACTING, OURS, PUBLIC, Fault, Faults, Kind, Place
from riskguard.simulation.world.script import Script, disturbed
from riskguard.simulation.world.truth import HEDGE, Sent, Truth
from riskguard.simulation.world.verdict import must

LOT = Decimal("0.001")
CONVICTING = (Kind.HANG, Kind.LOST, Kind.REFUSED, Kind.EXEMPT, Kind.ERROR, Kind.LATE, Kind.OVERDUE)
"""Kinds on an order path that may justify a hedge."""
TOO_SLOW_S = 1.0
NOTICED_WITHIN_S = 15.0
"""A fault on the order paths that lasts this long must have been noticed."""
TRUSTED_AGAIN_S = 30.0
"""A venue whose last fault is over for this long is well, so nothing more is hedged for it."""
ACK_S = 2.0
"""The policies' deadline for answers to orders and cancels: what is answered sooner may count as well."""
HEARD_S = 0.5
MOVED_BPS = 200
"""As far as the price may have gone since a book that is not too old."""


class HedgeChecks:
    """What holds for hedges as a whole."""

    def __init__(
        self, script: Script, truth: Truth, faults: Faults, envelopes: dict[Asset, Envelope]
    ) -> None:
        self.guard: Guard | None = None
        self._script, self._truth, self._faults = script, truth, faults
        self._envelopes = envelopes
        self.disarmed_s: float | None = None if script.armed else float("-inf")
        self._vetoed: dict[str, float] = {}
        self._said_yes: set[str] = set()
        self._excess_s: dict[Asset, float] = {}

    def pressed(self, word: str, now_s: float) -> None:
        """Note what a person said."""
        if word == "disarm" and self.disarmed_s is None:
            self.disarmed_s = now_s
        elif word == "arm":
            self.disarmed_s = None
        elif word in ("veto", "hedge") and self.guard is not None:
            open_ = [i.id for i in self.guard.memory.incidents if i.open]
            if len(open_) != 1:
                return  # a word without a name says nothing where there are several
            if word == "veto":
                self._vetoed[open_[0]] = now_s
                self._said_yes.discard(open_[0])
            else:
                self._vetoed.pop(open_[0], None)
                self._said_yes.add(open_[0])

    def sent(self, request: Sent, now_s: float) -> None:
        """Check a request at the moment its bytes leave."""
        self.i9_permission(request, now_s)
        if request.purpose == HEDGE:
            self.i5_cause(request, now_s)
            self.i8_place(request, now_s)
            self.i8_price(request, now_s)
        if request.purpose in ("h", "u", "o"):
            self.i1_overshoot(request, now_s)

    # ------------------------------------------------------------------ I9

    def i9_permission(self, request: Sent, now_s: float) -> None:
        """Check that nothing that could fill is sent unarmed, vetoed, or without a needed yes."""
        identity, incident = request.intent.client_id, request.intent.incident
        mode = self._script.policy.mode
        must(mode in (Mode.CONFIRM, Mode.AUTO), "I9", f"{identity} was sent in mode {mode}")
        late = self.disarmed_s is not None and now_s > self.disarmed_s + HEARD_S + self._disk_s(now_s)
        must(not late, "I9", f"{identity} was sent while the guard was not armed")
        if request.purpose == HEDGE:
            vetoed = now_s > self._vetoed.get(incident, now_s) + HEARD_S + self._disk_s(now_s)
            must(not vetoed, "I9", f"{identity} was sent after a veto")
            said = mode is not Mode.CONFIRM or incident in self._said_yes
            must(said, "I9", f"{identity} was sent in confirm mode without a yes")

    # ------------------------------------------------------------------ I1

    def i1_overshoot(self, request: Sent, now_s: float) -> None:
        """Check that the hedge, all that travels included, stays within what could be right lately."""
        if self._truth.promise_broken or self._may_be_gone():
            return
        asset, identity = request.intent.asset, request.intent.client_id
        low, high = self._truth.cover_range(asset)
        least, most = self._envelopes[asset].hedge_bounds(window(self._faults.all, now_s))
        if request.purpose != HEDGE:
            # What was right is coming off: it must not go beyond zero; the rest is judged elsewhere.
            held = self._truth.cover(asset)
            least, most = min(least, held), max(most, held)
        must(
            least - LOT <= low and high <= most + LOT,
            "I1",
            f"{identity} makes the hedge of {asset} [{low}, {high}]: right is [{least}, {most}]",
        )

    def _may_be_gone(self) -> bool:
        """Tell whether a leg that somebody traded unseen counts as liquidated by the level told before."""
        risks = self.guard.memory.others.risks.values() if self.guard is not None else ()
        return bool(self._script.trades) and any(risk.crossed for risk in risks)

    def as_time_passes(self, now_s: float) -> None:
        """Check what must have happened by now."""
        for asset, envelope in self._envelopes.items():
            self.i6_orphan_left(asset, envelope, now_s)
        due_s = self._script.hedged_by_s
        if due_s is not None and due_s <= now_s < due_s + 0.5:  # prices move that often
            self.live_hedged(now_s)

    def live_hedged(self, now_s: float) -> None:
        """Check that where nothing excuses a delay, the hedge stands by now."""
        for asset in self._script.policy.assets:
            seen = self._envelopes[asset.name].within(window(self._faults.all, now_s))
            held = self._truth.cover(asset.name)
            slack = asset.guard + LOT
            good = any(-s.high - slack <= held <= -s.low + slack for s in seen)
            wanted = sorted({(-s.high, -s.low) for s in seen})
            must(good, "LIVE", f"{asset.name}: {held} is held, {wanted} was wanted by now")

    def i6_orphan_left(self, asset: Asset, envelope: Envelope, now_s: float) -> None:
        """Check that a hedge whose leg is gone comes off soon, if nothing stands in the way."""
        least, most = envelope.hedge_bounds(now_s)
        held = self._truth.cover(asset)
        unclear = self._truth.promise_broken or disturbed(self._script)
        calm = not unclear and not any(
            f.begin_s - 1 <= now_s <= f.end_s + NOTICED_WITHIN_S for f in self._faults.all
        )
        # A small rest may stay within the asset's guard; one that turned the other way is too much at once.
        slack = next(entry.guard for entry in self._script.policy.assets if entry.name == asset) + LOT
        if self.disarmed_s is not None or not calm or least - slack <= held <= most + slack:
            self._excess_s.pop(asset, None)
            return
        since_s = self._excess_s.setdefault(asset, now_s)
        late = now_s - since_s > NOTICED_WITHIN_S and self._script.crashes == ()
        what = f"{asset}: {held} is held, [{least}, {most}] is right, for {now_s - since_s:.0f} s"
        must(not late, "I6", what)

    # ------------------------------------------------------------------ I5

    def i5_cause(self, request: Sent, now_s: float) -> None:
        """Check that only a guarded venue's own order paths, failing now or a moment ago, justify a hedge."""
        guarded = self._script.policy.rules[0].venues
        grounds = [
            f
            for f in self._faults.all
            if convicts(f) and f.venue in guarded and f.begin_s < now_s < self._unproven_until_s(f)
        ]
        identity = request.intent.client_id
        must(bool(grounds), "I5", f"{identity} was sent though the primary's orders did not fail lately")

    def _unproven_until_s(self, fault: Fault) -> float:
        """Give until when a venue may still count as failing after a fault on its order paths.

        Canaries that rest prove the way back, one by one: while its orders cannot be asked about, the
        one that is out stays in doubt, and no other follows.
        """
        canary = self._script.policy.venue(fault.venue).canary
        until_s = fault.end_s + TRUSTED_AGAIN_S
        if canary is None or canary.rung is not Rung.PLACE_CANCEL:
            return until_s
        unread = [f for f in self._faults.all if f.venue == fault.venue and Place.LOOKUP in f.places]
        after = [f.end_s + TRUSTED_AGAIN_S for f in unread if f.begin_s < until_s and f.end_s > fault.end_s]
        return max([until_s, *after])

    # ------------------------------------------------------------------ I8

    def i8_place(self, request: Sent, now_s: float) -> None:
        """Check that a hedge goes only to a backup that is well, with a book that is fresh and right."""
        leg, identity = request.intent.leg, request.intent.client_id
        policy = self._script.policy
        must(policy.venue(leg.venue).role is not Role.PRIMARY, "I8", f"{identity} went to {leg.venue}")
        told_s = self._truth.books_told.get(leg, float("-inf"))
        old = now_s - told_s > policy.limits.data_age_s + HEARD_S + self._disk_s(now_s)
        must(not old, "I8", f"{identity} was priced by a book of {leg} that is {now_s - told_s:.1f} s old")
        for fault in self._faults.all:
            here = fault.venue == leg.venue and fault.begin_s + NOTICED_WITHIN_S < now_s < fault.end_s
            must(
                not (here and convicts(fault) and not answers(fault) and Place.CANCEL in fault.places),
                "I8",
                f"{identity} went to {leg.venue}, which has been failing since {fault.begin_s:.1f} s",
            )
            soon = (
                fault.venue == leg.venue and fault.begin_s + 3.0 + self._disk_s(now_s) < now_s < fault.end_s
            )
            apart = fault.kind is Kind.APART and set(fault.places) >= set(PUBLIC)
            shown = soon and apart and self._others_show(leg.venue, now_s)
            must(not shown, "I8", f"{identity} went to {leg.venue}, whose prices are apart")

    def i8_price(self, request: Sent, now_s: float) -> None:
        """Check that no order's limit lies beyond the policy's band around the true price."""
        intent = request.intent
        wrong = (f for f in self._faults.all if f.kind is Kind.APART or f.kind in OURS)
        if any(f.begin_s <= now_s <= f.end_s + SEEN_WITHIN_S for f in wrong):
            return
        mid = self._truth.exchanges[intent.leg.venue].engine.mid(intent.leg.symbol)
        worst = self._script.policy.limits.slippage_bps + MOVED_BPS
        beyond = (intent.price - mid) * intent.side.sign / mid * 10_000
        must(beyond <= worst, "I8", f"{intent.client_id} may pay {beyond:.0f} bps more than {mid}")

    def _others_show(self, venue: str, now_s: float) -> bool:
        """Tell whether another backup's book was there to compare with."""
        near = [f for f in self._faults.all if f.begin_s - 1 < now_s < f.end_s + SEEN_WITHIN_S]
        backups = [v.id for v in self._script.policy.venues if v.can_hedge and v.id != venue]
        return any(not any(f.venue in (name, "") for f in near) for name in backups)

    def _disk_s(self, now_s: float) -> float:
        slow = [f.amount for f in self._faults.all if f.kind is Kind.SLOW_DISK and f.begin_s <= now_s]
        return min(max(slow, default=0.0), 2.0)


def answers(fault: Fault) -> bool:
    """Tell whether calls that a fault strikes are executed and answered before we give up waiting."""
    return fault.kind in (Kind.LATE, Kind.SLOW) and fault.amount < ACK_S


def convicts(fault: Fault) -> bool:
    """Tell whether a fault on the order paths may justify a hedge."""
    if not set(fault.places) & set(ACTING) or fault.kind in OURS:
        return False
    return fault.kind in CONVICTING or (fault.kind is Kind.SLOW and fault.amount > TOO_SLOW_S)
