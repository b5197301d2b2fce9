"""A journal may begin or end anywhere, and facts may be missing: report and figures are made all the same."""

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskguard.core.facts import Fact
from riskguard.core.types import Leg
from riskguard.report import FORMATS, NoIncidentError, incident_report, measure

FAULT_MS = 1_790_000_000_000
LEGS = (Leg("main", "BTC/USDT:USDT"), Leg("backup", "BTC/USDT:USDT"))
Journal = list[tuple[int, Fact]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(0, 40)), st.sampled_from(sorted(FORMATS)))
def test_any_facts_may_be_missing(journal: Journal, missing: set[int], form: str) -> None:
    part = [row for at, row in enumerate(journal) if at not in missing]
    found = measure(part, onset_ms=FAULT_MS, venue="main", legs=LEGS, lot=Decimal("0.001"))
    json.dumps(found.as_dict())
    try:
        said = incident_report(part, "I-0001", form, onset_ms=FAULT_MS, figures=found.as_dict())
    except NoIncidentError:
        return
    assert "I-0001" in said


def test_an_empty_journal_has_no_incident() -> None:
    with pytest.raises(NoIncidentError):
        incident_report([], "I-0001")
    found = measure([], onset_ms=FAULT_MS, venue="main", legs=LEGS, lot=Decimal("0.001"))
    assert found.hedged_after_s is None
