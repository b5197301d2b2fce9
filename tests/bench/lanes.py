"""How long an emergency cancel takes behind a hundred queued reads, and beside a bare signed request.

`python -m tests.bench.lanes [--trials 200] [--json]`. Venues run in a process of their own on loopback. Each
trial is a pair: a cancel on an idle gateway, then one while the reads wait for their turn. After that, orders
of the guard against orders signed by hand: see `tests.bench.decision`.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from statistics import median, quantiles
from typing import Any

from riskguard.core.messages import CancelOrder, ReadKind, ReadVenue
from riskguard.core.policy import Budget, Role, VenuePolicy
from riskguard.core.types import Leg
from riskguard.ports import Answer
from riskguard.simulation.wire.client import running_wire
from riskguard.venues.gateway import CcxtGateway, build_gateway
from tests.bench import decision
from tests.bench.decision import Decision, decision_to_bytes
from tests.venues.conftest import KEY, PASSWORD, PROBE_KEY, SECRET, Keys

READS = 100
MOST_TIMES = 1.2
MOST_MORE_MS = 2.0
FACES = {
    "binanceusdm": "BTC/USDT:USDT",
    "bybit": "BTC/USDT:USDT",
    "okx": "BTC/USDT:USDT",
    "kraken": "BTC/USD",
}
"""Every face with the symbol that it trades."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Milliseconds of one face; `odd` counts cancels that the venue did not answer as it should."""

    face: str
    trials: int
    idle_ms: float
    idle_p99_ms: float
    behind_ms: float
    behind_p99_ms: float
    ratio: float
    """Median of the trials' own ratios."""
    odd: int

    @property
    def holds(self) -> bool:
        """Whether priority does not invert."""
        most_ms = max(MOST_TIMES * self.idle_ms, self.idle_ms + MOST_MORE_MS)
        return self.behind_ms <= most_ms and not self.odd


@asynccontextmanager
async def opened(face: str) -> AsyncIterator[tuple[CcxtGateway, dict[str, Any]]]:
    """Start one venue and a gateway that knows its markets; gives the venue's ccxt config too."""
    venue: dict[str, Any] = {
        "name": "v",
        "face": face,
        "keys": [{"key": key, "secret": SECRET, "passphrase": PASSWORD} for key in (KEY, PROBE_KEY)],
        "symbols": [{"symbol": FACES[face], "price": "60000"}],
    }
    if face == "kraken":
        venue["wallets"] = {"USD": "100000", "BTC": "3"}
    async with running_wire({"seed": 1, "venues": [venue]}) as venues:
        config = venues.venues["v"]["ccxt_config"]
        # A venue with strict nonces needs a key for each lane: two requests of one key may overtake.
        probe = Keys({"apiKey": PROBE_KEY, "secret": SECRET, "password": PASSWORD})
        gateway = build_gateway(
            VenuePolicy("v", face, Role.BOTH, budget=Budget(Decimal(5), Decimal(10_000))),
            ccxt_id=face,
            ccxt_config=config,
            credentials=Keys(),
            probe_credentials=probe if face == "kraken" else None,
            legs=(Leg("v", FACES[face]),),
        )
        try:
            loaded = await gateway.read(ReadVenue(1, "v", ReadKind.MARKETS, 15.0))
            if loaded.evidence != "ok":
                raise RuntimeError(f"{face}: {loaded.cause}")
            yield gateway, config
        finally:
            await gateway.close()


async def behind_reads(face: str, trials: int) -> Behind:
    """Time cancels in pairs: alone, and behind queued reads."""
    leg = Leg("v", FACES[face])
    idle: list[float] = []
    behind: list[float] = []
    odd = 0
    async with opened(face) as (gateway, _):
        await timed(gateway, leg)
        for _trial in range(trials):
            alone_ms, first = await timed(gateway, leg)
            queued = [
                asyncio.create_task(gateway.read(ReadVenue(2, "v", ReadKind.OPEN_ORDERS, 60.0, leg)))
                for _ in range(READS)
            ]
            await asyncio.sleep(0.005)
            late_ms, second = await timed(gateway, leg)
            for task in queued:
                task.cancel()
            await asyncio.gather(*queued, return_exceptions=True)
            idle.append(alone_ms)
            behind.append(late_ms)
            odd += sum(one.evidence not in ("ok", "user_fault") for one in (first, second))
    ratios = [late_ms / alone_ms for late_ms, alone_ms in zip(behind, idle, strict=True)]
    return Behind(face, trials, median(idle), p99(idle), median(behind), p99(behind), median(ratios), odd)


async def timed(gateway: CcxtGateway, leg: Leg) -> tuple[float, Answer]:
    """Cancel an order that never was; gives milliseconds and the answer."""
    began = time.perf_counter()
    answer = await gateway.cancel(CancelOrder(1, leg, "", "rga0001h", 10.0))
    return (time.perf_counter() - began) * 1000, answer


async def beside_a_bare_order(face: str, trials: int) -> Decision:
    """Time the guard's orders to the first byte on the socket, in pairs with orders signed by hand."""
    async with opened(face) as (gateway, config):
        return await decision_to_bytes(face, gateway, Leg("v", FACES[face]), config["urls"]["api"], trials)


def p99(values: Sequence[float]) -> float:
    """Give the 99th percentile; of few values the largest."""
    return quantiles(values, n=100)[98] if len(values) >= 100 else max(values)


def sentence(found: Behind) -> str:
    """Say one face's figures."""
    return (
        f"{found.face}: idle {found.idle_ms:.2f} ms (p99 {found.idle_p99_ms:.2f}),"
        f" behind {READS} reads {found.behind_ms:.2f} ms (p99 {found.behind_p99_ms:.2f}),"
        f" ratio {found.ratio:.2f}, odd answers {found.odd}: {'holds' if found.holds else 'DOES NOT HOLD'}"
    )


async def measure(faces: Sequence[str], trials: int, say: Callable[[str], object]) -> dict[str, Any]:
    """Measure face after face; one at a time, because the figures are of one machine."""
    found = []
    for face in faces:
        found.append(await behind_reads(face, trials))
        say(sentence(found[-1]))
    decisions = []
    for face in faces:
        decisions.append(await beside_a_bare_order(face, trials))
        say(decision.sentence(decisions[-1]))
    rows = [asdict(one) | {"holds": one.holds} for one in found]
    bare = [asdict(one) | {"ratio": one.ratio} for one in decisions]
    return {"reads": READS, "faces": rows, "decision_to_bytes": bare}


def main(arguments: Sequence[str]) -> int:
    """Measure and print; exit code 1 where priority inverts."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lanes", description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--face", action="append", choices=FACES, help="default: all four")
    parser.add_argument("--json", action="store_true", help="one line on stdout, the rest on stderr")
    given = parser.parse_args(arguments)
    shown = sys.stderr if given.json else sys.stdout

    def say(text: str) -> None:
        shown.write(text + "\n")
        shown.flush()

    figures = asyncio.run(measure(given.face or tuple(FACES), given.trials, say))
    if given.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if all(row["holds"] for row in figures["faces"]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
