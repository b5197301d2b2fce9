"""Importing ccxt costs seconds when cold, so what answers `status` and `check` must not do it."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module",
    [
        "riskguard.venues",
        "riskguard.venues.outcomes",
        "riskguard.venues.references",
        "riskguard.venues.lanes",
    ],
)
def test_no_ccxt(module: str) -> None:
    code = f"import sys, {module}; sys.exit('ccxt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
