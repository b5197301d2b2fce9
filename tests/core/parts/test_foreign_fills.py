"""Which executions explain that a position reads differently: each counts once, old ones never."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskguard.core.exposure.basis import Basis, Dispute
from riskguard.core.exposure.foreign_fills import CROWDED, KEPT_MS, PATIENCE_S, ForeignFill, ForeignFills
from riskguard.core.instant import Instant

BEGAN_MS = 1_700_000_000_000
JUMP_MS = 76_000


def at(mono_s: float, ahead_ms: int = 0) -> Instant:
    return Instant(mono_s, BEGAN_MS + round(mono_s * 1000) + ahead_ms)


def basis(amount: str, when: Instant) -> Basis:
    return Basis(Decimal(amount), when, asked_s=when.mono_s)


def fill(amount: str, at_s: float, *, heard_s: float | None = None, streamed: bool = True) -> ForeignFill:
    return ForeignFill(at(at_s).wall_ms, Decimal(amount), heard_s if heard_s is not None else at_s, streamed)


def told(*fills: ForeignFill) -> ForeignFills:
    known = ForeignFills()
    for number, one in enumerate(fills):
        assert known.add(f"t{number}", one)
    return known


def disputed(agreed: Basis, amount: str, *, asked_s: float = 70.0, since_s: float | None = None) -> Dispute:
    return Dispute(agreed, Decimal(amount), asked_s if since_s is None else since_s, asked_s)


def test_one_order_in_five_fills_of_one_millisecond() -> None:
    """A reading from between two fills waits; the first fill is never counted a second time."""
    known = told(fill("-0.353", 45.5))
    assert known.explain(disputed(basis("1.536", at(45.0)), "1.183", asked_s=45.5), 0, 100.0)
    for number, amount in enumerate(("-0.304", "-0.279", "-0.293", "-0.307")):
        known.add(f"later{number}", fill(amount, 45.5, heard_s=45.51))
    between = disputed(basis("1.183", at(45.52)), "0.876", asked_s=45.505)
    assert not known.explain(between, 0, 100.0)
    assert known.explain(disputed(basis("1.183", at(45.52)), "0"), 0, 100.0)
    assert not known.explain(disputed(basis("1.183", at(45.52)), "0"), 0, 100.0)


@pytest.mark.parametrize(
    ("streamed", "doubt_ms", "for_s", "explained"),
    [
        (True, JUMP_MS, 0.0, True),
        (True, 0, 60.0, False),
        (True, JUMP_MS // 2, 60.0, False),
        (False, JUMP_MS, PATIENCE_S / 2, False),
        (False, JUMP_MS, PATIENCE_S, True),
        (False, 0, 60.0, False),
    ],
)
def test_after_a_jump_of_our_clock_a_fill_may_look_old(
    *, streamed: bool, doubt_ms: int, for_s: float, explained: bool
) -> None:
    known = told(fill("-2.475", 44.7, streamed=streamed))
    agreed = basis("2.475", at(44.0, ahead_ms=JUMP_MS))
    dispute = disputed(agreed, "0", asked_s=46.0 + for_s, since_s=46.0)
    assert known.explain(dispute, doubt_ms, 100.0) is explained


def test_old_fills_that_a_stream_repeats_when_it_begins_explain_nothing() -> None:
    known = told(fill("-2.475", 10.0, heard_s=50.0))
    assert not known.explain(disputed(basis("2.475", at(44.0)), "0"), 0, 100.0)


def test_a_fill_near_the_agreement_may_be_in_it() -> None:
    known = told(fill("-0.5", 43.0), fill("-1", 46.0))
    assert known.explain(disputed(basis("1", at(44.0)), "0"), 0, 100.0)


def test_a_fill_long_after_the_agreement_is_never_left_out() -> None:
    known = told(fill("-0.5", 60.0), fill("-1", 61.0))
    assert not known.explain(disputed(basis("1", at(44.0)), "0"), 0, 100.0)


def test_the_same_trade_counts_once() -> None:
    known = told(fill("-1", 45.0))
    assert not known.add("t0", fill("-1", 45.0))
    assert known.total == -1


def test_a_busy_trader_does_not_fill_the_memory() -> None:
    known = ForeignFills()
    for number in range(3 * CROWDED):
        known.add(str(number), fill("0.1", number * 10.0))
    assert len(known) <= CROWDED + 1
    newest_ms, _ = list(known)[-1]
    assert all(at_ms > newest_ms - 2 * CROWDED * 10_000 for at_ms, _ in known)
    assert KEPT_MS >= 600_000


AMOUNTS = st.lists(st.integers(-5, 5).filter(bool).map(Decimal), min_size=1, max_size=8)


@given(AMOUNTS, st.lists(st.booleans(), min_size=8, max_size=8))
def test_whatever_is_read_between_fills_all_of_them_lead_to_the_end(
    amounts: list[Decimal], reads: list[bool]
) -> None:
    """Positions read after any fills, then after the last: what is believed in the end is what is held."""
    known, held, believed = ForeignFills(), Decimal(100), basis("100", at(0.0))
    for number, amount in enumerate(amounts):
        held += amount
        known.add(str(number), fill(str(amount), 10.0))
        if reads[number] and known.explain(disputed(believed, str(held)), 0, 100.0):
            believed = Basis(held, at(10.0), asked_s=10.0)
    if believed.amount != held:
        assert known.explain(disputed(believed, str(held)), 0, 100.0)


def coins(amount: str, at_s: float, fee: str) -> ForeignFill:
    return ForeignFill(at(at_s).wall_ms, Decimal(amount), at_s, True, Decimal(fee))


@pytest.mark.parametrize(("read", "explained"), [("0.4996", True), ("0.5", True), ("0.497", False)])
def test_a_fee_paid_in_the_coin_that_margins_contracts_is_no_difference(
    *, read: str, explained: bool
) -> None:
    """A coin-margined position of half a coin is closed, and 0.0004 of coin goes as fees."""
    known = told(coins("-0.3", 45.0, "0.0003"), coins("-0.2", 45.1, "0.0002"))
    assert known.explain(disputed(basis("1", at(40.0)), read), 0, 100.0) is explained
