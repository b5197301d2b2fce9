"""What is the venue's time and what is ours: a call's turn, and a loop that slept over a deadline."""

import asyncio
import socket
import time

import pytest

from riskguard.core.messages import CallEnded, CallStarted, Command
from riskguard.ports import Answer
from riskguard.runtime.executor import Executor
from riskguard.waiting import Paced, deadline, on_turn, turn_came
from tests.runtime.test_executor import CANCEL, FakeGateway, World, in_world, place


class QueueingGateway(FakeGateway, Paced):
    """Lets a call wait for its turn, and answers half a second after that."""

    async def _answer(self, command: object) -> Answer:
        await asyncio.sleep(1.0)
        turn_came()
        self.takes_s = 0.5
        return await super()._answer(command)


@pytest.mark.parametrize("command", [place(), CANCEL])
def test_the_wait_for_our_own_pace_is_not_the_venues(command: Command) -> None:
    async def check(world: World) -> None:
        moments: dict[type, float] = {}
        loop = asyncio.get_running_loop()
        executor = Executor(
            {"bybit": QueueingGateway(world.journal)},
            journal=world.journal,
            notifier=world.notifier,
            references=None,  # type: ignore[arg-type]  # never asked here
            emit=lambda seen: moments.update({type(seen): loop.time()}),
            wall_ms=lambda: 1_000,
        )
        began = loop.time()
        executor.submit([command])
        await asyncio.sleep(10)
        assert moments[CallStarted] - began == pytest.approx(1.0, abs=0.1)
        assert moments[CallEnded] - moments[CallStarted] == pytest.approx(0.5)

    in_world(check)


async def test_a_turn_is_told_once() -> None:
    told: list[int] = []
    on_turn(lambda: told.append(1))
    turn_came()
    turn_came()
    assert told == [1]


async def test_a_deadline_passes() -> None:
    with pytest.raises(TimeoutError):
        async with deadline(0.01):
            await asyncio.Event().wait()


async def test_an_answer_that_came_while_our_loop_slept_is_read() -> None:
    """Asyncio's own timers run before the socket's news is acted on, and would call it too late."""
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    theirs.send(b"answer")
    loop = asyncio.get_running_loop()
    loop.call_soon(time.sleep, 0.3)
    async with deadline(0.1):
        assert await reader.readexactly(6) == b"answer"
    writer.close()
    await writer.wait_closed()
    theirs.close()


async def test_nested_deadlines_that_a_sleep_passed_end_like_the_inner_one() -> None:
    """The outer one would otherwise turn a call that ended in good order into an overrun of ours."""
    ended = ""
    asyncio.get_running_loop().call_soon(time.sleep, 0.3)
    async with deadline(0.2, second_look_s=1.0):
        try:
            async with deadline(0.1):
                await asyncio.Event().wait()
        except TimeoutError:
            ended = "inner"
    assert ended == "inner"
