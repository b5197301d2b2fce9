"""The parameters of a simulated world, read from a file, and the latencies drawn from it."""

import math
import random
import tomllib
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

WORLDS = File(__file__).with_name("worlds")
MONTH_S = 365.25 * 86_400.0 / 12.0
YEAR_S = 12.0 * MONTH_S


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a world file."""

    values: dict[str, float]

    def __getitem__(self, name: str) -> float:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class WorldParameters:
    """All of a world file."""

    name: str
    top: Section
    latency: Section
    calls: Section
    blips: Section
    own_network: Section
    busy: Section
    stalls: Section

    def changed(self, **top: float) -> "WorldParameters":
        """Give the same world with other traffic."""
        sections = (self.latency, self.calls, self.blips, self.own_network, self.busy, self.stalls)
        return WorldParameters(self.name, Section(self.top.values | top), *sections)


def load(name: str) -> WorldParameters:
    """Read a world by its name here or as a file; what it leaves out is as in `base`."""
    raw = _read("base")
    for key, value in _read(name).items():
        raw[key] = raw[key] | value if isinstance(value, dict) else value
    tables = {key: Section(value) for key, value in raw.items() if isinstance(value, dict)}
    top = Section({key: value for key, value in raw.items() if isinstance(value, int | float)})
    return WorldParameters(name=str(raw["name"]), top=top, **tables)


def _read(name: str) -> dict[str, Any]:
    file = WORLDS / f"{name}.toml"
    return tomllib.loads((file if file.exists() else File(name)).read_text())


def draw_latency_s(world: WorldParameters, rng: random.Random) -> float:
    """Draw the latency of one healthy call."""
    latency = world.latency
    if rng.random() < latency["tail_share"]:
        return float(latency["tail_from_s"] * (1.0 - rng.random()) ** (-1.0 / latency["tail_alpha"]))
    return float(latency["median_s"] * math.exp(latency["sigma"] * rng.gauss(0.0, 1.0)))


def slower(world: WorldParameters, t_s: float, times: float = 1.0) -> float:
    """Give P(a healthy call that is `times` slower takes longer than `t_s`)."""
    latency, t = world.latency, t_s / times
    if t <= 0.0:
        return 1.0
    body = 0.5 * math.erfc(math.log(t / latency["median_s"]) / (latency["sigma"] * math.sqrt(2.0)))
    start = latency["tail_from_s"]
    tail = 1.0 if t <= start else float((start / t) ** latency["tail_alpha"])
    return float((1.0 - latency["tail_share"]) * body + latency["tail_share"] * tail)


def log_normal(rng: random.Random, median_s: float, sigma: float) -> float:
    """Draw a duration."""
    return float(median_s * math.exp(sigma * rng.gauss(0.0, 1.0)))


def share_longer(median_s: float, sigma: float, t_s: float) -> float:
    """Give P(log-normal > t)."""
    return 0.5 * math.erfc(math.log(t_s / median_s) / (sigma * math.sqrt(2.0)))


def persistence_limit_s(per_month: float, median_s: float, sigma: float, per_year: float) -> float:
    """Give the shortest alarm time that any detector can have at `per_year` false alarms from blips."""
    low, high = 0.01, 1000.0
    for _ in range(60):
        middle = math.sqrt(low * high)
        too_many = 12.0 * per_month * share_longer(median_s, sigma, middle) > per_year
        low, high = (middle, high) if too_many else (low, middle)
    return high
