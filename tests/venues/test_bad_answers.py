"""Answers that are no answers: every client, every call, and none of them is ever believed."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from riskguard.core.messages import CancelAnswered, OrderAnswered, ReadFailed, ReadKind
from riskguard.core.orders.outcome import Rejected, Unknown
from riskguard.core.types import Leg
from riskguard.ports import Answer
from riskguard.venues.gateway import CcxtGateway
from riskguard.venues.outcomes import TESTED_VENUES
from riskguard.venues.strict import evidence_of
from riskguard.venues.wire import Evidence
from tests.venues.conftest import Opener, cancel, place, read
from tests.venues.loopback import Handler, Loopback, answer, as_json, cut, reset
from tests.venues.markets import PRECISION, SPOT_ONLY, opened

PAGE = "<html><head><title>A timeout occurred</title></head><body>[cloudflare]</body></html>"
BAD: dict[str, Handler] = {
    "524 page": answer(524, PAGE, "text/html"),
    "523 page": answer(523, PAGE, "text/html"),
    "413 page": answer(413, PAGE, "text/html"),
    "200 page": answer(200, PAGE, "text/html"),
    "200 empty": answer(200, ""),
    "200 null": answer(200, "null"),
    "200 cut JSON": answer(200, '{"orderId": 8001, "status": "NEW", "cl'),
    "200 cut off": cut(as_json({"orderId": 8001, "retCode": 0, "result": {"list": []}})),
    "202 page": answer(202, PAGE, "text/html"),
    "307 elsewhere": answer(307, "", "text/html"),
    "200 {}": answer(200, "{}"),
    "200 []": answer(200, '"ok"'),
}


def calls(gateway: CcxtGateway, leg: Leg) -> dict[str, Callable[[], Awaitable[Answer]]]:
    """Give the five calls of the matrix."""
    return {
        "place": lambda: gateway.place(place(leg=leg)),
        "cancel": lambda: gateway.cancel(cancel(leg=leg, order_id="8001")),
        "positions": lambda: gateway.read(read(ReadKind.POSITIONS, leg=leg)),
        "open orders": lambda: gateway.read(read(ReadKind.OPEN_ORDERS, leg=leg)),
        "balance": lambda: gateway.read(read(ReadKind.BALANCE, leg=leg)),
    }


@pytest.mark.parametrize("ccxt_id", sorted(TESTED_VENUES))
async def test_no_bad_answer_is_believed(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    wrong: list[str] = []
    for name, handler in BAD.items():
        loopback.everything = handler
        for call, make in calls(gateway, leg).items():
            before = len(loopback.seen)
            given = await make()
            requests = len(loopback.seen) - before
            if not requests or not unbelieved(given):
                wrong.append(f"{call} on {name}: {requests} requests, {given}")
    assert not wrong, "\n".join(wrong)


NO_DOCUMENT: dict[str, tuple[Handler, int | None, str]] = {
    "524 page": (BAD["524 page"], 524, PAGE),
    "523 page": (BAD["523 page"], 523, PAGE),
    "413 page": (BAD["413 page"], 413, PAGE),
    "200 page": (BAD["200 page"], 200, PAGE),
    "200 empty": (BAD["200 empty"], 200, ""),
    "200 null": (BAD["200 null"], 200, "null"),
    "200 cut JSON": (BAD["200 cut JSON"], 200, '{"orderId": 8001, "status": "NEW", "cl'),
    "200 cut off": (BAD["200 cut off"], None, ""),
    "202 page": (BAD["202 page"], 202, PAGE),
    "reset": (reset, None, ""),
}
"""What is no JSON document under a success status, with the status and body that are left of it."""

REFUSALS = {
    "binance": ('{"code":-2010,"msg":"Account has insufficient balance for requested action."}', "-2010"),
    "binancecoinm": ('{"code":-2019,"msg":"Margin is insufficient."}', "-2019"),
    "binanceusdm": ('{"code":-2019,"msg":"Margin is insufficient."}', "-2019"),
    "bitfinex": ('["error",10020,"symbol: invalid"]', "10020"),
    "bitget": ('{"code":"43012","msg":"Insufficient balance","data":null}', "43012"),
    "bybit": ('{"retCode":110007,"retMsg":"ab not enough for new order","result":{}}', "110007"),
    "coinbase": ('{"error":"INVALID_ARGUMENT","message":"invalid client_order_id"}', "INVALID_ARGUMENT"),
    "deribit": ('{"jsonrpc":"2.0","error":{"code":10009,"message":"not_enough_funds"}}', "10009"),
    "gate": ('{"label":"BALANCE_NOT_ENOUGH","message":"Not enough balance"}', "BALANCE_NOT_ENOUGH"),
    "hyperliquid": ('{"status":"err","response":"User or API Wallet 0xabc does not exist."}', ""),
    "kraken": ('{"error":["EOrder:Insufficient funds"]}', "EOrder:Insufficient funds"),
    "krakenfutures": ('{"result":"error","error":"authenticationError"}', "authenticationError"),
    "kucoin": ('{"code":"200004","msg":"Balance insufficient!"}', "200004"),
    "kucoinfutures": ('{"code":"300003","msg":"Balance not enough"}', "300003"),
    "okx": ('{"code":"50113","data":[],"msg":"Invalid sign."}', "50113"),
}
"""A complaint in each venue's own envelope, sent with HTTP 400, and its code."""


