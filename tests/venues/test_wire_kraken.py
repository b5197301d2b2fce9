"""The gateway at Kraken spot over sockets: acknowledged orders, rising nonces, spot holdings, streams."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from riskguard.core.messages import (
    BalanceRead,
    BookSeen,
    CancelOrder,
    DeadManAnswered,
    FillSeen,
    LookupAnswered,
    LookUpOrder,
    LookupRung,
    MarketsLoaded,
    Observation,
    OpenOrdersRead,
    OrderAnswered,
    OrderSeen,
    OrderStatus,
    PositionsRead,
    ProbeVenue,
    ReadKind,
    SetDeadMan,
    StreamMoved,
    VenueSpoke,
)
from riskguard.core.orders.intent import TimeInForce
from riskguard.core.orders.outcome import Accepted, Reason, Rejected, Unknown
from riskguard.core.policy import Role, Rung, VenuePolicy
from riskguard.core.types import Leg, Path
from riskguard.simulation.wire.client import running_wire
from riskguard.simulation.wire.testing import until
from riskguard.venues.gateway import build_gateway
from tests.venues.conftest import KEY, SECRET, Keys, place, read
from tests.venues.test_wire import Account, hears_no_lie

pytestmark = pytest.mark.wire

LEG = Leg("v", "BTC/USD")
CONFIG = {
    "seed": 1,
    "venues": [
        {
            "name": "v",
            "face": "kraken",
            "keys": [{"key": KEY, "secret": SECRET}],
            "wallets": {"USD": "100000", "BTC": "1.5"},
            "symbols": [{"symbol": LEG.symbol, "price": "60000"}],
        }
    ],
}


@pytest.fixture
async def account() -> AsyncIterator[Account]:
    async with running_wire(CONFIG) as venues:
        gateway = build_gateway(
            VenuePolicy("v", "kraken", Role.BOTH),
            ccxt_id="kraken",
            ccxt_config=venues.venues["v"]["ccxt_config"],
            credentials=Keys(),
            legs=(LEG,),
        )
        heard: list[Observation] = []

        async def listen() -> None:
            async for one in gateway.streams():
                heard.append(one)  # noqa: PERF401 - seen while it grows

        listening = asyncio.create_task(listen())
        try:
            yield Account(gateway, venues, heard)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await gateway.close()


async def listens(account: Account) -> None:
    """Wait until the private stream is there: an open order is told at its beginning or when it is made."""
    resting = place(leg=LEG, client_id="rga0000h", price=Decimal(50_000), tif=TimeInForce.POST_ONLY)
    await account.gateway.place(resting)
    await account.hears(StreamMoved, lambda one: one.path is Path.FILLS)


async def only(account: Account, what: ReadKind) -> Observation:
    answer = await account.gateway.read(read(what, leg=LEG))
    assert answer.evidence == "ok", answer
    return answer.observations[0]


def look(rung: LookupRung, order_id: str = "") -> LookUpOrder:
    return LookUpOrder(1, LEG, "rga0001h", order_id, rung, 0, 5.0)


async def test_reads_tell_the_truth(account: Account) -> None:
    loaded = await only(account, ReadKind.MARKETS)
    assert isinstance(loaded, MarketsLoaded)
    assert [(one.leg, one.derivative) for one in loaded.markets] == [(LEG, False)]
    positions = await only(account, ReadKind.POSITIONS)
    assert isinstance(positions, PositionsRead)
    assert [(one.leg, one.amount) for one in positions.positions] == [(LEG, Decimal("1.5"))]
    orders = await only(account, ReadKind.OPEN_ORDERS)
    assert isinstance(orders, OpenOrdersRead)
    assert orders.orders == ()
    balance = await only(account, ReadKind.BALANCE)
    assert isinstance(balance, BalanceRead)
    assert balance.free == Decimal(100_000)
    book = await only(account, ReadKind.BOOK)
    assert isinstance(book, BookSeen)
    assert book.bids[0][0] < Decimal(60_000) < book.asks[0][0]


async def test_an_immediate_order_is_acknowledged_seen_and_found(account: Account) -> None:
    await account.hears(BookSeen)
    await listens(account)
    answer = await account.gateway.place(place(leg=LEG, price=Decimal(60_100)))
    (answered,) = answer.observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, Accepted)
    assert answered.report is None, "an acknowledgement says nothing of fills"
    fill = await account.hears(FillSeen)
    assert fill.report.order_id == answered.outcome.order_id
    assert fill.report.amount == Decimal("0.01")
    ended = await account.hears(OrderSeen, lambda one: one.report.status is OrderStatus.CLOSED)
    assert (ended.report.client_id, ended.report.filled) == ("rga0001h", Decimal("0.01"))
    for rung in (LookupRung.CLIENT_ID, LookupRung.HISTORY):
        (found,) = (await account.gateway.look_up(look(rung))).observations
        assert isinstance(found, LookupAnswered)
        assert [one.filled for one in found.reports if one.client_id == "rga0001h"] == [Decimal("0.01")], rung
    positions = await only(account, ReadKind.POSITIONS)
    assert isinstance(positions, PositionsRead)
    assert positions.positions[0].amount == Decimal("1.51")


async def test_a_resting_order_is_seen_and_cancelled_by_our_id(account: Account) -> None:
    await account.gateway.place(place(leg=LEG, price=Decimal(58_000), tif=TimeInForce.POST_ONLY))
    orders = await only(account, ReadKind.OPEN_ORDERS)
    assert isinstance(orders, OpenOrdersRead)
    assert [one.client_id for one in orders.orders] == ["rga0001h"]
    cancelled = await account.gateway.cancel(CancelOrder(2, LEG, "", "rga0001h", 5.0))
    assert cancelled.evidence == "ok"
    orders = await only(account, ReadKind.OPEN_ORDERS)
    assert isinstance(orders, OpenOrdersRead)
    assert orders.orders == ()


async def test_the_stream_tells_of_a_cancel(account: Account) -> None:
    """Kraken names market, side and amount of an order in its first event only."""
    await listens(account)
    await account.gateway.cancel(CancelOrder(2, LEG, "", "rga0000h", 5.0))
    ended = await account.hears(OrderSeen, lambda one: one.report.status is OrderStatus.CLOSED)
    report = ended.report
    assert (report.leg, report.client_id, report.amount, report.filled) == (
        LEG,
        "rga0000h",
        Decimal("0.01"),
        Decimal(0),
    )


async def test_an_immediate_order_out_of_reach_never_rests(account: Account) -> None:
    await account.gateway.place(place(leg=LEG, price=Decimal(50_000)))
    assert (await account.venues.account("v"))["open_orders"] == []
    (found,) = (await account.gateway.look_up(look(LookupRung.CLIENT_ID))).observations
    assert isinstance(found, LookupAnswered)
    assert [(one.status, one.filled) for one in found.reports] == [(OrderStatus.CLOSED, Decimal(0))]


async def test_what_cannot_be_paid_is_refused_for_want_of_funds(account: Account) -> None:
    (answered,) = (await account.gateway.place(place(leg=LEG, amount=Decimal(50)))).observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, Rejected)
    assert answered.outcome.reason is Reason.FUNDS


async def test_a_canary_is_refused_by_a_venue_that_looks(account: Account) -> None:
    never = ProbeVenue(1, LEG, Rung.CANCEL_UNKNOWN, Path.CANCEL, "rgnever", Decimal(1), Decimal(1), 5.0)
    assert (await account.gateway.probe(never)).evidence == "user_fault"


@pytest.mark.parametrize("kind", ["lost", "cut", "hang", "reset"])
async def test_a_lost_answer_is_unknown_and_can_be_found(account: Account, kind: str) -> None:
    await account.gateway.read(read(ReadKind.MARKETS, 10.0))
    await account.venues.set_fault("v", kind, "place", "reduce")
    (answered,) = (await account.gateway.place(place(0.5, leg=LEG, price=Decimal(60_100)))).observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, Unknown)
    await account.venues.clear_faults()
    (found,) = (await account.gateway.look_up(look(LookupRung.CLIENT_ID))).observations
    assert isinstance(found, LookupAnswered)
    assert isinstance(found.outcome, Accepted)
    executed = kind in ("lost", "cut")
    assert [one.filled for one in found.reports] == ([Decimal("0.01")] if executed else [])


async def test_many_calls_at_once_keep_their_nonces_rising(account: Account) -> None:
    """One key for both lanes: the nonces come from one source, and what overtakes is no order."""
    await account.gateway.read(read(ReadKind.MARKETS, 10.0))
    reads = [asyncio.create_task(account.gateway.read(read(ReadKind.BALANCE))) for _ in range(4)]
    answer = await account.gateway.place(place(leg=LEG, price=Decimal(58_000), tif=TimeInForce.POST_ONLY))
    (answered,) = answer.observations
    assert isinstance(answered, OrderAnswered)
    refused = isinstance(answered.outcome, Rejected) and answered.outcome.reason is Reason.CREDENTIALS
    assert refused or isinstance(answered.outcome, Accepted)
    for one in await asyncio.gather(*reads):
        assert one.evidence in ("ok", "auth", "rate_limited"), one


async def test_status_and_dead_mans_switch(account: Account) -> None:
    await account.gateway.read(read(ReadKind.MARKETS, 10.0))

    async def words() -> dict[str, str]:
        answer = await account.gateway.read(read(ReadKind.STATUS, leg=LEG))
        return {one.symbol: one.what for one in answer.observations if isinstance(one, VenueSpoke)}

    assert await words() == {"": "open", LEG.symbol: "open"}
    await account.venues.set_mode("v", "cancel_only")
    assert (await words())[""] == "cancel-only"
    await account.venues.set_mode("v", "full")
    await account.gateway.place(place(leg=LEG, price=Decimal(58_000), tif=TimeInForce.POST_ONLY))
    said = await account.gateway.dead_man(SetDeadMan(1, "v", 1.0, (LEG,), 5.0))
    assert said.observations == (DeadManAnswered(1, "v", 1.0, Accepted()),)

    async def fired() -> bool:
        return not (await account.venues.account("v"))["open_orders"]

    await until(fired)


async def test_lost_deltas_do_not_leave_a_wrong_book(account: Account) -> None:
    await hears_no_lie(account, LEG)
