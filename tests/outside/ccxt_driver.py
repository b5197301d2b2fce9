"""Run ccxt's own exchange tests against one face; `ccxt_suite` starts it with the copied package on the path.

Reads one JSON object from stdin (face, symbol, amount, settings, second, allow: per method the properties
whose check is left out, rest, streams: lists of method and arguments) and writes one JSON line per method:
{"method", "bare": error or "", "allowed": error or "" (with what is allowed left out)}.
"""

import asyncio
import importlib
import json
import os
import sys
from contextlib import suppress
from typing import Any

_PER_TEST_S = 40
_ALWAYS = ("loadMarkets", "features")
"""Tests of what no class lists among its abilities."""


def main() -> int:
    """Run and print."""
    task = json.loads(sys.stdin.read())
    sys.argv = sys.argv[:1]
    report, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - ccxt's tests print
    for row in asyncio.run(_all(task)):
        report.write(json.dumps(row) + "\n")
    return 0


async def _all(task: dict[str, Any]) -> list[dict[str, str]]:
    helpers = importlib.import_module("ccxt.test.tests_helpers")
    rows: list[dict[str, str]] = []
    for kind, module in (("rest", "ccxt.async_support"), ("streams", "ccxt.pro")):
        owner = importlib.import_module(module)
        exchange = getattr(owner, task["face"])(task["settings"])
        other = getattr(owner, task["face"])(task["second"])
        names = [name for name, _ in task[kind]]
        files = await helpers.get_test_files([*names, "loadMarkets"], kind == "streams")
        await exchange.load_markets()
        await other.load_markets()
        trading = asyncio.ensure_future(_trade(other, task["symbol"], float(task["amount"])))
        await asyncio.sleep(1.5)
        try:
            tests = [
                _one(helpers, files, exchange, name, args, task["allow"].get(name, {}))
                for name, args in task[kind]
                if name in files and (exchange.has.get(name) or name in _ALWAYS)
            ]
            rows += await asyncio.gather(*tests)
        finally:
            trading.cancel()
            await asyncio.gather(trading, return_exceptions=True)
            await exchange.close()
            await other.close()
    return rows


async def _one(
    helpers: Any, files: Any, exchange: Any, name: str, args: list[Any], allowed: dict[str, str] | str
) -> dict[str, str]:
    bare = await _failure(helpers, files, exchange, name, args, {})
    row = {"method": name, "bare": bare, "allowed": bare}
    if bare and isinstance(allowed, dict) and allowed:
        row["allowed"] = await _failure(helpers, files, exchange, name, args, allowed)
    return row


async def _failure(
    helpers: Any, files: Any, exchange: Any, name: str, args: list[Any], skipped: dict[str, str]
) -> str:
    """Give the error of one test, empty when it passes."""
    try:
        async with asyncio.timeout(_PER_TEST_S):
            await helpers.call_method(files, name, exchange, skipped, args)
    except Exception as error:  # noqa: BLE001 - whatever a test raises is its result
        return f"{type(error).__name__}: {error}"[:600]
    return ""


async def _trade(client: Any, symbol: str, amount: float) -> None:
    """Place, cancel and fill orders without end, so that lists are not empty and streams speak."""
    turn = 0
    while True:
        side, turn = ("buy", "sell")[turn % 2], turn + 1
        with suppress(Exception):
            await client.create_order(symbol, "limit", "buy", amount, 59000)
            order = await client.create_order(symbol, "limit", "buy", amount, 58000)
            await client.cancel_order(order["id"], symbol)
            await client.create_order(symbol, "market", side, amount * (2 if side == "buy" else 1))
        await asyncio.sleep(0.3)


if __name__ == "__main__":
    raise SystemExit(main())
