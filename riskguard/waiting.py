"""Waiting for a venue, fairly: neither our own pace nor a sleep of our own loop is the venue's time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

LATE_S: Final = 0.05
"""A timer that fires so much after its time tells that our own loop slept."""
SECOND_LOOK_S: Final = 0.1
"""What arrived while we slept lies in the socket; reading it takes a few rounds of the loop."""
LOOKS: Final = 3

_TURN: Final[ContextVar[Callable[[], None] | None]] = ContextVar("riskguard_turn", default=None)


class Paced:
    """Base of gateways whose calls may wait for their turn; they say by `turn_came` when it has come."""


def on_turn(tell: Callable[[], None]) -> None:
    """Have `tell` called once, when the turn of the call that this task makes has come."""
    _TURN.set(tell)


def turn_came() -> None:
    """Say that from now on the venue is waited for, and not our own pace."""
    tell = _TURN.get()
    if tell is not None:
        _TURN.set(None)
        tell()


@asynccontextmanager
async def deadline(seconds: float, second_look_s: float = SECOND_LOOK_S) -> AsyncIterator[None]:
    """Raise TimeoutError like `asyncio.timeout`, but not before what came while our loop slept was read.

    A deadline around another needs a longer second look: after a sleep the inner one must still end first.
    """
    loop = asyncio.get_running_loop()
    handle: asyncio.TimerHandle | None = None

    def expire(due_s: float, looks: int) -> None:
        nonlocal handle
        now_s = loop.time()
        if now_s - due_s > LATE_S and looks:
            again_s = now_s + second_look_s
            handle = loop.call_at(again_s, expire, again_s, looks - 1)
        else:
            scope.reschedule(now_s)

    async with asyncio.timeout(None) as scope:
        due_s = loop.time() + seconds
        handle = loop.call_at(due_s, expire, due_s, LOOKS)
        try:
            yield
        finally:
            handle.cancel()
