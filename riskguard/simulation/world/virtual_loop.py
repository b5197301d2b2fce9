"""An event loop whose time jumps: the real executor and runner live hours of it within seconds.

Nothing here depends on a clock, a socket, a thread or a hash: callbacks run in the order in which they were
asked for, timers of the same moment in the order in which they were set, and the clock stands still while
anything is ready. What runs on it must keep that promise too: no `asyncio.TaskGroup`, no iteration over the
sets that `asyncio.wait` returns, no threads.
"""

import asyncio
import contextlib
import heapq
import sys
import weakref
from asyncio.events import _set_running_loop
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

CLEAN_UP_STEPS = 100_000


class StepLimitReached(RuntimeError):  # noqa: N818 - named for what happened
    """The history took more callbacks than it may: something runs in circles."""


class Stuck(RuntimeError):  # noqa: N818 - named for what happened
    """Nothing is ready, no timer is set, and the main task is not done."""


class _Timer(asyncio.TimerHandle):
    """A callback and its moment; the base class would ask for debug mode and more, every time."""

    __slots__ = ("call", "is_off")

    def __init__(
        self, when: float, callback: Callable[..., object], args: tuple[Any, ...], context: Context | None
    ) -> None:
        self._when = when
        self.call = (copy_context() if context is None else context).run, callback, args
        self.is_off = False

    def cancel(self) -> None:
        """Never run it: its turn passes without a call."""
        self.is_off = True

    def cancelled(self) -> bool:
        """Tell whether it was cancelled."""
        return self.is_off

    def run(self, loop: "VirtualLoop") -> None:
        """Call it; what it raises is kept by the loop, as every loop does."""
        run, callback, args = self.call
        try:
            run(callback, *args)
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001 - nobody is there to catch it
            loop.call_exception_handler({"message": f"in {callback}", "exception": error})


