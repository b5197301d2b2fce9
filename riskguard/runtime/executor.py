"""Carries commands out and reports what came of them; it decides nothing.

An order's intent is durable before any of its bytes leave. Where the record cannot be written, orders that
add risk are not sent; the ways out (unwind, orphan) and cancels go on without it, and the guard is told.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from riskguard.core.facts import IntentRecorded
from riskguard.core.messages import (
    CallEnded,
    CallStarted,
    CancelOrder,
    Command,
    FreezeTrading,
    LookUpOrder,
    OrderAnswered,
    PingReference,
    PlaceOrder,
    ProbeVenue,
    ReadVenue,
    Record,
    ReferenceAnswered,
    SetDeadMan,
    TellPerson,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.outcome import NotSent
from riskguard.core.types import VenueId
from riskguard.ports import Emit, Journal, JournalUnavailable, Notifier, References, VenueGateway
from riskguard.runtime.venue_calls import VenueCommand, answer_to, describe, label_of
from riskguard.runtime.watched_journal import WatchedJournal

STOPPING = "riskguard is stopping"
WAYS_OUT = (Purpose.UNWIND, Purpose.ORPHAN)

log = logging.getLogger(__name__)


class Executor:
    """One task per command; an adapter's defect costs one unknown outcome, never the process."""

    def __init__(
        self,
        gateways: Mapping[VenueId, VenueGateway],
        *,
        journal: Journal,
        notifier: Notifier,
        references: References,
        emit: Emit,
        wall_ms: Callable[[], int],
    ) -> None:
        self._gateways = gateways
        self._journal = WatchedJournal(journal, emit, wall_ms)
        self._notifier = notifier
        self._references = references
        self._emit = emit
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._orders: dict[int, asyncio.Task[None]] = {}
        self._started = 0
        self._closing = False

    def submit(self, commands: Sequence[Command]) -> None:
        """Start commands in their order; facts of the same batch are queued before its intents."""
        for command in commands:
            match command:
                case Record(fact):
                    self._journal.append((fact,))
                case PlaceOrder() if self._closing:
                    self._emit(OrderAnswered(command.intent.client_id, NotSent(STOPPING)))
                case PlaceOrder():
                    self._start(self._place(command), self._orders)
                case CancelOrder() | SetDeadMan():
                    self._start(self._call(command), self._orders)
                case LookUpOrder() | ReadVenue() | ProbeVenue():
                    self._start(self._call(command), self._tasks)
                case PingReference():
                    self._start(self._ping(command), self._tasks)
                case TellPerson():
                    self._start(self._notifier.tell(command), self._tasks)
                case FreezeTrading():
                    self._start(self._freeze(command), self._tasks)
                case _:
                    assert_never(command)

    async def close(self, patience_s: float = 5.0) -> None:
        """Send no new order, let orders and cancels in flight end, then cancel what is left."""
        self._closing = True
        try:
            async with asyncio.timeout(patience_s):
                while self._orders:
                    await asyncio.wait([next(iter(self._orders.values()))])
        except TimeoutError:
            log.warning("%d order calls had no answer when riskguard stopped", len(self._orders))
        self._journal.stop()
        left = [*self._orders.values(), *self._tasks.values()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None], group: dict[int, asyncio.Task[None]]) -> None:
        self._started += 1
        number = self._started
        group[number] = asyncio.get_running_loop().create_task(self._guarded(work))
        group[number].add_done_callback(lambda _task: group.pop(number, None))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - one command's defect must not end the guard
            log.error("internal error: %s", describe(error))  # noqa: TRY400 - a trace may hold secrets

    async def _place(self, command: PlaceOrder) -> None:
        intent = command.intent
        try:
            await self._journal.commit((IntentRecorded(intent),))
        except JournalUnavailable as error:
            if intent.purpose not in WAYS_OUT:
                self._emit(OrderAnswered(intent.client_id, NotSent(f"journal: {error}")))
                return
        if self._closing:
            self._emit(OrderAnswered(intent.client_id, NotSent(STOPPING)))
            return
        await self._call(command)

    async def _call(self, command: VenueCommand) -> None:
        label = label_of(command)
        started = CallStarted(label.call, label.venue, label.path, label.symbol, label.canary)
        answer = await answer_to(
            command, self._gateways, lambda: self._emit(started) if label.evident else None
        )
        for observation in answer.observations:
            self._emit(observation)
        ended = CallEnded(label.call, label.venue, label.path, answer.evidence, label.symbol, label.canary)
        self._emit(replace(ended, cause=answer.cause, reduce_exempt=answer.reduce_exempt))

    async def _ping(self, command: PingReference) -> None:
        sent_mono_s = asyncio.get_running_loop().time()
        is_ok = await self._references.ping(command)
        self._emit(ReferenceAnswered(command.name, sent_mono_s, is_ok))

    async def _freeze(self, command: FreezeTrading) -> None:
        self._emit(await self._notifier.freeze(command))
