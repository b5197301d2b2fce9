"""Finds and loads the strategies that a policy names; what does not load or does not fit stops the start."""

import hashlib
import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from riskguard.config.positions import Loc, Positions
from riskguard.config.problems import Problem, did_you_mean, quoted
from riskguard.config.strategy_parameters import Parameters, TypeUnknown
from riskguard.config.strategy_sources import StrategySource, strategy_sources
from riskguard.core.hedge.strategy import Situation, Strategy, Target
from riskguard.core.policy import Policy


class StrategyUnusable(Exception):  # noqa: N818 - named for the state it reports
    """A strategy is missing, does not load, or does not take its parameters; the text says which and why."""

    def __init__(self, message: str, place: Problem | None = None) -> None:
        self.message = message
        self.place = place
        """Where the policy's file asks for it, if that file is known."""
        super().__init__(str(place) if place else message)


@dataclass(frozen=True, slots=True)
class LoadedStrategies:
    """Every strategy a policy names, ready to call."""

    functions: Mapping[str, Strategy]
    hashes: Mapping[str, str]
    """SHA-256 of each file, for the journal."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """A strategy that gets its parameters in the types that its signature names."""

    function: Strategy
    parameters: Parameters

    def __call__(self, situation: Situation, /, **params: object) -> Target | None:
        return self.function(situation, **self.parameters.converted(params))


def load_strategies(policy: Policy, directory: Path, *, file: Path | None = None) -> LoadedStrategies:
    """Load what the rules name; raises `StrategyUnusable`.

    `file`: the policy's own, so that what is wrong with its `params` can be told at its place.
    """
    functions: dict[str, _Typed] = {}
    hashes: dict[str, str] = {}
    for index, rule in enumerate(policy.rules):
        hedge = rule.hedge
        here = ("rule", index, "hedge")
        if hedge.strategy not in functions:
            try:
                functions[hedge.strategy], hashes[hedge.strategy] = _load(hedge.strategy, directory)
            except StrategyUnusable as error:
                raise _at(file, (*here, "strategy"), error.message) from error.__cause__
        wrong = _wrong_parameter(functions[hedge.strategy].parameters, hedge.params)
        if wrong:
            name, what = wrong
            loc: Loc = (*here, "params", *([name] if name else []))
            raise _at(file, loc, f"rule {quoted(rule.name)}: strategy {hedge.strategy}: {what}")
    return LoadedStrategies(functions, hashes)


def _load(reference: str, directory: Path) -> tuple[_Typed, str]:
    sources = strategy_sources(reference, directory)
    source = next((candidate for candidate in sources if candidate.path.is_file()), None)
    if source is None:
        places = ", ".join(str(candidate.path) for candidate in sources)
        raise StrategyUnusable(f"strategy {reference!r} is in none of: {places}")
    try:
        content = source.path.read_bytes()
    except OSError as error:
        raise StrategyUnusable(f"{source.path} cannot be read: {error.strerror}") from None
    function = _function(source, content)
    try:
        parameters = Parameters.of(function)
    except TypeUnknown as error:
        raise StrategyUnusable(f"{source.path}: {source.function}: {error}") from None
    return _Typed(function, parameters), hashlib.sha256(content).hexdigest()


def _function(source: StrategySource, content: bytes) -> Strategy:
    module = types.ModuleType(f"riskguard_strategy_{source.path.stem}")
    module.__file__ = str(source.path)
    try:
        exec(compile(content, str(source.path), "exec"), module.__dict__)  # noqa: S102 - the trader's own code
    except (Exception, SystemExit) as error:
        raise StrategyUnusable(f"{source.path} does not load: {type(error).__name__}: {error}") from error
    function = getattr(module, source.function, None)
    if not callable(function):
        raise StrategyUnusable(f"{source.path} has no function {source.function!r}")
    if inspect.iscoroutinefunction(function):
        raise StrategyUnusable(f"{source.path}: {source.function} must be a plain function, not async")
    return function  # type: ignore[no-any-return]  # checked against its parameters next


def _wrong_parameter(parameters: Parameters, given: Mapping[str, object]) -> tuple[str, str] | None:
    """Give the first parameter that does not fit, empty where one is missing, and what is wrong with it."""
    for name, value in given.items():
        if not parameters.takes(name):
            hint = did_you_mean(name, parameters.names) or f"it takes {', '.join(parameters.names) or 'none'}"
            return name, f"no parameter {quoted(name)} ({hint})"
        wrong = parameters.mismatch(name, value)
        if wrong:
            return name, f"{quoted(name)} {wrong}"
    missing = [name for name in parameters.required if name not in given]
    return ("", f"{quoted(missing[0])} must be given") if missing else None


def _at(file: Path | None, loc: Loc, message: str) -> StrategyUnusable:
    """Give the error with its place in the policy's file, as far as that can still be read."""
    if file is None:
        return StrategyUnusable(message)
    try:
        line, col = Positions(file.read_text(encoding="utf-8-sig")).value(loc)
    except (OSError, UnicodeDecodeError):
        line, col = 0, 0
    return StrategyUnusable(message, Problem(file, line, col, message))
