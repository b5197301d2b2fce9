"""Drawn histories: every invariant holds after every step, and one seed is one history."""

import json
import os
import subprocess
import sys

import pytest

SIMULATION = [sys.executable, "-m", "riskguard.simulation"]
HALF = 100


@pytest.mark.slow
def test_two_hundred_seeds_hold_every_invariant() -> None:
    halves = [
        subprocess.Popen(
            [*SIMULATION, "--json", "--seeds", str(HALF), "--first", str(first)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for first in (0, HALF)
    ]
    answers = [half.communicate() for half in halves]
    for half, (told, complaints) in zip(halves, answers, strict=True):
        assert half.returncode == 0, complaints or told
        figures = json.loads(told)
        assert figures["seeds"] == HALF
        assert figures["broken"] == []
        struck = " ".join(figures["faults"])
        for kind in ("hang", "lost", "late", "error", "crash", "network", "stall", "duplicated", "empty"):
            assert kind in struck


def test_a_seed_gives_one_transcript_whatever_the_hash_seed() -> None:
    command = [*SIMULATION, "--first", "7", "--transcript"]
    told = [
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert "hash " in told[0]
