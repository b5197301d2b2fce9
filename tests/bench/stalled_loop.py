"""A real asyncio loop that is blocked, twenty times: `python -m tests.bench.stalled_loop`."""

import asyncio
import sys

from riskguard.core.detect import OutcomeClass, VenueDetector
from riskguard.core.types import Path, Verdict

TRIALS, STALL_S, TICK_S = 20, 1.5, 0.02


async def trial() -> bool:
    """Block the loop while eight calls over loopback wait; say whether nobody was convicted."""
    loop = asyncio.get_running_loop()
    detector = VenueDetector("A", seed_latency_ms=5, persistence_s=0.2, ladder={})
    for i in range(40):
        detector.sent(("warm", i), loop.time(), Path.PLACE)
        detector.done(("warm", i), loop.time() + 0.002, OutcomeClass.OK)
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    seen: set[Verdict] = set()

    async def call(rid: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        detector.sent(rid, loop.time(), Path.PLACE)
        writer.write(b"\n")
        await reader.readline()
        detector.done(rid, loop.time(), OutcomeClass.OK)
        writer.close()

    async def tick() -> None:
        due = loop.time() + TICK_S
        while True:
            await asyncio.sleep(max(0.0, due - loop.time()))
            detector.tick(loop.time(), due)
            seen.add(detector.verdicts(loop.time())[Path.PLACE])
            due = max(due + TICK_S, loop.time())

    ticker = asyncio.create_task(tick())
    calls = [asyncio.create_task(call(i)) for i in range(8)]
    await asyncio.sleep(0.004)
    until = loop.time() + STALL_S
    while loop.time() < until:
        pass
    await asyncio.gather(*calls)
    await asyncio.sleep(0.1)
    ticker.cancel()
    server.close()
    return not {Verdict.CONFIRMED, Verdict.DOWN} & seen


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


def main() -> int:
    """Count the trials in which nobody was convicted."""
    good = sum(asyncio.run(trial()) for _ in range(TRIALS))
    sys.stdout.write(f"{good} of {TRIALS} stalls of {STALL_S} s convicted nobody\n")
    return 0 if good == TRIALS else 1


if __name__ == "__main__":
    sys.exit(main())
