"""Runs one script from beginning to end: venues, lives of the guard, faults, checks after every step."""

import asyncio
import functools
import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from riskguard.core.guard import Guard
from riskguard.core.messages import Command, Leaving, Observation, OperatorSaid, TellPerson
from riskguard.core.types import ARITHMETIC, Leg
from riskguard.simulation import engine
from riskguard.simulation.world.checkers import Broken, Checkers
from riskguard.simulation.world.exchange import EPOCH_MS, Exchange
from riskguard.simulation.world.faults import MODES, Fault, Faults, Kind
from riskguard.simulation.world.journals import CountingJournal, DiskJournal, DoomedJournal
from riskguard.simulation.world.narrator import Narrator
from riskguard.simulation.world.process import Process
from riskguard.simulation.world.scene import Scene
from riskguard.simulation.world.script import Crash, Script, instruments, last_s
from riskguard.simulation.world.transcript import Transcript
from riskguard.simulation.world.truth import Sent, Truth
from riskguard.simulation.world.virtual_loop import (
    StepLimitReached,
    Stuck,
    VirtualClock,
    VirtualLoop,
    run_virtual,
)

STEP_LIMIT = 600_000
COMES_OFF = "the hedge can come off"
"""What the guard says when it waits for a person to ask for the unwind."""
LEAVING_S = 2.0
"""What a process gives its last calls."""
QUIET_S = 5.0
"""A history ends before its time once nothing more is to come and all has been as it should for so long."""
QUIET = logging.getLogger("riskguard.runtime")


@dataclass(slots=True)
class Result:
    """What came of one history."""

    name: str
    broken: str = ""
    """The invariant that broke and how; empty when all held."""
    at_s: float = 0.0
    steps: int = 0
    virtual_s: float = 0.0
    transcript: Transcript = field(default_factory=Transcript)
    struck: dict[str, int] = field(default_factory=dict)
    moves: dict[str, int] = field(default_factory=dict)
    """State transitions of orders and incidents, by name."""
    sums: dict[Leg, Decimal] = field(default_factory=dict)
    """Final positions by leg."""
    commits: int = 0
    """Commits asked of the journal, over all lives."""
    written: dict[str, int] = field(default_factory=dict)
    """How often each moment of the journal and of our orders came, over all lives; crashes name them."""
    last: tuple[Guard, DoomedJournal] | None = None
    """The guard of the last life as it was at the end, and its journal with all that it was told."""


