"""From the guard's command to the first byte on the socket, beside an order that is signed by hand.

Both run in this process, in pairs, against the same venue over warm connections of their own. The moment is
the one at which aiohttp has handed the request's head to the socket; the journal is in memory, since how long
a disk takes to make an intent durable is no matter of the border's.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from types import SimpleNamespace
from typing import Any

import aiohttp

from riskguard.core.messages import CallEnded, Observation, OrderAnswered, PlaceOrder
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.outcome import Accepted
from riskguard.core.types import Leg, Side
from riskguard.journal import MemoryJournal
from riskguard.runtime.executor import Executor
from riskguard.venues.gateway import CcxtGateway
from tests.bench.bare import PRICE, bare_order
from tests.bench.figures import quantile
from tests.runtime.test_executor import FakeNotifier, FakeReferences


@dataclass(frozen=True, slots=True)
class Decision:
    """Milliseconds of one face; `odd` counts orders that the venue did not take."""

    face: str
    trials: int
    ours_ms: float
    ours_p99_ms: float
    bare_ms: float
    bare_p99_ms: float
    more_ms: float
    """Median of the trials' own differences."""
    odd: int

    @property
    def ratio(self) -> float:
        """How many times as long ours takes."""
        return self.ours_ms / self.bare_ms


class Socket:
    """Notes when the head of a session's latest request went out."""

    def __init__(self, session: Any) -> None:
        self.sent_s = 0.0
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(self._sent)
        trace.freeze()
        session.trace_configs.append(trace)

    async def _sent(self, _session: object, _context: SimpleNamespace, _params: object) -> None:
        self.sent_s = time.perf_counter()


@dataclass(slots=True)
class Ours:
    """An executor over one gateway."""

    gateway: CcxtGateway
    leg: Leg
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    odd: int = 0

    def executor(self) -> Executor:
        """Build it."""
        return Executor(
            {self.gateway.venue: self.gateway},
            journal=MemoryJournal(1),
            notifier=FakeNotifier(),
            references=FakeReferences(),
            emit=self.see,
            wall_ms=lambda: time.time_ns() // 1_000_000,
        )

    def see(self, seen: Observation) -> None:
        """Take in what the executor reports."""
        match seen:
            case OrderAnswered(outcome=outcome):
                self.odd += not isinstance(outcome, Accepted)
            case CallEnded():
                self.ended.set()
            case _:
                pass

    def command(self, number: int) -> PlaceOrder:
        """Give an immediate order far below the market."""
        intent = OrderIntent(
            f"rgours{number:04d}h",
            self.leg,
            "BTC",
            Side.BUY,
            Decimal("0.01"),
            Decimal(PRICE),
            TimeInForce.IOC,
            reduce_only=False,
            purpose=Purpose.HEDGE,
        )
        return PlaceOrder(number, intent, 10.0, 3.0)


async def decision_to_bytes(
    face: str, gateway: CcxtGateway, leg: Leg, api: Mapping[str, Any], trials: int
) -> Decision:
    """Time orders in pairs: the guard's, and one signed by hand."""
    ours, bare = Ours(gateway, leg), []
    executor = ours.executor()
    socket, taken = Socket(gateway.clients.act.session), []
    async with aiohttp.ClientSession() as session:
        other = Socket(session)
        for number in range(trials + 1):
            ours.ended.clear()
            began = time.perf_counter()
            executor.submit([ours.command(number)])
            await ours.ended.wait()
            taken.append((socket.sent_s - began) * 1000)
            began = time.perf_counter()
            request = bare_order(face, api, number)
            async with session.post(request.url, data=request.body, headers=request.headers) as answer:
                text = await answer.text()
            bare.append((other.sent_s - began) * 1000)
            ours.odd += f"rgbare{number:04d}h" not in text and not _taken(face, text)
    await executor.close()
    taken, bare = taken[1:], bare[1:]  # the first opens the connections
    more = median(mine - theirs for mine, theirs in zip(taken, bare, strict=True))
    return Decision(
        face, trials, median(taken), quantile(taken, 0.99), median(bare), quantile(bare, 0.99), more, ours.odd
    )


def _taken(face: str, text: str) -> bool:
    """Tell whether Kraken, which does not repeat our id, took an order."""
    return face == "kraken" and '"txid"' in text


def sentence(found: Decision) -> str:
    """Say one face's figures."""
    return (
        f"{found.face}: decision to bytes {found.ours_ms:.2f} ms (p99 {found.ours_p99_ms:.2f}),"
        f" by hand {found.bare_ms:.2f} ms (p99 {found.bare_p99_ms:.2f}), ratio {found.ratio:.2f},"
        f" {found.more_ms:+.2f} ms, odd answers {found.odd}"
    )
