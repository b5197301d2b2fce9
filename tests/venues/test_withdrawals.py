"""What may be withdrawn is read as it is said, asset by asset; nothing said is not "open"."""

import asyncio
from typing import Any

import pytest

from riskguard.core.messages import ReadFailed, ReadKind, WithdrawalsSeen
from riskguard.venues.withdrawals import withdrawals_seen
from tests.venues.conftest import Opener, read
from tests.venues.loopback import Loopback, answer, hang
from tests.venues.markets import opened

ASSETS = ("GET", "/0/public/Assets")
COINS = ("GET", "/v5/asset/coin/query-info")


def networks(*flags: bool | None) -> dict[str, Any]:
    return {
        "withdraw": True,
        "networks": {str(number): {"withdraw": flag} for number, flag in enumerate(flags)},
    }


@pytest.mark.parametrize(
    ("currency", "allowed"),
    [
        (networks(True, False), True),
        (networks(False, False), False),
        (networks(False, None), None),
        (networks(None), True),
        ({"withdraw": False, "networks": {}}, False),
        ({"withdraw": None, "networks": {}}, None),
        ({"networks": None}, None),
        (None, None),
        ("odd", None),
    ],
)
def test_any_open_network_counts(currency: Any, allowed: bool | None) -> None:
    seen = withdrawals_seen("v", "bybit", {"BTC": currency}, ("BTC",))
    assert seen == WithdrawalsSeen("v", (("BTC", allowed),))


@pytest.mark.parametrize(
    ("word", "allowed"),
    [
        ("enabled", True),
        ("withdrawal_only", True),
        ("deposit_only", False),
        ("funding_temporarily_disabled", False),
        ("odd", None),
    ],
)
async def test_kraken_has_one_word_for_a_currency(
    open_gateway: Opener, loopback: Loopback, word: str, allowed: bool | None
) -> None:
    gateway, _ = await opened(open_gateway, loopback, "kraken")
    row = {"aclass": "currency", "altname": "BTC", "decimals": 10, "display_decimals": 5, "status": word}
    loopback.good[ASSETS] = {"error": [], "result": {"BTC": row}}
    given = await gateway.read(read(ReadKind.WITHDRAWALS))
    assert given.observations == (WithdrawalsSeen("v", (("BTC", allowed), ("USD", None))),), given
    assert given.evidence == "rate_limited"


async def test_bybit_by_network(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, _ = await opened(open_gateway, loopback, "bybit")
    chain = {
        "chain": "BTC",
        "chainType": "BTC",
        "chainDeposit": "1",
        "chainWithdraw": "0",
        "minAccuracy": "8",
    }
    row = {"coin": "BTC", "name": "BTC", "chains": [chain]}
    loopback.good[COINS] = {"retCode": 0, "retMsg": "", "result": {"rows": [row]}}
    given = await gateway.read(read(ReadKind.WITHDRAWALS))
    assert given.observations == (WithdrawalsSeen("v", (("BTC", False), ("USDT", None))),), given


@pytest.mark.parametrize("venue", ["kraken", "bybit", "binanceusdm", "okx", "deribit", "krakenfutures"])
@pytest.mark.parametrize("bad", ["404", "524", "html", "hang"])
async def test_no_answer_is_no_evidence(
    open_gateway: Opener, loopback: Loopback, venue: str, bad: str
) -> None:
    gateway, _ = await opened(open_gateway, loopback, venue)
    loopback.everything = {
        "404": answer(404, "no such path"),
        "524": answer(524, "<html>"),
        "html": answer(200, "<html>", "text/html"),
        "hang": hang,
    }[bad]
    given = await gateway.read(read(ReadKind.WITHDRAWALS, 0.3 if bad == "hang" else 3.0))
    assert [type(one) for one in given.observations] == [ReadFailed]
    assert given.evidence == "rate_limited"


async def test_closing_ends_a_question_that_hangs(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, _ = await opened(open_gateway, loopback, "kraken")
    arrived = asyncio.Event()

    async def never(request: Any) -> Any:
        arrived.set()
        return await hang(request)

    loopback.everything = never
    asking = asyncio.create_task(gateway.read(read(ReadKind.WITHDRAWALS, 3600.0)))
    await arrived.wait()
    await gateway.close()
    (failed,) = (await asking).observations
    assert isinstance(failed, ReadFailed)
