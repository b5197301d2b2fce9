"""The benchmark's result as Markdown."""

from typing import Any

WORTH_SHOWING = 0.05
"""Venue-years below which an interval says nothing."""
Row = dict[str, Any]

FOUND = [
    *("trouble", "runs", "first affected", "confirmed mean / p50 / p95 / p99", "found", "exact CUSUM"),
    *("ratio (95 %)", "waits", "down p50 / p99", "found", "N=3 p50", "found"),
]
NOT_FOUND = [
    *("must not convict", "runs", "down (95 % below)", "confirmed", "SELF shown"),
    *("N=3", "10 calls 50 %", "phi exp 8"),
]
LOSSES = ["own network lost", "runs by length", "down (95 % below)"]
WIRE = ["on the wire", "runs", "confirmed mean (least to most)", "down mean (least to most)"]
FALSE_ALARMS = [
    *("traffic", "cause", "venue-years", "down a year (95 %)", "confirmed a year (95 %)"),
    *("N=3 a year", "10 calls 50 % a year"),
]


def markdown(result: Row) -> str:
    """Give all tables."""
    limit_s = result["persistence_limit_s"]
    parts = [f"World `{result['world']}`, seed {result['seed']}; persistence limit at 1 a year: {limit_s} s."]
    tables = (
        (FOUND, [_found(row) for row in result["found"]]),
        (NOT_FOUND, [_not_found(row) for row in result["not_found"]]),
        (LOSSES, [_loss(row) for row in result["losses"]]),
        (
            FALSE_ALARMS,
            [_false_alarm(row) for row in result["false_alarms"] if row["years"] >= WORTH_SHOWING],
        ),
        (WIRE, [_wire(row) for row in result.get("wire", [])]),
    )
    parts.extend(_table(head, rows) for head, rows in tables if rows)
    if "unbiased" in result:
        parts.append(f"Whole days beside skipped ones: {result['unbiased']}")
    return "\n\n".join(parts)


def _table(head: list[str], rows: list[list[object]]) -> str:
    lines: list[list[object]] = [[*head], ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _found(row: Row) -> list[object]:
    confirmed, down, exact, naive = row["confirmed"], row["down"], row["exact_cusum"], row["rivals"]["N=3"]
    times = f"{confirmed['mean']} ± {confirmed['half_width']} / {confirmed['p50']} / {confirmed['p95']}"
    ratio = "–" if row["ratio"] is None else "{:.2f} ({:.2f} to {:.2f})".format(*row["ratio"])
    return [
        row["name"],
        row["runs"],
        row["first_affected"]["mean"],
        f"{times} / {confirmed['p99']}",
        f"{confirmed['found']:.0%}",
        "–" if exact is None else exact["mean"],
        ratio,
        row["waits_s"],
        f"{down['p50']} / {down['p99']}",
        f"{down['found']:.0%}",
        naive["p50"],
        f"{naive['found']:.0%}",
    ]


def _not_found(row: Row) -> list[object]:
    rivals = [row["rivals"][name] for name in ("N=3", "10 calls 50 %", "phi exp 8")]
    down = f"{row['down']} ({row['down_upper']:.2%})"
    return [row["name"], row["runs"], down, row["confirmed"], row["self"], *rivals]


def _loss(row: Row) -> list[object]:
    lengths = ", ".join(f"{count} x {length}" for length, count in row["lengths"].items())
    return [row["runs"], lengths, f"{row['down']} ({row['down_upper']:.4%})"]


def _false_alarm(row: Row) -> list[object]:
    rates = [
        "{} ({} to {})".format(*row[n]) if n in row else "" for n in ("down_per_year", "confirmed_per_year")
    ]
    rivals = [row.get("rivals_per_year", {}).get(name, "") for name in ("N=3", "10 calls 50 %")]
    return [row["traffic"], row["cause"], row["years"], *rates, *rivals]


def _wire(row: Row) -> list[object]:
    return [row["name"], row["runs"], row["confirmed"], row["down"]]
