"""What the trader truly held lately, and so which hedge could be right: the yardstick for overshoot.

The guard knows a venue only as of its last answers, so a hedge is right if it fits any moment that the guard
could still be looking at: the last few seconds, and all the time during which something kept it from seeing.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.core.policy import Doubts
from riskguard.core.types import ZERO, Asset, Leg
from riskguard.simulation import engine
from riskguard.simulation.world.exchange import ACCOUNT
from riskguard.simulation.world.faults import OURS, READING, STREAMS, Fault
from riskguard.simulation.world.policies import PRIMARY
from riskguard.simulation.world.script import Script
from riskguard.simulation.world.truth import Truth

SEEN_WITHIN_S = 10.0
NEAR = Decimal("0.002")
"""An order whose level was within 20 bps of the price may have been counted as filled."""
COUNTED_WITHIN = Decimal("0.05")
"""As far as the price at which contracts are converted may lie from an order's own."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was held at a moment: the least and the most, by the policy's way of counting doubt."""

    at_s: float
    low: Decimal
    high: Decimal
    net: Decimal


@dataclass(slots=True)
class Envelope:
    """Samples of one asset."""

    script: Script
    truth: Truth
    asset: Asset
    samples: list[Sample] = field(default_factory=list)
    _near: dict[str, bool] = field(default_factory=dict)
    _forced: int = 0
    _unseen: tuple[Decimal, Decimal] = (ZERO, ZERO)
    _vanished: list[tuple[float, Decimal]] = field(default_factory=list)
    """What the venues closed by force, and when: who could not see it counts it in all that came after."""

    def sample(self, now_s: float) -> None:
        """Look at the venues."""
        policy = next(entry for entry in self.script.policy.assets if entry.name == self.asset)
        doubts = self.script.policy.rules[0].hedge.doubts
        net = self.truth.trader(self.asset) + policy.elsewhere - policy.keep
        low = high = net
        for order in self._resting():
            if self._is_near(order.order_id, order.price, order.side.sign) or doubts is Doubts.WORST:
                signed = self._most(order) * order.side.sign
                low, high = low + min(signed, ZERO), high + max(signed, ZERO)
        last = self.samples[-1] if self.samples else None
        if self.truth.closed_by_force != self._forced and last is not None:
            # Whoever cannot see the venue reckons with its orders as before: a liquidation cancels them.
            self._forced = self.truth.closed_by_force
            self._vanished.append((now_s, last.net - net))
            self._unseen = (
                min(self._unseen[0], last.low - last.net),
                max(self._unseen[1], last.high - last.net),
            )
        low, high = min(low, net + self._unseen[0]), max(high, net + self._unseen[1])
        if last is None or (last.low, last.high, last.net) != (low, high, net):
            self.samples.append(Sample(now_s, low, high, net))

    def _resting(self) -> list[engine.Order]:
        """List the trader's orders at home that rest, or that the guard must take for resting."""
        home = self.truth.exchanges[PRIMARY].engine
        legs = [one for one in legs_of(self.truth, self.asset) if one.venue == PRIMARY]
        rows = [order for one in legs for order in home.open_orders(ACCOUNT, one.symbol)]
        rows += [order for one in legs for order in self.truth.unheard(PRIMARY, one.symbol)]
        resting = (order for order in rows if order.kind is engine.OrderKind.LIMIT)
        return [order for order in resting if not order.client_id.startswith("rg")]

    def _most(self, order: engine.Order) -> Decimal:
        """Give the most that an order may still bring; inverse contracts are counted at a price nearby."""
        item = self.truth.exchanges[PRIMARY].engine.instruments[order.symbol]
        if not item.inverse:
            return order.remaining
        return item.worth(order.remaining, order.price * (1 - COUNTED_WITHIN))

    def _is_near(self, order_id: str, price: Decimal, sign: int) -> bool:
        if not self._near.get(order_id):
            mids = [one.engine.mid(f"{self.asset}/USDT:USDT") for one in self.truth.exchanges.values()]
            self._near[order_id] = any((mid - price) * sign <= price * NEAR for mid in mids)
        return self._near[order_id]

    def within(self, from_s: float) -> list[Sample]:
        """Give what held at `from_s` and every sample since."""
        later = [sample for sample in self.samples if sample.at_s > from_s]
        before = [sample for sample in self.samples if sample.at_s <= from_s]
        return [*before[-1:], *later]

    def hedge_bounds(self, from_s: float) -> tuple[Decimal, Decimal]:
        """Give the least and the most hedge that could be right since then, none at all included."""
        seen = self.within(from_s)
        gone = [amount for at_s, amount in self._vanished if at_s >= from_s]
        most = sum((amount for amount in gone if amount > ZERO), ZERO)
        least = sum((amount for amount in gone if amount < ZERO), ZERO)
        return min(ZERO, *(-s.high - most for s in seen)), max(ZERO, *(-s.low - least for s in seen))


def window(faults: tuple[Fault, ...], now_s: float) -> float:
    """Give from when on the guard may be looking at things as they were."""
    from_s = now_s - SEEN_WITHIN_S
    hiding = sorted((f for f in faults if _hides(f)), key=lambda f: -f.begin_s)
    for fault in hiding:
        if fault.begin_s <= now_s and fault.end_s >= from_s:
            from_s = min(from_s, fault.begin_s - SEEN_WITHIN_S)
    return from_s


def _hides(fault: Fault) -> bool:
    return fault.kind in OURS or any(place in (*READING, *STREAMS) for place in fault.places)


def legs_of(truth: Truth, asset: Asset) -> list[Leg]:
    """Give the legs of an asset."""
    return [one for one, name in truth.asset_of.items() if name == asset]
