"""A guard ends cleanly when asked to, and at once with exit code 1 when it is itself defective."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import pytest

from riskguard.core.facts import Told
from riskguard.core.instant import Instant
from riskguard.core.messages import (
    CancelOrder,
    Command,
    DeadManAnswered,
    FreezeAnswered,
    FreezeTrading,
    Leaving,
    LookUpOrder,
    Observation,
    OrderAnswered,
    PingReference,
    PlaceOrder,
    ProbeVenue,
    ReadVenue,
    Record,
    SetDeadMan,
    StreamMoved,
    TellPerson,
)
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.outcome import Accepted
from riskguard.core.snapshot import Snapshot
from riskguard.core.types import Leg, Mode, Path, Side
from riskguard.journal import MemoryJournal
from riskguard.ports import Answer
from riskguard.runtime.executor import Executor
from riskguard.runtime.lifetime import live, stop_on_signals
from riskguard.runtime.runner import Runner
from riskguard.simulation.world.virtual_loop import run_virtual

LEG = Leg("bybit", "BTC/USDT:USDT")
INTENT = OrderIntent(
    "rga1h",
    LEG,
    "BTC",
    Side.SELL,
    Decimal(1),
    Decimal(60_000),
    TimeInForce.IOC,
    reduce_only=False,
    purpose=Purpose.HEDGE,
)


class FakeGateway:
    """Moves its stream once, takes a while for an order, and may be stubborn when closed."""

    def __init__(self, answer_s: float) -> None:
        self.venue = "bybit"
        self.closed = False
        self.close_error: Exception | None = None
        self.switched_s = 0.0
        self._answer_s = answer_s

    async def streams(self) -> AsyncIterator[Observation]:
        yield StreamMoved("bybit", Path.BOOK)
        await asyncio.Event().wait()

    async def place(self, command: PlaceOrder) -> Answer:
        await asyncio.sleep(self._answer_s)
        return Answer("ok", (OrderAnswered(command.intent.client_id, Accepted("77")),))

    async def cancel(self, command: CancelOrder) -> Answer:
        raise NotImplementedError(command)

    async def look_up(self, command: LookUpOrder) -> Answer:
        raise NotImplementedError(command)

    async def read(self, command: ReadVenue) -> Answer:
        raise NotImplementedError(command)

    async def probe(self, command: ProbeVenue) -> Answer:
        raise NotImplementedError(command)

    async def dead_man(self, command: SetDeadMan) -> Answer:
        await asyncio.sleep(self._answer_s)
        self.switched_s = asyncio.get_running_loop().time()
        answered = DeadManAnswered(command.call, command.venue, command.after_s, Accepted())
        return Answer("rate_limited", (answered,))

    async def close(self) -> None:
        self.closed = True
        if self.close_error is not None:
            raise self.close_error


class FakeGuard:
    """Sends one order when the stream moves, and records its answer."""

    def __init__(self) -> None:
        self.breaks = False
        self.breaks_late = False
        self.has_switch = False

    def handle(self, observation: Observation, now: Instant) -> Sequence[Command]:
        match observation:
            case StreamMoved() if self.breaks:
                raise ZeroDivisionError(f"SECRET at {now}")
            case StreamMoved():
                return [PlaceOrder(1, INTENT, deadline_s=10.0, expires_s=10.0)]
            case Leaving() if self.breaks_late:
                raise ZeroDivisionError(f"SECRET at {now}")
            case Leaving() if self.has_switch:
                return [SetDeadMan(2, "bybit", 0.0, (LEG,), deadline_s=10.0)]
            case DeadManAnswered(after_s=after_s):
                return [Record(Told("info", "switched", f"{after_s:g}"))]
            case OrderAnswered():
                return [Record(Told("info", "answered", str(observation.outcome)))]
            case _:
                return ()

    def wake(self, now: Instant) -> Sequence[Command]:
        raise NotImplementedError(now)

    def next_wakeup(self) -> float | None:
        return None

    def snapshot(self, now: Instant) -> Snapshot:
        return Snapshot(now.wall_ms, Mode.OBSERVE, False, "FINE", "", True, (), (), (), (), ())


class Silent:
    """A notifier and references that nobody uses here."""

    async def tell(self, command: TellPerson) -> None:
        raise NotImplementedError(command)

    async def freeze(self, command: FreezeTrading) -> Observation:
        return FreezeAnswered(command.venue, ok=False)

    async def ping(self, command: PingReference) -> bool:
        raise NotImplementedError(command)


class World:
    def __init__(self, answer_s: float = 3.0) -> None:
        self.gateway = FakeGateway(answer_s)
        self.journal = MemoryJournal(1)
        self.guard = FakeGuard()
        self.stop = asyncio.Event()
        self.runner = Runner(self.guard, self.submit, lambda: 5)
        self.executor = Executor(
            {"bybit": self.gateway},
            journal=self.journal,
            notifier=Silent(),
            references=Silent(),
            emit=self.runner.emit,
            wall_ms=lambda: 5,
        )

    def submit(self, commands: Sequence[Command]) -> None:
        self.executor.submit(commands)

    async def live(self) -> int:
        return await live(self.runner, self.executor, [self.gateway], self.journal, self.stop)

    def told(self) -> list[Told]:
        return [fact for _, fact in self.journal.replay() if isinstance(fact, Told)]


def test_an_order_in_flight_ends_and_its_answer_is_recorded_before_the_end() -> None:
    async def main() -> None:
        world = World(answer_s=3.0)
        asyncio.get_running_loop().call_later(1.0, world.stop.set)
        assert await world.live() == 0
        assert asyncio.get_running_loop().time() == pytest.approx(3.0, abs=0.01)
        assert world.told() == [Told("info", "answered", "Accepted(order_id='77')")]
        assert world.gateway.closed

    run_virtual(main())


def test_an_order_that_does_not_end_keeps_the_guard_five_seconds_at_most() -> None:
    async def main() -> None:
        world = World(answer_s=1_000.0)
        asyncio.get_running_loop().call_later(1.0, world.stop.set)
        assert await world.live() == 0
        assert asyncio.get_running_loop().time() == pytest.approx(6.0, abs=0.01)
        assert world.told() == []
        assert len(list(world.journal.replay())) == 1  # the intent, from which a restart resolves it

    run_virtual(main())


def test_the_dead_mans_switch_is_taken_off_before_all_else() -> None:
    async def main() -> None:
        world = World(answer_s=3.0)
        world.guard.has_switch = True
        asyncio.get_running_loop().call_later(1.0, world.stop.set)
        assert await world.live() == 0
        assert world.gateway.switched_s == pytest.approx(4.0, abs=0.01)
        assert [told.title for told in world.told()] == ["answered", "switched"]

    run_virtual(main())


def test_a_guard_that_breaks_at_the_goodbye_ends_all_the_same() -> None:
    async def main() -> None:
        world = World(answer_s=0.1)
        world.guard.breaks_late = True
        asyncio.get_running_loop().call_later(1.0, world.stop.set)
        assert await world.live() == 1
        assert world.gateway.closed

    run_virtual(main())


def test_a_defect_of_the_guard_ends_all_with_one_and_leaves_word(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        world = World()
        world.guard.breaks = True
        assert await world.live() == 1
        assert [told.title for told in world.told()] == ["riskguard stopped: internal error"]
        assert "ZeroDivisionError at test_lifetime.py" in world.told()[0].body
        assert world.gateway.closed

    run_virtual(main())
    assert "SECRET" not in caplog.text


def test_a_defect_is_survivable_for_the_exit_code_even_without_a_journal() -> None:
    async def main() -> None:
        world = World()
        world.guard.breaks = True
        world.journal.failing = "full"
        assert await world.live() == 1

    run_virtual(main())


def test_a_gateway_that_cannot_close_harms_nothing() -> None:
    async def main() -> None:
        world = World(answer_s=0.1)
        world.gateway.close_error = OSError("already closed")
        asyncio.get_running_loop().call_later(1.0, world.stop.set)
        assert await world.live() == 0

    run_virtual(main())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signals_ask_for_the_end(number: signal.Signals) -> None:
    world = World(answer_s=0.0)
    with stop_on_signals(world.stop):
        running = asyncio.ensure_future(world.live())
        os.kill(os.getpid(), number)
        assert await asyncio.wait_for(running, 30) == 0
