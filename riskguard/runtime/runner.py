"""One queue, one writer: every observation gets its moment on arrival and reaches the guard in that order.

The guard is the only thing here whose defect is fatal: half a state must not go on deciding.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from riskguard.core.instant import Instant
from riskguard.core.messages import Command, LoopTicked, Observation
from riskguard.core.snapshot import Snapshot

TICK_S = 0.05
LEAST_WAIT_S = 0.001
"""No wake-up comes sooner than this, so that a guard that asks for the past cannot stop the loop."""

Submit: TypeAlias = Callable[[Sequence[Command]], None]
"""Takes commands, in their order; `Executor.submit` is one."""


class GuardLike(Protocol):
    """The pure core as the runtime sees it."""

    def handle(self, observation: Observation, now: Instant) -> Sequence[Command]:
        """Take one fact and give what follows from it."""

    def wake(self, now: Instant) -> Sequence[Command]:
        """Do what has become due."""

    def next_wakeup(self) -> float | None:
        """Give the monotonic second at which something becomes due; None when nothing will."""

    def snapshot(self, now: Instant) -> Snapshot:
        """Give a frozen picture of all that readers may know."""


class Runner:
    """Feeds the guard and hands its commands on; owns the guard's only timer and the heartbeat."""

    def __init__(
        self,
        guard: GuardLike,
        submit: Submit,
        wall_ms: Callable[[], int],
        tick_s: float = TICK_S,
    ) -> None:
        self._guard = guard
        self._submit = submit
        self._wall_ms = wall_ms
        self._tick_s = tick_s
        self._loop = asyncio.get_running_loop()
        self._queue: deque[tuple[Observation | None, Instant]] = deque()
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._tick_due_s = self._loop.time() + tick_s
        self._tick_timer: asyncio.TimerHandle | None = None
        self._wake_timer: asyncio.TimerHandle | None = None
        self._wake_at: float | None = None
        self._is_stopping = False

    def now(self) -> Instant:
        """Read both clocks; the only place that does."""
        return Instant(self._loop.time(), self._wall_ms())

    def emit(self, observation: Observation) -> None:
        """Queue one observation under its moment of arrival; never blocks, never raises."""
        if self._tick_timer is not None and self._loop.time() > self._tick_due_s + self._tick_s:
            self._beat()  # the guard must know that we slept before it judges anything that came meanwhile
        self._put(observation)

    def stop(self) -> None:
        """Let `run` return once the queue is empty."""
        self._is_stopping = True
        self._work.set()

    async def settled(self) -> None:
        """Return when everything queued so far has been handled."""
        while self._queue:
            self._idle.clear()
            await self._idle.wait()

    async def run(self) -> None:
        """Handle observations until stopped; raises what the guard raises, and that is the end."""
        self._tick_due_s = self._loop.time() + self._tick_s
        self._tick_timer = self._loop.call_at(self._tick_due_s, self._beat_on_time)
        self._arm_wakeup()
        try:
            while self._queue or not self._is_stopping:
                self._work.clear()
                for _ in range(len(self._queue)):
                    self._step(*self._queue.popleft())
                self._arm_wakeup()
                self._idle.set()
                if self._queue:
                    await asyncio.sleep(0)  # let answers in between two batches
                elif not self._is_stopping:
                    await self._work.wait()
        finally:
            for timer in (self._tick_timer, self._wake_timer):
                if timer is not None:
                    timer.cancel()

    def _step(self, observation: Observation | None, now: Instant) -> None:
        commands = self._guard.wake(now) if observation is None else self._guard.handle(observation, now)
        if commands:
            self._submit(commands)

    def _put(self, observation: Observation | None) -> None:
        self._queue.append((observation, self.now()))
        self._work.set()

    def _beat_on_time(self) -> None:
        if self._loop.time() >= self._tick_due_s:
            self._beat()
        self._tick_timer = self._loop.call_at(self._tick_due_s, self._beat_on_time)

    def _beat(self) -> None:
        due_s = self._tick_due_s
        self._tick_due_s = self._loop.time() + self._tick_s
        self._put(LoopTicked(due_s))

    def _arm_wakeup(self) -> None:
        wake_at = self._guard.next_wakeup()
        if wake_at == self._wake_at:
            return
        if self._wake_timer is not None:
            self._wake_timer.cancel()
            self._wake_timer = None
        self._wake_at = wake_at
        if wake_at is not None:
            not_before = self._loop.time() + LEAST_WAIT_S
            self._wake_timer = self._loop.call_at(max(wake_at, not_before), self._wake)

    def _wake(self) -> None:
        self._wake_at = None
        self._wake_timer = None
        self._put(None)
