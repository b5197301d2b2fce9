"""An order leaves once: whatever its answer, the executor never tries again by itself."""

import asyncio

from riskguard.core.messages import OrderAnswered, PlaceOrder
from riskguard.core.orders.outcome import Unknown
from riskguard.ports import Answer
from tests.runtime.test_executor import World, in_world, place


def test_an_order_whose_answer_is_unknown_is_not_sent_again() -> None:
    async def check(world: World) -> None:
        order = place()
        lost = OrderAnswered(order.intent.client_id, Unknown("no answer in time"))
        world.gateway.answers[PlaceOrder] = Answer("unknown", (lost,), "no answer in time")
        await world.does(order)
        await asyncio.sleep(60.0)
        assert world.gateway.asked == [order]

    in_world(check)
