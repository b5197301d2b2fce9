"""A small valid policy and ways to read variations of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from riskguard.config import PolicyInvalid, parse

BASE = """\
version = 1
mode = "observe"
[[venue]]
id = "main"
ccxt = "binanceusdm"
role = "primary"
keys = "env:RG_MAIN"
canary = {}
[[venue]]
id = "bybit"
ccxt = "bybit"
role = "backup"
keys = "env:RG_BYBIT"
[[asset]]
name = "BTC"
legs = ["main BTC/USDT:USDT", "bybit BTC/USDT:USDT"]
"""
"""Valid and without warnings; text added to it begins on line 17."""


@pytest.fixture
def base() -> str:
    """Give the small valid policy."""
    return BASE


@pytest.fixture
def complain_of() -> Callable[[str], list[str]]:
    """Give the problems of a whole text, as printed."""

    def complaints(text: str) -> list[str]:
        try:
            parse(text.encode("utf-8", errors="surrogatepass"), Path("p.toml"))
        except PolicyInvalid as invalid:
            return [str(problem) for problem in invalid.problems]
        return []

    return complaints
