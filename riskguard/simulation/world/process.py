"""One life of the guard's process: the real guard, runner and executor, until it is killed."""

import asyncio
from collections.abc import Callable, Sequence

from riskguard.core.control.operating import STARTED_WITH
from riskguard.core.guard import Guard
from riskguard.core.instant import Instant
from riskguard.core.messages import (
    Command,
    FreezeAnswered,
    FreezeTrading,
    Observation,
    OperatorSaid,
    PingReference,
    TellPerson,
)
from riskguard.core.snapshot import Snapshot
from riskguard.runtime.executor import Executor
from riskguard.runtime.feeds import feed
from riskguard.runtime.runner import Runner
from riskguard.runtime.witness import Witnessed
from riskguard.simulation.world.exchange import Exchange
from riskguard.simulation.world.faults import Faults
from riskguard.simulation.world.gateway import SimulatedGateway
from riskguard.simulation.world.journals import DoomedJournal
from riskguard.simulation.world.policies import STRATEGIES
from riskguard.simulation.world.script import Script
from riskguard.simulation.world.truth import Truth

TICK_S = 1.0


class Watched:
    """The guard with somebody looking over its shoulder after every step."""

    def __init__(
        self,
        guard: Guard,
        before: Callable[[Observation | None], None],
        after: Callable[[Guard, Sequence[Command]], None],
    ) -> None:
        self.guard = guard
        self._before = before
        self._after = after

    def handle(self, observation: Observation, now: Instant) -> Sequence[Command]:
        """Let the guard take one observation."""
        self._before(observation)
        commands = self.guard.handle(observation, now)
        self._after(self.guard, commands)
        return commands

    def wake(self, now: Instant) -> Sequence[Command]:
        """Let the guard look at the clock."""
        self._before(None)
        commands = self.guard.wake(now)
        self._after(self.guard, commands)
        return commands

    def next_wakeup(self) -> float | None:
        """Give when the guard wants to be woken."""
        return self.guard.next_wakeup()

    def snapshot(self, now: Instant) -> Snapshot:
        """Give the guard's picture."""
        return self.guard.snapshot(now)


class Deaf:
    """A notifier that reaches nobody and freezes at once; what was told is in the transcript."""

    async def tell(self, command: TellPerson) -> None:
        """Do nothing."""

    async def freeze(self, command: FreezeTrading) -> Observation:
        """Say that the trader's bot was told."""
        return FreezeAnswered(command.venue, ok=True)


class Hosts:
    """Independent places that answer while our network is there."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    async def ping(self, command: PingReference) -> bool:
        """Answer, or be silent until the deadline."""
        loop = asyncio.get_running_loop()
        if self._faults.references(loop.time()):
            await asyncio.sleep(0.02)
            return True
        await asyncio.sleep(command.deadline_s)
        return False


class Process:
    """The guard with all that a process owns; `kill` leaves what a killed process leaves."""

    def __init__(
        self,
        script: Script,
        exchanges: dict[str, Exchange],
        truth: Truth,
        faults: Faults,
        journal: DoomedJournal,
        wall_ms: Callable[[], int],
        before: Callable[[Observation | None], None],
        after: Callable[[Guard, Sequence[Command]], None],
    ) -> None:
        self.alive = True
        self.journal = journal
        self.guard = Guard(
            script.policy,
            epoch_ms=journal.epoch_ms,
            policy_hash=script.name,
            strategies=STRATEGIES,
            facts=journal.replay(),
        )
        gateways = {
            venue: SimulatedGateway(exchange, truth, lambda: self.alive)
            for venue, exchange in exchanges.items()
        }
        watched = Watched(self.guard, before, after)
        self.runner = Runner(Witnessed(watched, self.guard.watch), self._submit, wall_ms, TICK_S)
        self.executor = Executor(
            gateways,
            journal=journal,
            notifier=Deaf(),
            references=Hosts(faults),
            emit=self.runner.emit,
            wall_ms=wall_ms,
        )
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(feed(gateway, self.runner.emit)) for gateway in gateways.values()]
        self.running = loop.create_task(self.runner.run())
        if script.armed:
            self.runner.emit(OperatorSaid("arm", by=STARTED_WITH))

    def _submit(self, commands: Sequence[Command]) -> None:
        self.executor.submit(commands)

    def die(self) -> DoomedJournal:
        """Stop acting at this very moment, wherever the code is; gives the journal as it was on the disk."""
        self.alive = False
        return self.journal.crash()

    async def bury(self) -> None:
        """Take the tasks of a dead process away."""
        for task in (self.running, *self._tasks):
            task.cancel()
        await asyncio.gather(self.running, *self._tasks, return_exceptions=True)
        await self.executor.close(0)
