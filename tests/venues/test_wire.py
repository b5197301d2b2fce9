"""The gateway against loopback venues with real wire formats, REST and streams."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from riskguard.core.messages import (
    BalanceRead,
    BookSeen,
    FillSeen,
    LookupAnswered,
    LookupRung,
    Observation,
    OpenOrdersRead,
    OrderAnswered,
    OrderSeen,
    OrderStatus,
    PositionsRead,
    ProbeVenue,
    ReadKind,
    Source,
    StreamLost,
    StreamMoved,
)
from riskguard.core.orders.intent import TimeInForce
from riskguard.core.orders.outcome import Accepted, Rejected, Unknown
from riskguard.core.policy import Role, Rung, VenuePolicy
from riskguard.core.types import Leg, Path
from riskguard.simulation.wire.client import WireClient, running_wire
from riskguard.venues.gateway import CcxtGateway, build_gateway
from tests.venues.conftest import KEY, LEG, PASSWORD, SECRET, Keys, cancel, look_up, place, read

pytestmark = pytest.mark.wire

FACES = ["binanceusdm", "bybit", "okx"]
Seen = TypeVar("Seen")


@dataclass
class Account:
    """A gateway, its venue's truth, and what the streams brought."""

    gateway: CcxtGateway
    venues: WireClient
    heard: list[Observation]

    async def hears(self, kind: type[Seen], test: Callable[[Any], bool] = lambda _: True) -> Seen:
        """Wait until the streams bring something."""
        async with asyncio.timeout(20):
            while True:
                for one in self.heard:
                    if isinstance(one, kind) and test(one):
                        return one
                await asyncio.sleep(0.02)


@pytest.fixture(params=FACES)
async def account(request: pytest.FixtureRequest) -> AsyncIterator[Account]:
    async with opened_account(str(request.param)) as one:
        yield one


@asynccontextmanager
async def opened_account(face: str, **venue: Any) -> AsyncIterator[Account]:
    """Start one venue in a process of its own and a gateway that listens to it."""
    config = {
        "seed": 1,
        "venues": [
            {
                "name": "v",
                "face": face,
                "keys": [{"key": KEY, "secret": SECRET, "passphrase": PASSWORD}],
                "symbols": [{"symbol": LEG.symbol, "price": "60000", "position": "1.5"}],
                "orders": [
                    {
                        "symbol": LEG.symbol,
                        "side": "buy",
                        "amount": "0.1",
                        "price": "55000",
                        "client_id": "mine",
                    }
                ],
                **venue,
            }
        ],
    }
    async with running_wire(config) as venues:
        gateway = build_gateway(
            VenuePolicy("v", face, Role.BOTH),
            ccxt_id=face,
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


async def only(account: Account, what: ReadKind) -> Observation:
    answer = await account.gateway.read(read(what))
    assert answer.evidence == "ok", answer
    return answer.observations[0]


async def test_reads_tell_the_truth(account: Account) -> None:
    positions = await only(account, ReadKind.POSITIONS)
    assert isinstance(positions, PositionsRead)
    assert [one.amount for one in positions.positions] == [Decimal("1.5")]
    orders = await only(account, ReadKind.OPEN_ORDERS)
    assert isinstance(orders, OpenOrdersRead)
    assert [(one.client_id, one.amount) for one in orders.orders] == [("mine", Decimal("0.1"))]
    balance = await only(account, ReadKind.BALANCE)
    assert isinstance(balance, BalanceRead)
    assert balance.equity == Decimal(100_000)
    book = await only(account, ReadKind.BOOK)
    assert isinstance(book, BookSeen)
    assert book.bids[0][0] < Decimal(60_000) < book.asks[0][0]


async def test_an_order_is_filled_seen_and_found(account: Account) -> None:
    await account.hears(BookSeen)
    answer = await account.gateway.place(place(price=Decimal(60_100)))
    (answered,) = answer.observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, Accepted)
    fill = await account.hears(FillSeen)
    assert fill.report.order_id == answered.outcome.order_id
    assert (fill.report.client_id, fill.report.amount) == ("rga0001h", Decimal("0.01"))
    ended = await account.hears(OrderSeen, lambda one: one.report.status is OrderStatus.CLOSED)
    assert ended.report.filled == Decimal("0.01")
    pushed = await account.hears(
        # OKX pushes what is held already when its channel opens.
        PositionsRead,
        lambda one: one.positions[0].amount == Decimal("1.51"),
    )
    assert pushed.source is Source.STREAM
    assert not pushed.complete
    assert pushed.asked_mono_s <= time.monotonic()
    for rung in (LookupRung.CLIENT_ID, LookupRung.HISTORY):
        (found,) = (await account.gateway.look_up(look_up(rung))).observations
        assert isinstance(found, LookupAnswered)
        assert [report.filled for report in found.reports] == [Decimal("0.01")], rung


async def test_a_resting_order_is_cancelled_by_our_id(account: Account) -> None:
    await account.gateway.place(place(price=Decimal(58_000), tif=TimeInForce.POST_ONLY))
    orders = await only(account, ReadKind.OPEN_ORDERS)
    assert isinstance(orders, OpenOrdersRead)
    assert "rga0001h" in {one.client_id for one in orders.orders}
    assert (await account.gateway.cancel(cancel())).evidence == "ok"
    orders = await only(account, ReadKind.OPEN_ORDERS)
    assert isinstance(orders, OpenOrdersRead)
    assert "rga0001h" not in {one.client_id for one in orders.orders}


