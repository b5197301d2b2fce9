"""The object that `riskguard status --json` prints: its keys are a contract, added to and never renamed.

Amounts are decimal strings in base units, signed; money is `{"amount", "ccy"}`; times are RFC 3339 in UTC;
durations, shares and basis points are numbers; null means unknown, never zero.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from riskguard.core.snapshot import (
    AssetPicture,
    CoveragePicture,
    DoubtPicture,
    EventPicture,
    IncidentPicture,
    PositionPicture,
    Snapshot,
    VenuePicture,
)

Json: TypeAlias = dict[str, Any]


def status_json(snapshot: Snapshot, policy: Mapping[str, Any], ccy: str = "USDT") -> Json:
    """Describe a moment; `policy` is `{"path", "hash", "ok"}`, `ccy` the currency of account money."""
    return {
        "at": rfc3339(snapshot.at_ms),
        "mode": snapshot.mode.value,
        "armed": snapshot.armed,
        "self": {"condition": snapshot.self_condition, "because": snapshot.self_because},
        "journal_ok": snapshot.journal_ok,
        "venues": [_venue(venue, ccy) for venue in snapshot.venues],
        "assets": [_asset(asset) for asset in snapshot.assets],
        "in_doubt": [_doubt(doubt) for doubt in snapshot.in_doubt],
        "incidents": incidents_json(snapshot.incidents),
        "events": [_event(event) for event in snapshot.events],
        "policy": dict(policy),
    }


def incidents_json(incidents: Iterable[IncidentPicture]) -> list[Json]:
    """Describe incidents, in their order."""
    return [_incident(incident) for incident in incidents]


def rfc3339(wall_ms: int) -> str:
    """Write UTC milliseconds as a time a person can read."""
    text = datetime.fromtimestamp(wall_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{wall_ms % 1000:03d}Z"


def decimal_text(value: Decimal) -> str:
    """Write a decimal without an exponent and without zeros that say nothing."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _money(value: Decimal | None, ccy: str) -> Json | None:
    return None if value is None else {"amount": decimal_text(value), "ccy": ccy}


def _time(wall_ms: int | None) -> str | None:
    return None if wall_ms is None else rfc3339(wall_ms)


def _venue(venue: VenuePicture, ccy: str) -> Json:
    return {
        "id": venue.id,
        "role": venue.role,
        "condition": venue.condition,
        "because": venue.because,
        "paths": {
            path.path.value: {
                "verdict": path.verdict,
                "latency_ms": path.latency_ms,
                "age_s": path.age_s,
                "in_flight": path.in_flight,
            }
            for path in venue.paths
        },
        "mid": _amount(venue.mid),
        "book_age_s": venue.book_age_s,
        "equity": _money(venue.equity, ccy),
        "free": _money(venue.free, ccy),
    }


def _asset(asset: AssetPicture) -> Json:
    return {
        "name": asset.name,
        "net": _amount(asset.net),
        "low": _amount(asset.low),
        "high": _amount(asset.high),
        "trapped": _amount(asset.trapped),
        "hedged": decimal_text(asset.hedged),
        "target": _amount(asset.target),
        "coverage": _coverage(asset.coverage),
        "coverages": [_coverage(one) for one in asset.coverages],
        "positions": [_position(position) for position in asset.positions],
    }


def _coverage(coverage: CoveragePicture) -> Json:
    return {
        "share": float(coverage.share),
        "cost_bps": _number(coverage.cost_bps),
        "carry_bps_day": _number(coverage.carry_bps_day),
        "limited_by": coverage.limited_by,
        "because": coverage.because,
        "if_lost": coverage.if_lost,
        "split": [
            {
                "venue": part.leg.venue,
                "symbol": part.leg.symbol,
                "amount": decimal_text(part.amount),
                "cost_bps": _number(part.cost_bps),
            }
            for part in coverage.split
        ],
    }


def _position(position: PositionPicture) -> Json:
    return {
        "venue": position.leg.venue,
        "symbol": position.leg.symbol,
        "amount": _amount(position.amount),
        "age_s": position.age_s,
        "ours": decimal_text(position.ours),
        "to_liquidation": _number(position.to_liquidation),
    }


def _doubt(doubt: DoubtPicture) -> Json:
    return {
        "client_id": doubt.client_id,
        "venue": doubt.venue,
        "side": doubt.side.value,
        "amount": decimal_text(doubt.amount),
        "age_s": doubt.age_s,
        "state": doubt.state,
    }


def _incident(incident: IncidentPicture) -> Json:
    return {
        "id": incident.id,
        "state": incident.state,
        "venue": incident.venue,
        "rule": incident.rule,
        "opened_at": rfc3339(incident.opened_ms),
        "closed_at": _time(incident.closed_ms),
        "naked_s": incident.naked_s,
        "naked_usdt_s": decimal_text(incident.naked_usdt_s),
        "next_action": incident.next_action,
        "at": _time(incident.at_ms),
        "vetoed": incident.vetoed,
    }


def _event(event: EventPicture) -> Json:
    return {
        "at": rfc3339(event.at_ms),
        "severity": event.severity,
        "title": event.title,
        "body": event.body,
        "incident": event.incident,
    }
