"""The guard: routes every observation to the part that knows it, then lets each part take one step."""

from collections.abc import Iterable, Mapping
from decimal import localcontext
from typing import assert_never

from riskguard.core import picture
from riskguard.core.control import operating
from riskguard.core.exposure import ghosts, observing
from riskguard.core.facts import Fact, GuardStarted
from riskguard.core.hedge import carry, consulting
from riskguard.core.hedge.strategy import Strategy
from riskguard.core.incident import cancelling, escalating, handling, recovering
from riskguard.core.incident.table import State
from riskguard.core.instant import Instant
from riskguard.core.memory import Memory
from riskguard.core.messages import (
    BalanceRead,
    BookSeen,
    CallEnded,
    CallStarted,
    CancelAnswered,
    Command,
    DeadManAnswered,
    FillSeen,
    FreezeAnswered,
    FreezeTrading,
    FundingSeen,
    HistoryRead,
    JournalFailed,
    JournalRestored,
    Leaving,
    LookupAnswered,
    LoopTicked,
    MarketsLoaded,
    Observation,
    OpenOrdersRead,
    OperatorSaid,
    OrderAnswered,
    OrderSeen,
    PositionsRead,
    ReadFailed,
    ReferenceAnswered,
    Severity,
    Source,
    StreamLost,
    StreamMoved,
    VenueSpoke,
    WithdrawalsSeen,
)
from riskguard.core.orders import resolving
from riskguard.core.orders.bookkeeping import lookup_answered, order_answered
from riskguard.core.policy import Policy
from riskguard.core.snapshot import Snapshot
from riskguard.core.turn import Turn
from riskguard.core.types import ARITHMETIC
from riskguard.core.watch import announcing, probing
from riskguard.core.watch.dead_man import DeadMen
from riskguard.core.watch.reading import Reader
from riskguard.core.watch.watching import Watch

LATE_S = 0.2
"""A loop tick later than this is worth a look at the verdicts at once."""
BOOKS_APART_S = 0.05
"""Books come in dozens a second; decisions on them need not."""


