"""The ledger: a fold of the journal, in which every order that may execute is counted in full."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.facts import FillRecorded
from riskguard.core.orders.intent import Purpose, client_id
from riskguard.core.orders.ledger import Ledger
from riskguard.core.orders.lifecycle import Event, State
from riskguard.core.types import Side

from .builders import EPOCH_MS, LEG, intent, ledger_of, moved


def test_a_pending_order_widens_the_hedge_and_a_canary_does_not() -> None:
    ledger = ledger_of(intent("rga1h"), intent("rga2c", purpose=Purpose.CANARY, sequence=1))
    assert ledger.cover_range("BTC") == (Decimal(-1), Decimal(0))
    ledger = moved(ledger, "rga1h", Event.SEEN_CLOSED, "0.4")
    assert ledger.cover_range("BTC") == (Decimal("-0.4"), Decimal("-0.4"))


def test_an_unwind_offsets_the_hedge_leg_by_leg() -> None:
    ledger = ledger_of(intent("rga1h"), intent("rga2u", side=Side.BUY, purpose=Purpose.UNWIND, sequence=1))
    ledger = moved(moved(ledger, "rga1h", Event.SEEN_CLOSED, "1"), "rga2u", Event.SEEN_CLOSED, "0.3")
    assert ledger.cover("BTC") == ledger.cover("BTC", LEG) == ledger.ours(LEG) == Decimal("-0.7")
    assert ledger.cover("ETH") == 0


def test_an_unknown_outcome_counts_until_it_is_proven_absent() -> None:
    ledger = moved(ledger_of(intent()), "rga1h", Event.UNKNOWN)
    assert [order.state for order in ledger.in_doubt()] == [State.IN_DOUBT]
    assert ledger.cover_range("BTC") == (Decimal(-1), Decimal(0))
    ledger = moved(ledger, "rga1h", Event.PROVEN_ABSENT)
    assert ledger.cover_range("BTC") == (Decimal(0), Decimal(0))


def test_a_repeated_fill_is_one_fill() -> None:
    fill = FillRecorded("rga1h", LEG, "t1", Side.SELL, Decimal("0.4"), Decimal(100), Decimal(0), EPOCH_MS)
    ledger = ledger_of(intent()).fold(fill, EPOCH_MS).fold(fill, EPOCH_MS)
    assert ledger.trades["rga1h"] == {"t1": Decimal("0.4")}


def test_ids_are_short_and_never_come_twice() -> None:
    ids = [client_id("a", EPOCH_MS, number, Purpose.HEDGE) for number in range(2000)]
    assert len(set(ids)) == len(ids)
    assert all(len(identity) <= 18 and identity.isalnum() and identity.startswith("rg") for identity in ids)


@given(st.permutations(["1", "2", "3"]), st.integers(0, 3))
def test_the_sequence_outgrows_every_intent_seen(order: list[str], last: int) -> None:
    ledger = ledger_of(*(intent(f"rga{number}h", sequence=int(number)) for number in order))
    assert ledger.sequence > max(int(number) for number in order)
    assert ledger.sequence > last or last == 3


@given(st.lists(st.tuples(st.sampled_from(Event), st.integers(0, 5)), max_size=10))
def test_the_interval_always_holds_what_is_known(events: list[tuple[Event, int]]) -> None:
    ledger = ledger_of(intent(amount="5"))
    for event, filled in events:
        ledger = moved(ledger, "rga1h", event, str(filled))
        low, high = ledger.cover_range("BTC")
        assert low <= ledger.cover("BTC") <= high <= 0


def test_an_empty_ledger_holds_nothing() -> None:
    assert Ledger().cover_range("BTC") == (Decimal(0), Decimal(0))
