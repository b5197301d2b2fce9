"""Funding rates: what a long pays a day, as each venue's answer has it."""

from decimal import Decimal
from typing import Any

import pytest

from riskguard.core.messages import FundingSeen, ReadFailed, ReadKind
from riskguard.core.types import Leg
from riskguard.venues.funding import funding_seen
from riskguard.venues.quirks import NotOffered
from riskguard.venues.reports import Unreadable
from tests.venues.conftest import LEG, Opener, read
from tests.venues.loopback import Loopback

PREMIUM = ("GET", "/fapi/v1/premiumIndex")


@pytest.mark.parametrize(
    ("row", "per_day"),
    [
        ({"fundingRate": 0.0001, "interval": "8h"}, "0.0003"),
        ({"fundingRate": 0.0001, "interval": "1h"}, "0.0024"),
        ({"fundingRate": -0.0005, "interval": "4h"}, "-0.0030"),
        ({"fundingRate": 0.0001, "interval": None}, "0.0003"),
        ({"fundingRate": 0.0001, "interval": "0h"}, "0.0003"),
        ({"fundingRate": 0.0001, "interval": "1d"}, "0.0003"),
        ({"fundingRate": 0}, "0"),
    ],
)
def test_a_rate_is_told_per_day(row: dict[str, Any], per_day: str) -> None:
    assert funding_seen(LEG, row) == FundingSeen(LEG, Decimal(per_day))


@pytest.mark.parametrize("row", [{}, {"fundingRate": None}, {"fundingRate": "odd"}])
def test_no_rate_is_not_zero(row: dict[str, Any]) -> None:
    with pytest.raises(NotOffered):
        funding_seen(LEG, row)


@pytest.mark.parametrize("row", [None, [], "odd"])
def test_another_shape_is_unreadable(row: Any) -> None:
    with pytest.raises(Unreadable):
        funding_seen(LEG, row)


async def test_binance_tells_a_rate_without_its_interval(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("binanceusdm")
    loopback.good[PREMIUM] = {
        "symbol": "BTCUSDT",
        "markPrice": "60000",
        "indexPrice": "60000",
        "lastFundingRate": "-0.00020000",
        "interestRate": "0.00010000",
        "nextFundingTime": 1_700_006_400_000,
        "time": 1_700_000_000_000,
    }
    given = await gateway.read(read(ReadKind.FUNDING))
    assert given.observations == (FundingSeen(LEG, Decimal("-0.0006")),)
    assert given.evidence == "rate_limited"  # good or bad, it is no evidence


async def test_a_venue_without_rates_says_nothing(open_gateway: Opener) -> None:
    gateway = await open_gateway("coinbase", Leg("v", "BTC/USD"), load=False)
    given = await gateway.read(read(ReadKind.FUNDING, leg=Leg("v", "BTC/USD")))
    assert [type(one) for one in given.observations] == [ReadFailed]
    assert given.evidence == "rate_limited"
