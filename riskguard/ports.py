"""What the guard needs of the world: small promises that real adapters and simulated ones both keep."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from riskguard.core.facts import Fact
from riskguard.core.messages import (
    CancelOrder,
    FreezeTrading,
    LookUpOrder,
    Observation,
    PingReference,
    PlaceOrder,
    ProbeVenue,
    ReadVenue,
    SetDeadMan,
    TellPerson,
)
from riskguard.core.types import VenueId

Emit = Callable[[Observation], None]
"""Hands one observation to the guard's queue; never blocks, never raises."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call: evidence for the detector, and the facts that the answer contained."""

    evidence: str
    """A value of `core.detect.OutcomeClass`."""
    observations: tuple[Observation, ...] = ()
    cause: str = ""
    """A few words for a person; never a secret, never a whole body."""
    reduce_exempt: bool = False


class VenueGateway(Protocol):
    """One account at one venue. No method raises for anything that the venue or the network did.

    Every call ends within its command's `deadline_s`: an expired wait is an answer of class `unknown`, or
    `local` where provably nothing was sent. Only `asyncio.CancelledError` passes, when the process stops.
    """

    venue: VenueId

    async def place(self, command: PlaceOrder) -> Answer:
        """Send an order; the answer holds exactly one `OrderAnswered`."""

    async def cancel(self, command: CancelOrder) -> Answer:
        """Ask to pull an order; the answer holds exactly one `CancelAnswered`."""

    async def look_up(self, command: LookUpOrder) -> Answer:
        """Climb one rung of the doubt ladder; the answer holds exactly one `LookupAnswered`."""

    async def read(self, command: ReadVenue) -> Answer:
        """Read; the answer holds what was read, or one `ReadFailed`."""

    async def probe(self, command: ProbeVenue) -> Answer:
        """Make a harmless call on the probe lane; only rungs that `MarketsLoaded` named are asked for."""

    async def dead_man(self, command: SetDeadMan) -> Answer:
        """Set or take off the venue's dead-man's switch, in the order asked; holds one `DeadManAnswered`."""

    def streams(self) -> AsyncIterator[Observation]:
        """Yield what the venue's streams deliver, reconnecting for ever; ends only when cancelled."""

    async def close(self) -> None:
        """Release sockets; no call may follow."""


class JournalUnavailable(Exception):  # noqa: N818 - named for the state it reports
    """The record could not be made durable (disk full, read-only, corrupt)."""


class JournalUnusable(JournalUnavailable):
    """The file is damaged, no journal, or of a newer version: only a person can decide what to do with it."""


class Journal(Protocol):
    """The record: one writer, append only, replayed at start."""

    epoch_ms: int
    """The journal's birth on the wall clock; part of every order id."""

    async def commit(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Return only when these facts and all appended before are durable; raises `JournalUnavailable`."""

    def append(self, wall_ms: int, facts: Sequence[Fact]) -> None:
        """Queue facts to be written soon, in order; never blocks, never raises."""

    def replay(self) -> Iterable[tuple[int, Fact]]:
        """Yield all facts with their wall milliseconds, oldest first; used once, at start."""

    async def close(self) -> None:
        """Write what is queued and release the file."""


class Notifier(Protocol):
    """Carries words and freeze signals out; may be slow or fail without harm to the guard."""

    async def tell(self, command: TellPerson) -> None:
        """Deliver one message; failures are swallowed and counted."""

    async def freeze(self, command: FreezeTrading) -> Observation:
        """Tell the trader's bot; gives a `FreezeAnswered`."""


class References(Protocol):
    """Independent places whose answers prove that our own network lives."""

    async def ping(self, command: PingReference) -> bool:
        """Return whether anything at all answered within the deadline; never raises."""