class World:
    """One history under way."""

    def __init__(self, script: Script, loop: VirtualLoop, journal: DoomedJournal) -> None:
        self.script = script
        self.loop = loop
        self.result = Result(script.name)
        self.faults = Faults(script.faults)
        self.clock = VirtualClock(loop, EPOCH_MS)
        self.exchanges = {
            setup.id: Exchange(
                setup, instruments(script, setup), self.faults, loop, script.noise * 31 + number
            )
            for number, setup in enumerate(script.venues)
        }
        self.truth = Truth(
            {
                Leg(venue, item.symbol): item.base
                for venue, exchange in self.exchanges.items()
                for item in exchange.engine.instruments.values()
            }
        )
        for exchange in self.exchanges.values():
            self.truth.join(exchange)
        self.narrator = Narrator(self.result.transcript, loop)
        self.scene = Scene(script, loop, self.exchanges, self.truth, self.faults, self.narrator)
        self.checkers = Checkers(script, self.truth, self.faults, loop)
        self.truth.watchers += [self.narrator.truth, self.checkers.truth, self._crash_on_truth]
        self.process: Process | None = None
        self._dead = asyncio.Event()
        self._crashes = list(script.crashes)
        self._counts: dict[str, int] = {}
        self._journal = journal
        self._journal.moment = self.moment
        self._over: asyncio.Future[None] = loop.create_future()
        self._well_since_s: float | None = None
        self._last_s = last_s(script)
        self._follow_the_script()

    # ------------------------------------------------------------------ what the script says

    def _follow_the_script(self) -> None:
        self.scene.begin(self._prices_moved)
        for fault in self.faults.all:
            self._at(fault.begin_s, self._fault_begins, fault)
        for press in self.script.presses:
            self._at(press.at_s, self._press, press.word)
        for crash in self._crashes:
            if crash.when == "at":
                self._at(crash.nth / 10, self._crash, crash)

    def _at(self, when_s: float, call: object, *args: object) -> None:
        self.loop.call_at(when_s, call, *args)  # type: ignore[arg-type]  # methods of this class only

    def _prices_moved(self, now_s: float) -> None:
        """Check what time brings; end early when the script has nothing left and all is and stays well."""
        self.checkers.prices_moved()
        process = self.process
        if now_s < self._last_s or process is None or not process.alive or not self.script.calm_end:
            return
        if not self.checkers.well(process.guard):
            self._well_since_s = None
        elif self._well_since_s is None:
            self._well_since_s = now_s
        elif now_s - self._well_since_s >= QUIET_S and not self._over.done():
            self._over.set_result(None)

    def _fault_begins(self, fault: Fault) -> None:
        self.narrator.say("fault", str(fault))
        kind, amount = fault.kind, fault.amount
        if kind is Kind.STALL:
            self.faults.count(kind)
            self.loop.stall(amount)
        elif kind is Kind.CLOCK:
            self.faults.count(kind)
            self.clock.jump(round(amount * 1000))
        elif kind in (Kind.SLOW_DISK, Kind.BROKEN_DISK):
            self.faults.count(kind)
            self._set_disk()
            self._at(fault.end_s, self._set_disk)
        elif kind in MODES:
            self.faults.count(kind)
            self.scene.restrict(fault)

    def _set_disk(self) -> None:
        now_s = self.loop.time()
        now = [f for f in self.faults.all if f.begin_s <= now_s < f.end_s]
        self._journal.delay_s = max((f.amount for f in now if f.kind is Kind.SLOW_DISK), default=0.0)
        self._journal.failing = "disk full" if any(f.kind is Kind.BROKEN_DISK for f in now) else ""

    def _press(self, word: str, incident: str = "") -> None:
        self.narrator.say("person", f"{word} {incident}".rstrip())
        if self.process is not None and self.process.alive:
            self.checkers.pressed(word)
            self.process.runner.emit(OperatorSaid(word, incident))

    # ------------------------------------------------------------------ crashes

    def moment(self, when: str) -> None:
        """Crash here, if the script says so."""
        count = self._counts[when] = self._counts.get(when, 0) + 1
        for crash in self._crashes:
            if crash.when == when and crash.nth == count:
                self._crash(crash)

    def _crash_on_truth(self, what: str, about: object) -> None:
        ours = isinstance(about, Sent) or (
            isinstance(about, engine.Fill) and about.client_id.startswith("rg")
        )
        if not ours:
            return
        if what == "sent":
            self.loop.call_soon(self.moment, what)  # the request itself leaves before that
        else:
            self.moment(what)

    def _crash(self, crash: Crash) -> None:
        if self.process is None or not self.process.alive:
            return
        self.faults.count(Kind.CRASH, crash.when)
        self.narrator.say("crash", f"{crash.when} {crash.nth}; back after {crash.back_s:g} s")
        self.result.commits += self._journal.commits
        self._journal = self.process.die()
        self.checkers.died()
        self._journal.moment = self.moment
        self._set_disk()
        self._back_s = crash.back_s
        self._dead.set()

    # ------------------------------------------------------------------ running

    async def run(self) -> Result:
        """Live through the script; stops at the first broken invariant."""
        handler = _Heard(self)
        QUIET.addHandler(handler)
        QUIET.propagate = False
        try:
            await self._live()
            self._end()
            await self._leave()
        except Broken as broken:
            self.result.broken = str(broken)
        except Exception as error:  # noqa: BLE001 - a guard that raises is a broken guard
            self.result.broken = f"guard: {type(error).__name__}: {error}"
            self.narrator.say("trace", "".join(traceback.format_exception(error)))
        finally:
            if self.process is not None:
                await self._journal.close()
                self.result.last = (self.process.guard, self._journal)
                self.process.die()
                await self.process.bury()
            QUIET.removeHandler(handler)
            QUIET.propagate = True
            self.result.at_s = self.loop.time()
            self.result.virtual_s = self.loop.time()
            self.result.steps = self.loop.steps
            self.result.struck = self.faults.struck
            self.result.moves = self.narrator.moves
            self.result.sums = dict(self.truth.positions)
            self.result.commits += self._journal.commits
            self.result.written = dict(self._counts)
            if isinstance(self._journal, DiskJournal):
                self._journal.stop()
        return self.result

    async def _live(self) -> None:
        end = self._over
        self._at(self.script.lasts_s, _resolve, end, None)
        while not end.done():
            self._dead.clear()
            self.process = Process(
                self.script,
                self.exchanges,
                self.truth,
                self.faults,
                self._journal,
                self.clock,
                self._before,
                self._after,
            )
            self.checkers.booted(self.process.guard)
            dead = self.loop.create_task(self._dead.wait())
            done: asyncio.Future[None] = self.loop.create_future()
            for task in (dead, end, self.process.running, self.checkers.failed):
                task.add_done_callback(functools.partial(_resolve, done))
            await done
            dead.cancel()
            if self.checkers.failed.done():
                self.checkers.failed.result()
            if self.process.running.done() and self.process.alive:
                self.process.running.result()
                raise Broken("guard", "the runner ended by itself")
            if self._dead.is_set():
                await self.process.bury()
                await asyncio.sleep(self._back_s)

    def _end(self) -> None:
        if self.process is None or not self.process.alive:
            return
        self.narrator.end(self.truth)
        self.checkers.at_end(self.process.guard)

    async def _leave(self) -> None:
        """Say goodbye as a process does that is asked to stop, where something is to be undone first."""
        process = self.process
        switches = any(venue.dead_man is not None for venue in self.script.policy.venues)
        if process is None or not process.alive or not switches:
            return
        process.runner.emit(Leaving())
        await asyncio.sleep(LEAVING_S)
        if process.alive:
            self.checkers.left()
        if self.checkers.failed.done():
            self.checkers.failed.result()

    def _before(self, observation: Observation | None) -> None:
        if self.process is not None:
            self.narrator.observed(observation, self.process.guard.memory.ledger)

    def _after(self, guard: Guard, commands: Sequence[Command]) -> None:
        if self.process is None or self.process.guard is not guard or not self.process.alive:
            return
        self.narrator.commanded(commands)
        for command in commands if self.script.unwinds else ():
            if isinstance(command, TellPerson) and COMES_OFF in command.title:
                self._at(self.loop.time() + 1.0, self._press, "unwind", command.incident)
        self.checkers.after_step(guard, commands)


def _resolve(done: "asyncio.Future[None]", _ended: object) -> None:
    if not done.done():
        done.set_result(None)


class _Heard(logging.Handler):
    """Makes an internal error of the runtime a broken history."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        """Note what was logged."""
        self._world.narrator.say("log", record.getMessage())
        harmless = ("answer is incomplete", "overran its deadline")
        if not any(words in record.getMessage() for words in harmless):
            self._world.checkers.fail("runtime", record.getMessage())


def run(script: Script, *, step_limit: int = STEP_LIMIT, journal: DoomedJournal | None = None) -> Result:
    """Run a script to its end or to the first broken invariant; `journal` is another one than in memory."""
    worlds: list[World] = []

    async def main() -> Result:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)  # noqa: S101 - only `run_virtual` calls this
        worlds.append(World(script, loop, journal or CountingJournal(EPOCH_MS)))
        return await worlds[0].run()

    try:
        with localcontext(ARITHMETIC):  # a history is the same after anything else in its process
            return run_virtual(main(), step_limit=step_limit)
    except (StepLimitReached, Stuck) as error:
        result = worlds[0].result
        result.broken = f"steps: {error}"
        return result
