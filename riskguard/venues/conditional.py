"""Conditional orders that a venue lists apart from the others, as Binance does since its algo service.

They are asked for beside the read of open orders, which never waits for them and never fails with them. What
was listed last stays until the venue lists anew: an error is no proof that a stop is gone.
"""

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable
from typing import Final

from riskguard.core.messages import OrderReport

EVERY_S: Final = 10.0

Ask = Callable[[], Awaitable[tuple[OrderReport, ...] | None]]
"""Gives what is listed; None where nothing could be learnt."""


class Conditionals:
    """What is known of one account's conditional orders."""

    def __init__(self, ask: Ask) -> None:
        self.reports: tuple[OrderReport, ...] = ()
        self._ask = ask
        self._asked_s = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def refresh(self) -> None:
        """Ask anew if that is due; returns at once."""
        if self._task is not None or time.monotonic() - self._asked_s < EVERY_S:
            return
        self._asked_s = time.monotonic()
        # A context of its own: these requests are no part of the call that happens to be under way.
        self._task = asyncio.get_running_loop().create_task(self._learn(), context=contextvars.Context())

    async def _learn(self) -> None:
        try:
            found = await self._ask()
            self.reports = self.reports if found is None else found
        finally:
            self._task = None

    async def close(self) -> None:
        """Stop asking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
