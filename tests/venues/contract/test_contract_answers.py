"""What ccxt makes of the answers that the outcome tables exist for; an upgrade that moves one fails here.

`answers.json`: the answer, what ccxt raises or returns for it, what it means, and where this code relies on
the difference. Observed with 4.5.90 and rewritten hosts (Binance's classes depend on the host).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from riskguard.core.orders.outcome import Rejected
from riskguard.venues.outcomes import TESTED_VENUES, classify
from tests.venues.contract.conftest import Plain, made_of, order
from tests.venues.loopback import Loopback, answer

ROOT = Path(__file__).parents[3]
ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "answers.json").read_text("utf-8"))
RESEARCH = ROOT.parent / "shared" / "data" / "outcomes.json"
REWRITTEN = {"-1008", "-1001", "-1006", "-1007", "-4164", "-2019", "-4400", "-5022", "-2022", "-4140"}
"""Codes of Binance that ccxt looks up by host: a client pointed elsewhere raises another class."""


async def observed(plain: Plain, loopback: Loopback, row: dict[str, Any], call: str, clients: Any) -> str:
    """Give what ccxt makes of one answer."""
    client = clients.get(row["venue"]) or await plain(row["venue"])
    clients[row["venue"]] = client
    client.last_http_response = None
    loopback.everything = answer(row["http"], row["body"])
    if call == "place":
        return await made_of(client, order())
    return await made_of(client, lambda one, symbol: one.cancel_order("12345", symbol))


@pytest.mark.parametrize("venue", sorted(set(TESTED_VENUES) - {"binancecoinm"}))
async def test_ccxt_still_makes_of_each_answer_what_was_seen(
    plain: Plain, loopback: Loopback, venue: str
) -> None:
    clients: dict[str, Any] = {}
    moved = []
    rows = [row for row in ROWS if row["venue"] == venue]
    for row in rows:
        found = await observed(plain, loopback, row, row["call"], clients)
        if found != row["ccxt"]:
            moved.append(f"{row['body'][:80]}: was {row['ccxt']}, is {found}; see {row['where']}")
    assert len(rows) >= 4
    assert not moved, "\n".join(moved)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['venue']}-{row['http']}-{row['ccxt'][:12]}")
def test_the_table_reads_it_as_it_is_meant(row: dict[str, Any]) -> None:
    given = classify(venue=row["venue"], operation=row["call"], http_status=row["http"], body=row["body"])
    assert (given.reason.value if isinstance(given, Rejected) else "unknown") == row["means"]


@pytest.mark.parametrize("where", sorted({row["where"] for row in ROWS}))
def test_each_pin_names_a_place_that_is_there(where: str) -> None:
    file, _, name = where.partition(": ")
    assert name in (ROOT / "riskguard" / file).read_text("utf-8")


async def test_the_research_table_is_still_what_ccxt_does(plain: Plain, loopback: Loopback) -> None:
    if not RESEARCH.exists():
        pytest.skip("the research table ../shared/data/outcomes.json is not beside this checkout")
    clients: dict[str, Any] = {}
    moved, looked = [], 0
    for given in json.loads(RESEARCH.read_text("utf-8")):
        if given["http"] is None or given["ccxt_class"] in ("*", "bitmex"):
            continue
        row = {"venue": given["ccxt_class"], "http": given["http"], "body": given["body_example"]}
        before = given["ccxt_exception_observed"].removeprefix("NON-CCXT builtins.").split(" ")[0]
        if "binance" in row["venue"] and any(f'"code":{code},' in row["body"] for code in REWRITTEN):
            continue
        for call in ("place", "cancel") if given["call"] == "any" else (given["call"],):
            looked += 1
            found = await observed(plain, loopback, row, call, clients)
            same = found == before or (before == "NO" and found.startswith(("an order", "returned")))
            if not same:
                moved.append(f"{row['venue']} {call} {row['body'][:80]}: was {before}, is {found}")
    assert looked > 500
    assert not moved, "\n".join(moved)
