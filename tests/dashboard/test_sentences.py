"""The same picture as lines that are only appended."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.snapshot import EventPicture, PathPicture, Snapshot
from riskguard.core.types import Mode
from riskguard.dashboard.sentences import sentences

Pictures = dict[str, Snapshot]


def test_the_first_time_everything_is_said(pictures: Pictures) -> None:
    lines = sentences(None, pictures["trapped"])
    assert lines[0] == "12:00:00 guard: auto, armed; COULD HEDGE NOW: BTC 100% at 7.1 bps"
    assert "12:00:00 main: TRAPPED: 0 of 7 cancels answered in 11.9 s" in lines
    assert "12:00:00 in doubt: rgaxk3f90001h sell 0.75 on bybit, unknown for 2.7s" in lines
    assert any("next: hedging in 4 s, v to veto" in line for line in lines)


@pytest.mark.parametrize("name", ["calm", "trapped", "blind", "two incidents", "long texts"])
def test_no_change_is_no_line(pictures: Pictures, name: str) -> None:
    later = replace(pictures[name], at_ms=pictures[name].at_ms + 1_000)
    assert sentences(pictures[name], later) == []


def test_one_line_per_change(pictures: Pictures) -> None:
    lines = sentences(pictures["calm"], pictures["trapped"])
    assert "12:00:00 main: FINE -> TRAPPED: 0 of 7 cancels answered in 11.9 s" in lines
    assert "12:00:00 main paths: place up -> down, reduce up -> down, cancel up -> confirmed" in lines
    asset = "BTC: net +1.5, if doubts fill +0.9 .. +2.1, trapped +1.5, hedged 0, target -1.5"
    assert f"12:00:00 {asset}" in lines
    assert sum("in doubt" in line for line in lines) == 2
    assert len(lines) == len(set(lines))


def test_the_way_back(pictures: Pictures) -> None:
    lines = sentences(pictures["trapped"], replace(pictures["calm"], mode=Mode.OBSERVE, armed=False))
    assert "12:00:00 guard: observe, not armed" in lines
    assert "12:00:00 main: TRAPPED -> FINE" in lines
    assert "12:00:00 no longer in doubt: rgaxk3f90001h" in lines


def test_our_own_fault_and_the_journal(pictures: Pictures) -> None:
    broken = replace(pictures["self"], journal_ok=False)
    lines = sentences(pictures["calm"], broken)
    assert "12:00:00 ourselves: FINE -> SELF: 3 of 3 references silent" in lines
    assert "12:00:00 journal cannot be written: no order that adds risk is sent" in lines
    assert "12:00:00 journal can be written again" in sentences(broken, pictures["self"])


def test_a_hiccup_between_up_and_suspect_is_no_line(pictures: Pictures) -> None:
    calm = pictures["calm"]
    first, *rest = calm.venues[0].paths
    suspect = replace(calm.venues[0], paths=(replace(first, verdict="suspect"), *rest))
    assert sentences(calm, replace(calm, venues=(suspect, calm.venues[1]))) == []
    down = replace(calm.venues[0], paths=(PathPicture(first.path, "down", None, 9.0), *rest))
    assert sentences(calm, replace(calm, venues=(down, calm.venues[1]))) == [
        "12:00:00 main paths: place up -> down"
    ]


def test_coverage_is_told_when_its_class_changes_only(pictures: Pictures) -> None:
    calm = pictures["calm"]

    def with_share(share: str) -> Snapshot:
        coverage = replace(calm.assets[0].coverage, share=Decimal(share))
        return replace(calm, assets=(replace(calm.assets[0], coverage=coverage),))

    assert sentences(calm, with_share("1.2")) == []
    assert sentences(calm, with_share("0.999")) == ["12:00:00 BTC: could hedge now 99% at 7.1 bps"]
    assert sentences(with_share("0.6"), with_share("0.7")) == []


def test_equal_events_are_told_as_often_as_they_happen(pictures: Pictures) -> None:
    calm = pictures["calm"]
    twice = replace(
        calm, events=(*calm.events, EventPicture(1, "info", "x", ""), EventPicture(1, "info", "x", ""))
    )
    assert sentences(calm, twice) == ["12:00:00 info: x", "12:00:00 info: x"]


def test_lines_are_single_and_printable(pictures: Pictures) -> None:
    lines = sentences(None, pictures["long texts"])
    assert all(line.isprintable() and len(line) <= 500 for line in lines)
    assert any(line.endswith("…") for line in lines)
