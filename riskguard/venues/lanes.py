"""Pace towards one account: two lanes over one budget, and lids on what is optional."""

import asyncio
from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from asyncio_throttle.throttler import Throttler

from riskguard.core.policy import Budget

_LONGEST_PAUSE_S: Final = 120.0
_BURST_S: Final = 2.0
"""Seconds of budget that may be spent at once."""


class Lane(StrEnum):
    """Who is asking."""

    ACT = "act"
    """Orders, cancels, urgent reads and lookups; never behind anything optional."""
    READ = "read"
    CANARY = "canary"


class TwoLaneBucket:
    """A token bucket whose last part only the urgent lane may take; waiters of that lane go first."""

    def __init__(self, rate_per_s: float, burst: float, reserve: float) -> None:
        self._rate = rate_per_s
        self._burst = max(burst, 1.0)
        self._floor = min(self._burst - 1.0, self._burst * reserve)
        self._tokens = self._burst
        self._at: float | None = None
        self._queues: dict[bool, deque[asyncio.Future[None]]] = {True: deque(), False: deque()}
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, *, urgent: bool) -> None:
        """Return when one request may go; cancelling gives the place up."""
        self._refill()
        if self._may_go(urgent=urgent):
            self._tokens -= 1.0
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues[urgent].append(place)
        self._arm()
        try:
            await place
        except asyncio.CancelledError:
            if place in self._queues[urgent]:
                self._queues[urgent].remove(place)
            elif place.done() and not place.cancelled():
                self._tokens += 1.0
            raise

    def close(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _may_go(self, *, urgent: bool) -> bool:
        if self._queues[True] or (not urgent and self._queues[False]):
            return False
        return self._enough(urgent=urgent)

    def _enough(self, *, urgent: bool) -> bool:
        # The epsilon keeps a timer that fires a float's breadth early from being armed for ever.
        return self._tokens + 1e-9 >= (1.0 if urgent else 1.0 + self._floor)

    def _refill(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now

    def _arm(self) -> None:
        if self._timer is not None:
            return
        need = 1.0 if self._queues[True] else 1.0 + self._floor
        wait_s = max(0.001, (need - self._tokens) / self._rate)
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._pump)

    def _pump(self) -> None:
        self._timer = None
        self._refill()
        for urgent in (True, False):
            queue = self._queues[urgent]
            while queue and self._enough(urgent=urgent):
                place = queue.popleft()
                if not place.done():
                    self._tokens -= 1.0
                    place.set_result(None)
            if queue:
                self._arm()
                return


@dataclass(slots=True)
class Pace:
    """The lanes of one account."""

    bucket: TwoLaneBucket
    reads: Throttler
    canaries: Throttler
    paused_until: float = 0.0
    """On the loop's clock: the venue asked for less, so optional traffic rests."""

    def pause(self, seconds: float) -> None:
        """Let optional traffic rest; orders and cancels go on."""
        until = asyncio.get_running_loop().time() + min(seconds, _LONGEST_PAUSE_S)
        self.paused_until = max(self.paused_until, until)

    def resting(self, lane: Lane) -> bool:
        """Tell whether a request of that lane should not be made now."""
        return lane is not Lane.ACT and asyncio.get_running_loop().time() < self.paused_until

    async def wait(self, lane: Lane) -> None:
        """Return when a request of that lane may go."""
        if lane is Lane.ACT:
            await self.bucket.take(urgent=True)
            return
        async with self.reads if lane is Lane.READ else self.canaries:
            await self.bucket.take(urgent=False)

    def close(self) -> None:
        """Stop the timers."""
        self.bucket.close()


def pace_of(budget: Budget) -> Pace:
    """Make the lanes of a policy's budget."""
    rate = float(budget.reads_per_s + budget.orders_per_s)
    bucket = TwoLaneBucket(rate, rate * _BURST_S, float(budget.reserve))
    return Pace(bucket, _lid(budget.reads_per_s), _lid(budget.orders_per_s))


def _lid(per_s: Decimal) -> Throttler:
    """Make a throttler that also keeps rates below one a second."""
    if per_s >= 1:
        return Throttler(rate_limit=int(per_s), period=int(per_s) / float(per_s))
    return Throttler(rate_limit=1, period=1.0 / float(per_s))
