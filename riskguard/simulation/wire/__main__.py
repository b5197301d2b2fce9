"""Run loopback venues as a process: `python -m riskguard.simulation.wire --config FILE|-`."""

import argparse
import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from riskguard.simulation.wire.config import ConfigError, WireConfig, read_config
from riskguard.simulation.wire.server import WireServer

TOKEN_VARIABLE = "RISKGUARD_WIRE_TOKEN"  # noqa: S105 - the name of a variable


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM, SIGINT or, with `--parent-pipe`, the end of stdin; tell when ready in one line."""
    parser = argparse.ArgumentParser(prog="riskguard.simulation.wire", description=__doc__)
    parser.add_argument("--config", required=True, help="JSON file, or - for one line on stdin")
    parser.add_argument("--parent-pipe", action="store_true", help="end when stdin closes")
    options = parser.parse_args(argv)
    try:
        text = (
            sys.stdin.readline()
            if options.config == "-"
            else Path(options.config).read_text(encoding="utf-8")
        )
        config = read_config(json.loads(text))
        if not config.token:
            config = replace(config, token=os.environ.get(TOKEN_VARIABLE, ""))
        asyncio.run(_run(config, parent_pipe=options.parent_pipe))
    except (OSError, ValueError, KeyError) as error:
        kind = "" if isinstance(error, ConfigError) else f"{type(error).__name__}: "
        sys.stderr.write(f"error: {kind}{error}\n")
        return 2
    return 0


async def _run(config: WireConfig, *, parent_pipe: bool) -> None:
    server = WireServer(config)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if parent_pipe:
        loop.add_reader(sys.stdin.fileno(), _on_pipe, stop)
    await server.start()
    try:
        sys.stdout.write(json.dumps({"pid": os.getpid(), **server.ready()}) + "\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        if parent_pipe:
            loop.remove_reader(sys.stdin.fileno())
        await server.stop()


def _on_pipe(stop: asyncio.Event) -> None:
    """Read and drop what comes; an empty read means that the parent is gone."""
    if not os.read(sys.stdin.fileno(), 65536):
        stop.set()


if __name__ == "__main__":
    raise SystemExit(main())
