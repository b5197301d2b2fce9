# ruff: noqa: T201 - a command prints its answer
"""Let the exchanges' SDKs trade on the loopback faces: `python -m tests.outside.sdks [--python PATH]`.

Nothing is installed by this command. Make an environment outside the repository and name its Python:

    python -m venv ENV && ENV/bin/pip install pybit python-okx python-kraken-sdk binance-futures-connector
    python -m tests.outside.sdks --python ENV/bin/python

After each SDK the venue's own state is looked at. Exit code 0 when at least two SDKs were there and none was
wrong.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

from riskguard.simulation.wire.client import WireClient, running_wire
from tests.outside.faces import FACES, wire_config
from tests.outside.sdk_clients import AMOUNT, CLIENT_ID, SDKS

_SCRIPT = Path(__file__).with_name("sdk_clients.py")
_ABSENT = 3
_LEAST = 2


def main(argv: list[str] | None = None) -> int:
    """Run every SDK that the named Python has."""
    parser = argparse.ArgumentParser(prog="tests.outside.sdks", description=__doc__)
    parser.add_argument(
        "--python", default=sys.executable, help="an interpreter whose environment has the SDKs"
    )
    return asyncio.run(_run(parser.parse_args(argv).python))


async def _run(python: str) -> int:
    done, wrong = 0, 0
    async with running_wire(wire_config(sorted(FACES))) as wire:
        for face in sorted(FACES):
            problem = await _try(python, face, wire)
            if problem is None:
                print(f"{face:12} {SDKS[face][0]} is not installed there")
                continue
            done, wrong = done + 1, wrong + bool(problem)
            if problem:
                print(f"{face:12} FAILS: {problem}")
    print(f"{done} of {len(FACES)} SDKs tried, {wrong} wrong")
    return 0 if done >= _LEAST and not wrong else 1


async def _try(python: str, face: str, wire: WireClient) -> str | None:
    """Give what is wrong, empty when nothing is, None when the SDK is not there."""
    process = await asyncio.create_subprocess_exec(
        python,
        str(_SCRIPT),
        face,
        str(wire.venues[face]["port"]),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate(json.dumps(FACES[face].credentials(1)).encode())
    if process.returncode == _ABSENT:
        return None
    if process.returncode != 0:
        return f"the script ended with {process.returncode}"
    said = json.loads(out.splitlines()[-1])
    truth = await wire.account(face)
    orders = [(row["client_id"], row["status"]) for row in truth["orders"]]
    if orders[:1] != [(CLIENT_ID, "canceled")] or [status for _, status in orders[1:]] != ["filled"]:
        return f"the venue knows {orders}"
    if [row["amount"] for row in truth["orders"]] != [AMOUNT, AMOUNT]:
        return f"amounts {[row['amount'] for row in truth['orders']]}"
    print(
        f"{face:12} {said['sdk']} {said['version']}: placed, found, cancelled, filled; holds {said['held']}"
    )
    return ""


if __name__ == "__main__":
    raise SystemExit(main())
