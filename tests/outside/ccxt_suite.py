# ruff: noqa: T201 - a command prints its answer
"""Run ccxt's own exchange tests on the loopback faces: `python -m tests.outside.ccxt_suite [--face NAME …]`.

The tests lie in ccxt's wheel (`ccxt/test`, `ccxt/pro/test`) and refuse to run from site-packages. They are
copied into a temporary directory beside links to the rest of the package, and go with that directory. The
methods are those that ccxt's own runner tries, funded orders apart. Exit code 0: all that is not listed in
`ccxt_known` passes, and all that is listed there fails.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from riskguard.simulation.wire.client import WireClient, running_wire
from tests.outside.ccxt_known import KNOWN, UNASKED
from tests.outside.faces import FACES, OutsideFace, wire_config

_DRIVER = Path(__file__).with_name("ccxt_driver.py")
_REST = ("loadMarkets", "features", "fetchCurrencies", "fetchStatus", "fetchBalance", "fetchAccounts")
_REST_OF_SYMBOL = (
    *("fetchTicker", "fetchTickers", "fetchLastPrices", "fetchOHLCV", "fetchTrades", "fetchOrderBook"),
    *("fetchFundingRateHistory", "fetchOpenInterestHistory", "fetchMarginModes"),
    *("fetchOrders", "fetchOpenOrders", "fetchClosedOrders", "fetchMyTrades", "fetchPositions"),
)
_REST_OF_CODE = ("fetchLedger", "fetchDeposits", "fetchWithdrawals", "fetchTransfers")
_STREAMS_OF_SYMBOL = (
    *("watchTicker", "watchTickers", "watchBidsAsks", "watchOrderBook", "watchTrades", "watchOHLCV"),
    *("watchOrders", "watchMyTrades", "watchPosition", "watchPositions"),
)
_STREAMS_OF_SYMBOLS = ("watchOrderBookForSymbols", "watchTradesForSymbols")


def main(argv: list[str] | None = None) -> int:
    """Run the tests of the named faces, or of all."""
    parser = argparse.ArgumentParser(prog="tests.outside.ccxt_suite", description=__doc__)
    parser.add_argument(
        "--face", action="append", choices=sorted(FACES), help="only this one; may be repeated"
    )
    names = parser.parse_args(argv).face or sorted(FACES)
    return asyncio.run(_run(names))


async def _run(names: list[str]) -> int:
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        copy_package(Path(folder))
        for name in names:
            async with running_wire(wire_config([name])) as wire:
                rows = await _drive(Path(folder), task(FACES[name], wire))
            wrong += _tell(name, rows)
    return 1 if wrong else 0


def copy_package(target: Path) -> None:
    """Lay out a ccxt package whose tests are copies and whose other parts are links."""
    spec = find_spec("ccxt")
    if spec is None or spec.origin is None:
        raise SystemExit("ccxt is not installed")
    source = Path(spec.origin).parent
    for inner in ("", "pro"):
        place = target / "ccxt" / inner
        place.mkdir(parents=True)
        for entry in (source / inner).iterdir():
            if entry.name == "test":
                shutil.copytree(entry, place / "test", ignore=shutil.ignore_patterns("__pycache__"))
            elif entry.name not in ("pro", "__pycache__"):
                (place / entry.name).symlink_to(entry)


def task(face: OutsideFace, wire: WireClient) -> dict[str, Any]:
    """Describe what the driver runs: every method of the suites that a face could answer."""
    symbol = face.symbol
    code = symbol.partition("/")[2].partition(":")[0]
    unasked = UNASKED.get(face.face, {})
    settings = {
        "enableRateLimit": False,
        "timeout": 5000,
        "timeout_on_exit": 0,
        "options": {"defaultType": "spot" if ":" not in symbol else "swap"},
        **wire.venues[face.face]["ccxt_config"],
    }
    return {
        "face": face.face,
        "symbol": symbol,
        "amount": face.amount,
        "settings": {**settings, **face.credentials(1)},
        "second": {**settings, **face.credentials(2)},
        "allow": KNOWN[face.face],
        "rest": [
            *([name, []] for name in _REST),
            *([name, [symbol]] for name in _REST_OF_SYMBOL),
            *([name, [code]] for name in _REST_OF_CODE),
        ],
        "streams": [
            *([name, [symbol]] for name in _STREAMS_OF_SYMBOL if name not in unasked),
            *([name, [[symbol]]] for name in _STREAMS_OF_SYMBOLS if name not in unasked),
            ["watchBalance", [code]],
        ],
    }


async def _drive(package: Path, work: dict[str, Any]) -> list[dict[str, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(_DRIVER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(package)},
    )
    out, _ = await process.communicate(json.dumps(work).encode())
    if process.returncode != 0:
        raise SystemExit(f"the driver of {work['face']} ended with {process.returncode}")
    return [json.loads(line) for line in out.splitlines()]


def _tell(face: str, rows: list[dict[str, str]]) -> int:
    """Print one line per method and give how many are not as expected."""
    wrong, known = 0, KNOWN[face]
    seen = {row["method"] for row in rows}
    for row in rows:
        name, entry = row["method"], known.get(row["method"])
        if entry is None:
            verdict = "FAILS" if row["bare"] else "passes"
        elif not row["bare"]:
            verdict = "FAILS: listed as failing, but passes"
        elif isinstance(entry, str):
            verdict = f"known: {entry} [{row['bare'][:60]}]"
        else:
            reasons = "; ".join(f"{part}: {reason}" for part, reason in entry.items())
            verdict = "FAILS beyond what is known" if row["allowed"] else f"passes but for {reasons}"
        bad = verdict.startswith("FAILS")
        wrong += bad
        print(f"{face:12} {name:26} {verdict}")
        if bad:
            print(f"    {row['allowed']}")
    for name in sorted(set(known) - seen):
        wrong += 1
        print(f"{face:12} {name:26} FAILS: listed, but not run")
    for name, reason in UNASKED.get(face, {}).items():
        print(f"{face:12} {name:26} not asked: {reason}")
    passed = sum(not row["bare"] for row in rows)
    print(f"{face}: {len(rows)} methods, {passed} pass in full, {wrong} not as expected")
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
