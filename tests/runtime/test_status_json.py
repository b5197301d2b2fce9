"""The status object has the keys and forms of the contract."""

import json
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
from riskguard.runtime.status_json import decimal_text, rfc3339, status_json

POLICY = {"path": "guard.toml", "hash": "abc", "ok": True}
LEG = Leg("main", "BTC/USDT:USDT")


def snapshot() -> Snapshot:
    place = PathPicture(Path.PLACE, "suspect", None, 2.5, 1)
    cancel = PathPicture(Path.CANCEL, "up", 31.0, 0.2)
    venue = VenuePicture(
        "main", "primary", "TRAPPED?", "cancel is down", (place, cancel), Decimal("60000.50"), 0.1,
        Decimal(12_345), None,
    )  # fmt: skip
    asset = AssetPicture(
        "BTC", Decimal("1.50"), None, Decimal("1E+1"), Decimal("1.5"), Decimal("-0.000"), None,
        CoveragePicture(Decimal("0.8"), Decimal("4.2"), None, "margin"),
        (PositionPicture(LEG, None, None, Decimal(0)),),
    )  # fmt: skip
    doubt = DoubtPicture("rga1h", "main", Side.SELL, Decimal("0.5"), 3.5, "sent")
    incident = IncidentPicture(
        "i1", "open", "main", "trapped", 1_790_000_000_123, None, 12.5, Decimal(750_000), "hedge",
        1_790_000_010_000,
    )  # fmt: skip
    event = EventPicture(1_790_000_000_000, "alarm", "title", "body")
    return Snapshot(
        1_790_000_001_000,
        Mode.AUTO,
        True,
        "FINE",
        "",
        True,
        (venue,),
        (asset,),
        (doubt,),
        (incident,),
        (event,),
    )


def test_every_key_of_the_contract_is_there_in_its_form() -> None:
    status = json.loads(json.dumps(status_json(snapshot(), POLICY)))
    assert status["mode"] == "auto"
    assert status["armed"] is True
    assert status["self"] == {"condition": "FINE", "because": ""}
    assert status["policy"] == POLICY
    venue = status["venues"][0]
    assert (venue["id"], venue["condition"], venue["because"]) == ("main", "TRAPPED?", "cancel is down")
    assert venue["paths"]["place"] == {"verdict": "suspect", "latency_ms": None, "age_s": 2.5, "in_flight": 1}
    assert venue["paths"]["cancel"]["latency_ms"] == 31.0
    assert (venue["equity"], venue["free"]) == ({"amount": "12345", "ccy": "USDT"}, None)
    asset = status["assets"][0]
    assert {key: asset[key] for key in ("name", "net", "low", "high", "trapped", "hedged", "target")} == {
        "name": "BTC",
        "net": "1.5",
        "low": None,
        "high": "10",
        "trapped": "1.5",
        "hedged": "0",
        "target": None,
    }
    coverage = {"share": 0.8, "cost_bps": 4.2, "carry_bps_day": None, "limited_by": "margin"}
    assert asset["coverage"].items() >= coverage.items()
    assert status["in_doubt"] == [
        {
            "client_id": "rga1h",
            "venue": "main",
            "side": "sell",
            "amount": "0.5",
            "age_s": 3.5,
            "state": "sent",
        }
    ]
    incident = status["incidents"][0]
    assert {
        key: incident[key]
        for key in ("id", "state", "venue", "opened_at", "naked_s", "naked_usdt_s", "next_action", "at")
    } == {
        "id": "i1",
        "state": "open",
        "venue": "main",
        "opened_at": "2026-09-21T14:13:20.123Z",
        "naked_s": 12.5,
        "naked_usdt_s": "750000",
        "next_action": "hedge",
        "at": "2026-09-21T14:13:30.000Z",
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [("0E-8", "0"), ("-0", "0"), ("1E+3", "1000"), ("100", "100"), ("0.10", "0.1"), ("-1.500", "-1.5")],
)
def test_decimals_are_plain(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


def test_times_before_and_after_the_epoch_are_utc() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(-1) == "1969-12-31T23:59:59.999Z"
