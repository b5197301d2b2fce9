"""Where strategies are looked for."""

from pathlib import Path

from riskguard.config import StrategySource, strategy_sources
from riskguard.config.strategy_sources import built_in_directory


def test_a_strategy_named_by_file_is_looked_for_there_only() -> None:
    assert strategy_sources("my/rules.py:my_hedge", Path("/p")) == (
        StrategySource(Path("/p/my/rules.py"), "my_hedge"),
    )


def test_a_strategy_named_by_word_is_looked_for_beside_the_policy_and_then_built_in() -> None:
    assert strategy_sources("hedge", Path("/p")) == (
        StrategySource(Path("/p/strategies/hedge.py"), "hedge"),
        StrategySource(built_in_directory() / "hedge.py", "hedge", built_in=True),
    )
    assert built_in_directory().is_dir()
