"""Which reads are due: positions, orders, balances and books are never older than a decision may bear."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from riskguard.core.detect import OutcomeClass
from riskguard.core.incident.table import State
from riskguard.core.memory import Memory
from riskguard.core.messages import CallEnded, ReadKind, ReadVenue
from riskguard.core.turn import Turn
from riskguard.core.types import Leg, VenueId

LOOK_AGAIN_S = 0.25
"""What is needed may change with an incident; nothing waits longer than this to be asked for."""
DEADLINE_S = 8.0
"""Longer than slow reads take: a slow answer is still an answer."""
PERIOD_S = {
    ReadKind.MARKETS: 3.0,
    ReadKind.POSITIONS: 1.0,
    ReadKind.OPEN_ORDERS: 2.0,
    ReadKind.BALANCE: 4.0,
    ReadKind.BOOK: 1.0,
    ReadKind.TRADES: 2.0,
    ReadKind.HISTORY: 5.0,
    ReadKind.STATUS: 30.0,
    ReadKind.WITHDRAWALS: 600.0,
    ReadKind.FUNDING: 300.0,
    ReadKind.FUNDING: 300.0,
}
BOOK_CHECK_S = 10.0
"""A book that streams is still compared with the venue's own answer this often: lost deltas go unnoticed."""
STATUS_AGAIN_S = 2.0
"""A venue that falls under suspicion is asked about itself at once, but not sooner again than this."""
STREAM_QUIET_S = 1.0
TRADES_BEFORE_MS = 10_000
"""Trades are read from a little before the last agreement on: clocks differ."""
HISTORY_BACK_MS = 3 * 86_400_000
"""How far back the orders of a lost journal are looked for."""
MISSING_MARKET_S = 300.0
"""A leg that the venue does not list may be listed later."""
SHARE_OF_READS = 0.6
"""What regular reads may use of a venue's reads; the rest is for probes and urgent questions.

A read that waits for its turn looks like a slow venue, so more than the budget is never asked.
"""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to read again and again."""

    venue: VenueId
    what: ReadKind
    leg: Leg | None = None


@dataclass(slots=True)
class Slot:
    """When a need was last asked, and whether the answer is still out."""

    next_s: float = 0.0
    flying: int = 0
    """The call that is out; zero while none is."""
    asked_s: float = 0.0


@dataclass(slots=True)
class Reader:
    """The schedule of all reads; one question of a kind is out at a time."""

    slots: dict[Need, Slot] = field(default_factory=dict)
    suspected: frozenset[VenueId] = frozenset()
    next_look_s: float = float("-inf")

    def ended(self, memory: Memory, ended: CallEnded) -> None:
        """Note that a call came back; a list of trades may be empty and still have been read."""
        for need, slot in self.slots.items():
            if slot.flying == ended.call:
                slot.flying = 0
                self.next_look_s = min(self.next_look_s, slot.next_s)
                if need.what is ReadKind.TRADES and need.leg and ended.evidence == OutcomeClass.OK:
                    memory.trades_asked_s[need.leg] = slot.asked_s
                return

    def step(self, memory: Memory, turn: Turn, suspected: frozenset[VenueId] = frozenset()) -> None:
        """Ask for what is due, and a venue that is `suspected` newly what it says of itself."""
        for venue in suspected - self.suspected:
            slot = self.slots.get(Need(venue, ReadKind.STATUS))
            if slot is not None:
                slot.next_s = min(slot.next_s, max(turn.now.mono_s, slot.asked_s + STATUS_AGAIN_S))
            self.next_look_s = float("-inf")
        self.suspected = suspected
        if turn.now.mono_s < self.next_look_s:
            turn.wake_at(self.next_look_s)
            return
        self.next_look_s = turn.now.mono_s + LOOK_AGAIN_S
        for need in needs(memory):
            slot = self.slots.get(need)
            if slot is None:
                slot = self.slots[need] = Slot(next_s=turn.now.mono_s + self._apart_s(memory, need.venue))
            if slot.flying:
                continue
            if turn.now.mono_s < slot.next_s:
                self.next_look_s = min(self.next_look_s, slot.next_s)
                continue
            slot.flying, slot.asked_s = memory.next_call(), turn.now.mono_s
            slot.next_s = turn.now.mono_s + _period_s(need, memory, turn) * _stretch(memory, need.venue)
            since_ms = _since_ms(need, memory, turn)
            turn.do(ReadVenue(slot.flying, need.venue, need.what, DEADLINE_S, need.leg, since_ms))
        turn.wake_at(self.next_look_s)

    def _apart_s(self, memory: Memory, venue: VenueId) -> float:
        """Give when a new need is first asked: never all at once, since a read that waits looks slow."""
        known = sum(1 for need in self.slots if need.venue == venue)
        return known / float(memory.policy.venue(venue).budget.reads_per_s)


def needs(memory: Memory) -> Iterator[Need]:
    """Name everything that should be known now."""
    hedging = {leg for asset in memory.policy.assets for leg in asset.hedge_on}
    for venue in memory.policy.venues:
        legs = memory.legs(venue.id)
        if not all(leg in memory.markets for leg in legs):
            yield Need(venue.id, ReadKind.MARKETS)
        if venue.id not in memory.rungs:
            continue
        yield Need(venue.id, ReadKind.POSITIONS)
        yield Need(venue.id, ReadKind.OPEN_ORDERS)
        yield Need(venue.id, ReadKind.BALANCE)
        yield Need(venue.id, ReadKind.STATUS)
        if memory.policy.venue_risk.withdrawals_alert_after_s is not None:
            yield Need(venue.id, ReadKind.WITHDRAWALS)
        for leg in legs:
            yield Need(venue.id, ReadKind.BOOK, leg)
        incident = memory.incidents.open_at(venue.id)
        returned = incident is not None and incident.state is State.RECOVERING
        for leg in legs:
            if returned or memory.bases.contradicted(leg):
                yield Need(venue.id, ReadKind.TRADES, leg)
            if venue.can_hedge and memory.others.history_s.get(leg, float("-inf")) < memory.others.look_s:
                yield Need(venue.id, ReadKind.HISTORY, leg)
            market = memory.markets.get(leg)
            if venue.can_hedge and leg in hedging and market is not None and market.derivative:
                yield Need(venue.id, ReadKind.FUNDING, leg)


def _period_s(need: Need, memory: Memory, turn: Turn) -> float:
    if need.what is ReadKind.BOOK and need.leg is not None:
        book = memory.prices.books.get(need.leg)
        streaming = book is not None and turn.now.mono_s - book.streamed_s < STREAM_QUIET_S
        # A venue that is not FINE must prove its book path by answers, and soon.
        spared = streaming and memory.standing(need.venue).fine
        return BOOK_CHECK_S if spared else PERIOD_S[ReadKind.BOOK]
    if need.what is ReadKind.MARKETS and need.venue in memory.rungs:
        return MISSING_MARKET_S
    return PERIOD_S[need.what]


def _stretch(memory: Memory, venue: VenueId) -> float:
    return stretch(len(memory.legs(venue)), float(memory.policy.venue(venue).budget.reads_per_s))


def stretch(legs: int, reads_per_s: float) -> float:
    """Give how much slower than usual a venue of so many legs is read, so that all of it fits its budget."""
    kinds = (ReadKind.POSITIONS, ReadKind.OPEN_ORDERS, ReadKind.BALANCE)
    wanted_per_s = sum(1 / PERIOD_S[kind] for kind in kinds) + legs / PERIOD_S[ReadKind.BOOK]
    return max(1.0, wanted_per_s / (reads_per_s * SHARE_OF_READS))


def _since_ms(need: Need, memory: Memory, turn: Turn) -> int:
    if need.what is ReadKind.HISTORY:
        return turn.now.wall_ms - HISTORY_BACK_MS
    incident = memory.incidents.open_at(need.venue)
    if need.what is not ReadKind.TRADES or need.leg is None:
        return 0
    basis = memory.bases.agreed.get(need.leg)
    moments = [basis.at.wall_ms] if basis is not None else []
    if incident is not None:
        before = memory.handling[incident.id].bases_before
        moments += [at_ms for _, at_ms in before.values()] or [incident.opened_ms]
    return min(moments, default=TRADES_BEFORE_MS) - TRADES_BEFORE_MS - memory.clock_doubt_ms
