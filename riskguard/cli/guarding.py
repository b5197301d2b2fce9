"""`run`: the guard itself."""

import argparse
import asyncio
import subprocess
import sys

from riskguard.cli.exits import Exit, Failed, say
from riskguard.cli.policy_files import loaded_policy
from riskguard.config import CredentialsUnavailable, Loaded
from riskguard.config.strategy_loader import StrategyUnusable
from riskguard.ports import JournalUnavailable
from riskguard.runtime.lifetime import stop_on_signals


def run(arguments: argparse.Namespace) -> int:
    """Guard until SIGTERM or Ctrl-C; hedges stay, and are journalled."""
    loaded = loaded_policy(arguments)
    screen = not arguments.headless and sys.stdin.isatty() and sys.stdout.isatty()
    try:
        return asyncio.run(_guard(loaded, arm=arguments.arm, screen=screen))
    except (StrategyUnusable, CredentialsUnavailable) as error:
        raise Failed(Exit.INVALID, str(error)) from None
    except JournalUnavailable as error:
        raise Failed(Exit.REFUSED, str(error)) from None
    except KeyError as error:
        raise Failed(Exit.INVALID, f"ccxt knows no exchange {error}") from None


async def _guard(loaded: Loaded, *, arm: bool, screen: bool) -> int:
    from riskguard.app import run_guard  # noqa: PLC0415 - ccxt takes seconds; a wrong policy must answer at once

    stop = asyncio.Event()
    with stop_on_signals(stop):
        say(f"riskguard: mode {loaded.policy.mode}, journal {loaded.journal}")
        dashboard = _dashboard(loaded) if screen else None
        try:
            return await run_guard(loaded, stop, arm=arm)
        finally:
            if dashboard is not None:
                dashboard.terminate()
                dashboard.wait()


def _dashboard(loaded: Loaded) -> "subprocess.Popen[bytes]":
    """Start the screen as a process of its own, so that nothing it does can hold the guard up."""
    command = [sys.executable, "-m", "riskguard", "watch", "-c", str(loaded.path)]
    return subprocess.Popen(command)  # noqa: S603 - our own command