async def test_reduce_only_never_turns_a_position(account: Account) -> None:
    before = (await account.venues.account("v"))["fills"]
    answer = await account.gateway.place(place(reduce_only=True, price=Decimal(60_100)))  # a buy on a long
    (answered,) = answer.observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, Rejected | Accepted)
    assert (await account.venues.account("v"))["fills"] == before


async def test_canaries(account: Account) -> None:
    def canary(rung: Rung) -> ProbeVenue:
        return ProbeVenue(1, LEG, rung, Path.CANCEL, "rgnever", Decimal(50_000), Decimal("0.01"), 5.0)

    before = await account.venues.account("v")
    assert (await account.gateway.probe(canary(Rung.CANCEL_UNKNOWN))).evidence == "user_fault"
    if Rung.TEST_ORDER in account.gateway.quirks.rungs:
        assert (await account.gateway.probe(canary(Rung.TEST_ORDER))).evidence == "ok"
    after = await account.venues.account("v")
    assert (after["orders_accepted"], after["open_orders"]) == (
        before["orders_accepted"],
        before["open_orders"],
    )


@pytest.mark.parametrize("kind", ["lost", "cut", "hang", "reset"])
async def test_a_lost_answer_is_unknown_and_can_be_found(account: Account, kind: str) -> None:
    await account.gateway.read(read(ReadKind.MARKETS, 10.0))
    await account.venues.set_fault("v", kind, "place", "reduce")
    answer = await account.gateway.place(place(0.5, price=Decimal(60_100)))
    (answered,) = answer.observations
    assert isinstance(answered, OrderAnswered)
    assert isinstance(answered.outcome, Unknown)
    assert answer.evidence in ("unknown", "venue_fault")
    await account.venues.clear_faults()
    (found,) = (await account.gateway.look_up(look_up(LookupRung.CLIENT_ID))).observations
    assert isinstance(found, LookupAnswered)
    assert isinstance(found.outcome, Accepted)
    executed = kind in ("lost", "cut")
    assert [report.filled for report in found.reports] == ([Decimal("0.01")] if executed else [])


async def test_streams_come_back_by_themselves(account: Account) -> None:
    await account.hears(BookSeen)
    await account.venues.set_fault("v", "reset", "stream-public", "stream-private")
    await account.hears(StreamLost, lambda one: one.path is Path.BOOK)
    await account.hears(StreamLost, lambda one: one.path is Path.FILLS)
    await asyncio.sleep(1.5)  # some attempts fail, so that the pause has grown
    await account.venues.clear_faults()
    account.heard.clear()
    await account.hears(StreamMoved, lambda one: one.path is Path.BOOK)
    await account.gateway.place(place(price=Decimal(60_100)))
    await account.hears(FillSeen)


async def test_a_feed_that_froze_is_given_up(account: Account) -> None:
    await account.hears(BookSeen)
    account.gateway.book_watch(LEG).patience_s = 0.5
    await account.venues.set_fault("v", "silent", "stream-public", pongs=True)
    lost = await account.hears(StreamLost, lambda one: one.path is Path.BOOK)
    assert "nothing came" in lost.cause or "closed" in lost.cause
    await account.venues.clear_faults()
    account.heard.clear()
    await account.hears(BookSeen)


async def hears_no_lie(account: Account, leg: Leg) -> None:
    """Lose deltas while the market moves far; what the stream tells must come right by itself."""
    await account.hears(BookSeen)
    await account.venues.set_fault("v", "silent", "stream-public", pongs=True)
    await account.venues.set_mid(leg.symbol, 63_000)
    mid = Decimal(0)
    async with asyncio.timeout(20):
        while abs(mid - 63_000) > 60:
            given = await account.gateway.read(read(ReadKind.BOOK, leg=leg))
            mid = next(_mid(one) for one in given.observations if isinstance(one, BookSeen))
    await account.venues.clear_faults()
    await account.venues.set_mid(leg.symbol, 63_100)
    account.heard.clear()
    async with asyncio.timeout(20):
        while not any(isinstance(one, BookSeen) and abs(_mid(one) - 63_100) < 60 for one in account.heard):
            await account.gateway.read(read(ReadKind.BOOK, leg=leg))  # as the guard does now and then
            await asyncio.sleep(0.2)


def _mid(book: BookSeen) -> Decimal:
    return (book.bids[0][0] + book.asks[0][0]) / 2


async def test_lost_deltas_do_not_leave_a_wrong_book(account: Account) -> None:
    await hears_no_lie(account, LEG)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("skew_ms", [-40_000, 40_000])
async def test_a_venue_whose_clock_is_off(face: str, skew_ms: int) -> None:
    async with opened_account(face, clock_skew_ms=skew_ms) as account:
        await account.hears(BookSeen)
        (answered,) = (await account.gateway.place(place(10.0, price=Decimal(60_100)))).observations
        assert isinstance(answered, OrderAnswered)
        assert isinstance(answered.outcome, Accepted)
        pushed = await account.hears(PositionsRead)  # the login of the private stream bears a time too
        assert pushed.asked_mono_s <= time.monotonic()
