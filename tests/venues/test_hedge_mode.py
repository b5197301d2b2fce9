"""Accounts that keep long and short apart: each order names its side; where none can, none is sent."""

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from riskguard.core.messages import OrderAnswered
from riskguard.core.orders.outcome import NotSent
from riskguard.core.types import Side
from tests.venues.conftest import Opener, place
from tests.venues.loopback import Loopback, Seen, answer
from tests.venues.markets import opened

SIDES: dict[str, dict[tuple[Side, bool], dict[str, Any]]] = {
    "binanceusdm": {
        (Side.SELL, False): {"side": "SELL", "positionSide": "SHORT"},
        (Side.SELL, True): {"side": "SELL", "positionSide": "LONG"},
        (Side.BUY, True): {"side": "BUY", "positionSide": "SHORT"},
    },
    "bybit": {
        (Side.SELL, False): {"side": "Sell", "positionIdx": 2},
        (Side.SELL, True): {"side": "Sell", "positionIdx": 1},
        (Side.BUY, True): {"side": "Buy", "positionIdx": 2},
    },
    "okx": {
        (Side.SELL, False): {"side": "sell", "posSide": "short"},
        (Side.SELL, True): {"side": "sell", "posSide": "long"},
        (Side.BUY, True): {"side": "buy", "posSide": "short"},
    },
    "bitget": {
        (Side.SELL, False): {"side": "sell", "tradeSide": "Open"},
        (Side.SELL, True): {"side": "buy", "tradeSide": "Close"},
        (Side.BUY, True): {"side": "sell", "tradeSide": "Close"},
    },
    "kucoinfutures": {
        (Side.SELL, False): {"side": "sell", "positionSide": "SHORT"},
        (Side.SELL, True): {"side": "sell", "positionSide": "LONG"},
        (Side.BUY, True): {"side": "buy", "positionSide": "SHORT"},
    },
}
"""What an order to open or to close a side looks like on the wire: Bitget names the position's side."""


def fields(seen: Seen) -> dict[str, Any]:
    if not seen.body.startswith(("{", "[")):
        return dict(parse_qsl(seen.body))
    body = json.loads(seen.body)
    found = body[0] if isinstance(body, list) else body
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("ccxt_id", SIDES)
async def test_an_order_names_its_side(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    gateway.quirks.hedged = True
    loopback.everything = answer(200, "{}")
    for (side, closes), wanted in SIDES[ccxt_id].items():
        before = len(loopback.seen)
        given = await gateway.place(place(leg=leg, side=side, reduce_only=closes))
        assert len(loopback.seen) == before + 1, given
        sent = fields(loopback.seen[-1])
        assert {name: sent.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("ccxt_id", SIDES)
async def test_one_way_accounts_name_none(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = answer(200, "{}")
    await gateway.place(place(leg=leg, side=Side.SELL, reduce_only=True))
    sent = fields(loopback.seen[-1])
    assert sent.get("positionSide") in (None, "BOTH")
    assert sent.get("posSide") in (None, "net")
    assert sent.get("positionIdx") in (None, 0)
    assert sent.get("tradeSide") is None


async def test_gates_dual_mode_is_refused_with_words(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "gate")
    gateway.quirks.hedged = True
    given = await gateway.place(place(leg=leg))
    (answered,) = given.observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, NotSent)
    assert "dual mode" in given.cause
    assert not loopback.seen
