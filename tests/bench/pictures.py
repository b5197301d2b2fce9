"""Draw the pictures of docs/detection.md: `python -m tests.bench.pictures`."""

import random
import sys
from pathlib import Path as File

from riskguard.core.detect import persistence_s
from riskguard.core.detect.likelihood import Weights
from riskguard.core.detect.persistence import MONTH_S
from riskguard.core.types import Path, Verdict

from . import faults
from .faults import Span
from .loop import Conditions, Loop
from .runs import trained
from .svg import Line, Mark, chart
from .world import load, log_normal, share_longer

FOLDER = File(__file__).resolve().parents[2] / "docs" / "img"
SECONDS = 15.0
SEED = 4


def main() -> int:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, picture in (("outage", outage()), ("in_flight", in_flight()), ("persistence", persistence())):
        (FOLDER / f"detection_{name}.svg").write_text(picture)
        sys.stderr.write(f"docs/img/detection_{name}.svg\n")
    return 0


def outage() -> str:
    """Nats against `cancel` while orders and cancels hang and reads answer."""
    loop = trained(load("base"), SEED)
    loop.run(3.0, Conditions())
    onset = loop.now + 1.0
    hanging = Conditions(fault=faults.hangs(Span(onset, onset + 1e6), faults.ORDERS))
    lines: dict[str, list[tuple[float, float]]] = {"cancel": [], "place": [], "query": []}
    marks: dict[Verdict, float] = {}
    alarms = loop.run(SECONDS, hanging, onset=onset, watch=lambda now: _note(loop, now - onset, lines, marks))
    assert alarms.down is not None
    words = [Mark(at, str(verdict)) for verdict, at in marks.items() if verdict is not Verdict.UP]
    return chart(
        "Orders and cancels hang from 0 s on, reads answer", "seconds after the onset", "nats (dead)",
        [Line(name, points) for name, points in lines.items()], words,
        x_ticks=[-1, 0, 2, 4, 6, 8, 10, 12, 14, 16], y_ticks=[0, 10, 20, 30, 40, 50, 60],
    )  # fmt: skip


def _note(
    loop: Loop, seconds: float, lines: dict[str, list[tuple[float, float]]], marks: dict[Verdict, float]
) -> None:
    evidence = loop.detector._evidence.paths
    marks.setdefault(evidence[Path.CANCEL].verdict, seconds)
    for name, points in lines.items():
        points.append((seconds, evidence[Path(name)].nats[0]))


def in_flight() -> str:
    """Show what one unanswered call is worth."""
    loop = trained(load("base"), SEED)
    weights: Weights = loop.detector._evidence.paths[Path.PLACE].weights
    ages = [i * 0.01 for i in range(1, 200)]
    lines = [
        Line(name, [(age, weights.under_way(age)[i]) for age in ages])
        for i, name in enumerate(("dead", "partial", "slow"))
    ]
    return chart(
        "A call still out is evidence (usual latency 60 ms)", "age of the call, seconds", "nats", lines,
        x_ticks=[0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0], y_ticks=[0, 1, 2, 3, 4, 5, 6],
    )  # fmt: skip


def persistence() -> str:
    """Show the false alarms a year that blips force on any detector, and the time that ours learns."""
    lines, marks = [], []
    for name in ("benign", "base", "hostile"):
        blips = load(name).blips
        per_year, median_s, sigma = 12.0 * blips["per_month"], blips["median_s"], blips["sigma"]
        times = [0.5 + 0.1 * i for i in range(150)]
        lines.append(Line(name, [(t, per_year * share_longer(median_s, sigma, t)) for t in times]))
        rng = random.Random(SEED)  # noqa: S311 - a picture
        seen = [log_normal(rng, median_s, sigma) for _ in range(int(per_year))]
        marks.append(Mark(persistence_s(1.0, 12 * MONTH_S, [x for x in seen if x > 1.0]), f"{name} learnt"))
    return chart(
        "False alarms a year if alarming after T, and T for one a year learnt from a year's blips",
        "T, seconds", "false alarms a year", lines, marks,
        x_ticks=[0, 2, 4, 6, 8, 10, 12, 14, 16], y_ticks=[0, 1, 2, 3, 4, 5, 6, 7, 8],
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
