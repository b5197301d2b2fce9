"""A spot leg is all that the account owns of the coin, free and locked, minus what it owes."""

from types import SimpleNamespace
from typing import Any

import pytest

from riskguard.core.types import Leg
from riskguard.venues.reads import spot_reports
from riskguard.venues.reports import Unreadable

BTC, ETH, SWAP = Leg("v", "BTC/USDT"), Leg("v", "ETH/USDT"), Leg("v", "BTC/USDT:USDT")
ACCOUNT: Any = SimpleNamespace(venue="v", legs=(BTC, SWAP, ETH))


def balance(**parts: dict[str, float]) -> dict[str, Any]:
    return {"info": {}, **parts}


@pytest.mark.parametrize(
    ("seen", "btc", "eth"),
    [
        (balance(total={"BTC": 3, "USDT": 9}, free={"BTC": 1}, used={"BTC": 2}), "3", "0"),
        (balance(total={"BTC": 3, "ETH": 0.5}, free={"BTC": 3}, debt={"BTC": 1}), "2", "0.5"),
        (balance(total={"BTC": 0, "USDT": 9}, debt={"BTC": 1.25, "ETH": 0}), "-1.25", "0"),
        (balance(total={"USDT": 9}, debt={"ETH": 4}), "0", "-4"),
    ],
    ids=["locked in orders", "partly borrowed", "sold what was borrowed", "owed and not even listed"],
)
def test_what_is_locked_is_owned_and_what_is_borrowed_is_owed(
    seen: dict[str, Any], btc: str, eth: str
) -> None:
    assert [(one.leg, f"{one.amount:f}") for one in spot_reports(ACCOUNT, seen)] == [(BTC, btc), (ETH, eth)]


@pytest.mark.parametrize(
    "seen", [{}, {"total": None}, balance(total={}), balance(total={"BTC": 0, "USDT": 0})]
)
def test_an_account_of_nothing_at_all_is_not_believed(seen: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        spot_reports(ACCOUNT, seen)
