"""Writes the report of one incident in the format that is asked for."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from riskguard.report.blocks import headline
from riskguard.report.markdown import as_markdown
from riskguard.report.orders import TimedFact
from riskguard.report.page import as_html
from riskguard.report.story import Story
from riskguard.report.telling import tell
from riskguard.report.text import clean


def as_json(story: Story) -> str:
    """Give the story as one JSON object; decimals are strings."""
    return json.dumps(
        {"headline": clean(headline(story)), **asdict(story), "cost": story.costs.total},
        default=str, ensure_ascii=False, indent=2,
    )  # fmt: skip


FORMATS: Mapping[str, Callable[[Story], str]] = {"md": as_markdown, "html": as_html, "json": as_json}
"""What `riskguard report ID -o FILE` can write, by the file's extension."""


def incident_report(
    facts: Sequence[TimedFact],
    incident: str,
    form: str = "md",
    *,
    onset_ms: int | None = None,
    figures: Mapping[str, Any] | None = None,
    truth: Mapping[str, Any] | None = None,
) -> str:
    """Write one incident's report as `md`, `html` or `json`; raises `NoIncidentError` or `KeyError`."""
    return FORMATS[form](tell(facts, incident, onset_ms=onset_ms, figures=figures, truth=truth))
