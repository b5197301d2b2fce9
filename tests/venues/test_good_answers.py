"""What good answers of two venues become, and what goes out on the wire for a command."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from riskguard.core.messages import (
    BalanceRead,
    BookSeen,
    FillSeen,
    LookupAnswered,
    LookupRung,
    MarketsLoaded,
    OpenOrdersRead,
    OrderAnswered,
    OrderSeen,
    OrderStatus,
    PositionsRead,
    ReadKind,
    Source,
)
from riskguard.core.orders.intent import TimeInForce
from riskguard.core.orders.outcome import Accepted, NotSent, Unknown
from riskguard.core.policy import Rung
from riskguard.core.types import Side
from tests.venues.conftest import CANCEL, LEG, PLACE, Opener, cancel, look_up, place, read
from tests.venues.loopback import Loopback, answer
from tests.venues.markets import opened

BOTH = pytest.mark.parametrize("venue", ["binanceusdm", "bybit"])


def sent(loopback: Loopback, venue: str) -> dict[str, Any]:
    """Give the fields of the order that reached the wire."""
    body = loopback.last(*PLACE[venue]).body
    return json.loads(body) if venue == "bybit" else {key: row[0] for key, row in parse_qs(body).items()}


@BOTH
async def test_market_in_base_units(open_gateway: Opener, venue: str) -> None:
    gateway = await open_gateway(venue)
    answer = await gateway.read(read(ReadKind.MARKETS))
    (loaded,) = answer.observations
    assert isinstance(loaded, MarketsLoaded)
    (market,) = loaded.markets
    assert (market.lot, market.tick, market.min_amount) == (
        Decimal("0.001"),
        Decimal("0.1"),
        Decimal("0.001"),
    )
    assert market.derivative
    assert Rung.CANCEL_UNKNOWN in loaded.rungs
    assert (Rung.TEST_ORDER in loaded.rungs) == (venue == "binanceusdm")


@BOTH
async def test_short_position_is_negative_base_units(open_gateway: Opener, venue: str) -> None:
    gateway = await open_gateway(venue)
    (seen,) = (await gateway.read(read(ReadKind.POSITIONS))).observations
    assert isinstance(seen, PositionsRead)
    (position,) = seen.positions
    assert position.amount == Decimal("-0.25")
    assert position.mark == Decimal(60000)
    assert position.liquidation == Decimal(90000)
    assert seen.complete
    assert seen.source is Source.POSITIONS


async def test_the_account_answer_is_a_second_channel_for_positions(open_gateway: Opener) -> None:
    gateway = await open_gateway("binanceusdm")
    balance, positions = (await gateway.read(read(ReadKind.BALANCE))).observations
    assert isinstance(balance, BalanceRead)
    assert (balance.equity, balance.free) == (Decimal(10250), Decimal(8750))
    assert isinstance(positions, PositionsRead)
    assert positions.source is Source.ACCOUNT
    assert positions.positions[0].amount == Decimal("-0.25")


@BOTH
async def test_reads(open_gateway: Opener, venue: str) -> None:
    gateway = await open_gateway(venue)
    (book,) = (await gateway.read(read(ReadKind.BOOK))).observations
    assert isinstance(book, BookSeen)
    assert book.bids[0] == (Decimal("59999.9"), Decimal("1.5"))
    (orders,) = (await gateway.read(read(ReadKind.OPEN_ORDERS))).observations
    assert isinstance(orders, OpenOrdersRead)
    assert [order.status for order in orders.orders] == [OrderStatus.OPEN]
    (fill,) = (await gateway.read(read(ReadKind.TRADES))).observations
    assert isinstance(fill, FillSeen)
    assert (fill.report.amount, fill.report.price) == (Decimal("0.01"), Decimal(59990))


@BOTH
async def test_an_immediate_order_goes_out_as_one(
    open_gateway: Opener, loopback: Loopback, venue: str
) -> None:
    gateway = await open_gateway(venue)
    answer = await gateway.place(place(reduce_only=True))
    fields = sent(loopback, venue)
    assert fields["timeInForce"] == "IOC"
    assert str(fields["reduceOnly"]).lower() == "true"
    assert "rga0001h" in (fields.get("newClientOrderId"), fields.get("orderLinkId"))
    (answered,) = answer.observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, Accepted)
    assert answered.outcome.order_id
    if venue == "binanceusdm":
        assert fields["newOrderRespType"] == "RESULT"
        assert fields["recvWindow"] == "3000"
        assert answered.report is not None
        assert answered.report.status is OrderStatus.CLOSED
        assert answered.report.filled == Decimal("0.01")
    else:
        assert loopback.last(*PLACE[venue]).headers["X-BAPI-RECV-WINDOW"] == "3000"
        assert answered.report is None  # an acknowledgement says nothing of what became of the order


@BOTH
async def test_a_post_only_order_goes_out_as_one(
    open_gateway: Opener, loopback: Loopback, venue: str
) -> None:
    gateway = await open_gateway(venue)
    await gateway.place(place(tif=TimeInForce.POST_ONLY))
    assert sent(loopback, venue)["timeInForce"] in ("GTX", "PostOnly")


@BOTH
@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal("0.0105")},
        {"amount": Decimal("0.0001")},
        {"price": Decimal("60000.05")},
        {"amount": Decimal(0)},
        {"amount": Decimal("-0.01")},
    ],
)
async def test_an_order_off_the_grid_is_not_sent(
    open_gateway: Opener, loopback: Loopback, venue: str, changes: dict[str, Any]
) -> None:
    gateway = await open_gateway(venue)
    answer = await gateway.place(place(**changes))
    (answered,) = answer.observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, NotSent)
    assert answer.evidence == "rate_limited"  # weighs nothing, taints nothing
    assert loopback.count(*PLACE[venue]) == 0


@BOTH
async def test_cancel_by_our_own_id(open_gateway: Opener, loopback: Loopback, venue: str) -> None:
    gateway = await open_gateway(venue)
    answer = await gateway.cancel(cancel())
    request = loopback.last(*CANCEL[venue])
    assert "rga0001h" in (request.query.get("origClientOrderId"), *json.loads(request.body or "{}").values())
    ended = [one for one in answer.observations if isinstance(one, OrderSeen)]
    assert [one.report.status for one in ended] == ([OrderStatus.CLOSED] if venue == "binanceusdm" else [])


@BOTH
@pytest.mark.parametrize("rung", [LookupRung.CLIENT_ID, LookupRung.HISTORY])
async def test_a_lookup_finds_our_order(open_gateway: Opener, venue: str, rung: LookupRung) -> None:
    gateway = await open_gateway(venue)
    (answered,) = (await gateway.look_up(look_up(rung))).observations
    assert isinstance(answered, LookupAnswered)
    assert isinstance(answered.outcome, Accepted)
    assert [report.client_id for report in answered.reports] == ["rga0001h"]


async def test_an_order_that_the_venue_does_not_know_is_an_answer(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway = await open_gateway("bybit")
    nothing = {"retCode": 0, "retMsg": "OK", "result": {"list": [], "category": "linear"}, "time": 1}
    loopback.good["GET", "/v5/order/realtime"] = nothing
    loopback.good["GET", "/v5/order/history"] = nothing
    (answered,) = (await gateway.look_up(look_up(LookupRung.CLIENT_ID))).observations
    assert isinstance(answered, LookupAnswered)
    assert answered.outcome == Accepted()
    assert answered.reports == ()


async def test_trades_that_do_not_name_us_are_found_by_the_historys_order_id(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway = await open_gateway("binanceusdm")
    (seen,) = (await gateway.look_up(look_up(LookupRung.TRADES))).observations
    assert isinstance(seen, LookupAnswered)
    assert len(seen.fills) == 1
    assert loopback.count("GET", "/fapi/v1/allOrders") == 1


async def test_trades_without_our_id_prove_nothing(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("binanceusdm")
    loopback.good["GET", "/fapi/v1/allOrders"] = []
    (blind,) = (await gateway.look_up(look_up(LookupRung.TRADES))).observations
    assert isinstance(blind, LookupAnswered)
    assert isinstance(blind.outcome, Unknown)
    (known,) = (await gateway.look_up(look_up(LookupRung.TRADES, order_id="8001"))).observations
    assert isinstance(known, LookupAnswered)
    assert [fill.order_id for fill in known.fills] == ["8001"]
    assert known.fills[0].leg == LEG


@pytest.mark.parametrize(
    ("side", "price", "spelled"), [("buy", "60123.4", 60123.0), ("sell", "60123.4", 60124.0)]
)
async def test_a_price_between_significant_digits_never_gets_worse(
    open_gateway: Opener, loopback: Loopback, side: str, price: str, spelled: float
) -> None:
    gateway, leg = await opened(open_gateway, loopback, "bitfinex")
    await gateway.place(place(leg=leg, side=Side(side), price=Decimal(price)))
    body = json.loads(loopback.seen[-1].body)
    assert float(body["price"]) == spelled


@pytest.mark.parametrize(
    ("side", "reduce_only", "names"),
    [("buy", False, "LONG"), ("sell", False, "SHORT"), ("sell", True, "LONG"), ("buy", True, "SHORT")],
)
async def test_hedge_mode_names_the_side_that_is_meant(
    open_gateway: Opener, loopback: Loopback, side: str, *, reduce_only: bool, names: str
) -> None:
    loopback.good["GET", "/fapi/v1/positionSide/dual"] = {"dualSidePosition": True}
    gateway = await open_gateway("binanceusdm")
    await gateway.place(place(side=Side(side), reduce_only=reduce_only))
    fields = sent(loopback, "binanceusdm")
    assert fields["positionSide"] == names
    assert "reduceOnly" not in fields  # the venue refuses it in this mode; the named side says the same


async def test_the_two_sides_of_hedge_mode_are_one_net_position(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway = await open_gateway("binanceusdm")
    row = loopback.good["GET", "/fapi/v3/positionRisk"][0]
    loopback.good["GET", "/fapi/v3/positionRisk"] = [
        row | {"positionSide": "LONG", "positionAmt": "0.750", "notional": "45000"},
        row | {"positionSide": "SHORT", "positionAmt": "-0.250"},
    ]
    (seen,) = (await gateway.read(read(ReadKind.POSITIONS))).observations
    assert isinstance(seen, PositionsRead)
    assert [one.amount for one in seen.positions] == [Decimal("0.5")]


async def test_a_flat_position_is_said_not_missing(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("bybit")
    listed = loopback.good["GET", "/v5/position/list"]
    (row,) = listed["result"]["list"]
    flat = row | {"side": "", "size": "0", "positionValue": "", "liqPrice": "", "avgPrice": "0"}

    async def by_name_only(request: web.Request) -> web.StreamResponse:
        rows = [flat] if "symbol" in request.query else []
        return web.json_response(listed | {"result": listed["result"] | {"list": rows}})

    loopback.bad["GET", "/v5/position/list"] = by_name_only
    (seen,) = (await gateway.read(read(ReadKind.POSITIONS))).observations
    assert isinstance(seen, PositionsRead)
    assert [(one.leg, one.amount) for one in seen.positions] == [(LEG, Decimal(0))]


async def test_more_history_than_one_answer_is_no_proof_of_absence(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway = await open_gateway("bybit")
    page = loopback.good["GET", "/v5/order/history"]
    (row,) = page["result"]["list"]
    strangers = [row | {"orderId": str(number), "orderLinkId": f"x{number}"} for number in range(50)]
    loopback.good["GET", "/v5/order/history"] = page | {"result": page["result"] | {"list": strangers}}
    (answered,) = (await gateway.look_up(look_up(LookupRung.HISTORY))).observations
    assert isinstance(answered, LookupAnswered)
    assert isinstance(answered.outcome, Unknown)


async def test_all_pages_of_resting_orders_are_read(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("bybit")
    page = loopback.good["GET", "/v5/order/realtime"]
    (row,) = page["result"]["list"]

    async def paged(request: web.Request) -> web.StreamResponse:
        first = "cursor" not in request.query
        numbers = range(50) if first else range(50, 60)
        rows = [row | {"orderId": str(number), "orderLinkId": f"x{number}"} for number in numbers]
        result = page["result"] | {"list": rows, "nextPageCursor": "next" if first else ""}
        return web.json_response(page | {"result": result})

    loopback.bad["GET", "/v5/order/realtime"] = paged
    (seen,) = (await gateway.read(read(ReadKind.OPEN_ORDERS))).observations
    assert isinstance(seen, OpenOrdersRead)
    assert len({one.order_id for one in seen.orders}) == 60


async def test_an_overload_that_spares_reduce_only_is_told(open_gateway: Opener, loopback: Loopback) -> None:
    gateway = await open_gateway("binanceusdm")
    shed = {"code": -1008, "msg": "Request throttled by system-level protection."}
    loopback.bad[PLACE["binanceusdm"]] = answer(503, json.dumps(shed))
    given = await gateway.place(place())
    assert given.reduce_exempt
    assert given.evidence == "venue_fault"
