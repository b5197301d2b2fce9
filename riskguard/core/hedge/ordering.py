"""One asset to be brought to a target: the job, its orders so far, and how the next one leaves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from riskguard.core.exposure.assessing import Assessment
from riskguard.core.facts import Decided, IntentRecorded
from riskguard.core.hedge.plan import Route, missing
from riskguard.core.incident.incident import Incident
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import PlaceOrder, Severity
from riskguard.core.orders.bookkeeping import EXPIRES_S
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.ledger import COVER
from riskguard.core.orders.lifecycle import Order
from riskguard.core.policy import HedgeRule
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO

ONE = Decimal(1)


class Progress(Enum):
    """How near the target is."""

    REACHED = "reached"
    """As near as lots allow, and nothing is out."""
    UNDER_WAY = "under way"
    STUCK = "stuck"
    """Something refuses, or there is nowhere to go; the trader was told."""


@dataclass(frozen=True, slots=True)
class Job:
    """One asset to be brought to a target within one incident."""

    incident: Incident
    found: Assessment
    hedge: HedgeRule
    target: Decimal
    """The hedge that should be held, after ceilings; base units, signed."""
    closing: Purpose
    """The purpose of orders that take hedge off."""
    may_add: bool
    """Whether verdict, veto and rule allow new risk now; the limits are asked on top."""
    claimed: Decimal = ZERO
    """Notional that assets which are more naked are about to order: their margin is not to be taken."""

    @property
    def asset(self) -> str:
        """The asset's name."""
        return self.found.asset.name

    @property
    def missing(self) -> Decimal:
        """What must still be traded, every doubt counted in full."""
        return missing(self.target, self.found.cover_low, self.found.cover_high)


def orders_of(memory: Memory, job: Job) -> Iterator[Order]:
    """Give all our orders for the job's asset, oldest first."""
    return (o for o in memory.ledger if o.intent.asset == job.asset and o.intent.purpose in COVER)


def send(
    memory: Memory,
    turn: Turn,
    job: Job,
    chosen: Route,
    purpose: Purpose,
    *,
    plan: str = "",
    reduce_only: bool = False,
    per_unit: Decimal = ONE,
) -> None:
    """Record one order and send it."""
    intent = OrderIntent(
        client_id=memory.next_client_id(purpose),
        leg=chosen.leg,
        asset=job.asset,
        side=chosen.side,
        amount=chosen.amount,
        price=chosen.price,
        tif=TimeInForce.IOC,
        reduce_only=reduce_only,
        purpose=purpose,
        incident=job.incident.id,
        plan=plan,
        created_ms=turn.now.wall_ms,
        sequence=memory.ledger.sequence,
        per_unit=per_unit,
    )
    inputs = {
        "client_id": intent.client_id,
        "target": str(job.target),
        "cover": [str(job.found.cover_low), str(job.found.cover_high)],
        "mid": str(job.found.mid),
        "net": str(job.found.exposure.net) if job.found.exposure else None,
        "cost_bps": f"{chosen.cost_bps:.2f}",
        "because": job.incident.because,
    }
    memory.record(Decided(f"send {purpose.name.lower()}", job.incident.id, json.dumps(inputs)), turn)
    memory.fold(IntentRecorded(intent), turn.now.wall_ms)
    memory.sent_s[intent.client_id] = turn.now.mono_s
    memory.bases = memory.bases.touch(chosen.leg, turn.now.mono_s)
    turn.do(PlaceOrder(memory.next_call(), intent, memory.policy.detect.order_ack_s, EXPIRES_S))


def stuck(memory: Memory, turn: Turn, job: Job, why: str, *, kind: str = "") -> Progress:
    """Tell that the rest cannot be sent, once per `kind` of reason: by itself its words up to a bracket."""
    title = f"{job.asset}: {signed(job.missing)} of the hedge cannot be sent"
    key = f"{job.incident.id}.{job.asset}.{kind or why.split(' (', maxsplit=1)[0]}"
    memory.tell(turn, Severity.ALARM, title, why, incident=job.incident.id, once=key)
    return Progress.STUCK
