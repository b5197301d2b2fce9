"""One incident's report in every format, and what hostile texts can do to it: nothing."""

import json
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from riskguard.core.facts import ConditionChanged, Fact, OrderMoved, Told
from riskguard.report import FORMATS, NoIncidentError, incident_report, tell

FAULT_MS = 1_790_000_000_000
GOLDEN = Path(__file__).with_name("golden") / "incident.md"
Journal = list[tuple[int, Fact]]

FIGURES = {"hedged_after_s": 11.02, "orders_sent": {"backup": 3, "main": 0}, "overshoot": "0"}


def test_the_markdown_report_reads_as_the_golden_file(journal: Journal, tmp_path: Path) -> None:
    written = incident_report(journal, "I-0001", "md", onset_ms=FAULT_MS, figures=FIGURES, truth=FIGURES)
    actual = tmp_path / "incident.md"
    actual.write_text(written, encoding="utf-8")
    assert written == GOLDEN.read_text(encoding="utf-8"), f"if the change is meant, copy {actual} to {GOLDEN}"


def test_json_has_every_part_and_decimals_as_strings(journal: Journal) -> None:
    story = json.loads(incident_report(journal, "I-0001", "json", onset_ms=FAULT_MS, truth=FIGURES))
    assert story["state"] == "closed"
    assert [order["client_id"] for order in story["orders"]] == ["rg1h", "rg2h", "rg3u"]
    assert [fill["trade_id"] for fill in story["fills"]] == ["t1", "t2", "t3"]
    assert story["costs"]["hedge_fees"] == "6.50"
    assert story["truth"] == FIGURES


def test_costs_of_a_round_trip(journal: Journal) -> None:
    costs = tell(journal, "I-0001").costs
    mean = (59_990 + 59_980 / 2) / 1.5
    assert float(costs.price_result) == pytest.approx(1.5 * (mean - 58_000))
    assert float(costs.total) == pytest.approx(9.75 - 1.5 * (mean - 58_000))
    assert costs.still_held == {}


def test_a_doubt_is_told_with_its_end(journal: Journal) -> None:
    story = tell(journal, "I-0001", onset_ms=FAULT_MS)
    assert story.not_known == (
        "outcome of rg2h, unknown from +13.000 s for 0.400 s, settled by found by client id: closed",
    )


def test_a_doubt_that_never_ended_is_told(journal: Journal) -> None:
    cut = [(wall_ms, fact) for wall_ms, fact in journal if wall_ms <= FAULT_MS + 13_000]
    story = tell(cut, "I-0001")
    assert story.closed_ms is None
    assert story.not_known == ("outcome of rg2h, unknown from +11.000 s and still is",)
    assert story.costs.still_held == {"backup BTC/USDT:USDT": Decimal(-1)}


def test_canaries_and_other_incidents_are_left_out(journal: Journal) -> None:
    said = incident_report(journal, "I-0001", "md")
    assert "rg0c" not in said
    assert "another incident" not in said


def test_an_unknown_incident_is_an_error(journal: Journal) -> None:
    with pytest.raises(NoIncidentError, match="no incident I-0009"):
        incident_report(journal, "I-0009")


class Tags(HTMLParser):
    """Collects every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def _poisoned(journal: Journal) -> Journal:
    poison = (
        '<script>alert("x")</script><img src=x onerror=y>\n# head | cell `code` [a](javascript:b)\x1b[31m'
    )
    extra: Journal = [
        (FAULT_MS + 5_000, ConditionChanged(f"main{poison}", poison, poison)),
        (FAULT_MS + 6_000, Told("alarm", poison, poison, "I-0001")),
        (FAULT_MS + 12_000, OrderMoved("rg2h", "unknown", poison, because=poison)),
    ]
    return sorted([*journal, *extra], key=lambda row: row[0])


def test_html_lets_no_foreign_tag_or_attribute_through(journal: Journal) -> None:
    clean, poisoned = Tags(), Tags()
    clean.feed(incident_report(journal, "I-0001", "html", figures=FIGURES))
    page = incident_report(_poisoned(journal), "I-0001", "html", figures=FIGURES)
    poisoned.feed(page)
    assert "&lt;script&gt;" in page
    assert (poisoned.tags, poisoned.attributes) == (clean.tags, clean.attributes)
    assert "http" not in page


def test_markdown_lets_no_foreign_markup_through(journal: Journal) -> None:
    said = incident_report(_poisoned(journal), "I-0001", "md")
    assert "<" not in said
    assert "\x1b" not in said
    heads = [line for line in said.splitlines() if line.startswith("#")]
    assert len(heads) == len(
        [x for x in incident_report(journal, "I-0001", "md").splitlines() if x[:1] == "#"]
    )
    columns = {line.replace("\\|", "").count("|") for line in said.splitlines() if line.startswith("| +")}
    assert columns == {4}


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_tells_of_an_incident_that_just_opened(journal: Journal, form: str) -> None:
    cut = [(wall_ms, fact) for wall_ms, fact in journal if wall_ms <= FAULT_MS + 2_000]
    assert "I-0001" in incident_report(cut, "I-0001", form)
