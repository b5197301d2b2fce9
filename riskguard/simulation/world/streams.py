"""What a simulated venue pushes: events of the engine on their way to one listener, faults included."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

from riskguard.core.messages import (
    BookSeen,
    FillSeen,
    Observation,
    OrderSeen,
    PositionsRead,
    Source,
    StreamMoved,
)
from riskguard.core.types import Leg, Path
from riskguard.simulation import engine
from riskguard.simulation.world.contracts import Contracts
from riskguard.simulation.world.exchange import ACCOUNT, Exchange
from riskguard.simulation.world.faults import Kind, Place
from riskguard.simulation.world.truth import Truth

BOOK_EVERY_S = 0.8
WRONG = Decimal("1.04")
REORDERED_S = 1.5
"""The most by which one event may overtake another when a stream reorders."""

BEHIND_S = 0.3
"""By which word of an order comes later than its executions, where those have a channel of their own."""


class Stream:
    """One listener's stream; events pushed while nobody listens are lost, as in life."""

    def __init__(self, exchange: Exchange, truth: Truth, contracts: Contracts) -> None:
        self._exchange = exchange
        self._contracts = contracts
        self._truth = truth
        self._queue: asyncio.Queue[tuple[Observation, ...]] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def push(self, observation: Observation) -> None:
        """Say something of the venue's own accord."""
        self._queue.put_nowait((observation,))

    async def run(self) -> AsyncIterator[Observation]:
        """Yield until cancelled."""
        if not self._exchange.setup.pushes:
            await self._loop.create_future()
        end = self._exchange.listen(self._happened)
        book = self._loop.create_task(self._books())
        try:
            while True:
                for observation in await self._queue.get():
                    yield observation
        finally:
            end()
            book.cancel()

    async def _books(self) -> None:
        exchange = self._exchange
        while True:
            await asyncio.sleep(BOOK_EVERY_S + exchange.jitter_s(0.05))
            fault = exchange.faults.strike(exchange.id, Place.BOOK_STREAM, self._loop.time())
            apart = fault is not None and fault.kind is Kind.APART
            if fault is not None and not apart:
                continue
            for symbol in exchange.engine.instruments:
                leg = Leg(exchange.id, symbol)
                self._truth.book_told(leg, self._loop.time())
                seen = books_of(exchange, self._contracts, leg, stream=True, apart=apart)
                self._queue.put_nowait((*seen, StreamMoved(exchange.id, Path.BOOK)))

    def _happened(self, event: engine.Event) -> None:
        told = self._told(event)
        if told is None:
            return
        exchange, now_s = self._exchange, self._loop.time()
        fault = exchange.faults.strike(exchange.id, Place.STREAM, now_s)
        after_s = exchange.jitter_s(0.03)
        kind = fault.kind if fault is not None else None
        if kind in (Kind.SILENT, Kind.HANG, Kind.NETWORK, Kind.UNPLUGGED):
            return
        if kind is Kind.REORDERED:
            after_s += exchange.jitter_s(REORDERED_S)
        if kind is Kind.SLOW and fault is not None:
            after_s += fault.amount
        if exchange.setup.fills_first and isinstance(told, OrderSeen):
            after_s += BEHIND_S
        batch = (told, StreamMoved(exchange.id, Path.FILLS))
        exchange.at(now_s + after_s, self._queue.put_nowait, batch)
        if kind is Kind.DUPLICATED:
            exchange.at(now_s + after_s + exchange.jitter_s(3.0), self._queue.put_nowait, batch)

    def _told(self, event: engine.Event) -> Observation | None:
        venue = self._exchange.id
        match event:
            case engine.OrderChanged(order) if order.account == ACCOUNT:
                return OrderSeen(self._contracts.order(order), Source.STREAM)
            case engine.Filled(fill) if fill.account == ACCOUNT:
                return FillSeen(self._contracts.fill(fill), Source.STREAM)
            case engine.PositionChanged(position) if position.account == ACCOUNT:
                reports = tuple(self._contracts.positions((position,), complete=False))
                return PositionsRead(venue, reports, Source.STREAM, self._loop.time(), complete=False)
            case _:
                return None


def books_of(
    exchange: Exchange, contracts: Contracts, leg: Leg, *, stream: bool, apart: bool = False
) -> tuple[Observation, ...]:
    """Give a book as it is now, or with prices that are somebody's error, and what its price changes."""
    book = exchange.engine.book(leg.symbol, 8)
    factor = WRONG if apart else Decimal(1)
    moved = contracts.moved(leg.symbol, exchange.engine.mid(leg.symbol) * factor)
    bids, asks = (contracts.levels(leg.symbol, side, factor) for side in (book.bids, book.asks))
    seen = BookSeen(leg, bids, asks, stream=stream)
    return (seen,) if moved is None else (seen, moved)
