"""The guard's own figures, worked out on paper."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from riskguard.core.facts import BasisAgreed, Fact, FillRecorded, OrderMoved
from riskguard.core.types import Leg
from riskguard.report import measure
from riskguard.simulation.ground_truth import ground_truth

FAULT_MS = 1_790_000_000_000
MAIN, BACKUP = Leg("main", "BTC/USDT:USDT"), Leg("backup", "BTC/USDT:USDT")
Journal = list[tuple[int, Fact]]


def figures(facts: Journal, **changes: Any) -> dict[str, Any]:
    asked = {
        "onset_ms": FAULT_MS,
        "venue": "main",
        "legs": (MAIN, BACKUP),
        "lot": Decimal("0.001"),
        **changes,
    }
    return measure(facts, **asked).as_dict()


def without(journal: Journal, drop: Callable[[Fact], bool]) -> Journal:
    return [(wall_ms, fact) for wall_ms, fact in journal if not drop(fact)]


def test_one_outage(journal: Journal) -> None:
    assert figures(journal) == {
        "detected_after_s": 2.0,
        "hedged_after_s": 11.02,
        "naked_s": 11.02,
        # 10.03 s of 1.5 at 60 000 (the price of the decision, also before it), 0.99 s of 0.5 at 59 990
        "naked_usdt_s": str(Decimal("10.03") * 90_000 + Decimal("0.99") * Decimal(29995)),
        "orders_sent": {"backup": 3, "main": 0},
        "target": "-1.5",
        "final_net": "1.5",
        "overshoot": "0",
    }


def test_prices_that_the_guard_saw_are_preferred(journal: Journal) -> None:
    mids = [(FAULT_MS - 1, Decimal(60_000)), (FAULT_MS + 5_000, Decimal(50_000))]
    expected = Decimal(5) * 90_000 + Decimal("5.03") * 75_000 + Decimal("0.99") * 25_000
    assert figures(journal, mids=mids)["naked_usdt_s"] == f"{expected:f}".rstrip("0").rstrip(".")


def test_an_execution_known_only_by_the_order_state_counts(journal: Journal) -> None:
    lost = without(journal, lambda fact: isinstance(fact, FillRecorded) and fact.trade_id == "t2")
    found = figures(lost)
    assert (found["hedged_after_s"], found["final_net"]) == (13.4, "1.5")


def test_a_hedge_never_filled_is_none_and_naked_to_the_end(journal: Journal) -> None:
    lost = without(journal, lambda fact: isinstance(fact, FillRecorded | OrderMoved))
    found = figures(lost)
    assert (found["hedged_after_s"], found["target"], found["naked_s"]) == (None, None, 200.0)


def test_an_order_that_never_left_was_not_sent(journal: Journal) -> None:
    changed: Journal = [*journal, (FAULT_MS + 300_000, OrderMoved("rg3u", "not sent"))]
    assert figures(changed)["orders_sent"] == {"backup": 2, "main": 0}


def test_without_any_price_the_money_is_unknown(journal: Journal) -> None:
    bare: Journal = [(wall_ms, fact) for wall_ms, fact in journal if isinstance(fact, BasisAgreed)]
    assert figures(bare)["naked_usdt_s"] is None


@pytest.mark.parametrize(("amount", "lots"), [("0.5", "0"), ("0.502", "2")])
def test_overshoot_in_lots(journal: Journal, amount: str, lots: str) -> None:
    def resized(fact: Fact) -> Fact:
        if isinstance(fact, FillRecorded) and fact.trade_id == "t2":
            return replace(fact, amount=Decimal(amount))
        return fact

    changed = [(wall_ms, resized(fact)) for wall_ms, fact in journal]
    assert figures(changed)["overshoot"] == lots


def test_guard_and_ground_truth_agree_on_the_same_outage(journal: Journal) -> None:
    """The venues' log of this very outage, written by hand, gives the same figures by other code."""
    common = {"symbol": "BTC/USDT:USDT", "account": "a"}
    rows: list[dict[str, Any]] = [
        {"ts_ms": 0, "venue": name, "kind": "instrument", "mid": "60000", "lot": "0.001", **common}
        for name in ("main", "backup")
    ]
    rows += [
        {"ts_ms": 0, "venue": name, "kind": "start", "position": size, **common}
        for name, size in (("main", "1.5"), ("backup", "0"))
    ]
    rows.append({"ts_ms": FAULT_MS, "venue": "main", "kind": "fault", "action": "set", "rule": {}})
    rows.append({"ts_ms": FAULT_MS + 2_010, "venue": "trader", "kind": "freeze"})
    position = Decimal(0)
    for name, at_ms, size in (("rg1h", 10_030, "-1"), ("rg2h", 11_020, "-0.5"), ("rg3u", 121_050, "1.5")):
        position += Decimal(size)
        shared = {
            "ts_ms": FAULT_MS + at_ms,
            "venue": "backup",
            "client_id": name,
            "post_only": False,
            **common,
        }
        rows.append({**shared, "kind": "order", "order_id": name})
        side = "buy" if Decimal(size) > 0 else "sell"
        amount = size.lstrip("-")
        rows.append({**shared, "kind": "fill", "side": side, "amount": amount, "position": str(position)})
    mine, truth = figures(journal), ground_truth(rows)
    assert set(mine) == set(truth)
    for key in ("hedged_after_s", "naked_s", "orders_sent", "target", "final_net", "overshoot"):
        assert mine[key] == truth[key], key
    assert abs(mine["detected_after_s"] - truth["detected_after_s"]) <= 0.1
    assert abs(Decimal(mine["naked_usdt_s"]) - Decimal(truth["naked_usdt_s"])) < 60 * 12
