"""What truly happened in an outage, computed from the venues' raw trade logs alone.

Nothing of the guard is imported here and none of its words is trusted: a mistake that guard and judge share
would be invisible. The rows are those of `simulation/engine/trade_log.py`. All times are venue time.

* `hedged_after_s`: from the fault to the fill that brought the net position within one lot of zero.
* `naked_s`, `naked_usdt_s`: how long, and how long times how much money at the faulty venue's middle price,
  the net position was more than one lot, from the fault until it was hedged; to the log's end if never.
* `orders_sent`: by venue, requests to place an order under one of the guard's ids that reached the wire
  (the engine, where no wire face writes `arrived`), canaries apart.
* `target`: what had to be held elsewhere at the moment of `hedged_after_s`: minus all that is not hedge.
* `final_net`: the sum of all positions at the log's end.
* `overshoot`: the most by which the hedge went beyond what was needed, or below zero; in lots.
* `detected_after_s`: what the guard thinks leaves no trace at a venue. This is the time to its first changed
  behaviour that others could see: a `freeze` row (the trader's bot was told; written by whoever serves the
  policy's `[freeze]` URL), a request at the faulty venue to pull an order that exists, or its own order.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]

ZERO = Decimal(0)
OURS = "rg"
"""How the id of every order of a guard begins."""
CANARY = "c"
"""How the id of a canary ends; it also must be post-only, or it counts as an order like any other."""


class NoTruthError(ValueError):
    """The log does not contain what is asked for."""


def read_logs(paths: Iterable[Path]) -> list[Row]:
    """Read raw trade logs; a last line that was cut off by a kill is left out."""
    rows: list[Row] = []
    for path in paths:
        lines = path.read_text(encoding="utf-8").split("\n")
        rows += [json.loads(line) for line in lines[:-1] if line]
    return rows


def ground_truth(
    rows: Iterable[Row], *, base: str = "BTC", venue: str | None = None, fault_ms: int | None = None
) -> dict[str, Any]:
    """Compute the figures for one asset; without `venue` and `fault_ms`, for the log's first fault.

    Raises `NoTruthError` when the log has no fault or no instrument of the asset.
    """
    ordered = sorted(rows, key=lambda row: (row["ts_ms"], row.get("seq", 0)))
    sick, onset_ms = _fault(ordered, venue, fault_ms)
    walk = _Walk(base, sick, onset_ms, _lot(ordered, base, sick))
    for row in ordered:
        walk.take(row)
    detected_ms = _first_reaction_ms(ordered, sick, onset_ms)
    return {
        "detected_after_s": _after_s(onset_ms, detected_ms),
        "hedged_after_s": _after_s(onset_ms, walk.hedged_ms),
        "naked_s": walk.naked_ms / 1000,
        "naked_usdt_s": _plain(walk.naked_usdt_ms / 1000),
        "orders_sent": _orders_sent(ordered, base),
        "target": None if walk.target is None else _plain(walk.target),
        "final_net": _plain(walk.net),
        "overshoot": _plain(walk.overshoot / walk.lot),
    }


@dataclass(slots=True)
class _Walk:
    """Positions in the order of time, and what is counted on the way."""

    base: str
    sick: str
    onset_ms: int
    lot: Decimal
    positions: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)
    hedge: Decimal = ZERO
    mids: dict[str, Decimal] = field(default_factory=dict)
    now_ms: int = 0
    hedged_ms: int | None = None
    target: Decimal | None = None
    naked_ms: int = 0
    naked_usdt_ms: Decimal = ZERO
    overshoot: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """All positions together."""
        return sum(self.positions.values(), ZERO)

    @property
    def needed(self) -> Decimal:
        """The hedge that would bring the net position to zero."""
        return self.hedge - self.net

    def take(self, row: Row) -> None:
        """Count the time up to a row, then apply the row."""
        self._count(row["ts_ms"])
        kind = row["kind"]
        if kind in ("mark", "instrument") and _is_of(row, self.base):
            self.mids[row["venue"]] = Decimal(row["mid"])
        if kind not in ("start", "fill") or not _is_of(row, self.base):
            return
        self.positions[row["venue"], row["account"], row["symbol"]] = Decimal(row["position"])
        if kind == "fill" and row["venue"] != self.sick and str(row["client_id"]).startswith(OURS):
            self.hedge += Decimal(row["amount"]) * (1 if row["side"] == "buy" else -1)
        self._judge()

    def _count(self, until_ms: int) -> None:
        start_ms = max(self.now_ms, self.onset_ms)
        self.now_ms = until_ms
        if until_ms <= start_ms or abs(self.net) <= self.lot or self.hedged_ms is not None:
            return
        self.naked_ms += until_ms - start_ms
        mid = self.mids.get(self.sick) or next(iter(self.mids.values()), ZERO)
        self.naked_usdt_ms += abs(self.net) * mid * (until_ms - start_ms)

    def _judge(self) -> None:
        if self.now_ms < self.onset_ms:
            return
        needed = self.needed
        if self.hedged_ms is None and abs(self.net) <= self.lot < abs(needed):
            self.hedged_ms, self.target = self.now_ms, needed
        towards = self.hedge if needed >= 0 else -self.hedge
        self.overshoot = max(self.overshoot, towards - abs(needed), -towards)


def _fault(rows: list[Row], venue: str | None, fault_ms: int | None) -> tuple[str, int]:
    found = (
        row
        for row in rows
        if row["kind"] == "fault" and row["action"] == "set" and venue in (None, row["venue"])
    )
    first = next(found, None)
    if venue is not None and fault_ms is not None:
        return venue, fault_ms
    if first is None:
        raise NoTruthError("the log has no fault that was set")
    return first["venue"], first["ts_ms"] if fault_ms is None else fault_ms


def _lot(rows: list[Row], base: str, sick: str) -> Decimal:
    """Give the coarsest lot among the places where a hedge can be held."""
    lots = [
        Decimal(row["lot"])
        for row in rows
        if row["kind"] == "instrument" and _is_of(row, base) and row["venue"] != sick
    ]
    if not lots:
        raise NoTruthError(f"the log has no instrument of {base} besides the faulty venue's")
    return max(lots)


def _is_of(row: Row, base: str) -> bool:
    return str(row["symbol"]).split("/", maxsplit=1)[0] == base


def _first_reaction_ms(rows: list[Row], sick: str, onset_ms: int) -> int | None:
    real = {row["order_id"] for row in rows if row["kind"] == "order" and row.get("order_id")}
    canaries = _canaries(rows)
    for row in rows:
        if row["ts_ms"] < onset_ms:
            continue
        if row["kind"] == "freeze" and row.get("frozen", True):
            return int(row["ts_ms"])
        if row["kind"] == "arrived" and row["venue"] == sick and _pulls(row, real):
            return int(row["ts_ms"])
        if row["kind"] in ("arrived", "order") and _places_ours(row, canaries):
            return int(row["ts_ms"])
    return None


def _pulls(row: Row, real: set[str]) -> bool:
    return row["op"] == "cancel-all" or (row["op"] == "cancel" and row.get("order_id") in real)


def _places_ours(row: Row, canaries: set[str]) -> bool:
    identity = str(row.get("client_id") or "")
    places = row["kind"] == "order" or row["op"] in ("place", "reduce")
    return places and identity.startswith(OURS) and identity not in canaries


def _canaries(rows: list[Row]) -> set[str]:
    """Give the ids that are canaries by name and were never seen as anything but post-only."""
    named = {str(row.get("client_id") or "") for row in rows if row["kind"] in ("arrived", "order")}
    could_fill = {row["client_id"] for row in rows if row["kind"] == "order" and not row["post_only"]}
    return {name for name in named if name.startswith(OURS) and name.endswith(CANARY)} - could_fill


def _orders_sent(rows: list[Row], base: str) -> dict[str, int]:
    canaries = _canaries(rows)
    on_the_wire = {row["venue"] for row in rows if row["kind"] == "arrived"}
    listing = {str(row["venue"]) for row in rows if row["kind"] == "instrument" and _is_of(row, base)}
    sent = dict.fromkeys(sorted(listing), 0)
    for row in rows:
        kind = "arrived" if row["venue"] in on_the_wire else "order"
        if row["kind"] == kind and _places_ours(row, canaries):
            sent[row["venue"]] = sent.get(row["venue"], 0) + 1
    return sent


def _after_s(onset_ms: int, at_ms: int | None) -> float | None:
    return None if at_ms is None else (at_ms - onset_ms) / 1000


def _plain(value: Decimal) -> str:
    """Write a number without an exponent and without trailing zeros."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if value else "0"
