"""Finds and loads the strategies that a policy names; what does not load or does not fit stops the start."""

import hashlib
import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from riskguard.config.strategy_sources import StrategySource, strategy_sources
from riskguard.core.hedge.strategy import Strategy
from riskguard.core.policy import HedgeRule, Policy


class StrategyUnusable(Exception):  # noqa: N818 - named for the state it reports
    """A strategy is missing, does not load, or does not take its parameters; the text says which and why."""


@dataclass(frozen=True, slots=True)
class LoadedStrategies:
    """Every strategy a policy names, ready to call."""

    functions: Mapping[str, Strategy]
    hashes: Mapping[str, str]
    """SHA-256 of each file, for the journal."""


def load_strategies(policy: Policy, directory: Path) -> LoadedStrategies:
    """Load what the rules name; raises `StrategyUnusable`."""
    functions: dict[str, Strategy] = {}
    hashes: dict[str, str] = {}
    for rule in policy.rules:
        hedge = rule.hedge
        if hedge.strategy not in functions:
            functions[hedge.strategy], hashes[hedge.strategy] = _load(hedge.strategy, directory)
        _check_parameters(functions[hedge.strategy], hedge, rule.name)
    return LoadedStrategies(functions, hashes)


def _load(reference: str, directory: Path) -> tuple[Strategy, str]:
    sources = strategy_sources(reference, directory)
    source = next((candidate for candidate in sources if candidate.path.is_file()), None)
    if source is None:
        places = ", ".join(str(candidate.path) for candidate in sources)
        raise StrategyUnusable(f"strategy {reference!r} is in none of: {places}")
    content = source.path.read_bytes()
    return _function(source, content), hashlib.sha256(content).hexdigest()


def _function(source: StrategySource, content: bytes) -> Strategy:
    module = types.ModuleType(f"riskguard_strategy_{source.path.stem}")
    module.__file__ = str(source.path)
    try:
        exec(compile(content, str(source.path), "exec"), module.__dict__)  # noqa: S102 - the trader's own code
    except Exception as error:
        raise StrategyUnusable(f"{source.path} does not load: {type(error).__name__}: {error}") from error
    function = getattr(module, source.function, None)
    if not callable(function):
        raise StrategyUnusable(f"{source.path} has no function {source.function!r}")
    return function  # type: ignore[no-any-return]  # checked against its parameters next


def _check_parameters(function: Strategy, hedge: HedgeRule, rule: str) -> None:
    try:
        inspect.signature(function).bind(None, **dict(hedge.params))
    except TypeError as error:
        raise StrategyUnusable(
            f"rule {rule!r}: strategy {hedge.strategy!r} does not take its params: {error}"
        ) from None
