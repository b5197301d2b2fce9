"""Each command ends in exactly the observations that its port promises, whatever the adapter does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from riskguard.core.facts import IntentRecorded, Told
from riskguard.core.messages import (
    CallEnded,
    CallStarted,
    CancelAnswered,
    CancelOrder,
    Command,
    DeadManAnswered,
    FreezeAnswered,
    FreezeTrading,
    JournalFailed,
    JournalRestored,
    LookupAnswered,
    LookUpOrder,
    LookupRung,
    Observation,
    OrderAnswered,
    PingReference,
    PlaceOrder,
    ProbeVenue,
    ReadFailed,
    ReadKind,
    ReadVenue,
    Record,
    ReferenceAnswered,
    SetDeadMan,
    Severity,
    TellPerson,
)
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.outcome import Accepted, NotSent, Unknown
from riskguard.core.policy import Rung
from riskguard.core.types import Leg, Path, Side
from riskguard.journal import MemoryJournal
from riskguard.ports import Answer
from riskguard.runtime.executor import Executor
from riskguard.simulation.world.virtual_loop import run_virtual

LEG = Leg("bybit", "BTC/USDT:USDT")
TOLD = Told("info", "hello", "")


def place(purpose: Purpose = Purpose.HEDGE, *, call: int = 1, reduce_only: bool = False) -> PlaceOrder:
    intent = OrderIntent(
        f"rga{call}{purpose.value}",
        LEG,
        "BTC",
        Side.SELL,
        Decimal("1.5"),
        Decimal(60_000),
        TimeInForce.IOC,
        reduce_only,
        purpose,
    )
    return PlaceOrder(call, intent, deadline_s=3.0, expires_s=3.0)


CANCEL = CancelOrder(2, LEG, "77", "rga1h", deadline_s=2.0)
LOOK_UP = LookUpOrder(3, LEG, "rga1h", "", LookupRung.CLIENT_ID, since_ms=0, deadline_s=2.0)
READ = ReadVenue(4, "bybit", ReadKind.BALANCE, deadline_s=2.0)
PROBE = ProbeVenue(5, LEG, Rung.CANCEL_UNKNOWN, Path.CANCEL, "rga9c", Decimal(1), Decimal(1), deadline_s=2.0)


class FakeGateway:
    """Answers as told; notes when it was asked and what was durable then."""

    def __init__(self, journal: MemoryJournal) -> None:
        self.venue = "bybit"
        self.asked: list[object] = []
        self.durable_when_asked: list[int] = []
        self.takes_s = 0.1
        self.error: Exception | None = None
        self.answers: dict[type, Answer] = {}
        self._journal = journal

    async def _answer(self, command: object) -> Answer:
        self.asked.append(command)
        self.durable_when_asked.append(sum(1 for _ in self._journal.replay()))
        await asyncio.sleep(self.takes_s)
        if self.error is not None:
            raise self.error
        return self.answers[type(command)]

    async def place(self, command: PlaceOrder) -> Answer:
        self.answers.setdefault(
            PlaceOrder, Answer("ok", (OrderAnswered(command.intent.client_id, Accepted("77")),))
        )
        return await self._answer(command)

    async def cancel(self, command: CancelOrder) -> Answer:
        observation = CancelAnswered(command.call, LEG, command.order_id, command.client_id, Accepted())
        self.answers.setdefault(CancelOrder, Answer("ok", (observation,)))
        return await self._answer(command)

    async def look_up(self, command: LookUpOrder) -> Answer:
        observation = LookupAnswered(command.client_id, command.rung, Accepted(), 0.0)
        self.answers.setdefault(LookUpOrder, Answer("ok", (observation,)))
        return await self._answer(command)

    async def read(self, command: ReadVenue) -> Answer:
        self.answers.setdefault(
            ReadVenue, Answer("unknown", (ReadFailed("bybit", command.what, "slow"),), "slow")
        )
        return await self._answer(command)

    async def probe(self, command: ProbeVenue) -> Answer:
        self.answers.setdefault(ProbeVenue, Answer("user_fault"))
        return await self._answer(command)

    async def dead_man(self, command: SetDeadMan) -> Answer:
        answered = DeadManAnswered(command.call, command.venue, command.after_s, Accepted())
        self.answers.setdefault(SetDeadMan, Answer("rate_limited", (answered,)))
        return await self._answer(command)

    async def streams(self) -> AsyncIterator[Observation]:
        await asyncio.Event().wait()
        yield JournalRestored()

    async def close(self) -> None:
        """Release nothing."""


@dataclass
class FakeNotifier:
    told: list[TellPerson] = field(default_factory=list)

    async def tell(self, command: TellPerson) -> None:
        self.told.append(command)

    async def freeze(self, command: FreezeTrading) -> Observation:
        return FreezeAnswered(command.venue, ok=True)


class FakeReferences:
    async def ping(self, command: PingReference) -> bool:
        await asyncio.sleep(0.3)
        return command.name == "good"


class World:
    """An executor among fakes; `seen` is all that it reported."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []
        self.journal = MemoryJournal(1)
        self.gateway = FakeGateway(self.journal)
        self.notifier = FakeNotifier()
        self.executor = Executor(
            {"bybit": self.gateway},
            journal=self.journal,
            notifier=self.notifier,
            references=FakeReferences(),
            emit=self.seen.append,
            wall_ms=lambda: 1_000,
        )

    async def does(self, *commands: Command, wait_s: float = 10.0) -> list[Observation]:
        self.executor.submit(commands)
        await asyncio.sleep(wait_s)
        return self.seen


