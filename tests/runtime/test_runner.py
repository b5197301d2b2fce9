"""Observations reach the guard one by one, in the order and with the moment of their arrival."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from riskguard.core.instant import Instant
from riskguard.core.messages import Command, LoopTicked, Observation, PingReference, StreamMoved
from riskguard.core.snapshot import Snapshot
from riskguard.core.types import Mode, Path
from riskguard.runtime.runner import Runner
from riskguard.simulation.world.virtual_loop import VirtualClock, VirtualLoop, run_virtual


class FakeGuard:
    """Notes all that it is handed; wakes when told to."""

    def __init__(self) -> None:
        self.handled: list[tuple[Observation, Instant]] = []
        self.woken: list[Instant] = []
        self.wake_at: float | None = None
        self.wake_again_after_s: float | None = None
        self.commands: list[Command] = []
        self.error: Exception | None = None

    def handle(self, observation: Observation, now: Instant) -> Sequence[Command]:
        if self.error is not None:
            raise self.error
        self.handled.append((observation, now))
        return self.commands if isinstance(observation, StreamMoved) else ()

    def wake(self, now: Instant) -> Sequence[Command]:
        self.woken.append(now)
        again = self.wake_again_after_s
        self.wake_at = None if again is None else now.mono_s + again
        return self.commands

    def next_wakeup(self) -> float | None:
        return self.wake_at

    def snapshot(self, now: Instant) -> Snapshot:
        return Snapshot(now.wall_ms, Mode.OBSERVE, False, "FINE", "", True, (), (), (), (), ())

    def ticks(self) -> list[tuple[float, float]]:
        return [(item.due_mono_s, now.mono_s) for item, now in self.handled if isinstance(item, LoopTicked)]


class World:
    def __init__(self) -> None:
        self.guard = FakeGuard()
        self.submitted: list[Command] = []
        self.emits: list[Observation] = []
        self.clock = VirtualClock(asyncio.get_running_loop(), 1_000_000)
        self.runner = Runner(self.guard, self.submit, self.clock)

    def submit(self, commands: Sequence[Command]) -> None:
        """Note the commands and report at once what was told to be reported."""
        self.submitted.extend(commands)
        for observation in self.emits:
            self.runner.emit(observation)
        self.emits.clear()


def in_world(test: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        world = World()
        running = asyncio.ensure_future(world.runner.run())
        await test(world)
        world.runner.stop()
        await running

    run_virtual(main())


def moved(number: int) -> StreamMoved:
    return StreamMoved(f"v{number}", Path.BOOK)


def test_arrival_order_and_moment_are_kept() -> None:
    async def check(world: World) -> None:
        await asyncio.sleep(0.01)
        for number in range(300):
            world.runner.emit(moved(number))
        await world.runner.settled()
        assert [item for item, _ in world.guard.handled] == [moved(number) for number in range(300)]
        assert {now for _, now in world.guard.handled} == {Instant(0.01, 1_000_010)}

    in_world(check)


def test_what_arrives_while_handling_comes_after() -> None:
    async def check(world: World) -> None:
        world.guard.commands = [PingReference("x", 1.0)]
        world.emits = [moved(98), moved(99)]
        world.runner.emit(moved(1))
        world.runner.emit(moved(2))
        await world.runner.settled()
        assert [item for item, _ in world.guard.handled] == [moved(1), moved(2), moved(98), moved(99)]

    in_world(check)


def test_commands_go_to_the_executor_from_handling_and_from_waking() -> None:
    async def check(world: World) -> None:
        world.guard.commands = [PingReference("x", 1.0)]
        world.guard.wake_at = 0.02
        world.runner.emit(moved(1))
        await asyncio.sleep(0.03)
        assert world.submitted == [PingReference("x", 1.0)] * 2

    in_world(check)


def test_the_guard_is_woken_at_its_time_by_one_timer() -> None:
    async def check(world: World) -> None:
        for wake_at in (5.0, 3.0, 4.0):
            world.guard.wake_at = wake_at
            world.runner.emit(moved(1))
            await world.runner.settled()
        await asyncio.sleep(10)
        assert [now.mono_s for now in world.guard.woken] == [4.0]

    in_world(check)


def test_a_guard_that_asks_for_the_past_cannot_stop_the_loop() -> None:
    async def check(world: World) -> None:
        world.guard.wake_at = -1.0
        world.guard.wake_again_after_s = -1.0
        await asyncio.sleep(0.0505)
        assert 40 <= len(world.guard.woken) <= 51

    in_world(check)


def test_the_loop_ticks_while_nothing_happens() -> None:
    async def check(world: World) -> None:
        await asyncio.sleep(0.21)
        late_s = [arrived - due for due, arrived in world.guard.ticks()]
        assert late_s == pytest.approx([0.0] * 4)

    in_world(check)


def test_after_a_stall_the_guard_hears_of_it_before_anything_else() -> None:
    async def check(world: World) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        await asyncio.sleep(0.12)
        known = len(world.guard.handled)
        loop.stall(10.0)
        world.runner.emit(moved(1))
        await asyncio.sleep(0.12)
        after = world.guard.handled[known:]
        tick, now = after[0]
        assert isinstance(tick, LoopTicked)
        assert now.mono_s - tick.due_mono_s == pytest.approx(9.97)
        assert after[1][0] == moved(1)
        assert len(after) == 4  # one tick for the stall, not two hundred

    in_world(check)


def test_moments_carry_both_clocks() -> None:
    async def check(world: World) -> None:
        world.clock.jump(-3_600_000)
        world.runner.emit(moved(1))
        await world.runner.settled()
        assert world.guard.handled[0][1] == Instant(0.0, 1_000_000 - 3_600_000)

    in_world(check)


def test_a_defect_of_the_guard_ends_the_run() -> None:
    async def main() -> None:
        world = World()
        world.guard.error = ZeroDivisionError()
        world.runner.emit(moved(1))
        await world.runner.run()

    with pytest.raises(ZeroDivisionError):
        run_virtual(main())


def test_stopping_handles_first_what_is_queued() -> None:
    async def main() -> None:
        world = World()
        world.runner.emit(moved(1))
        world.runner.stop()
        await world.runner.run()
        assert [item for item, _ in world.guard.handled] == [moved(1)]

    run_virtual(main())