def plain_calls(client: Any, symbol: str, ccxt_id: str) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Give the same calls as ccxt itself offers them, without the gateway around."""
    amount = 10 if ccxt_id in PRECISION else 0.01  # contracts, or coins
    found: dict[str, Callable[[], Awaitable[Any]]] = {
        "place": lambda: client.create_order(symbol, "limit", "buy", amount, 60000),
        "cancel": lambda: client.cancel_order("8001", symbol),
        "open orders": lambda: client.fetch_open_orders(symbol),
        "balance": client.fetch_balance,
    }
    if ccxt_id not in SPOT_ONLY:
        found["positions"] = lambda: client.fetch_positions([symbol])
    return found


async def raised(make: Callable[[], Awaitable[Any]]) -> Evidence | str:
    """Call, and give the evidence that the exception carries, or words for what happened instead."""
    try:
        given = await make()
    except Exception as error:  # noqa: BLE001 - what is raised is what is looked at
        return evidence_of(error) or f"{type(error).__name__} without evidence: {error}"
    return f"returned {given!r}"


@pytest.mark.parametrize("ccxt_id", sorted(TESTED_VENUES))
async def test_each_client_raises_with_status_body_and_whether_it_was_sent(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    gateway.clients.open()
    wrong: list[str] = []
    for call, make in plain_calls(gateway.clients.act, leg.symbol, ccxt_id).items():
        for name, (handler, status, body) in NO_DOCUMENT.items():
            loopback.everything = handler
            given = await raised(make)
            if given != Evidence(status, body, code="", sent=True):
                wrong.append(f"{call} on {name}: {given}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("ccxt_id", sorted(TESTED_VENUES))
async def test_a_refusal_carries_the_code_of_the_venue(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    gateway.clients.open()
    body, code = REFUSALS[ccxt_id]
    loopback.everything = answer(400, body)
    for make in plain_calls(gateway.clients.act, leg.symbol, ccxt_id).values():
        assert await raised(make) == Evidence(400, body, code, sent=True)


@pytest.mark.parametrize("ccxt_id", ["binanceusdm", "kraken", "deribit"])
async def test_what_never_left_says_so(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    gateway.clients.open()
    await loopback.stop()
    for make in plain_calls(gateway.clients.act, leg.symbol, ccxt_id).values():
        assert await raised(make) == Evidence(None, "", "", sent=False)


def unbelieved(given: Answer) -> bool:
    """Tell whether an answer was taken for what it is: nothing known, with a cause that says why."""
    if given.evidence == "ok" or not given.cause or len(given.observations) != 1:
        return False
    match given.observations[0]:
        case OrderAnswered(outcome=outcome, report=report):
            return isinstance(outcome, Unknown | Rejected) and report is None
        case CancelAnswered(outcome=outcome):
            return isinstance(outcome, Unknown | Rejected)
        case ReadFailed():
            return True
        case _:
            return False