class Guard:
    """One trader's guard. Pure but for its own memory: the same observations give the same commands."""

    def __init__(
        self,
        policy: Policy,
        *,
        epoch_ms: int,
        policy_hash: str = "",
        strategies: Mapping[str, Strategy],
        strategy_hashes: Mapping[str, str] | None = None,
        facts: Iterable[tuple[int, Fact]] = (),
    ) -> None:
        """Recover from the journal's `facts`; detectors start fresh, since their clock did not survive."""
        self.memory = Memory(policy, policy_hash, epoch_ms, strategies)
        for wall_ms, fact in facts:
            self.memory.restore(fact, wall_ms)
        self.watch = Watch(policy, self.memory.learned)
        self.reader = Reader()
        self.dead_men = DeadMen(left_on=bool(self.memory.last_word))
        self._hashes = strategy_hashes or {}
        self._started = False
        self._wake_s: float | None = 0.0  # the first look is due at once: nothing else may ever come
        self._stepped_s = float("-inf")

    def handle(self, observation: Observation, now: Instant) -> list[Command]:
        """Take in one observation; gives what is to be done about it."""
        with localcontext(ARITHMETIC):
            turn = self._turn(now)
            if self._take_in(observation, turn):
                self._step(turn)
        return turn.commands

    def wake(self, now: Instant) -> list[Command]:
        """Look again because time passed."""
        with localcontext(ARITHMETIC):
            turn = self._turn(now)
            self._step(turn)
        return turn.commands

    def next_wakeup(self) -> float | None:
        """Give when `wake` should be called, in monotonic seconds; None: only something new matters."""
        return self._wake_s

    def snapshot(self, now: Instant) -> Snapshot:
        """Give the whole picture for a person."""
        with localcontext(ARITHMETIC):
            return picture.draw(self.memory, self.watch, Turn(now))

    def _turn(self, now: Instant) -> Turn:
        self.memory.note_clock(now)
        turn = Turn(now)
        if not self._started:
            self._start(turn)
        return turn

    def _start(self, turn: Turn) -> None:
        self._started = True
        mode = self.memory.policy.mode.value
        first = self.memory.first_number(turn.now.wall_ms)
        self.memory.record(GuardStarted(self.memory.policy_hash, mode, sequence=first), turn)
        consulting.note_files(self.memory, turn, self._hashes)
        resolving.restart(self.memory, turn)
        for incident in self.memory.incidents:
            rule = handling.rule_of(self.memory, incident)
            if incident.state is not State.CLOSED and "freeze" in rule.do:
                turn.do(FreezeTrading(incident.venue, incident.id, frozen=True))

    def _step(self, turn: Turn) -> None:
        self._stepped_s = turn.now.mono_s
        self.dead_men.step(self.memory, turn)
        self.watch.step(self.memory, turn)
        ghosts.step(self.memory, turn)
        operating.step(self.memory, turn)
        handling.step(self.memory, self.watch, turn)
        cancelling.step(self.memory, turn)
        recovering.step(self.memory, self.watch, turn)
        escalating.step(self.memory, turn)
        resolving.step(self.memory, turn)
        probing.step(self.memory, self.watch, turn)
        self.reader.step(self.memory, turn, self.watch.suspicious())
        self._wake_s = turn.wake_s if turn.wake_s != float("inf") else None

    def _take_in(self, observation: Observation, turn: Turn) -> bool:  # noqa: C901, PLR0912, PLR0915 - one flat route
        """Take one observation into memory; gives whether decisions may depend on it."""
        memory, watch, now_s = self.memory, self.watch, turn.now.mono_s
        match observation:
            case CallStarted():
                watch.started(observation, now_s)
                return False
            case CallEnded():
                watch.ended(observation, now_s)
                self.reader.ended(memory, observation)
            case StreamMoved():
                watch.moved(observation, now_s)
                return False
            case LoopTicked(due_s):
                watch.ticked(observation, now_s)
                return now_s - due_s > LATE_S
            case ReferenceAnswered():
                watch.referred(observation, now_s)
            case VenueSpoke() | WithdrawalsSeen():
                announcing.heard(memory, watch, turn, observation)
            case FundingSeen():
                carry.funding_seen(memory, turn, observation)
                return False  # it decides between backups and stops nothing: it can wait for the next look
            case MarketsLoaded():
                observing.markets_loaded(memory, turn, observation)
            case BookSeen():
                observing.book_seen(memory, turn, observation)
                return observation.stream and now_s - self._stepped_s >= BOOKS_APART_S
            case PositionsRead():
                observing.positions_read(memory, turn, observation)
                return observation.source is Source.STREAM
            case OpenOrdersRead() | BalanceRead() | HistoryRead():
                observing.account_read(memory, turn, observation)
                return False  # what was read is acted on when its call ends, which follows at once
            case OrderSeen():
                observing.order_seen_anywhere(memory, turn, observation)
            case FillSeen():
                observing.fill_seen_anywhere(memory, turn, observation)
            case OrderAnswered():
                order_answered(memory, turn, observation)
            case CancelAnswered():
                resolving.cancel_answered(memory, turn, observation)
            case LookupAnswered():
                lookup_answered(memory, turn, observation)
            case DeadManAnswered():
                self.dead_men.answered(memory, turn, observation)
            case Leaving():
                self.dead_men.leaving = True
            case OperatorSaid():
                operating.said(memory, turn, observation)
            case FreezeAnswered(venue, ok, cause) if not ok:
                title = f"the trader's bot could not be told to stop at {venue}"
                memory.tell(turn, Severity.ALARM, title, cause, once=title)
            case JournalFailed(cause):
                memory.journal_ill = cause or "unknown cause"
                title = "the journal cannot be written: no new hedge until it can"
                memory.tell(turn, Severity.ALARM, title, cause, once=title)
            case JournalRestored():
                memory.journal_ill = ""
            case StreamLost() | ReadFailed() | FreezeAnswered():
                return False
            case _:
                assert_never(observation)
        return True
