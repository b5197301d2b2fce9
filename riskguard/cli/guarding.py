"""`run`: the guard itself."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from riskguard.cli.behind_screen import behind_screen
from riskguard.cli.exits import Exit, Failed, say
from riskguard.cli.policy_files import loaded_policy
from riskguard.config import CredentialsUnavailable, Loaded
from riskguard.config.strategy_loader import StrategyUnusable
from riskguard.ports import JournalUnavailable, JournalUnusable
from riskguard.runtime.lifetime import stop_on_signals

Result = TypeVar("Result")


def run(arguments: argparse.Namespace) -> int:
    """Guard until SIGTERM or Ctrl-C; hedges stay, and are journalled."""
    loaded = loaded_policy(arguments)
    screen = not arguments.headless and sys.stdin.isatty() and sys.stdout.isatty()
    return carried_out(_guard(loaded, arm=arguments.arm, screen=screen))


def carried_out(work: Coroutine[Any, Any, Result]) -> Result:
    """Run what needs a guard, and give what kept it from beginning its exit code."""
    try:
        return asyncio.run(work)
    except (StrategyUnusable, CredentialsUnavailable) as error:
        raise Failed(Exit.INVALID, str(error)) from None
    except JournalUnusable as error:
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
        async with _dashboard(loaded) if screen else contextlib.nullcontext():
            return await run_guard(loaded, stop, arm=arm)


@contextlib.asynccontextmanager
async def _dashboard(loaded: Loaded) -> AsyncIterator[None]:
    """Show the screen from a process of its own, so that nothing it does can hold the guard up."""
    command = (sys.executable, "-m", "riskguard", "watch", "-c", str(loaded.path))
    process = await asyncio.create_subprocess_exec(*command)
    with behind_screen() as words:

        async def until_left() -> None:
            await process.wait()
            words.uncover()

        leaving = asyncio.ensure_future(until_left())
        try:
            yield
        finally:
            if process.returncode is None:
                process.terminate()
            await leaving
