"""What the guard says of itself beside what the venues wrote down, and the promises that must hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from riskguard.core.facts import Fact, NakedCounted
from riskguard.core.types import Leg
from riskguard.demo.outage import Outcome, Places
from riskguard.demo.scene import BACKUP, LOT, POSITION, PRIMARY, SYMBOL
from riskguard.journal import JournalReader
from riskguard.report import incident_report, incidents_of, measure
from riskguard.simulation.ground_truth import NoTruthError, ground_truth, read_logs

AGREE_S = 0.1
AGREE_USDT = Decimal("0.03")
"""Money over time may differ by the price between two looks: 3 %."""


@dataclass(frozen=True, slots=True)
class Score:
    """One demo, judged."""

    figures: Mapping[str, Any]
    truth: Mapping[str, Any]
    broken: Sequence[str]
    """Promises that did not hold; empty when all did."""
    report: Path | None

    def as_dict(self) -> dict[str, Any]:
        """Give the line of `--json`."""
        report = str(self.report) if self.report else None
        return {**self.figures, "ground_truth": self.truth, "broken": list(self.broken), "report": report}


def score(places: Places, outcome: Outcome) -> Score:
    """Judge one run from the guard's journal and the venues' logs, neither of which knows the other."""
    broken = [outcome.broken] if outcome.broken else []
    if outcome.guard_exit != 0:
        broken.append(f"the guard ended with code {outcome.guard_exit}")
    if outcome.onset_ms is None or not places.journal.is_file():
        return Score({}, {}, [*broken, "the outage did not begin"], None)
    facts = _facts(places.journal)
    legs = [Leg(PRIMARY, SYMBOL), Leg(BACKUP, SYMBOL)]
    mids = [(at, fact.mid) for at, fact in facts if isinstance(fact, NakedCounted) and fact.mid]
    figures = measure(
        facts, onset_ms=outcome.onset_ms, venue=PRIMARY, legs=legs, lot=LOT, mids=mids
    ).as_dict()
    logs = [log for log in (places.venue_log, places.freeze_log) if log.is_file()]
    try:
        truth = ground_truth(read_logs(logs), base="BTC", venue=PRIMARY, fault_ms=outcome.onset_ms)
    except NoTruthError as error:
        return Score(figures, {}, [*broken, str(error)], None)
    broken += _broken(figures, truth)
    return Score(figures, truth, broken, _write_report(places, facts, outcome, figures, truth))


def _facts(journal: Path) -> list[tuple[int, Fact]]:
    reader = JournalReader(journal)
    try:
        return list(reader.facts())
    finally:
        reader.close()


def _broken(figures: Mapping[str, Any], truth: Mapping[str, Any]) -> list[str]:
    """Name every promise that does not hold."""
    promises = {
        "the hedge reached its target": truth["hedged_after_s"] is not None,
        "nothing beyond the target was ever held": Decimal(truth["overshoot"]) == 0,
        "the final net position is the start's": Decimal(truth["final_net"]) == POSITION,
        f"orders went to {BACKUP} only": all(
            count == 0 for venue, count in truth["orders_sent"].items() if venue != BACKUP
        ),
    }
    broken = [promise for promise, holds in promises.items() if not holds]
    return broken + [
        f"guard and venues disagree on {key}" for key in truth if not _agree(key, figures, truth)
    ]


def _agree(key: str, figures: Mapping[str, Any], truth: Mapping[str, Any]) -> bool:
    """Compare one figure: seconds within 0.1 s, amounts within one lot."""
    ours, theirs = figures.get(key), truth[key]
    if ours is None or theirs is None:
        return ours is theirs
    if key == "orders_sent":
        venues = ours.keys() | theirs.keys()
        return all(ours.get(venue, 0) == theirs.get(venue, 0) for venue in venues)
    if key == "naked_usdt_s":
        return abs(Decimal(ours) - Decimal(theirs)) <= AGREE_USDT * max(Decimal(theirs), Decimal(1))
    if key.endswith("_s"):
        return abs(float(ours) - float(theirs)) <= AGREE_S
    tolerance = 1 if key == "overshoot" else LOT
    return abs(Decimal(ours) - Decimal(theirs)) <= tolerance


def _write_report(
    places: Places,
    facts: Sequence[tuple[int, Fact]],
    outcome: Outcome,
    figures: Mapping[str, Any],
    truth: Mapping[str, Any],
) -> Path | None:
    incidents = list(incidents_of(facts))
    if not incidents:
        return None
    path = places.directory / "report.html"
    text = incident_report(
        facts, incidents[0].id, "html", onset_ms=outcome.onset_ms, figures=figures, truth=truth
    )
    path.write_text(text, encoding="utf-8")
    return path
