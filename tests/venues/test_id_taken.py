"""An order refused because its client id is taken may be live: something on the way sent it twice."""

import pytest

from riskguard.core.messages import CancelAnswered, OrderAnswered
from riskguard.core.orders.outcome import Reason, Rejected, Unknown
from riskguard.venues.outcomes import TESTED_VENUES, classify
from tests.venues.conftest import Opener, cancel, place
from tests.venues.loopback import Loopback, answer
from tests.venues.markets import opened

TAKEN: dict[str, tuple[int, str]] = {
    "binance": (400, '{"code":-2010,"msg":"Duplicate order sent."}'),
    "binancecoinm": (400, '{"code":-4116,"msg":"ClientOrderId is duplicated."}'),
    "binanceusdm": (400, '{"code":-4116,"msg":"ClientOrderId is duplicated."}'),
    "bitget": (400, '{"code":"40786","msg":"Duplicate clientOid","data":null}'),
    "bybit": (200, '{"retCode":110072,"retMsg":"OrderLinkedID is duplicate","result":{}}'),
    "coinbase": (
        200,
        (
            '{"success":false,"error_response":{"error":"UNKNOWN_FAILURE_REASON",'
            '"new_order_failure_reason":"DUPLICATE_CLIENT_ORDER_ID"}}'
        ),
    ),
    "gate": (400, '{"label":"REPEATED_CREATION","message":"duplicate"}'),
    "kraken": (200, '{"error":["EGeneral:Invalid arguments:cl_ord_id"]}'),
    "krakenfutures": (200, '{"result":"success","sendStatus":{"status":"clientOrderIdAlreadyExist"}}'),
    "kucoin": (200, '{"code":"300018","msg":"clientOid parameter repeated"}'),
    "kucoinfutures": (200, '{"code":"300018","msg":"clientOid parameter repeated"}'),
    "okx": (
        200,
        (
            '{"code":"1","data":[{"clOrdId":"rga0001h","ordId":"","sCode":"51016",'
            '"sMsg":"Client order ID already exists."}],"msg":""}'
        ),
    ),
}
NEVER_UNIQUE = {"deribit", "hyperliquid", "bitfinex"}
"""Their ids are labels, or what happens to a second one is not documented."""


def test_every_venue_is_here() -> None:
    assert set(TAKEN) | NEVER_UNIQUE == TESTED_VENUES


@pytest.mark.parametrize("ccxt_id", sorted(TAKEN))
async def test_the_order_is_in_doubt_and_the_venue_alive(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str
) -> None:
    status, body = TAKEN[ccxt_id]
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = answer(status, body)
    given = await gateway.place(place(leg=leg))
    (said,) = given.observations
    assert isinstance(said, OrderAnswered)
    assert isinstance(said.outcome, Unknown)
    assert "client id" in said.outcome.cause
    assert given.evidence == "user_fault"
    read = classify(venue=ccxt_id, operation="place", http_status=status, body=body)
    assert isinstance(read, Rejected)  # the request itself did nothing
    assert read.reason is Reason.ORDER


@pytest.mark.parametrize("ccxt_id", ["bybit", "okx"])
async def test_another_refusal_is_one(open_gateway: Opener, loopback: Loopback, ccxt_id: str) -> None:
    body = TAKEN[ccxt_id][1].replace("110072", "110003").replace("51016", "51006")
    gateway, leg = await opened(open_gateway, loopback, ccxt_id)
    loopback.everything = answer(200, body)
    (said,) = (await gateway.place(place(leg=leg))).observations
    assert isinstance(said, OrderAnswered)
    assert isinstance(said.outcome, Rejected)


async def test_a_cancel_sent_twice_stays_a_refused_cancel(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, "bybit")
    loopback.everything = answer(200, '{"retCode":10014,"retMsg":"Invalid duplicate request.","result":{}}')
    (said,) = (await gateway.cancel(cancel(leg=leg, order_id="8001"))).observations
    assert isinstance(said, CancelAnswered)
    assert isinstance(said.outcome, Rejected)
