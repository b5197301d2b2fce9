"""Entry point: arguments in, exit code out, never a traceback for what is not a defect of ours."""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from riskguard.cli.arguments import parser
from riskguard.cli.exits import Exit, Failed, say
from riskguard.dashboard.help_text import welcome
from riskguard.runtime.venue_calls import describe


def dispatch(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    arguments = parser().parse_args(argv)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except Failed as failed:
        say(str(failed))
        return failed.code
    except KeyboardInterrupt:
        return Exit.FINE
    except BrokenPipeError:
        # The reader of our output went away; nothing is left to say, and flushing would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FINE
    except Exception as error:  # noqa: BLE001 - a trace may hold secrets; type and place are enough to report
        say(f"internal error: {describe(error)}")
        return Exit.INTERNAL
    return code


def _run(arguments: argparse.Namespace) -> int:
    """Import only the module that the command needs: ccxt alone costs seconds."""
    if arguments.command is None:
        print(welcome(version("riskguard"), known()))
        return Exit.FINE
    module = importlib.import_module(arguments.module)
    code: int = getattr(module, arguments.function)(arguments)
    return code


def known() -> tuple[str, ...]:
    """Give the commands that exist, for the help text."""
    for action in parser()._actions:  # noqa: SLF001 - argparse has no other way to list subcommands
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - idem
            return tuple(action.choices)
    return ()
