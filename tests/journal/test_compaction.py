"""A healthy day stays small: settled canaries and bases of the same minute are folded up, nothing else is."""

from decimal import Decimal
from pathlib import Path

import pytest

from riskguard.core.facts import (
    BasisAgreed,
    CanariesSettled,
    Fact,
    FillRecorded,
    IntentRecorded,
    OrderMoved,
    Told,
)
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce, client_id
from riskguard.core.orders.ledger import Ledger
from riskguard.core.types import Leg, Side
from riskguard.journal import JournalReader, open_journal

LEG = Leg("main", "BTC/USDT:USDT")
MINUTES = 60_000


def intent(number: int, purpose: Purpose = Purpose.CANARY, at_ms: int = 0) -> OrderIntent:
    return OrderIntent(
        client_id("a", 1, number, purpose), LEG, "BTC", Side.BUY, Decimal("0.001"), Decimal(30_000),
        TimeInForce.POST_ONLY, reduce_only=False, purpose=purpose, created_ms=at_ms, sequence=number,
    )  # fmt: skip


def canary(number: int, *events: str) -> list[Fact]:
    sent = intent(number)
    return [IntentRecorded(sent), *(OrderMoved(sent.client_id, event) for event in events)]


def fill(number: int) -> FillRecorded:
    return FillRecorded(
        intent(number).client_id, LEG, "t", Side.BUY, Decimal("0.001"), Decimal(1), Decimal(0), 0
    )


async def kept(path: Path, *batches: tuple[int, list[Fact]]) -> list[Fact]:
    """Write batches at their minutes; gives what is on disk after that."""
    journal = open_journal(path, 1)
    for minute, facts in batches:
        await journal.commit(minute * MINUTES, facts)
        await journal.commit(minute * MINUTES, [])  # the one before was tidied up by now
    await journal.close()
    with JournalReader(path) as reader:
        return [fact for _, fact in reader.facts()]


async def test_settled_canaries_become_figures_and_their_numbers_stay_used(tmp_path: Path) -> None:
    ended = [fact for number in range(50) for fact in canary(number, "accepted", "seen closed")]
    refused = canary(50, "rejected")
    found = await kept(tmp_path / "rg.db", (1, [*ended, *refused]), (30, [Told("info", "later", "")]))
    assert found == [Told("info", "later", ""), CanariesSettled(LEG, 51, 1, 0, MINUTES, 50)]
    ledger = Ledger()
    for fact in found:
        ledger = ledger.fold(fact, 0)
    assert ledger.sequence == 51


HEDGE = intent(1, Purpose.HEDGE)
CLOSED = OrderMoved(intent(1).client_id, "seen closed", filled=Decimal("0.001"))


@pytest.mark.parametrize(
    "facts",
    [
        canary(1),
        canary(1, "accepted"),
        canary(1, "unknown"),
        [*canary(1, "accepted"), fill(1), CLOSED],
        [*canary(1, "accepted"), CLOSED],
        [IntentRecorded(HEDGE), OrderMoved(HEDGE.client_id, "rejected")],
    ],
    ids=["meant", "working", "in doubt", "filled", "filled without trades", "a hedge"],
)
async def test_what_may_still_matter_stays(tmp_path: Path, facts: list[Fact]) -> None:
    assert await kept(tmp_path / "rg.db", (1, facts), (30, [])) == facts


async def test_what_is_young_stays(tmp_path: Path) -> None:
    facts = canary(1, "accepted", "seen closed")
    assert await kept(tmp_path / "rg.db", (1, facts), (9, [])) == facts


async def test_canaries_of_an_earlier_run_are_folded_up_too(tmp_path: Path) -> None:
    path = tmp_path / "rg.db"
    await kept(path, (1, canary(7, "accepted", "seen closed")))
    assert await kept(path, (30, [Told("info", "later", "")])) == [
        Told("info", "later", ""),
        CanariesSettled(LEG, 1, 0, 0, MINUTES, 7),
    ]


async def test_of_bases_of_one_minute_the_last_stays(tmp_path: Path) -> None:
    bases: list[Fact] = [BasisAgreed(LEG, Decimal(number)) for number in range(9)]
    found = await kept(tmp_path / "rg.db", (1, bases[:4]), (2, bases[4:]), (30, []))
    assert found == [bases[3], bases[8]]


async def test_a_basis_beside_a_fact_of_weight_stays(tmp_path: Path) -> None:
    facts: list[Fact] = [
        BasisAgreed(LEG, Decimal(1)),
        IntentRecorded(intent(1, Purpose.HEDGE)),
        BasisAgreed(LEG, Decimal(2)),
        fill(1),
        BasisAgreed(LEG, Decimal(3)),
    ]
    assert await kept(tmp_path / "rg.db", (1, facts), (30, [])) == facts


async def test_a_day_of_canaries_leaves_a_small_file(tmp_path: Path) -> None:
    path = tmp_path / "rg.db"
    journal = open_journal(path, 1)
    for minute in range(0, 1440, 10):
        numbers = range(minute * 30, (minute + 10) * 30)
        facts = [fact for number in numbers for fact in canary(number, "accepted", "seen closed")]
        await journal.commit(minute * MINUTES, facts)
    await journal.commit(1460 * MINUTES, [])
    await journal.close()
    with JournalReader(path) as reader:
        rows = list(reader.facts())
    settled = [fact for _, fact in rows if isinstance(fact, CanariesSettled)]
    waiting = sum(isinstance(fact, IntentRecorded) for _, fact in rows)
    assert sum(fact.count for fact in settled) == 43_200 - waiting
    assert waiting <= 600
    assert len(rows) < 2_500
    assert path.stat().st_size < 2_000_000
