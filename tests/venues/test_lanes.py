"""The urgent lane never waits behind optional traffic, and the reserve is its own."""

import asyncio
from decimal import Decimal

from aiohttp import web

from riskguard.core.messages import CancelAnswered, ReadKind
from riskguard.core.orders.outcome import NotSent
from riskguard.core.policy import Budget
from riskguard.venues.lanes import Lane, TwoLaneBucket, pace_of
from riskguard.waiting import on_turn
from tests.venues.conftest import Opener, cancel, read
from tests.venues.loopback import Loopback, hang


async def test_urgent_goes_before_all_that_wait() -> None:
    bucket = TwoLaneBucket(rate_per_s=200, burst=1, reserve=0)
    await bucket.take(urgent=True)
    order: list[str] = []

    async def ask(name: str, *, urgent: bool) -> None:
        await bucket.take(urgent=urgent)
        order.append(name)

    tasks = [asyncio.create_task(ask(f"read {number}", urgent=False)) for number in range(5)]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(ask("cancel", urgent=True)))
    await asyncio.gather(*tasks)
    assert order[0] == "cancel"
    assert order[1:] == [f"read {number}" for number in range(5)]


async def test_optional_traffic_leaves_the_reserve() -> None:
    bucket = TwoLaneBucket(rate_per_s=0.001, burst=10, reserve=0.4)
    for _ in range(6):
        await bucket.take(urgent=False)
    waiting = asyncio.create_task(bucket.take(urgent=False))
    await asyncio.sleep(0)
    assert not waiting.done()
    for _ in range(4):
        await bucket.take(urgent=True)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    bucket.close()


async def test_giving_up_a_place_frees_it() -> None:
    bucket = TwoLaneBucket(rate_per_s=100, burst=1, reserve=0)
    await bucket.take(urgent=True)
    waiting = asyncio.create_task(bucket.take(urgent=True))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(5):
        await bucket.take(urgent=True)
    bucket.close()


async def test_a_budget_below_one_a_second_is_a_lid_too() -> None:
    pace = pace_of(Budget(Decimal("0.5"), Decimal("0.5")))
    async with asyncio.timeout(5):
        await pace.wait(Lane.READ)
    second = asyncio.create_task(pace.wait(Lane.READ))
    await asyncio.sleep(0.05)
    assert not second.done()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    pace.close()


async def test_a_cancel_does_not_wait_for_reads_that_hang(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("binanceusdm")
    loopback.bad["GET", "/fapi/v3/positionRisk"] = hang
    reads = [asyncio.create_task(gateway.read(read(ReadKind.POSITIONS, 30.0))) for _ in range(100)]
    async with asyncio.timeout(10):
        while loopback.count("GET", "/fapi/v3/positionRisk") < 50:  # noqa: ASYNC110 - the fake has no event
            await asyncio.sleep(0.01)
        answer = await gateway.cancel(cancel())
    assert answer.evidence == "ok"
    for task in reads:
        task.cancel()
    await asyncio.gather(*reads, return_exceptions=True)


async def test_a_wait_for_our_own_budget_is_no_evidence(open_gateway: Opener) -> None:
    # Nothing left: the burst of one is spent, and the next is due in minutes.
    gateway = await open_gateway("binanceusdm", budget=Budget(Decimal("0.001"), Decimal("0.001")), load=False)
    await gateway.pace.bucket.take(urgent=True)
    answer = await gateway.cancel(cancel(0.05))
    (answered,) = answer.observations
    assert isinstance(answered, CancelAnswered)
    assert answered.outcome == NotSent("no budget left before the deadline")
    assert answer.evidence == "rate_limited"


async def test_a_venue_that_asks_for_less_is_heeded(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("binanceusdm")

    async def too_often(_request: web.Request) -> web.StreamResponse:
        body = {"code": -1003, "msg": "Too many requests."}
        return web.json_response(body, status=429, headers={"Retry-After": "30"})

    loopback.bad["GET", "/fapi/v3/positionRisk"] = too_often
    first = await gateway.read(read(ReadKind.POSITIONS))
    asked = len(loopback.seen)
    second = await gateway.read(read(ReadKind.BOOK))
    assert (first.evidence, second.evidence) == ("rate_limited", "rate_limited")
    assert len(loopback.seen) == asked  # the second was not even sent
    assert (await gateway.cancel(cancel())).evidence == "ok"  # what is urgent goes on


async def test_a_call_is_on_its_way_only_when_its_turn_has_come(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway = await open_gateway("binanceusdm", budget=Budget(Decimal("0.1"), Decimal(2)))
    while gateway.pace.bucket._tokens >= 1:
        await gateway.pace.bucket.take(urgent=True)
    came: list[int] = []
    on_turn(lambda: came.append(len(loopback.seen)))
    before = len(loopback.seen)
    answer = await gateway.cancel(cancel(5.0))
    assert answer.evidence == "ok"
    assert came == [before]  # told once, before the request and after the wait

    on_turn(lambda: came.append(-1))
    gateway.pace.bucket._rate = 1e-6
    assert (await gateway.cancel(cancel(0.1))).evidence == "rate_limited"
    assert came == [before]
