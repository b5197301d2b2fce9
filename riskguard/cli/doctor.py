"""`doctor`: is this machine fit to guard, and are these keys there; asks no venue and sends nothing."""

import argparse
import importlib.util
import os
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version

from riskguard.cli.exits import Exit, answer
from riskguard.cli.policy_files import loaded_policy
from riskguard.config import CredentialsUnavailable, Loaded, credentials
from riskguard.config.strategy_loader import StrategyUnusable, load_strategies
from riskguard.venues.outcomes import TESTED_VENUES


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    says: str


def doctor(arguments: argparse.Namespace) -> int:
    """Look at everything that can be known without asking a venue; exit code 4 when something is missing."""
    loaded = loaded_policy(arguments)
    findings = [*_machine(loaded), *_venues(loaded), *_strategies(loaded)]
    if arguments.json:
        answer([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            print(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.says}")
    return Exit.FINE if all(finding.ok for finding in findings) else Exit.INVALID


def _machine(loaded: Loaded) -> Iterator[Finding]:
    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])
    yield Finding("ccxt", True, f"{version('ccxt')}, the version that the border's tests pin")
    yield Finding("tested venues", True, ", ".join(sorted(TESTED_VENUES)))
    yield Finding("sqlite", sqlite3.sqlite_version_info >= (3, 7), sqlite3.sqlite_version)
    folder = loaded.journal.parent
    writable = folder.is_dir() and os.access(folder, os.W_OK)
    yield Finding("journal", writable, f"{loaded.journal} {'can' if writable else 'cannot'} be written")


def _venues(loaded: Loaded) -> Iterator[Finding]:
    for venue in loaded.policy.venues:
        connection = loaded.connections[venue.id]
        is_known = importlib.util.find_spec(f"ccxt.async_support.{connection.ccxt}") is not None
        yield Finding(f"venue {venue.id}", is_known, _table(connection.ccxt, is_known=is_known))
        try:
            credentials(connection.keys, loaded.directory, os.environ)
        except CredentialsUnavailable as error:
            yield Finding(f"keys of {venue.id}", False, str(error))
        else:
            yield Finding(f"keys of {venue.id}", True, f"found at {connection.keys}")


def _table(ccxt_id: str, *, is_known: bool) -> str:
    if not is_known:
        return f"ccxt knows no exchange {ccxt_id!r}"
    if ccxt_id in TESTED_VENUES:
        return f"{ccxt_id}: its answers are read by a tested table"
    return f"{ccxt_id}: UNTESTED; every refusal counts as unknown until the venue's own evidence settles it"


def _strategies(loaded: Loaded) -> Iterator[Finding]:
    try:
        found = load_strategies(loaded.policy, loaded.directory, file=loaded.path)
    except StrategyUnusable as error:
        yield Finding("strategies", False, str(error))
    else:
        yield Finding("strategies", True, ", ".join(found.functions) or "none named")
