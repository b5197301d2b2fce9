"""The journal of a long run under virtual time: `python tests/journal/day.py HOURS [INCIDENT_AT_HOUR]`."""

import json
import sys
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from riskguard.core.policy import Canary, Policy, Rung
from riskguard.journal import JournalReader
from riskguard.simulation.world.exchange import EPOCH_MS
from riskguard.simulation.world.faults import ACTING, Fault, Kind
from riskguard.simulation.world.history import run
from riskguard.simulation.world.journals import DiskJournal
from riskguard.simulation.world.policies import leg, policy
from riskguard.simulation.world.script import Script, VenueSetup

HOUR_S = 3_600.0
EVERY_S = 2.0
"""The dearest canary of the contract's example: an order placed and pulled every two seconds."""


def with_orders_as_canaries() -> Policy:
    """Make a policy whose primary is probed by real orders."""
    made = policy(backups=("alpha",))
    main = replace(made.venues[0], canary=Canary(Rung.PLACE_CANCEL, every_s=EVERY_S))
    return replace(made, venues=(main, *made.venues[1:]))


def script(hours: float, incident_at_h: float | None) -> Script:
    """Make a run of so many hours, all well but for one outage of two minutes."""
    begin_s = 0.0 if incident_at_h is None else incident_at_h * HOUR_S
    faults = () if incident_at_h is None else (Fault(Kind.HANG, begin_s, begin_s + 120.0, "main", ACTING),)
    return Script(
        "a day",
        with_orders_as_canaries(),
        (VenueSetup("main"), VenueSetup("alpha")),
        prices=(("BTC", ((0.0, Decimal(60_000)), (hours * HOUR_S, Decimal(61_000)))),),
        held=((leg("main", "BTC"), Decimal("1.5")),),
        faults=faults,
        lasts_s=hours * HOUR_S,
        calm_end=False,  # else the history ends as soon as all is well
    )


def measure(hours: float, incident_at_h: float | None = None) -> dict[str, object]:
    """Live through it and weigh the file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rg.db"
        began_s = time.process_time()
        result = run(script(hours, incident_at_h), step_limit=10**9, journal=DiskJournal(path, EPOCH_MS))
        with JournalReader(path) as reader:
            facts = [fact for _, fact in reader.facts()]
        kinds: dict[str, int] = {}
        for fact in facts:
            kinds[type(fact).__name__] = kinds.get(type(fact).__name__, 0) + 1
        return {
            "hours": hours,
            "broken": result.broken,
            "rows": len(facts),
            "bytes": path.stat().st_size,
            "kinds": kinds,
            "canaries_sent": result.written.get("sent", 0),
            "cpu_s": round(time.process_time() - began_s, 1),
        }


if __name__ == "__main__":
    asked = [float(word) for word in sys.argv[1:]]
    sys.stdout.write(json.dumps(measure(asked[0], asked[1] if len(asked) > 1 else None)) + "\n")
