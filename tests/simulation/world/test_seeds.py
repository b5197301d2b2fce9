"""Drawn histories: every invariant holds after every step, and one seed is one history."""

import json
import os
import signal
import subprocess
import sys

import pytest

from riskguard.simulation.world.many import Total, many

SIMULATION = [sys.executable, "-m", "riskguard.simulation"]
KINDS = ("hang", "lost", "late", "error", "crash", "network", "stall", "duplicated", "empty")


@pytest.mark.slow
def test_two_hundred_seeds_hold_every_invariant() -> None:
    told = subprocess.run(
        [*SIMULATION, "--json", "--seeds", "200"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr or told.stdout
    figures = json.loads(told.stdout)
    assert figures["seeds"] == 200
    assert figures["broken"] == []
    struck = " ".join(figures["faults"])
    for kind in KINDS:
        assert kind in struck


def test_histories_are_the_same_however_many_processes_live_them() -> None:
    seeds = range(11, 15)
    told: dict[int, list[int]] = {1: [], 2: []}

    def lived(jobs: int) -> Total:
        return many(seeds, lambda seed, _: told[jobs].append(seed), jobs=jobs)

    totals = [lived(jobs) for jobs in told]
    assert told == {1: list(seeds), 2: list(seeds)}
    assert totals[0].hashes == totals[1].hashes
    assert totals[0].moves == totals[1].moves
    assert totals[0].hash == totals[1].hash


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


@pytest.mark.crash
def test_no_process_outlives_the_one_that_counts() -> None:
    """They share its output, which ends with the last of them."""
    counting = subprocess.Popen(
        [*SIMULATION, "--seeds", "40", "--jobs", "2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert counting.stdout is not None
    assert counting.stdout.readline()
    counting.kill()
    counting.communicate(timeout=60.0)
    assert counting.returncode == -signal.SIGKILL
