"""`why`, `blips`, `replay`: what the journal knows, whether the guard runs or not; import no venue code."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from riskguard.cli.exits import Exit, Failed, answer
from riskguard.cli.policy_files import loaded_policy
from riskguard.config import locate_journal
from riskguard.config.strategy_loader import StrategyUnusable, load_strategies
from riskguard.core.facts import Fact
from riskguard.journal import JournalReader
from riskguard.ports import JournalUnavailable, JournalUnusable
from riskguard.replay import replay, replay_lines
from riskguard.report.blips import blips, blips_lines
from riskguard.report.why import NothingKnownError, why, why_lines


def why_command(arguments: argparse.Namespace) -> int:
    """Show what led to an order, a plan or an incident."""
    try:
        found = why(read_facts(locate_journal(arguments.config)), arguments.id)
    except NothingKnownError as error:
        raise Failed(Exit.USAGE, str(error)) from None
    _say(arguments, found, why_lines(found))
    return Exit.FINE


def blips_command(arguments: argparse.Namespace) -> int:
    """Show what each venue's micro-outages taught."""
    loaded = loaded_policy(arguments)
    venues = [venue.id for venue in loaded.policy.venues]
    found = blips(read_facts(loaded.journal), venues, loaded.policy.detect.false_alarms_per_year)
    _say(arguments, {"venues": found}, blips_lines(found))
    return Exit.FINE


def replay_command(arguments: argparse.Namespace) -> int:
    """Run recorded facts through a policy, and say where it would have decided otherwise."""
    loaded = loaded_policy(arguments)
    try:
        strategies = load_strategies(loaded.policy, loaded.directory, file=loaded.path)
    except StrategyUnusable as error:
        raise Failed(Exit.INVALID, str(error)) from None
    facts = read_facts(arguments.journal or loaded.journal)
    found = replay(facts, loaded.policy, strategies.functions, policy_hash=loaded.hash)
    _say(arguments, found, replay_lines(found))
    return Exit.FINE


def read_facts(journal: Path) -> list[tuple[int, Fact]]:
    """Read a whole journal beside its guard, if that runs; raises `Failed`."""
    try:
        with JournalReader(journal) as reader:
            return list(reader.facts())
    except JournalUnusable as error:
        raise Failed(Exit.INVALID, f"{journal}: {error}") from None
    except JournalUnavailable as error:
        raise Failed(Exit.UNREACHABLE, f"{journal}: {error}") from None


def _say(arguments: argparse.Namespace, found: dict[str, object], lines: Iterable[str]) -> None:
    if arguments.json:
        answer(found)
    else:
        print("\n".join(lines))
