"""The journal as the executor sees it: it never waits long for a disk, and the guard hears when one fails."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from riskguard.core.facts import Fact
from riskguard.core.messages import JournalFailed, JournalRestored
from riskguard.ports import Emit, Journal, JournalUnavailable

PATIENCE_S = 2.0
"""A commit slower than this counts as failed: an order must not wait for a disk until its price is old."""
FAILING_PATIENCE_S = 0.2
CHECK_S = 1.0


class WatchedJournal:
    """Reports each change between a journal that works and one that does not, exactly once.

    While it works, a check follows at most `CHECK_S` behind the facts that were only appended; while it does
    not, checks go on until a write succeeds.
    """

    def __init__(self, journal: Journal, emit: Emit, wall_ms: Callable[[], int]) -> None:
        self._journal = journal
        self._emit = emit
        self._wall_ms = wall_ms
        self._failing = False
        self._is_unchecked = False
        self._check: asyncio.Task[None] | None = None

    def append(self, facts: Sequence[Fact]) -> None:
        """Queue facts to be written soon, in order."""
        self._journal.append(self._wall_ms(), facts)
        self._is_unchecked = True
        self._check_soon()

    async def commit(self, facts: Sequence[Fact]) -> None:
        """Return when these facts and all before are durable; raises `JournalUnavailable`, soon."""
        patience_s = FAILING_PATIENCE_S if self._failing else PATIENCE_S
        try:
            async with asyncio.timeout(patience_s):
                await self._journal.commit(self._wall_ms(), facts)
        except JournalUnavailable as error:
            self._failed(str(error))
            raise
        except TimeoutError as error:
            cause = f"no answer from the disk within {patience_s} s"
            self._failed(cause)
            raise JournalUnavailable(cause) from error
        if self._failing:
            self._failing = False
            self._emit(JournalRestored())

    def stop(self) -> None:
        """End the checks."""
        if self._check is not None:
            self._check.cancel()

    def _failed(self, cause: str) -> None:
        if not self._failing:
            self._failing = True
            self._emit(JournalFailed(cause))
        self._check_soon()

    def _check_soon(self) -> None:
        if self._check is None or self._check.done():
            self._check = asyncio.get_running_loop().create_task(self._check_until_durable())

    async def _check_until_durable(self) -> None:
        while self._is_unchecked or self._failing:
            await asyncio.sleep(CHECK_S)
            self._is_unchecked = False
            with contextlib.suppress(JournalUnavailable):
                await self.commit(())
