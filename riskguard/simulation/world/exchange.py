"""One simulated venue behind a network: requests travel, are struck by faults, and outlive who sent them."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from riskguard.core.types import VenueId
from riskguard.simulation.engine import Event, Instrument, MakerShape, PostOnlyCross, VenueEngine, VenueRules
from riskguard.simulation.world.faults import Fault, Faults, Kind, Place
from riskguard.simulation.world.script import VenueSetup, level_of

ACCOUNT = "trader"
EPOCH_MS = 1_800_000_000_000
"""The true wall clock when virtual time is zero; venues keep it whatever our own clock does."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back of one request."""

    kind: str
    """ok, nothing, refused, exempt, error, throttled, denied, expired, local."""
    value: Any = None


def true_ms(at_s: float) -> int:
    """Give the venues' clock at a virtual moment."""
    return EPOCH_MS + round(at_s * 1000)


class Exchange:
    """A venue engine with latency and faults; what was sent arrives even when the sender died."""

    def __init__(
        self,
        setup: VenueSetup,
        instruments: dict[Instrument, Decimal],
        faults: Faults,
        loop: asyncio.AbstractEventLoop,
        seed: int,
    ) -> None:
        self.setup = setup
        self.id: VenueId = setup.id
        self.faults = faults
        rules = VenueRules(
            client_ids_unique_forever=setup.ids_unique,
            post_only_cross=PostOnlyCross.EXPIRE if setup.ids_unique else PostOnlyCross.REFUSE,
        )
        shape = MakerShape(levels=8, step_bps=Decimal(6), refill_ms=400)
        self.engine = VenueEngine(
            setup.id, instruments, rules=rules, shape=shape, seed=seed % 1000, now_ms=EPOCH_MS
        )
        for item, price in instruments.items():
            size = level_of(setup, item, price)
            self.engine.set_shape(item.symbol, replace(shape, size=size), EPOCH_MS)
        wallets = {"USDT": setup.wallet, **dict(setup.coins), **dict(setup.margin)}
        self.engine.open_account(ACCOUNT, wallets)
        self.engine.subscribe(self._happened)
        self._listeners: list[Callable[[Event], None]] = []
        self._loop = loop
        self._random = random.Random(seed)  # noqa: S311 - a simulation, not a secret

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Push every event to a listener; gives what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def ask(
        self,
        place: Place,
        act: Callable[[int, Fault | None], Any],
        deadline_s: float,
        *,
        expires_s: float | None = None,
        dropped: Callable[[], None] | None = None,
        struck: Callable[[Fault | None], None] | None = None,
        late: Callable[[Reply], None] | None = None,
    ) -> Reply:
        """Send one request; `act` happens at the venue, at its moment there, if it gets that far.

        `dropped` is called at the moment from which the request certainly never will act, `struck` with the
        fault that befalls it, `late` with an answer for which nobody waited long enough.
        """
        fault = self.faults.strike(self.id, place, self._loop.time())
        if struck is not None:
            struck(fault)
        if fault is not None and fault.kind in (Kind.UNPLUGGED, Kind.UNROUTED):
            _call(dropped)
            return Reply("local")
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._travel(_Request(act, fault, answer, expires_s, dropped, late))
        try:
            async with asyncio.timeout(deadline_s):
                return await answer
        except TimeoutError:
            return Reply("nothing")

    # ------------------------------------------------------------------ on the way

    def _travel(self, request: "_Request") -> None:
        now_s, fault = self._loop.time(), request.fault
        there_s, back_s = self._latency(), self._latency()
        kind = fault.kind if fault is not None else None
        delay_s = fault.amount if fault is not None else 0.0
        match kind:
            case Kind.HANG | Kind.NETWORK:
                _call(request.dropped)
                return
            case Kind.REFUSED | Kind.EXEMPT | Kind.THROTTLED | Kind.DENIED:
                _call(request.dropped)
                request.reply_at(self, now_s + there_s + back_s, Reply(kind.value))
                return
            case Kind.ERROR if self._random.random() < 0.5:
                _call(request.dropped)
                request.reply_at(self, now_s + there_s + back_s, Reply("error"))
                return
            case Kind.LATE | Kind.SLOW | Kind.OVERDUE:
                there_s += delay_s if kind is not Kind.SLOW else delay_s / 2
                back_s += delay_s / 2 if kind is Kind.SLOW else 0.0
            case _:
                pass
        late = request.expires_s is not None and there_s > request.expires_s and kind is not Kind.OVERDUE
        if late:
            _call(request.dropped)
            request.reply_at(self, now_s + there_s + back_s, Reply("expired"))
            return
        self._loop.call_at(now_s + there_s, self._arrive, request, now_s + there_s, back_s)

    def _arrive(self, request: "_Request", at_s: float, back_s: float) -> None:
        value = request.act(true_ms(at_s), request.fault)
        kind = request.fault.kind if request.fault is not None else None
        if kind is Kind.LOST:
            return
        reply = Reply("error") if kind is Kind.ERROR else Reply("ok", value)
        request.reply_at(self, at_s + back_s, reply)

    def deliver(self, request: "_Request", reply: Reply) -> None:
        """Hand an answer over, unless our network is gone or nobody waits any more."""
        if self.faults.network(self._loop.time()) is not None:
            return
        if not request.answer.done():
            request.answer.set_result(reply)
        elif request.late is not None:
            request.late(reply)

    def at(self, when_s: float, call: Callable[..., None], *args: Any) -> None:
        """Do something at a moment."""
        self._loop.call_at(when_s, call, *args)

    def _latency(self) -> float:
        return round(self.setup.latency_s * (0.5 + self._random.random()), 4)

    def jitter_s(self, most_s: float) -> float:
        """Draw a delay."""
        return round(most_s * self._random.random(), 4)

    def _happened(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)


@dataclass(slots=True)
class _Request:
    act: Callable[[int, Fault | None], Any]
    fault: Fault | None
    answer: "asyncio.Future[Reply]"
    expires_s: float | None
    dropped: Callable[[], None] | None
    late: Callable[[Reply], None] | None

    def reply_at(self, exchange: Exchange, when_s: float, reply: Reply) -> None:
        exchange.at(when_s, exchange.deliver, self, reply)


def _call(callback: Callable[[], None] | None) -> None:
    if callback is not None:
        callback()