def in_world(test: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        await test(World())

    run_virtual(main())


def test_an_order_is_durable_before_it_is_sent_and_reports_start_answer_end() -> None:
    async def check(world: World) -> None:
        world.journal.delay_s = 1.0
        order = place()
        seen = await world.does(order)
        assert seen == [
            CallStarted(1, "bybit", Path.PLACE, LEG.symbol),
            OrderAnswered(order.intent.client_id, Accepted("77")),
            CallEnded(1, "bybit", Path.PLACE, "ok", LEG.symbol),
        ]
        assert world.gateway.durable_when_asked == [1]
        assert [fact for _, fact in world.journal.replay()] == [IntentRecorded(order.intent)]

    in_world(check)


def test_records_of_a_batch_are_durable_with_its_intent() -> None:
    async def check(world: World) -> None:
        order = place()
        await world.does(Record(TOLD), order)
        assert world.gateway.durable_when_asked == [2]
        assert [fact for _, fact in world.journal.replay()] == [TOLD, IntentRecorded(order.intent)]

    in_world(check)


@pytest.mark.parametrize(
    ("command", "path", "canary"),
    [
        (place(reduce_only=True), Path.REDUCE, False),
        (place(Purpose.CANARY), Path.PLACE, True),
        (CANCEL, Path.CANCEL, False),
        (LOOK_UP, Path.QUERY, False),
        (READ, Path.ACCOUNT, False),
        (PROBE, Path.CANCEL, True),
    ],
)
def test_each_call_is_evidence_on_its_path(command: Command, path: Path, canary: bool) -> None:
    async def check(world: World) -> None:
        seen = await world.does(command)
        assert isinstance(seen[0], CallStarted)
        assert isinstance(seen[-1], CallEnded)
        assert (seen[0].path, seen[0].canary) == (path, canary) == (seen[-1].path, seen[-1].canary)

    in_world(check)


@pytest.mark.parametrize("command", [place(), CANCEL, LOOK_UP, READ, PROBE])
def test_a_defect_of_the_adapter_is_unknown_and_never_not_sent(
    command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    async def check(world: World) -> None:
        world.gateway.error = KeyError("apiKey=SECRET")
        seen = await world.does(command)
        ended = seen[-1]
        assert isinstance(ended, CallEnded)
        assert (ended.evidence, ended.cause) == ("unknown", "internal error KeyError")
        for observation in seen[1:-1]:
            match observation:
                case OrderAnswered() | CancelAnswered() | LookupAnswered():
                    assert observation.outcome == Unknown("internal error KeyError")
                case _:
                    assert isinstance(observation, ReadFailed)
        assert len(seen) == (2 if isinstance(command, ProbeVenue) else 3)

    in_world(check)
    assert "KeyError at test_executor.py" in caplog.text
    assert "SECRET" not in caplog.text


@pytest.mark.parametrize("command", [place(), CANCEL, LOOK_UP, READ])
def test_an_answer_that_lacks_what_is_due_is_completed_with_unknown(command: Command) -> None:
    async def check(world: World) -> None:
        world.gateway.answers[type(command)] = Answer("ok")
        seen = await world.does(command)
        assert len(seen) == 3
        assert "incomplete" in str(seen[1])

    in_world(check)


def test_a_gateway_that_overruns_its_deadline_is_cut_off() -> None:
    async def check(world: World) -> None:
        world.gateway.takes_s = 1e6
        seen = await world.does(place())
        assert isinstance(seen[1], OrderAnswered)
        assert isinstance(seen[1].outcome, Unknown)

    in_world(check)


@pytest.mark.parametrize("purpose", [p for p in Purpose if p not in (Purpose.UNWIND, Purpose.ORPHAN)])
def test_without_a_journal_nothing_but_a_way_out_is_sent(purpose: Purpose) -> None:
    async def check(world: World) -> None:
        world.journal.failing = "database or disk is full"
        order = place(purpose)
        seen = await world.does(order, wait_s=0.5)
        assert seen == [
            JournalFailed("database or disk is full"),
            OrderAnswered(order.intent.client_id, NotSent("journal: database or disk is full")),
        ]
        assert world.gateway.asked == []

    in_world(check)


@pytest.mark.parametrize(
    "command", [place(Purpose.UNWIND, reduce_only=True), place(Purpose.ORPHAN, reduce_only=True), CANCEL]
)
def test_without_a_journal_the_ways_out_go_on(command: Command) -> None:
    async def check(world: World) -> None:
        world.journal.failing = "readonly database"
        await world.does(command, wait_s=3.0)
        assert world.gateway.asked == [command]

    in_world(check)


def test_a_way_out_that_left_unrecorded_is_recorded_when_the_disk_is_back() -> None:
    async def check(world: World) -> None:
        order = place(Purpose.UNWIND, reduce_only=True)
        world.journal.failing = "readonly database"
        await world.does(order, wait_s=3.0)
        world.journal.failing = ""
        seen = await world.does(wait_s=3.0)
        assert [type(item) for item in seen if isinstance(item, JournalFailed | JournalRestored)] == [
            JournalFailed,
            JournalRestored,
        ]
        assert [fact for _, fact in world.journal.replay()] == [IntentRecorded(order.intent)]

    in_world(check)


def test_a_disk_slower_than_patience_counts_as_failed_and_is_found_well_again() -> None:
    async def check(world: World) -> None:
        world.journal.delay_s = 30.0
        seen = await world.does(place(), wait_s=2.5)
        assert [type(item) for item in seen] == [JournalFailed, OrderAnswered]
        assert world.gateway.asked == []
        world.journal.delay_s = 0.0
        assert JournalRestored() in await world.does(wait_s=2.0)

    in_world(check)


def test_a_failure_is_noticed_although_facts_were_only_appended() -> None:
    async def check(world: World) -> None:
        world.journal.failing = "disk I/O error"
        assert await world.does(Record(TOLD)) == [JournalFailed("disk I/O error")]

    in_world(check)


def test_pings_tells_and_freezes_are_answered() -> None:
    async def check(world: World) -> None:
        tell = TellPerson(Severity.ALARM, "title", "body")
        seen = await world.does(
            PingReference("good", 1.0),
            PingReference("bad", 1.0),
            tell,
            FreezeTrading("main", "i1", frozen=True),
        )
        assert seen == [
            FreezeAnswered("main", ok=True),
            ReferenceAnswered("good", 0.0, ok=True),
            ReferenceAnswered("bad", 0.0, ok=False),
        ]
        assert world.notifier.told == [tell]

    in_world(check)


def test_closing_waits_for_orders_in_flight_and_sends_no_new_one() -> None:
    async def check(world: World) -> None:
        world.gateway.takes_s = 2.0
        await world.does(place(), wait_s=1.0)
        closing = asyncio.ensure_future(world.executor.close(5.0))
        await asyncio.sleep(0.1)
        late = place(call=8)
        world.executor.submit([late])
        await closing
        answers = [item for item in world.seen if isinstance(item, OrderAnswered)]
        assert answers == [
            OrderAnswered(late.intent.client_id, NotSent("riskguard is stopping")),
            OrderAnswered(place().intent.client_id, Accepted("77")),
        ]
        assert len(world.gateway.asked) == 1

    in_world(check)


def test_closing_gives_up_after_its_patience_and_claims_nothing() -> None:
    async def check(world: World) -> None:
        world.gateway.takes_s = 3.0
        await world.does(place(), wait_s=0.5)
        before_s = asyncio.get_running_loop().time()
        await world.executor.close(1.0)
        assert asyncio.get_running_loop().time() == before_s + 1.0
        assert [type(item) for item in world.seen] == [CallStarted]

    in_world(check)


def test_an_order_waiting_for_the_disk_when_closing_begins_is_not_sent() -> None:
    async def check(world: World) -> None:
        world.journal.delay_s = 1.0
        world.executor.submit([place()])
        await asyncio.sleep(0.1)
        await world.executor.close(5.0)
        assert [type(item) for item in world.seen] == [OrderAnswered]
        assert world.gateway.asked == []

    in_world(check)
