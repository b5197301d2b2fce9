"""The tables work without ccxt, so that outside checks and replays need nothing but this package."""

import subprocess
import sys
from pathlib import Path

PROBE = """
import sys
from riskguard.venues.outcomes import classify
classify(venue="okx", operation="place", http_status=200, body="{}")
print(*sorted({"ccxt", "aiohttp", "pydantic", "asyncio"} & set(sys.modules)))
"""


def test_classify_imports_neither_ccxt_nor_anything_of_the_network() -> None:
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout.strip() == ""
