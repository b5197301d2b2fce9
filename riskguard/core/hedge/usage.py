"""How much of the ceilings is used up: a fold of the journal, so that a restart forgets nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from riskguard.core.facts import Fact, FillRecorded, HedgeAdjusted, PlanApproved
from riskguard.core.orders.intent import AT_HOME, Purpose
from riskguard.core.orders.lifecycle import Order
from riskguard.core.types import ZERO, Leg

DAY_MS = 86_400_000
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Cost:
    """The running cost of our trades on one leg, average-cost method; quote units."""

    amount: Decimal = ZERO
    average: Decimal = ZERO

    def trade(self, signed: Decimal, price: Decimal) -> tuple["Cost", Decimal]:
        """Take in one execution; gives the realised loss (negative: a gain)."""
        if self.amount == ZERO or (self.amount > 0) == (signed > 0):
            total = self.amount + signed
            return Cost(total, (self.amount * self.average + signed * price) / total), ZERO
        closed = min(abs(signed), abs(self.amount)) * (1 if self.amount > 0 else -1)
        loss = closed * (self.average - price)
        left = self.amount + signed
        if left != ZERO and (left > 0) != (self.amount > 0):
            return Cost(left, price), loss
        return Cost(left, self.average if left else ZERO), loss


@dataclass(frozen=True, slots=True)
class Usage:
    """What was approved and lost, with wall milliseconds; old entries fall out when new ones come."""

    plans: tuple[tuple[int, str], ...] = ()
    losses: tuple[tuple[int, Decimal], ...] = ()
    costs: Mapping[Leg, Cost] | None = None

    def fold(self, fact: Fact, now_ms: int) -> "Usage":
        """Take in one fact; facts about other things change nothing."""
        match fact:
            case PlanApproved():
                kept = tuple(entry for entry in self.plans if entry[0] > now_ms - DAY_MS)
                return replace(self, plans=(*kept, (now_ms, fact.plan)))
            case FillRecorded():
                lost = tuple(entry for entry in self.losses if entry[0] > now_ms - DAY_MS)
                if fact.client_id[-1:] in AT_HOME:  # the trader's own position: its fee is our cost, no more
                    return replace(self, losses=(*lost, (now_ms, fact.fee)))
                costs = dict(self.costs or {})
                cost, loss = costs.get(fact.leg, Cost()).trade(fact.amount * fact.side.sign, fact.price)
                costs[fact.leg] = cost
                return replace(self, costs=costs, losses=(*lost, (now_ms, loss + fact.fee)))
            case HedgeAdjusted():
                costs = dict(self.costs or {})
                known = costs.get(fact.leg, Cost())
                price = fact.price or known.average  # at its average nothing is won or lost
                if price:
                    costs[fact.leg], _ = known.trade(fact.amount, price)
                return replace(self, costs=costs)
            case _:
                return self

    def plans_today(self, now_ms: int) -> int:
        """Count the plans approved in the last 24 h."""
        return sum(at > now_ms - DAY_MS for at, _ in self.plans)

    def loss_today(self, now_ms: int) -> Decimal:
        """Add up the realised cost of the last 24 h; quote units."""
        return sum((loss for at, loss in self.losses if at > now_ms - DAY_MS), ZERO)


def notional_today(orders: Iterable[Order], now_ms: int) -> Decimal:
    """Add up what hedge orders of the last 24 h filled and may still fill; quote units."""
    return sum(
        (
            order.possible * order.intent.price
            for order in orders
            if order.intent.purpose is Purpose.HEDGE and order.intent.created_ms > now_ms - DAY_MS
        ),
        ZERO,
    )


def orders_this_minute(orders: Iterable[Order], now_ms: int) -> int:
    """Count the risk-adding orders of the last minute."""
    return sum(order.intent.adds_risk and order.intent.created_ms > now_ms - MINUTE_MS for order in orders)
