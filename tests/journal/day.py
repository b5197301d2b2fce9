"""The journal of a long run under virtual time: `python -m tests.journal.day --hours 24 --incident 12`."""

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from riskguard.core.facts import IncidentMoved
from riskguard.core.policy import Canary, Policy, Rung
from riskguard.journal import JournalReader
from riskguard.report import incident_report, incidents_of
from riskguard.simulation.world.exchange import EPOCH_MS
from riskguard.simulation.world.faults import ACTING, Fault, Kind
from riskguard.simulation.world.history import run
from riskguard.simulation.world.journals import DiskJournal
from riskguard.simulation.world.policies import leg, policy
from riskguard.simulation.world.script import Script, VenueSetup

HOUR_S = 3_600.0
EVERY_S = 2.0
"""The dearest canary of the contract's example: an order placed and pulled every two seconds."""
OUTAGE_S = 120.0
STEP_S = 60.0
"""How often the price takes another direction."""
BEFORE_MS, AFTER_MS = 120_000, 600_000
"""What is counted as an incident's rows: evidence from a minute before, and the way back after it."""


def with_orders_as_canaries() -> Policy:
    """Make a policy whose primary is probed by real orders."""
    made = policy(backups=("alpha",))
    main = replace(made.venues[0], canary=Canary(Rung.PLACE_CANCEL, every_s=EVERY_S))
    return replace(made, venues=(main, *made.venues[1:]))


def walk(lasts_s: float) -> tuple[tuple[float, Decimal], ...]:
    """Make a price that wanders by some 2 % in a day, the same one for every run."""
    draw, price = random.Random(1), Decimal(60_000)  # noqa: S311 - a simulation, not a secret
    points = [(0.0, price)]
    while points[-1][0] < lasts_s:
        price += (price * Decimal(round(draw.gauss(0.0, 5.0))) / 10_000).quantize(Decimal("0.1"))
        points.append((points[-1][0] + STEP_S, price))
    return tuple(points)


def script(hours: float, incident_at_h: float | None) -> Script:
    """Make a run of so many hours, all well but for one outage of two minutes."""
    begin_s = 0.0 if incident_at_h is None else incident_at_h * HOUR_S
    outage = Fault(Kind.HANG, begin_s, begin_s + OUTAGE_S, "main", ACTING)
    return Script(
        "a day",
        with_orders_as_canaries(),
        (VenueSetup("main"), VenueSetup("alpha")),
        prices=(("BTC", walk(hours * HOUR_S)),),
        held=((leg("main", "BTC"), Decimal("1.5")),),
        faults=() if incident_at_h is None else (outage,),
        lasts_s=hours * HOUR_S,
        calm_end=False,  # else the history ends as soon as all is well
    )


@dataclass(slots=True)
class Measured:
    """What a run left in its journal."""

    hours: float
    broken: str
    rows: int
    bytes: int
    canaries_sent: int
    cpu_s: float
    kinds: dict[str, int] = field(default_factory=dict)
    per_hour: list[int] = field(default_factory=list)
    """Rows by hour, as they lie in the file at the end."""
    incidents: dict[str, list[str]] = field(default_factory=dict)
    """Per incident: the states it went through, in order."""
    incident_rows: int = 0
    """Rows from two minutes before the first incident until ten minutes after it."""
    report_lines: int = 0
    """Lines of the first incident's report for a person."""

    def table(self) -> str:
        """Give the figures for a person."""
        kinds = sorted(self.kinds.items(), key=lambda item: (-item[1], item[0]))
        lines = [
            f"{self.hours:g} virtual hours in {self.cpu_s:.0f} processor seconds",
            f"broken: {self.broken or 'nothing'}",
            f"{self.rows} rows, {self.bytes} bytes; {self.canaries_sent} orders sent",
            f"rows by hour: {' '.join(map(str, self.per_hour))}",
            *(f"{count:8d}  {kind}" for kind, count in kinds),
            *(f"incident {name}: {' > '.join(states)}" for name, states in self.incidents.items()),
            f"{self.incident_rows} rows around the incident, its report has {self.report_lines} lines",
        ]
        return "\n".join(lines)


def measure(hours: float, incident_at_h: float | None = None, keep: Path | None = None) -> Measured:
    """Live through it and weigh the file; it stays in the folder `keep`, where one is named."""
    with TemporaryDirectory() as scratch:
        path = (keep or Path(scratch)) / "rg.db"
        began_s = time.process_time()
        result = run(script(hours, incident_at_h), step_limit=10**9, journal=DiskJournal(path, EPOCH_MS))
        spent_s = time.process_time() - began_s
        with JournalReader(path) as reader:
            facts = list(reader.facts())
        found = Measured(
            hours, result.broken, len(facts), path.stat().st_size, result.written.get("sent", 0), spent_s
        )
    found.kinds = dict(Counter(type(fact).__name__ for _, fact in facts))
    hourly = Counter((wall_ms - EPOCH_MS) // round(HOUR_S * 1000) for wall_ms, _ in facts)
    found.per_hour = [hourly[hour] for hour in range(max(hourly) + 1)]
    for _, fact in facts:
        if isinstance(fact, IncidentMoved):
            found.incidents.setdefault(fact.incident, []).append(fact.state)
    for incident in incidents_of(facts):
        first_ms, last_ms = incident.opened_ms - BEFORE_MS, incident.moved_ms + AFTER_MS
        found.incident_rows = sum(first_ms <= wall_ms <= last_ms for wall_ms, _ in facts)
        found.report_lines = len(incident_report(facts, incident.id, "md").splitlines())
        break
    return found


def asked(folder: Path, *words: str) -> str:
    """Ask the program itself, as a person would once the guard is gone."""
    config = folder / "riskguard.toml"
    config.write_text('version = 1\njournal = "rg.db"\n', encoding="utf-8")
    command = [sys.executable, "-m", "riskguard", words[0], "-c", str(config), *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.journal.day", description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0, help="virtual hours (24)")
    parser.add_argument("--incident", type=float, metavar="HOUR", help="when the primary fails (never)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the journal and a report there")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    chosen = parser.parse_args()
    if chosen.keep is not None:
        chosen.keep.mkdir(parents=True, exist_ok=True)
    found = measure(chosen.hours, chosen.incident, chosen.keep)
    line = json.dumps({name: getattr(found, name) for name in found.__slots__})
    sys.stdout.write((line if chosen.json else found.table()) + "\n")
    if chosen.keep is not None:
        for name in found.incidents:
            sys.stdout.write(asked(chosen.keep, "why", name))
            sys.stdout.write(asked(chosen.keep, "report", name, "-o", str(chosen.keep / f"{name}.md")))


if __name__ == "__main__":
    main()
