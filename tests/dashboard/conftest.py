"""Snapshots as the guard would give them: calm, trapped, our own fault, and shapes that strain a screen."""

from dataclasses import replace
from decimal import Decimal

import pytest

from riskguard.core.snapshot import (
    AssetPicture,
    CoveragePicture,
    DoubtPicture,
    EventPicture,
    IncidentPicture,
    PathPicture,
    PositionPicture,
    Snapshot,
    VenuePicture,
)
from riskguard.core.types import Leg, Mode, Path, Side

NOON_MS = 1_790_000_000_000 // 86_400_000 * 86_400_000 + 43_200_000
"""Twelve o'clock UTC of some day."""


def venue(name: str, role: str, condition: str = "FINE", because: str = "", **verdicts: str) -> VenuePicture:
    paths = tuple(_path(path, verdicts.get(path.value, "up")) for path in Path)
    return VenuePicture(
        id=name, role=role, condition=condition, because=because, paths=paths, mid=Decimal("66240.5"),
        book_age_s=0.3, equity=Decimal(50_000), free=Decimal(38_000),
    )  # fmt: skip


def _path(path: Path, verdict: str) -> PathPicture:
    well = verdict == "up"
    return PathPicture(
        path, verdict, 84.0 if well else None, 0.4 if well else 14.2, in_flight=0 if well else 2
    )


def asset(**changes: object) -> AssetPicture:
    coverage = CoveragePicture(Decimal(1), Decimal("7.1"), Decimal("0.9"), "none")
    positions = (
        PositionPicture(Leg("main", "BTC/USDT:USDT"), Decimal("1.5"), 0.4, Decimal(0)),
        PositionPicture(Leg("bybit", "BTC/USDT:USDT"), Decimal(0), 0.6, Decimal(0)),
    )
    calm = AssetPicture(
        name="BTC", net=Decimal("1.5"), low=Decimal("1.5"), high=Decimal("1.5"), trapped=Decimal(0),
        hedged=Decimal(0), target=None, coverage=coverage, positions=positions,
    )  # fmt: skip
    return replace(calm, **changes)  # type: ignore[arg-type]  # callers name fields of AssetPicture


def incident(**changes: object) -> IncidentPicture:
    running = IncidentPicture(
        id="I-0042", state="open", venue="main", rule="trapped", opened_ms=NOON_MS - 16_000, closed_ms=None,
        naked_s=16.2, naked_usdt_s=Decimal(1_609_200), next_action="hedging", at_ms=NOON_MS + 3_400,
    )  # fmt: skip
    return replace(running, **changes)  # type: ignore[arg-type]  # callers name fields of IncidentPicture


def _calm() -> Snapshot:
    return Snapshot(
        at_ms=NOON_MS, mode=Mode.AUTO, armed=True, self_condition="FINE", self_because="", journal_ok=True,
        venues=(venue("main", "primary"), venue("bybit", "backup")), assets=(asset(),), in_doubt=(),
        incidents=(), events=(EventPicture(NOON_MS - 60_000, "info", "guard started", "policy ok"),),
    )  # fmt: skip


def _trapped() -> Snapshot:
    sick = venue("main", "primary", "TRAPPED", "0 of 7 cancels answered in 11.9 s", place="down",
                 reduce="down", cancel="confirmed")  # fmt: skip
    stuck = asset(
        low=Decimal("0.9"), high=Decimal("2.1"), trapped=Decimal("1.5"), target=Decimal("-1.5"),
    )  # fmt: skip
    doubts = (
        DoubtPicture("rgaxk3f90001h", "bybit", Side.SELL, Decimal("0.75"), 2.7, "unknown"),
        DoubtPicture("rgaxk3f90002h", "bybit", Side.SELL, Decimal("0.75"), 1.1, "looking up"),
    )
    words = "cancel unanswered"
    events = tuple(EventPicture(NOON_MS - 20_000 + 1_000 * n, "info", f"event {n}", words) for n in range(9))
    events = (*events, EventPicture(NOON_MS - 11_000, "alarm", "event 9", words))
    return replace(
        _calm(), venues=(sick, venue("bybit", "backup")), assets=(stuck,), in_doubt=doubts,
        incidents=(incident(),), events=events,
    )  # fmt: skip


def _blind() -> Snapshot:
    unread = PositionPicture(Leg("main", "BTC/USDT:USDT"), None, 42.0, Decimal(0))
    never = PositionPicture(Leg("okx", "ETH/USDT:USDT"), None, None, Decimal(0))
    coverage = CoveragePicture(Decimal("0.4"), None, None, "margin")
    unknown = asset(net=None, low=None, high=None, trapped=None, coverage=coverage, positions=(unread,))
    sick = replace(venue("main", "primary", "BLIND", "no position for 42 s", fills="down", account="down"),
                   mid=None, book_age_s=None, equity=None, free=None)  # fmt: skip
    return replace(
        _calm(), venues=(sick, venue("bybit", "backup")),
        assets=(unknown, replace(unknown, name="ETH", positions=(never,))),
    )  # fmt: skip


def _two_incidents() -> Snapshot:
    second = incident(id="I-0043", venue="okx", rule="dark", at_ms=NOON_MS + 900, next_action="cancelling")
    over = incident(id="I-0041", state="closed", closed_ms=NOON_MS - 1_000, next_action="", at_ms=None)
    dark = venue("okx", "both", "DARK", "nothing answers", **{path.value: "down" for path in Path})
    trapped = _trapped()
    return replace(trapped, venues=(*trapped.venues, dark), incidents=(incident(vetoed=True), second, over))


def _twelve_venues() -> Snapshot:
    healthy = [venue(f"venue{n:02d}", "backup") for n in range(11)]
    return replace(_trapped(), venues=(*healthy, venue("sick", "primary", "DARK", "nothing answers")))


def _long_texts() -> Snapshot:
    words = "the venue said 日本語 \x1b[31mred\x1b[0m\r\n" * 40
    long = venue("a-venue-with-a-very-long-name-indeed", "primary", "TRAPPED?", words, place="confirmed")
    return replace(
        _trapped(), venues=(long,), self_because=words, self_condition="SELF", journal_ok=False,
        incidents=(incident(id="I-" + "9" * 60, next_action=words),),
        assets=(asset(name="LONGASSET" * 9, net=Decimal("123456789.123456789123456789")),),
        events=(EventPicture(NOON_MS, "alarm", words, words, "I-1"),) * 30,
    )  # fmt: skip


@pytest.fixture
def pictures() -> dict[str, Snapshot]:
    """Give every named snapshot."""
    calm = _calm()
    own_fault = replace(
        calm, self_condition="SELF", self_because="3 of 3 references silent",
        venues=tuple(replace(row, condition="DARK?", because="nothing answers") for row in calm.venues),
    )  # fmt: skip
    empty = replace(calm, venues=(), assets=(), events=(), mode=Mode.OBSERVE, armed=False)
    return {
        "calm": calm, "trapped": _trapped(), "self": own_fault, "blind": _blind(), "empty": empty,
        "two incidents": _two_incidents(), "twelve venues": _twelve_venues(), "long texts": _long_texts(),
    }  # fmt: skip
