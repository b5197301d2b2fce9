"""The shipped detector on real calls: ccxt over loopback to a venue in another process.

Used by `python -m tests.bench.detector --wire 3`; real time, so few runs. An outage begins when the venue's
log says that the fault rule was set; both processes share the machine's clock.
"""

import asyncio
import copy
import math
import random
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from riskguard.core.detect import OutcomeClass, VenueDetector
from riskguard.core.messages import CancelOrder, PlaceOrder, ReadKind, ReadVenue
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.policy import Budget, Role, VenuePolicy
from riskguard.core.types import Leg, Path, Side, Verdict
from riskguard.ports import Answer
from riskguard.simulation.wire.client import WireClient, running_wire
from riskguard.venues.gateway import CcxtGateway, build_gateway
from tests.bench.figures import mean
from tests.venues.conftest import KEY, PASSWORD, SECRET, Keys

FACE, LEG = "binanceusdm", Leg("v", "BTC/USDT:USDT")
DEADLINE_S = 5.0
WARM_CALLS = 300
USER_PER_S = 0.4
LOOK_S = 0.02
GIVE_UP_S = 30.0

ORDERS = ("place", "reduce", "cancel", "test")
FAULTS: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "hard down (503)": ("http", (), {"status": 503, "body": "Service Unavailable"}),
    "black hole": ("hang", (), {}),
    "connections reset": ("reset", (), {}),
    "port closed": ("refuse", (), {}),
    "orders hang, reads fine": ("hang", ORDERS, {}),
    "cancel only (503)": ("http", ("cancel",), {"status": 503, "body": "Service Unavailable"}),
    "orders executed, answers lost": ("lost", ORDERS, {}),
}


