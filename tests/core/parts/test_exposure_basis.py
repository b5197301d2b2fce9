"""A position is believed when two readings agree; accidents, echoes and our own fills are not."""

from decimal import Decimal

import pytest

from riskguard.core.exposure.basis import SETTLE_S, Bases
from riskguard.core.exposure.foreign_fills import ForeignFill, ForeignFills
from riskguard.core.facts import BasisAgreed
from riskguard.core.messages import PositionReport, Source

from .builders import LEG, at

POSITIONS, ACCOUNT = Source.POSITIONS, Source.ACCOUNT


def read(
    bases: Bases,
    amount: str,
    asked_s: float,
    source: Source = POSITIONS,
    *,
    weak: bool = False,
    ours: str = "0",
) -> tuple[Bases, BasisAgreed | None]:
    report = PositionReport(LEG, Decimal(amount))
    return bases.read(report, Decimal(ours), source, asked_s, at(asked_s), weak=weak)


def fills(*traded: tuple[float, str]) -> ForeignFills:
    found = ForeignFills()
    for number, (at_s, amount) in enumerate(traded):
        found.add(str(number), ForeignFill(at(at_s).wall_ms, Decimal(amount), at_s))
    return found


def believed(*readings: tuple[str, float, Source, bool]) -> Decimal | None:
    bases = Bases()
    for amount, asked_s, source, weak in readings:
        bases, _ = read(bases, amount, asked_s, source, weak=weak)
    return bases.agreed[LEG].amount if LEG in bases.agreed else None


@pytest.mark.parametrize(
    ("readings", "amount"),
    [
        ([("1.5", 0.0, POSITIONS, False)], None),
        ([("1.5", 0.0, POSITIONS, False), ("1.5", 0.1, POSITIONS, False)], None),
        ([("1.5", 0.0, POSITIONS, False), ("1.5", 1.0, POSITIONS, False)], "1.5"),
        ([("1.5", 0.0, POSITIONS, False), ("1.5", 0.1, ACCOUNT, False)], "1.5"),
        ([("1.5", 0.0, POSITIONS, False), ("1.4", 1.0, POSITIONS, False)], None),
        ([("0", 0.0, POSITIONS, True), ("0", 1.0, POSITIONS, True)], "0"),
    ],
)
def test_when_two_readings_agree(readings: list[tuple[str, float, Source, bool]], amount: str | None) -> None:
    assert believed(*readings) == (None if amount is None else Decimal(amount))


HELD = (("1.5", 0.0, POSITIONS, False), ("1.5", 1.0, POSITIONS, False))


def test_an_empty_list_is_no_flat_position_however_often_it_comes() -> None:
    empty = tuple(("0", 2.0 + second, POSITIONS, True) for second in range(60))
    assert believed(*HELD, *empty) == Decimal("1.5")


@pytest.mark.parametrize(
    ("amount", "margin", "believed"),
    [
        ("1.332", "1.332", "1.332"),  # a fee was paid in coin
        ("0", "0", "1.333"),  # neither position nor coin were told
        ("1.332", "0", "1.333"),
        ("2.333", "1.333", "1.333"),
    ],
)
def test_the_coin_that_margins_a_leg_is_believed_though_the_leg_is_not_listed(
    amount: str, margin: str, believed: str
) -> None:
    bases = Bases()
    flat = PositionReport(LEG, Decimal("1.333"), margin=Decimal("1.333"))
    later = PositionReport(LEG, Decimal(amount), margin=Decimal(margin))
    for asked_s, report in enumerate((flat, flat, later, later)):
        bases, _ = bases.read(report, Decimal(0), POSITIONS, asked_s, at(asked_s), weak=True)
    assert bases.agreed[LEG].amount == Decimal(believed)


def test_two_channels_make_a_flat_position() -> None:
    assert believed(*HELD, ("0", 2.0, POSITIONS, True), ("0", 2.5, ACCOUNT, True)) == 0


def test_fills_make_a_flat_position_where_there_is_one_channel() -> None:
    bases = Bases()
    for amount, asked_s, source, weak in (*HELD, ("0", 2.0, POSITIONS, True)):
        bases, _ = read(bases, amount, asked_s, source, weak=weak)
    dispute = bases.disputed(LEG, 2.0)
    assert dispute is not None
    assert not fills((-60.0, "-1.5")).explain(dispute, 0, 2.0)
    assert not fills((1.5, "-1.4")).explain(dispute, 0, 2.0)
    assert fills((1.5, "-1.5")).explain(dispute, 0, 2.0)
    explained, fact = bases.explain(LEG, at(2.0))
    assert fact is not None
    assert explained.agreed[LEG].amount == 0


def test_our_own_part_is_taken_off() -> None:
    bases, _ = read(Bases(), "0.5", 0.0, ours="-1")
    bases, fact = read(bases, "0.5", 1.0, ours="-1")
    assert fact is not None
    assert fact.amount == Decimal("1.5")


def test_a_reading_asked_before_our_order_moved_proves_nothing() -> None:
    bases = Bases().touch(LEG, 5.0)
    for asked_s in (4.0, 4.9, 5.0 + SETTLE_S / 2):
        bases, _ = read(bases, "1", asked_s)
    assert LEG not in bases.readings


def test_a_restored_basis_is_agreed_anew() -> None:
    bases = Bases().restore(BasisAgreed(LEG, Decimal(1)), at(0.0).wall_ms)
    assert bases.agreed[LEG].restored
    bases, _ = read(bases, "1", 10.0)
    bases, fact = read(bases, "1", 11.0)
    assert fact is not None
    assert not bases.agreed[LEG].restored


def test_the_coin_that_margins_a_position_is_exposure_but_no_position() -> None:
    """One coin as margin and a short of the same size: nothing is at risk, yet there is a short to close."""
    bases = Bases()
    assert bases.position(LEG) is None
    for asked_s in (0.0, 1.0):
        report = PositionReport(LEG, Decimal(0), margin=Decimal(1))
        bases, _ = bases.read(report, Decimal(0), POSITIONS, asked_s, at(asked_s))
    assert bases.agreed[LEG].amount == 0
    assert bases.position(LEG) == -1
