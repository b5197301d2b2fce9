"""An emergency cancel behind a hundred queued reads takes as long as on an idle client (a benchmark)."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from statistics import median, quantiles

import aiohttp
import pytest

from riskguard.core.messages import ReadKind
from riskguard.core.policy import Budget, Role, VenuePolicy
from riskguard.simulation.wire.client import WireClient, running_wire
from riskguard.venues.gateway import CcxtGateway, build_gateway
from tests.venues.conftest import KEY, LEG, SECRET, Keys, cancel, read

pytestmark = [pytest.mark.wire, pytest.mark.bench, pytest.mark.slow]

TRIALS = 200
READS = 100


def venue(face: str) -> dict[str, object]:
    return {
        "name": "v",
        "face": face,
        "keys": [{"key": KEY, "secret": SECRET}],
        "symbols": [{"symbol": LEG.symbol, "price": "60000"}],
    }


def gateway_of(face: str, venues: WireClient) -> CcxtGateway:
    return build_gateway(
        VenuePolicy("v", face, Role.BOTH, budget=Budget(Decimal(5), Decimal(10_000))),
        ccxt_id=face,
        ccxt_config=venues.venues["v"]["ccxt_config"],
        credentials=Keys(),
        legs=(LEG,),
    )


async def timed_ms(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1000


@pytest.mark.parametrize("face", ["binanceusdm", "bybit"])
async def test_priority_never_inverts(face: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with running_wire({"seed": 1, "venues": [venue(face)]}) as venues:
        gateway = gateway_of(face, venues)
        try:
            await gateway.read(read(ReadKind.MARKETS, 10.0))
            await gateway.cancel(cancel())
            idle, behind = [], []
            for _ in range(TRIALS):
                idle.append(await timed_ms(lambda: gateway.cancel(cancel())))
                queued = [
                    asyncio.create_task(gateway.read(read(ReadKind.OPEN_ORDERS, 60.0))) for _ in range(READS)
                ]
                await asyncio.sleep(0.005)
                behind.append(await timed_ms(lambda: gateway.cancel(cancel())))
                for task in queued:
                    task.cancel()
                await asyncio.gather(*queued, return_exceptions=True)
        finally:
            await gateway.close()
    with capsys.disabled():
        print(  # noqa: T201 - what a benchmark is for
            f"\n{face}: idle {median(idle):.2f} ms, behind {READS} reads {median(behind):.2f} ms,"
            f" p99 {quantiles(behind, n=100)[98]:.2f} ms"
        )
    assert median(behind) <= max(1.2 * median(idle), median(idle) + 2.0)


async def test_a_cancel_against_a_bare_request(capsys: pytest.CaptureFixture[str]) -> None:
    async with running_wire({"seed": 1, "venues": [venue("binanceusdm")]}) as venues:
        gateway = gateway_of("binanceusdm", venues)
        url = venues.venues["v"]["ccxt_config"]["urls"]["api"]["fapiPrivate"] + "/order"
        try:
            async with aiohttp.ClientSession() as session:

                async def bare() -> None:
                    query = f"timestamp={int(time.time() * 1000)}&symbol=BTCUSDT&origClientOrderId=rga0001h"
                    signature = hmac.new(SECRET.encode(), query.encode(), hashlib.sha256).hexdigest()
                    signed = f"{url}?{query}&signature={signature}"
                    async with session.delete(signed, headers={"X-MBX-APIKEY": KEY}) as response:
                        await response.text()

                await gateway.read(read(ReadKind.MARKETS, 10.0))
                ours, theirs = [], []
                for _ in range(TRIALS):
                    ours.append(await timed_ms(lambda: gateway.cancel(cancel())))
                    theirs.append(await timed_ms(bare))
        finally:
            await gateway.close()
    ratio = median(ours) / median(theirs)
    with capsys.disabled():
        print(  # noqa: T201 - what a benchmark is for
            f"\na cancel {median(ours):.2f} ms, a bare request {median(theirs):.2f} ms, ratio {ratio:.2f}"
        )
    assert ratio < 5
