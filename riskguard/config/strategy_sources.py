"""Where a strategy named in the policy may lie; whether it is there and loads is seen at the start."""

from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class StrategySource:
    """One file to look in and the function to take from it."""

    path: Path
    function: str
    built_in: bool = False


def strategy_sources(reference: str, directory: Path) -> tuple[StrategySource, ...]:
    """Give the candidates in order: `file.py:function` beside the policy, its `strategies/`, built in."""
    file, colon, function = reference.rpartition(":")
    if colon:
        return (StrategySource(directory / file, function),)
    return (
        StrategySource(directory / "strategies" / f"{reference}.py", reference),
        StrategySource(built_in_directory() / f"{reference}.py", reference, built_in=True),
    )


def built_in_directory() -> Path:
    """Give the folder of built-in strategies: inside the wheel, or the repository's when run from it."""
    shipped = _PACKAGE / "builtin_strategies"
    return shipped if shipped.is_dir() else _PACKAGE.parent / "strategies"
