"""With the real journal: another reader finds the intent on disk before the order leaves."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

from riskguard.core.facts import IntentRecorded
from riskguard.core.messages import (
    CancelOrder,
    FreezeAnswered,
    FreezeTrading,
    LookUpOrder,
    Observation,
    OrderAnswered,
    PingReference,
    PlaceOrder,
    ProbeVenue,
    ReadVenue,
    SetDeadMan,
    StreamMoved,
    TellPerson,
)
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.outcome import Accepted
from riskguard.core.types import Leg, Side
from riskguard.core.types import Path as VenuePath
from riskguard.journal import JournalReader, open_journal
from riskguard.ports import Answer
from riskguard.runtime.executor import Executor


class LookingGateway:
    """Looks at the disk when an order reaches it."""

    def __init__(self, journal: Path) -> None:
        self.venue = "bybit"
        self.on_disk: dict[str, list[str]] = {}
        self._journal = journal

    async def place(self, command: PlaceOrder) -> Answer:
        with JournalReader(self._journal) as reader:
            facts = [fact for _, fact in reader.facts() if isinstance(fact, IntentRecorded)]
        self.on_disk[command.intent.client_id] = [fact.intent.client_id for fact in facts]
        return Answer("ok", (OrderAnswered(command.intent.client_id, Accepted()),))

    async def cancel(self, command: CancelOrder) -> Answer:
        raise NotImplementedError(command)

    async def look_up(self, command: LookUpOrder) -> Answer:
        raise NotImplementedError(command)

    async def read(self, command: ReadVenue) -> Answer:
        raise NotImplementedError(command)

    async def probe(self, command: ProbeVenue) -> Answer:
        raise NotImplementedError(command)

    async def dead_man(self, command: SetDeadMan) -> Answer:
        raise NotImplementedError(command)

    async def streams(self) -> AsyncIterator[Observation]:
        yield StreamMoved("bybit", VenuePath.BOOK)

    async def close(self) -> None:
        """Release nothing."""


class Silent:
    """A notifier and references that nobody uses here."""

    async def tell(self, command: TellPerson) -> None:
        raise NotImplementedError(command)

    async def freeze(self, command: FreezeTrading) -> Observation:
        return FreezeAnswered(command.venue, ok=False)

    async def ping(self, command: PingReference) -> bool:
        raise NotImplementedError(command)


def order(number: int) -> PlaceOrder:
    intent = OrderIntent(
        f"rga{number}h",
        Leg("bybit", "BTC/USDT:USDT"),
        "BTC",
        Side.SELL,
        Decimal(1),
        Decimal(60_000),
        TimeInForce.IOC,
        reduce_only=False,
        purpose=Purpose.HEDGE,
    )
    return PlaceOrder(number, intent, deadline_s=30.0, expires_s=30.0)


async def test_every_intent_is_on_disk_when_its_order_leaves(tmp_path: Path) -> None:
    path = tmp_path / "rg.db"
    journal = open_journal(path, 1)
    gateway = LookingGateway(path)
    answered = asyncio.Queue[Observation]()
    executor = Executor(
        {"bybit": gateway},
        journal=journal,
        notifier=Silent(),
        references=Silent(),
        emit=answered.put_nowait,
        wall_ms=lambda: 1,
    )
    executor.submit([order(number) for number in range(5)])
    seen = 0
    async with asyncio.timeout(60):
        while seen < 5:
            seen += isinstance(await answered.get(), OrderAnswered)
    assert len(gateway.on_disk) == 5
    for client_id, found in gateway.on_disk.items():
        assert client_id in found
    await executor.close()
    await journal.close()
