"""Every order of a hedge leaves at the edge of the policy's band around the price that the guard says it saw.

What prices truly are is checked beside this (`hedge_checks.i8_price`), with room for how far they move while
they are read; here there is none: a band that is turned round, doubled or rounded outwards shows at once.
"""

import json
from collections.abc import Sequence
from decimal import Decimal

from riskguard.core.facts import Decided
from riskguard.core.messages import Command, PlaceOrder, Record
from riskguard.core.orders.intent import OrderIntent
from riskguard.simulation.world.script import Script
from riskguard.simulation.world.verdict import must


class PriceChecks:
    """The prices of all orders of one history."""

    def __init__(self, script: Script) -> None:
        self._most_bps = script.policy.limits.slippage_bps

    def sent(self, commands: Sequence[Command]) -> None:
        """Compare the orders of one step with the prices that were recorded with them."""
        mids: dict[str, Decimal] = {}
        for command in commands:
            match command:
                case Record(Decided(what, inputs=inputs)) if what.startswith("send "):
                    seen = json.loads(inputs)
                    mids[seen["client_id"]] = Decimal(seen["mid"])
                case PlaceOrder(intent=intent) if intent.client_id in mids:
                    self._judge(intent, mids[intent.client_id])
                case _:
                    pass

    def _judge(self, intent: OrderIntent, mid: Decimal) -> None:
        beyond_bps = (intent.price - mid) * intent.side.sign / mid * 10_000
        what = f"{intent.client_id}: {intent.side} at {intent.price} is {beyond_bps:.1f} bps beyond {mid}"
        must(Decimal(0) < beyond_bps <= self._most_bps, "I8", what)
