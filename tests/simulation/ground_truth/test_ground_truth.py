"""Hand-made logs whose figures can be worked out on paper."""

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from riskguard.simulation import ground_truth as module
from riskguard.simulation.ground_truth import NoTruthError, ground_truth, read_logs

SYMBOL = "BTC/USDT:USDT"
FAULT_MS = 100_000


class Log:
    """Writes rows in the shape of `simulation/engine/trade_log.py`."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def add(self, ts_ms: int, venue: str, kind: str, **fields: object) -> None:
        self.rows.append({"seq": len(self.rows) + 1, "ts_ms": ts_ms, "venue": venue, "kind": kind, **fields})

    def instrument(self, venue: str, lot: str = "0.001", mid: str = "60000") -> None:
        self.add(0, venue, "instrument", symbol=SYMBOL, mid=mid, lot=lot, tick="0.1")

    def start(self, venue: str, position: str) -> None:
        self.add(0, venue, "start", account="a", symbol=SYMBOL, position=position, entry_price="60000")

    def mark(self, ts_ms: int, venue: str, mid: str) -> None:
        self.add(ts_ms, venue, "mark", symbol=SYMBOL, mid=mid)

    def fault(self, ts_ms: int = FAULT_MS, venue: str = "main", action: str = "set") -> None:
        self.add(ts_ms, venue, "fault", action=action, rule={"kind": "hang", "groups": ["place", "cancel"]})

    def arrived(self, ts_ms: int, venue: str, op: str, client_id: str = "", order_id: str = "") -> None:
        self.add(
            ts_ms, venue, "arrived", account="a", op=op, symbol=SYMBOL, client_id=client_id,
            order_id=order_id, fault=None,
        )  # fmt: skip

    def order(
        self, ts_ms: int, venue: str, client_id: str, *, post_only: bool = False, order_id: str = ""
    ) -> None:
        self.add(
            ts_ms, venue, "order", account="a", symbol=SYMBOL, order_id=order_id or f"o{client_id}",
            client_id=client_id, side="sell", amount="1", price="1", order_kind="limit", tif="ioc",
            post_only=post_only, reduce_only=False, accepted=True, refused=None,
        )  # fmt: skip

    def fill(self, ts_ms: int, venue: str, client_id: str, signed: str, position: str) -> None:
        self.add(
            ts_ms, venue, "fill", account="a", symbol=SYMBOL, fill_id="f", order_id=f"o{client_id}",
            client_id=client_id, side="sell" if signed.startswith("-") else "buy", amount=signed.lstrip("+-"),
            price="60000", fee="1", maker=False, liquidation=False, position=position,
        )  # fmt: skip


@pytest.fixture
def log() -> Log:
    """Two venues, +1.5 BTC at the first, which falls ill at second 100."""
    made = Log()
    made.instrument("main")
    made.instrument("backup", lot="0.01")
    made.start("main", "1.5")
    made.start("backup", "0")
    made.fault()
    return made


def hedge_in_two_slices(log: Log) -> None:
    """Sell 1 BTC after 10 s and 0.5 BTC after 12 s; the price falls to 50 000 after 4 s."""
    log.mark(FAULT_MS + 4_000, "main", "50000")
    for at_s, name, signed, position in ((10, "rg1h", "-1", "-1"), (12, "rg2h", "-0.5", "-1.5")):
        log.arrived(FAULT_MS + 1_000 * at_s - 5, "backup", "place", name)
        log.order(FAULT_MS + 1_000 * at_s, "backup", name)
        log.fill(FAULT_MS + 1_000 * at_s, "backup", name, signed, position)


def test_a_hedge_in_two_slices(log: Log) -> None:
    hedge_in_two_slices(log)
    log.fill(FAULT_MS + 90_000, "backup", "rg3u", "+1.5", "0")
    assert ground_truth(log.rows) == {
        "detected_after_s": 9.995,
        "hedged_after_s": 12.0,
        "naked_s": 12.0,
        # 4 s of 1.5 at 60 000, 6 s of 1.5 at 50 000, 2 s of 0.5 at 50 000
        "naked_usdt_s": "860000",
        "orders_sent": {"backup": 2, "main": 0},
        "target": "-1.5",
        "final_net": "1.5",
        "overshoot": "0",
    }


def test_within_one_lot_counts_as_hedged(log: Log) -> None:
    log.fill(FAULT_MS + 3_000, "backup", "rg1h", "-1.49", "-1.49")
    found = ground_truth(log.rows)
    assert (found["hedged_after_s"], found["target"], found["final_net"]) == (3.0, "-1.5", "0.01")


def test_two_lots_short_is_not_hedged(log: Log) -> None:
    log.fill(FAULT_MS + 3_000, "backup", "rg1h", "-1.48", "-1.48")
    log.mark(FAULT_MS + 7_000, "main", "60000")
    found = ground_truth(log.rows)
    assert (found["hedged_after_s"], found["target"], found["naked_s"]) == (None, None, 7.0)
    assert found["naked_usdt_s"] == str(3 * 90_000 + 4 * 1_200)


def test_overshoot_is_counted_in_lots_and_remembered(log: Log) -> None:
    log.fill(FAULT_MS + 3_000, "backup", "rg1h", "-1.53", "-1.53")
    log.fill(FAULT_MS + 4_000, "backup", "rg2u", "+0.03", "-1.5")
    assert ground_truth(log.rows)["overshoot"] == "3"


def test_a_hedge_on_the_wrong_side_is_overshoot(log: Log) -> None:
    log.fill(FAULT_MS + 3_000, "backup", "rg1h", "+0.05", "0.05")
    assert ground_truth(log.rows)["overshoot"] == "5"


def test_a_fill_at_the_sick_venue_changes_what_is_needed(log: Log) -> None:
    """The engine goes on trading: a resting buy fills while we cannot cancel it."""
    log.fill(FAULT_MS + 1_000, "main", "mine", "+0.3", "1.8")
    log.fill(FAULT_MS + 2_000, "backup", "rg1h", "-1.8", "-1.8")
    found = ground_truth(log.rows)
    assert (found["target"], found["hedged_after_s"], found["overshoot"]) == ("-1.8", 2.0, "0")


def test_a_position_that_was_there_before_is_not_hedge(log: Log) -> None:
    log.start("backup", "-0.5")
    log.fill(FAULT_MS + 2_000, "backup", "rg1h", "-1", "-1.5")
    found = ground_truth(log.rows)
    assert (found["target"], found["hedged_after_s"], found["overshoot"]) == ("-1", 2.0, "0")


def test_a_liquidated_leg_ends_the_nakedness_but_is_no_hedge(log: Log) -> None:
    log.fill(FAULT_MS + 5_000, "main", "", "-1.5", "0")
    log.mark(FAULT_MS + 9_000, "main", "60000")
    found = ground_truth(log.rows)
    assert (found["hedged_after_s"], found["naked_s"]) == (None, 5.0)


def test_canaries_are_told_by_id_and_post_only_together(log: Log) -> None:
    log.arrived(FAULT_MS + 1, "backup", "place", "rg1c")
    log.order(FAULT_MS + 1, "backup", "rg1c", post_only=True)
    log.arrived(FAULT_MS + 2, "backup", "place", "rg2c")
    log.order(FAULT_MS + 2, "backup", "rg2c", post_only=False)
    log.arrived(FAULT_MS + 3, "backup", "place", "rg3h")
    log.arrived(FAULT_MS + 4, "backup", "place", "theirs")
    log.arrived(FAULT_MS + 5, "backup", "test", "rg4c")
    assert ground_truth(log.rows)["orders_sent"] == {"backup": 2, "main": 0}


def test_without_a_wire_face_orders_at_the_engine_count(log: Log) -> None:
    log.order(FAULT_MS + 1, "backup", "rg1h")
    found = ground_truth(log.rows)
    assert found["orders_sent"] == {"backup": 1, "main": 0}
    assert found["detected_after_s"] == 0.001


def test_the_first_visible_reaction(log: Log) -> None:
    log.order(50_000, "main", "mine", order_id="77")
    log.arrived(FAULT_MS - 10, "main", "cancel", order_id="77")
    log.arrived(FAULT_MS + 900, "main", "cancel", "rg9c", order_id="never-was")
    log.arrived(FAULT_MS + 1_900, "main", "cancel", order_id="77")
    assert ground_truth(log.rows)["detected_after_s"] == 1.9
    log.add(FAULT_MS + 200, "main", "freeze", frozen=False)
    assert ground_truth(log.rows)["detected_after_s"] == 1.9
    log.add(FAULT_MS + 1_250, "main", "freeze", frozen=True)
    assert ground_truth(log.rows)["detected_after_s"] == 1.25


def test_nothing_visible_is_none(log: Log) -> None:
    assert ground_truth(log.rows)["detected_after_s"] is None


def test_the_fault_can_be_named(log: Log) -> None:
    hedge_in_two_slices(log)
    found = ground_truth(log.rows, venue="main", fault_ms=FAULT_MS + 2_000)
    assert (found["hedged_after_s"], found["naked_s"]) == (10.0, 10.0)


def test_rows_may_come_in_any_order(log: Log) -> None:
    hedge_in_two_slices(log)
    assert ground_truth(reversed(log.rows)) == ground_truth(log.rows)


def test_missing_rows_are_named(log: Log) -> None:
    with pytest.raises(NoTruthError, match="no fault"):
        ground_truth([row for row in log.rows if row["kind"] != "fault"])
    with pytest.raises(NoTruthError, match="no instrument of ETH"):
        ground_truth(log.rows, base="ETH")


def test_logs_are_read_and_a_torn_last_line_is_left_out(log: Log, tmp_path: Path) -> None:
    hedge_in_two_slices(log)
    lines = [json.dumps(row) for row in log.rows]
    (tmp_path / "one.jsonl").write_text("\n".join(lines[:5]) + "\n", encoding="utf-8")
    (tmp_path / "two.jsonl").write_text("\n".join(lines[5:]) + '\n{"seq": 9', encoding="utf-8")
    rows = read_logs([tmp_path / "one.jsonl", tmp_path / "two.jsonl"])
    assert ground_truth(rows) == ground_truth(log.rows)


def test_only_the_standard_library_is_imported() -> None:
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
