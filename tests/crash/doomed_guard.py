"""A real guard that kills its own process with SIGKILL at one named point: `doomed_guard.py POLICY POINT`.

It wraps the guard's ports, so that the product needs no hook: the gateways for what happens on the wire, the
journal for what gets written down.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from riskguard.app import build_gateways, journal_of, run_guard
from riskguard.config import Loaded, load
from riskguard.core.facts import Fact, FillRecorded, IntentRecorded, OrderMoved
from riskguard.core.messages import (
    CancelOrder,
    FillSeen,
    LookUpOrder,
    Observation,
    OrderSeen,
    PlaceOrder,
    ProbeVenue,
    ReadVenue,
    SetDeadMan,
)
from riskguard.core.orders.intent import Purpose
from riskguard.ports import Answer, Journal, VenueGateway
from riskguard.runtime.lifetime import stop_on_signals


class Point(StrEnum):
    """Where the guard dies; always at the first order of the kind."""

    HEDGE_NOT_SENT = "hedge-not-sent"
    """The hedge's intent is durable; none of its bytes has left."""
    HEDGE_NOT_ANSWERED = "hedge-not-answered"
    """The venue has the hedge; the guard has heard nothing of it, neither answer nor stream."""
    HEDGE_NOT_RECORDED = "hedge-not-recorded"
    """The guard has heard of the hedge's fill; its journal has not."""
    UNWIND_NOT_RECORDED = "unwind-not-recorded"
    """The same with the first order that takes the hedge off."""
    CANARY_NOT_ANSWERED = "canary-not-answered"
    """A canary rests; the guard has heard nothing of it."""
    CANARY_NOT_CANCELLED = "canary-not-cancelled"
    """A canary rests, the guard knows; its cancel has not been sent."""


PURPOSES = {
    Point.HEDGE_NOT_SENT: Purpose.HEDGE,
    Point.HEDGE_NOT_ANSWERED: Purpose.HEDGE,
    Point.HEDGE_NOT_RECORDED: Purpose.HEDGE,
    Point.UNWIND_NOT_RECORDED: Purpose.UNWIND,
    Point.CANARY_NOT_ANSWERED: Purpose.CANARY,
    Point.CANARY_NOT_CANCELLED: Purpose.CANARY,
}


def die() -> None:
    """End without a chance to tidy up."""
    os.kill(os.getpid(), signal.SIGKILL)


class MortalGateway:
    """Keeps the `VenueGateway` port until the point."""

    def __init__(self, inner: VenueGateway, point: Point) -> None:
        self.venue = inner.venue
        self._inner = inner
        self._point = point
        self._unheard: dict[str, PlaceOrder] = {}
        """Orders of which the guard may hear nothing."""

    async def place(self, command: PlaceOrder) -> Answer:
        """Send an order, unless that is the point."""
        meant = command.intent.purpose is PURPOSES[self._point]
        if meant and self._point is Point.HEDGE_NOT_SENT:
            die()
        if meant and self._point in (Point.HEDGE_NOT_ANSWERED, Point.CANARY_NOT_ANSWERED):
            self._unheard[command.intent.client_id] = command
        answer = await self._inner.place(command)
        if command.intent.client_id in self._unheard:
            die()
        return answer

    async def cancel(self, command: CancelOrder) -> Answer:
        """Pull an order, unless that is the point."""
        if command.canary and self._point is Point.CANARY_NOT_CANCELLED:
            die()
        return await self._inner.cancel(command)

    async def look_up(self, command: LookUpOrder) -> Answer:
        """Ask what became of an order."""
        return await self._inner.look_up(command)

    async def read(self, command: ReadVenue) -> Answer:
        """Read."""
        return await self._inner.read(command)

    async def probe(self, command: ProbeVenue) -> Answer:
        """Probe."""
        return await self._inner.probe(command)

    async def dead_man(self, command: SetDeadMan) -> Answer:
        """Set the switch."""
        return await self._inner.dead_man(command)

    async def streams(self) -> AsyncIterator[Observation]:
        """Yield what the streams say, unless it is news of which nothing may be heard."""
        async for seen in self._inner.streams():
            if isinstance(seen, OrderSeen | FillSeen) and seen.report.client_id in self._unheard:
                die()
            yield seen

    async def close(self) -> None:
        """Release sockets."""
        await self._inner.close()


class MortalJournal:
    """Keeps the `Journal` port until the point."""

    def __init__(self, inner: Journal, point: Point) -> None:
        self.epoch_ms = inner.epoch_ms
        self._inner = inner
        self._point = point
        self._meant: set[str] = set()
        """Orders whose fill may not be recorded."""

    async def commit(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Make facts durable, and note which orders are meant."""
        if self._point in (Point.HEDGE_NOT_RECORDED, Point.UNWIND_NOT_RECORDED):
            intents = (fact.intent for fact in facts if isinstance(fact, IntentRecorded))
            self._meant |= {i.client_id for i in intents if i.purpose is PURPOSES[self._point]}
        await self._inner.commit(wall_ms, facts)

    def append(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Queue facts, unless one tells of a fill that may not be recorded."""
        for fact in facts:
            filled = isinstance(fact, FillRecorded) or (isinstance(fact, OrderMoved) and fact.filled > 0)
            if isinstance(fact, FillRecorded | OrderMoved) and filled and fact.client_id in self._meant:
                die()
        self._inner.append(wall_ms, facts)

    def replay(self) -> Iterable[tuple[int, Fact]]:
        """Yield all facts."""
        return self._inner.replay()

    async def close(self) -> None:
        """Release the file."""
        await self._inner.close()


async def main(policy: Path, point: Point) -> int:
    """Guard, armed, until the point."""

    def connect(loaded: Loaded, environ: Mapping[str, str]) -> list[VenueGateway]:
        return [MortalGateway(gateway, point) for gateway in build_gateways(loaded, environ)]

    def record(loaded: Loaded) -> Journal:
        return MortalJournal(journal_of(loaded), point)

    stop = asyncio.Event()
    with stop_on_signals(stop):
        return await run_guard(load(policy), stop, arm=True, connect=connect, record=record)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), Point(sys.argv[2]))))