class VirtualLoop(asyncio.AbstractEventLoop):
    """Just enough of an event loop for tasks, futures and timers."""

    def __init__(self, *, step_limit: int = 1_000_000, start_s: float = 0.0) -> None:
        self.steps = 0
        """Callbacks run so far."""
        self.step_limit = step_limit
        self.unhandled: list[dict[str, Any]] = []
        """What reached the loop's exception handler: errors that no one awaited."""
        self._now_s = start_s
        self._ready: deque[_Timer] = deque()
        self._timers: list[tuple[float, int, _Timer]] = []
        self._timers_set = 0
        self._tasks: weakref.WeakValueDictionary[int, asyncio.Task[Any]] = weakref.WeakValueDictionary()
        self._made = 0
        self._batch = 0
        self._generators: weakref.WeakValueDictionary[int, AsyncGenerator[Any, Any]]
        self._generators = weakref.WeakValueDictionary()
        self._running = False
        self._closed = False

    def time(self) -> float:
        """Give the virtual time in seconds."""
        return self._now_s

    def stall(self, duration_s: float) -> None:
        """Let time pass while nothing runs, as when the process is not scheduled."""
        self._now_s += duration_s

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run a callback after all that is ready now."""
        handle = _Timer(self._now_s, callback, args, context)
        self._ready.append(handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run a callback after `delay` virtual seconds."""
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run a callback at a virtual time; at once when that is past."""
        handle = _Timer(when, callback, args, context)
        self._timers_set += 1
        heapq.heappush(self._timers, (when, self._timers_set, handle))
        return handle

    def create_future(self) -> asyncio.Future[Any]:
        """Make a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        """Make a task; its first step runs after all that is ready now."""
        task: asyncio.Task[T] = asyncio.Task(coro, loop=self, name=name, context=context)
        self._made += 1
        self._tasks[self._made] = task
        return task

    def run_until_complete(self, future: Any) -> Any:
        """Run until `future` is done and give its result; raises `Stuck` or `StepLimitReached`."""
        task = asyncio.ensure_future(future, loop=self)
        self._running = True
        _set_running_loop(self)
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._generator_began, finalizer=self._generator_dropped)
        try:
            while not task.done():
                self._collect()
                self._run_batch(task)
        finally:
            sys.set_asyncgen_hooks(*hooks)
            _set_running_loop(None)
            self._running = False
        return task.result()

    def cancel_all(self) -> None:
        """Cancel what is left, oldest first, and run it to its end."""
        self.step_limit = self.steps + CLEAN_UP_STEPS
        left = [task for task in list(self._tasks.values()) if not task.done()]
        for task in left:
            task.cancel()
        self.run_until_complete(_all_ended(left))
        self.run_until_complete(self.shutdown_asyncgens())

    async def shutdown_asyncgens(self) -> None:
        """Close the generators that are still open, in the order in which they began."""
        for generator in list(self._generators.values()):
            await generator.aclose()

    def close(self) -> None:
        """Forget everything; nothing may run any more."""
        self._closed = True
        self._ready.clear()
        self._timers.clear()

    def is_running(self) -> bool:
        """Tell whether the loop runs."""
        return self._running

    def is_closed(self) -> bool:
        """Tell whether the loop was closed."""
        return self._closed

    def get_debug(self) -> bool:
        """Debug mode is always off; it would look at real clocks."""
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep what nobody caught; `run_virtual` raises it at the end."""
        self.unhandled.append(context)

    def _run_batch(self, task: "asyncio.Future[Any]") -> None:
        """Run what is ready now, not what it asks for; stops as soon as `task` is done."""
        ready = self._ready
        while self._batch and not task.done():
            if self.steps >= self.step_limit:
                raise StepLimitReached(f"{self.step_limit} steps by {self._now_s:.3f} s of virtual time")
            self._batch -= 1
            handle = ready.popleft()
            if handle.is_off:
                continue
            self.steps += 1
            handle.run(self)

    def _collect(self) -> None:
        """Make the timers that are due ready, oldest first; where nothing is ready, move the clock first."""
        if self._batch:
            return
        timers, ready = self._timers, self._ready
        while timers and timers[0][2].is_off:
            heapq.heappop(timers)
        if not ready:
            if not timers:
                raise Stuck(f"nothing left to do at {self._now_s:.3f} s of virtual time")
            self._now_s = max(self._now_s, timers[0][0])
        now_s = self._now_s
        while timers and timers[0][0] <= now_s:
            ready.append(heapq.heappop(timers)[2])
        self._batch = len(ready)

    def _generator_began(self, generator: AsyncGenerator[Any, Any]) -> None:
        self._made += 1
        self._generators[self._made] = generator

    def _generator_dropped(self, generator: AsyncGenerator[Any, Any]) -> None:
        self.create_task(generator.aclose())


class VirtualClock:
    """The wall clock of a virtual world: follows its loop, and jumps when told to."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start_ms: int) -> None:
        self._loop = loop
        self._offset_ms = start_ms - round(loop.time() * 1000)

    def __call__(self) -> int:
        """Give UTC milliseconds."""
        return self._offset_ms + round(self._loop.time() * 1000)

    def jump(self, by_ms: int) -> None:
        """Set the clock forward or back, as a time server may."""
        self._offset_ms += by_ms


def run_virtual(main: Coroutine[Any, Any, T], *, step_limit: int = 1_000_000, start_s: float = 0.0) -> T:
    """Run a coroutine under virtual time to its end and give its result.

    Raises what `main` raises, `StepLimitReached`, `Stuck`, and the first error that a task of the world left
    unhandled. Tasks that are still running at the end are cancelled, oldest first.
    """
    # mypy: what a virtual world must not use (sockets, processes, threads) stays unimplemented on purpose.
    loop = VirtualLoop(step_limit=step_limit, start_s=start_s)  # type: ignore[abstract]
    try:
        result: T = loop.run_until_complete(main)
    except BaseException:
        with contextlib.suppress(Stuck, StepLimitReached):  # the first error is the one to see
            loop.cancel_all()
        raise
    else:
        loop.cancel_all()
    finally:
        loop.close()
    for context in loop.unhandled:
        raise context.get("exception") or RuntimeError(context.get("message", "unhandled"))
    return result


async def _all_ended(tasks: list[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
