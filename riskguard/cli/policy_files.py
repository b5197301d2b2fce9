"""`init`, `check`, `schema`: the policy file before anything runs."""

import argparse
import json

from riskguard.cli.exits import Exit, Failed, answer, say
from riskguard.config import Loaded, PolicyInvalid, Problem, load, policy_schema, starter_text
from riskguard.config.strategy_loader import StrategyUnusable, load_strategies


def init(arguments: argparse.Namespace) -> int:
    """Write a starter policy; never over a file that is there."""
    try:
        with arguments.file.open("x", encoding="utf-8") as file:
            file.write(starter_text())
    except FileExistsError:
        raise Failed(Exit.REFUSED, f"{arguments.file} is there already; nothing was changed") from None
    except OSError as error:
        raise Failed(Exit.REFUSED, f"{arguments.file} cannot be written: {error.strerror}") from None
    print(f"{arguments.file} written: mode observe, nothing can be sent.")
    print(f"Next: riskguard check -c {arguments.file}")
    return Exit.FINE


def check(arguments: argparse.Namespace) -> int:
    """Lint a policy; every problem at its place."""
    try:
        loaded = load(arguments.config)
    except PolicyInvalid as invalid:
        return _report(arguments, invalid.problems, ())
    try:
        load_strategies(loaded.policy, loaded.directory, file=loaded.path)
    except StrategyUnusable as unusable:
        place = unusable.place or Problem(arguments.config, 0, 0, unusable.message)
        return _report(arguments, (place,), loaded.warnings)
    return _report(arguments, (), loaded.warnings)


def _report(
    arguments: argparse.Namespace, problems: tuple[Problem, ...], warnings: tuple[Problem, ...]
) -> int:
    if arguments.json:
        answer(
            {"ok": not problems, "problems": list(map(str, problems)), "warnings": list(map(str, warnings))}
        )
    else:
        for problem in problems:
            print(problem)
        for warning in warnings:
            print(f"{warning} (warning)")
        if not problems:
            print(f"{arguments.config}: fine")
    return Exit.INVALID if problems else Exit.FINE


def schema(arguments: argparse.Namespace) -> int:  # noqa: ARG001 - every command takes them
    """Print the policy's JSON Schema."""
    print(json.dumps(policy_schema(), indent=2))
    return Exit.FINE


def loaded_policy(arguments: argparse.Namespace) -> Loaded:
    """Load the policy that a command needs; raises `Failed` after printing every problem."""
    try:
        loaded = load(arguments.config)
    except PolicyInvalid as invalid:
        for problem in invalid.problems:
            say(str(problem))
        raise Failed(Exit.INVALID, f"{len(invalid.problems)} problem(s); nothing was started") from None
    for warning in loaded.warnings:
        say(f"{warning} (warning)")
    return loaded
