"""Virtual time jumps, order is first come first served, and one program has one history."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from riskguard.simulation.world.virtual_loop import (
    StepLimitReached,
    Stuck,
    VirtualClock,
    VirtualLoop,
    run_virtual,
)


def test_a_day_passes_at_once_and_timers_fire_at_their_moment() -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(86_400)
        moments = [loop.time()]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2.5):
                await asyncio.Event().wait()
        return [*moments, loop.time()]

    assert run_virtual(main()) == [86_400.0, 86_402.5]


def test_the_same_moment_is_first_come_first_served() -> None:
    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        order: list[int] = []
        for number in range(100):
            loop.call_at(5.0, order.append, number)
        await asyncio.sleep(5.0)
        return order

    assert run_virtual(main()) == list(range(100))


def test_a_cancelled_timer_never_fires_and_moves_no_clock() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(100.0, pytest.fail, "fired").cancel()
        await asyncio.sleep(1.0)
        return loop.time()

    assert run_virtual(main()) == 1.0


def test_a_stall_makes_timers_late_and_they_run_before_what_is_asked_for_later() -> None:
    async def main() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        seen: list[tuple[str, float]] = []
        loop.call_later(1.0, lambda: seen.append(("timer", loop.time())))
        loop.stall(10.0)
        await asyncio.sleep(0)
        seen.append(("next", loop.time()))
        await asyncio.sleep(0)
        return seen

    assert sorted(run_virtual(main())) == [("next", 10.0), ("timer", 10.0)]


def test_a_busy_loop_does_not_starve_timers_that_are_due() -> None:
    async def main() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        fired = asyncio.Event()
        loop.call_later(1.0, fired.set)
        loop.stall(1.0)
        turns = 0
        while not fired.is_set():
            turns += 1
            await asyncio.sleep(0)
        return turns

    assert run_virtual(main(), step_limit=100) <= 2


def test_running_in_circles_hits_the_step_limit() -> None:
    async def main() -> None:
        while True:  # noqa: ASYNC110 - what must not happen
            await asyncio.sleep(0)

    with pytest.raises(StepLimitReached, match="1000 steps"):
        run_virtual(main(), step_limit=1_000)


def test_waiting_for_nothing_is_said() -> None:
    async def main() -> None:
        await asyncio.sleep(3)
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match=r"3\.000 s"):
        run_virtual(main())


def test_an_error_that_nobody_awaited_is_raised_at_the_end() -> None:
    async def main() -> str:
        asyncio.get_running_loop().call_soon(int, "no number")
        await asyncio.sleep(1)
        return "fine"

    with pytest.raises(ValueError, match="no number"):
        run_virtual(main())


def test_what_still_runs_at_the_end_is_cancelled_in_order() -> None:
    ended: list[int | str] = []

    async def worker(number: int) -> None:
        try:
            await asyncio.sleep(1_000)
        finally:
            ended.append(number)

    async def endless() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
        finally:
            ended.append("generator")

    async def main() -> None:
        tasks = [asyncio.ensure_future(worker(number)) for number in range(20)]
        stream = endless()
        assert await anext(stream) == 1
        await asyncio.sleep(1)
        assert not any(task.done() for task in tasks)

    run_virtual(main())
    assert [item for item in ended if item != "generator"] == list(range(20))
    assert "generator" in ended


def test_the_wall_clock_follows_and_jumps() -> None:
    async def main() -> list[int]:
        clock = VirtualClock(asyncio.get_running_loop(), 1_700_000_000_000)
        await asyncio.sleep(1.5)
        first = clock()
        clock.jump(-3_600_000)
        return [first, clock()]

    assert run_virtual(main(), start_s=77.0) == [1_700_000_001_500, 1_699_996_401_500]


HISTORY = """
import asyncio, hashlib, random
from riskguard.simulation.world.virtual_loop import run_virtual

async def main():
    dice, lines, queue = random.Random(7), [], asyncio.Queue(maxsize=3)
    loop = asyncio.get_running_loop()
    async def producer(name):
        for number in range(50):
            await asyncio.sleep(dice.choice([0, 0.5, 0.5, 1]))
            await queue.put((name, number))
    async def consumer(name):
        while True:
            item = await queue.get()
            lines.append(f"{loop.time():.3f} {name} {item}")
            await asyncio.sleep(dice.choice([0, 0.5]))
    workers = [asyncio.create_task(consumer(name)) for name in ("x", "y", "z")]
    await asyncio.gather(*(producer(name) for name in ("a", "b", "c", "d")))
    return hashlib.sha256("\\n".join(lines).encode()).hexdigest(), loop.steps

print(*run_virtual(main()))
"""


def test_one_program_has_one_history_whatever_the_hash_seed() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", HISTORY],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("0", "1", "4242")
    ]
    assert printed[0]
    assert printed == [printed[0]] * 3
