"""The one thread that writes the journal, so that a slow disk never holds up the loop.

Facts are kept in the order in which they were handed in, also while the disk refuses them: what could not be
written stays in memory and goes first when the disk takes it again.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from riskguard.core.facts import Fact
from riskguard.journal.store import Store

FLUSH_S = 0.2
RETRY_S = 1.0

Done = Callable[[str], None]
"""Called on the writer's thread with the cause of failure, empty when all is durable."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Facts to write, and whom to tell."""

    wall_ms: int
    facts: Sequence[Fact]
    done: Done | None = None


class Writer:
    """Takes jobs from any thread and writes them in order, several to a transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store
        """Touched by the writer's thread only."""
        self._inbox: deque[Job] = deque()
        self._flush_at: float | None = None
        self._urgent = False
        self._closing = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    def put(self, job: Job) -> None:
        """Queue a job; a job with `done` is written at once, others within `FLUSH_S`."""
        with self._wake:
            if self._closing:
                refused = True
            else:
                refused = False
                self._inbox.append(job)
                is_first = self._flush_at is None
                if is_first:
                    self._flush_at = time.monotonic() + FLUSH_S
                if job.done is not None:
                    self._urgent = True
                if is_first or job.done is not None:
                    self._wake.notify()
        if refused and job.done is not None:
            job.done("the journal is closed")

    def close(self, timeout_s: float) -> bool:
        """Write what is queued and end the thread; False when the disk did not let it end in time."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wait()
                jobs = list(self._inbox)
                self._inbox.clear()
                self._urgent = False
                closing = self._closing
            for job in jobs:
                self.store.take(job.wall_ms, job.facts)
            cause = self.store.write()
            with self._wake:
                self._plan_next(failed=bool(cause))
            for job in jobs:
                if job.done is not None:
                    job.done(cause)
            self.store.tidy()  # after everybody has his answer
            if closing:
                self.store.close()
                return

    def _wait(self) -> None:
        while not (self._urgent or self._closing):
            left_s = None if self._flush_at is None else self._flush_at - time.monotonic()
            if left_s is not None and left_s <= 0:
                return
            self._wake.wait(left_s)

    def _plan_next(self, *, failed: bool) -> None:
        if failed:
            self._flush_at = time.monotonic() + RETRY_S
        else:
            self._flush_at = time.monotonic() + FLUSH_S if self._inbox else None


def settle(loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[str]") -> Done:
    """Make a `Done` that resolves a future on its loop, and does nothing where nobody waits any more."""

    def resolve(cause: str) -> None:
        if not answer.done():
            answer.set_result(cause)

    def done(cause: str) -> None:
        try:
            loop.call_soon_threadsafe(resolve, cause)
        except RuntimeError:
            log.debug("the loop ended before the journal answered")

    return done
