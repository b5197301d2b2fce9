"""Drawn histories: every invariant holds after every step, and one seed is one history."""

import os
import subprocess
import sys

import pytest

from riskguard.simulation.world.generate import script_of
from riskguard.simulation.world.history import run

EACH = 10


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 200, EACH))
def test_invariants_hold(first: int) -> None:
    for seed in range(first, first + EACH):
        result = run(script_of(seed))
        where = f"seed {seed}, step {result.steps}, {result.at_s:.3f} s"
        assert not result.broken, f"{where}: {result.broken}\n{result.transcript.tail()}"


def test_a_seed_gives_one_transcript_whatever_the_hash_seed() -> None:
    command = [sys.executable, "-m", "riskguard.simulation", "--first", "7", "--transcript"]
    told = [
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert "hash " in told[0]