@dataclass
class Watched:
    """One stretch: what the detector said first, in wall-clock seconds."""

    detector: VenueDetector
    gateway: CcxtGateway
    confirmed: float | None = None
    down: float | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    number: int = 0
    is_down: asyncio.Event = field(default_factory=asyncio.Event)

    def call(self, path: Path, *, canary: bool) -> None:
        """Start a call without waiting for it."""
        task = asyncio.create_task(self._called(path, canary=canary))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _called(self, path: Path, *, canary: bool) -> None:
        self.number += 1
        rid, loop = (id(self), self.number), asyncio.get_running_loop()
        self.detector.sent(rid, loop.time(), path, None if canary else LEG.symbol, canary)
        answer = await self._makes(path)()
        self.detector.done(rid, loop.time(), OutcomeClass(answer.evidence))
        self.look()

    def _makes(self, path: Path) -> Callable[[], Awaitable[Answer]]:
        if path is Path.CANCEL:
            return lambda: self.gateway.cancel(CancelOrder(1, LEG, "", "rga0001h", DEADLINE_S))
        if path is Path.PLACE:
            return lambda: self.gateway.place(PlaceOrder(1, _order(self.number), DEADLINE_S, 3.0))
        return lambda: self.gateway.read(ReadVenue(1, "v", ReadKind.OPEN_ORDERS, DEADLINE_S, LEG))

    def look(self) -> None:
        """Note what is said now."""
        verdicts = self.detector.verdicts(asyncio.get_running_loop().time())
        said = {verdicts[Path.PLACE], verdicts[Path.CANCEL]}
        if self.confirmed is None and said & {Verdict.CONFIRMED, Verdict.DOWN}:
            self.confirmed = time.time()
        if self.down is None and Verdict.DOWN in said:
            self.down = time.time()
            self.is_down.set()

    async def beat(self, venues: WireClient) -> None:
        """Tick, probe, ping and trade until cancelled."""
        loop, rng = asyncio.get_running_loop(), random.Random(1)  # noqa: S311 - a simulation
        due = ping_at = loop.time()
        while True:
            now = loop.time()
            self.detector.tick(now, due)
            while (plan := self.detector.want_probe(now)) is not None:
                self.call(plan.path, canary=True)
            if rng.random() < USER_PER_S * LOOK_S:
                self.call(rng.choice((Path.PLACE, Path.CANCEL)), canary=False)
            if now >= ping_at:
                ping_at = now + (0.25 if self.detector.is_suspicious else 1.0)
                task = asyncio.create_task(self._ping(venues))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            self.look()
            due = loop.time() + LOOK_S
            await asyncio.sleep(LOOK_S)

    async def _ping(self, venues: WireClient) -> None:
        """Ask something independent of the venue: the control endpoint, over a connection of its own."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        await venues.ask("/faults/list")
        self.detector.reference(asked, loop.time(), ok=True)


def _order(number: int) -> OrderIntent:
    return OrderIntent(
        client_id=f"rgw{number:04d}h", leg=LEG, asset="BTC", side=Side.BUY, amount=Decimal("0.010"),
        price=Decimal(59_400), tif=TimeInForce.IOC, reduce_only=False, purpose=Purpose.HEDGE,
    )  # fmt: skip


def on_the_wire(runs: int) -> list[dict[str, Any]]:
    """Give a row for each fault."""
    return asyncio.run(_rows(runs))


async def _rows(runs: int) -> list[dict[str, Any]]:
    venue = {
        "name": "v", "face": FACE, "keys": [{"key": KEY, "secret": SECRET, "passphrase": PASSWORD}],
        "symbols": [{"symbol": LEG.symbol, "price": "60000"}],
    }  # fmt: skip
    rows = []
    async with running_wire({"seed": 1, "venues": [venue]}) as venues:
        gateway = build_gateway(
            VenuePolicy("v", FACE, Role.BOTH, budget=Budget(Decimal(1000), Decimal(1000))), ccxt_id=FACE,
            ccxt_config=venues.venues["v"]["ccxt_config"], credentials=Keys(), legs=(LEG,),
        )  # fmt: skip
        try:
            await gateway.read(ReadVenue(1, "v", ReadKind.MARKETS, 15.0))
            trained = await _warm(gateway, venues)
            for name, (kind, groups, keys) in FAULTS.items():
                delays = [await _one(trained, gateway, venues, (kind, groups, keys)) for _ in range(runs)]
                rows.append({"name": name, "runs": runs} | _said(delays))
                sys.stderr.write(f"  wire {name}\n")
        finally:
            await gateway.close()
    return rows


async def _warm(gateway: CcxtGateway, venues: WireClient) -> VenueDetector:
    """Let a detector learn how fast this venue answers."""
    watched = Watched(VenueDetector("v"), gateway)
    beat = asyncio.create_task(watched.beat(venues))
    for number in range(WARM_CALLS):
        watched.call((Path.PLACE, Path.CANCEL, Path.QUERY)[number % 3], canary=True)
        await asyncio.sleep(0.03)
    await _end(watched, beat)
    return watched.detector


async def _one(
    trained: VenueDetector, gateway: CcxtGateway, venues: WireClient, rule: tuple[str, tuple[str, ...], Any]
) -> tuple[float, float]:
    """Give seconds from the venue's own note of the fault to `confirmed` and `down`."""
    watched = Watched(copy.deepcopy(trained), gateway)
    beat = asyncio.create_task(watched.beat(venues))
    await asyncio.sleep(2.0 + 2.0 * random.random())  # noqa: S311 - a simulation
    watched.confirmed = watched.down = None
    kind, groups, keys = rule
    identity = await venues.set_fault("v", kind, *groups, **keys)
    rows = [row for row in await venues.log(venue="v") if row["kind"] == "fault" and row["action"] == "set"]
    began = rows[-1]["ts_ms"] / 1000.0
    with suppress(TimeoutError):
        await asyncio.wait_for(watched.is_down.wait(), GIVE_UP_S)
    await venues.clear_faults("v", identity)
    await _end(watched, beat)
    return _after(began, watched.confirmed), _after(began, watched.down)


def _after(began: float, at: float | None) -> float:
    return math.inf if at is None else at - began


async def _end(watched: Watched, beat: asyncio.Task[None]) -> None:
    beat.cancel()
    with suppress(asyncio.CancelledError):
        await beat
    await asyncio.gather(*watched.tasks, return_exceptions=True)


def _said(delays: list[tuple[float, float]]) -> dict[str, str]:
    return {
        name: f"{mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"
        for name, values in (("confirmed", [c for c, _ in delays]), ("down", [d for _, d in delays]))
    }
