"""I2, I3, I4 and I11: each intent acts once, doubt is counted, ceilings hold, only our own is closed."""

from decimal import Decimal

from riskguard.core.guard import Guard
from riskguard.core.types import ZERO, Leg
from riskguard.simulation import engine
from riskguard.simulation.world.faults import Kind
from riskguard.simulation.world.script import Script, disturbed
from riskguard.simulation.world.truth import HEDGE, WAYS_OUT, Sent, Truth
from riskguard.simulation.world.verdict import must

MINUTE_S = 60.0
ABOUT = Decimal("1.02")
"""Limits count limit prices, the truth counts what was paid."""


class OrderChecks:
    """What holds for each of our orders."""

    def __init__(self, script: Script, truth: Truth) -> None:
        self._script = script
        self._truth = truth
        self._unsettled: dict[str, Sent] = {}
        self._clock_jumped = any(f.kind is Kind.CLOCK for f in script.faults)
        self._foreign = disturbed(script)
        self._disk_fails = any(f.kind is Kind.BROKEN_DISK for f in script.faults)

    def changed(self, request: Sent, what: str, now_s: float) -> None:
        """Check a request that was sent, arrived, was dropped or answered."""
        identity = request.intent.client_id
        self._unsettled[identity] = request
        if what == "sent":
            self.i2_once(identity)
            if request.purpose == HEDGE and not self._truth.promise_broken:
                self.i4_ceilings(request, now_s)
            if request.purpose in WAYS_OUT:
                self.i11_reduce_only(request)
        if what == "arrived":
            orders = self._truth.orders.get(identity, [])
            must(len(orders) <= 1, "I2", f"{identity} became {len(orders)} orders")

    def i2_once(self, identity: str) -> None:
        """Check that no id leaves twice."""
        times = self._truth.times_sent[identity]
        must(times == 1, "I2", f"{identity} was sent {times} times")

    def i11_reduce_only(self, request: Sent) -> None:
        """Check that a way out is reduce-only wherever the account's position has the side of our hedge."""
        leg, intent = request.intent.leg, request.intent
        held, ours = self._truth.positions.get(leg, ZERO), self._truth.cover_at.get(leg, ZERO)
        trader = held - self._truth.ours_at.get(leg, ZERO)
        plain = not self._foreign and trader == ZERO and held == ours and abs(held) >= intent.amount
        must(intent.reduce_only or not plain, "I11", f"{intent.client_id} is not reduce-only")
        # The other way round the venue would refuse it, again and again, and the hedge would stay on.
        refused = not self._foreign and held * ours < ZERO
        must(not (intent.reduce_only and refused), "I11", f"{intent.client_id} is reduce-only against {held}")

    def cancelled(self, order: engine.Order, now_s: float) -> None:
        """Check that only the rule's own kind of orders, or our own, are cancelled by us."""
        named = "cancel" in self._script.policy.rules[0].do
        protects = order.reduce_only
        must(
            named and not protects,
            "I11",
            f"{order.client_id or order.order_id} was cancelled at {now_s:.1f} s",
        )

    def filled(self, fill: engine.Fill) -> None:
        """Check an execution of ours."""
        identity = fill.client_id
        request = self._truth.by_id[identity]
        filled = self._truth.filled[identity]
        must(filled <= request.intent.amount, "I2", f"{identity} filled {filled} of {request.intent.amount}")
        if request.purpose in WAYS_OUT and not self._truth.promise_broken:
            leg = Leg(request.intent.leg.venue, fill.symbol)
            left = self._truth.cover_at.get(leg, ZERO)
            signed = fill.amount * fill.side.sign
            crossed = left != ZERO and (left > ZERO) == (signed > ZERO)
            must(not crossed, "I11", f"{identity} closed {left} more at {leg} than our hedge there")

    def i3_counted(self, guard: Guard, now_s: float) -> None:
        """Check that whatever may be executed is counted by the guard."""
        for identity, request in list(self._unsettled.items()):
            order = guard.memory.ledger.orders.get(identity)
            filled = self._truth.filled.get(identity, ZERO)
            if order is None:
                lost_record = self._disk_fails and request.purpose in WAYS_OUT
                must(lost_record, "I3", f"{identity} was sent and the guard does not know it")
                continue
            may = request.intent.amount if request.may_act(now_s) else filled
            must(
                order.possible >= may or request.overdue,
                "I3",
                f"{identity} is {order.state} with {order.possible} counted, but {may} is or may be executed",
            )
            must(order.filled <= filled, "I3", f"{identity}: {order.filled} counted, {filled} executed")
            if not request.travelling and not order.pending and order.filled == filled:
                del self._unsettled[identity]

    def i4_ceilings(self, request: Sent, now_s: float) -> None:
        """Check that the ceilings hold over all lives of the guard, its doubts counted in full."""
        limits, truth = self._script.policy.limits, self._truth
        hedges = [r for r in truth.requests if r.purpose == HEDGE]
        if not self._clock_jumped:
            recent = sum(now_s - r.at_s < MINUTE_S - 1 for r in hedges)
            must(recent <= limits.orders_per_min, "I4", f"{recent} orders within a minute")
        plans = len(dict.fromkeys(r.intent.plan for r in hedges))
        must(plans <= limits.day_hedges, "I4", f"{plans} plans in one day")
        # One that is to be taken up after its expiry, against the venue's promise, was rightly given up.
        spent = sum((self._spent(r) for r in hedges if not (r.overdue and r.travelling)), ZERO)
        must(spent <= limits.day_notional.amount * ABOUT, "I4", f"{spent:.0f} in one day")
        low, high = truth.cover_range(request.intent.asset)
        exchange = truth.exchanges[request.intent.leg.venue].engine
        held = max(abs(low), abs(high)) * exchange.mid(request.intent.leg.symbol)
        must(held <= limits.per_hedge.amount * ABOUT, "I4", f"a hedge of {held:.0f}")

    def _spent(self, request: Sent) -> Decimal:
        if request.travelling:
            return request.intent.notional
        return self._truth.notional.get(request.intent.client_id, ZERO)
