"""Numbers mean exactly what is written; what could mean two things is refused."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskguard.config import units
from riskguard.config.problems import Refused
from riskguard.config.units import Amount
from riskguard.core.policy import Money


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (units.duration_s, "3s", 3.0),
        (units.duration_s, "250ms", 0.25),
        (units.duration_s, "10us", 0.00001),
        (units.duration_s, "1.5h", 5400.0),
        (units.duration_s, "2m", 120.0),
        (units.duration_s, "7d", 604_800.0),
        (units.duration_s, "1_000s", 1000.0),
        (units.duration_s, "3650d", 315_360_000.0),
        (units.share, "15%", Decimal("0.15")),
        (units.share, "40bps", Decimal("0.0040")),
        (units.share, "0.5%", Decimal("0.005")),
        (units.bps, "40bps", Decimal(40)),
        (units.bps, "0.4%", Decimal(40)),
        (units.money, "60_000 USDT", Money(Decimal(60_000), "USDT")),
        (units.money, "0.01 USD", Money(Decimal("0.01"), "USD")),
        (units.amount, "0.05 BTC", Amount(Decimal("0.05"), "BTC")),
        (units.amount, "-1_000.5 1INCH", Amount(Decimal("-1000.5"), "1INCH")),
        (units.amount, "+2 1000PEPE", Amount(Decimal(2), "1000PEPE")),
    ],
)
def test_reads(read: Callable[[object], object], text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("period", "text", "value"),
    [
        ("min", "30/min", Fraction(30)),
        ("min", "1/s", Fraction(60)),
        ("s", "90/min", Fraction(3, 2)),
        ("year", "1/year", Fraction(1)),
        ("year", "2/day", Fraction(730)),
        ("h", "0.5/h", Fraction(1, 2)),
    ],
)
def test_reads_rates(period: str, text: str, value: Fraction) -> None:
    assert units.rate_per(period, text) == value


BARE: list[object] = [3, 0.5, Decimal("0.5"), "3", " 3 ", "1_000"]
OTHER: list[object] = [
    True, None, [], {}, "", "s", "3 s", " 3s", "3s ", "3s\n", "3S", "3sx",
    "1__0s", "_1s", "1_s", ".5s", "1.s", "1e3s",
    "-3s", "+3s", "٣s", "infs", "nans", "3months", "0x10s", "3651d", "1" * 25 + "us",
]  # fmt: skip


@pytest.mark.parametrize("raw", BARE)
def test_refuses_bare_numbers(raw: object) -> None:
    with pytest.raises(Refused, match="a bare number has no unit"):
        units.duration_s(raw)


@pytest.mark.parametrize("raw", OTHER, ids=repr)
def test_refuses_other_forms(raw: object) -> None:
    with pytest.raises(Refused) as caught:
        units.duration_s(raw)
    assert "bare" not in caught.value.message


@pytest.mark.parametrize(
    ("read", "text", "meant"),
    [
        (units.duration_s, "3 sec", "3s"),
        (units.duration_s, "30min", "30m"),
        (units.duration_s, "24H", "24h"),
        (units.share, "15 percent", "15%"),
        (units.share, "40 bp", "40bps"),
        (units.money, "60,000 usdt", "60_000 USDT"),
        (units.money, "$5 USDT", "5 USDT"),
        (units.money, "5USDT", "5 USDT"),
        (units.amount, "0.05BTC", "0.05 BTC"),
    ],
)
def test_names_what_was_meant(read: Callable[[object], object], text: str, meant: str) -> None:
    with pytest.raises(Refused) as caught:
        read(text)
    assert caught.value.hint == f'did you mean "{meant}"?'


_NUMBERS = st.decimals(0, 10**9, places=6, allow_nan=False, allow_infinity=False)


@settings(deadline=None, derandomize=True)
@given(_NUMBERS, st.sampled_from(["USDT", "BTC", "1INCH"]))
def test_money_and_amounts_come_back_as_written(number: Decimal, unit: str) -> None:
    text = f"{int(number):_}{str(number % 1)[1:]} {unit}"

    assert units.money(text) == Money(number, unit)
    assert units.amount(text) == Amount(number, unit)
    assert units.amount(f"-{text}") == Amount(-number, unit)


@settings(deadline=None, derandomize=True)
@given(_NUMBERS)
def test_shares_agree_in_both_units(number: Decimal) -> None:
    assert units.share(f"{number:f}%") * 100 == number
    assert (
        units.bps(f"{number:f}%") == units.bps(f"{number * 100:f}bps") == units.share(f"{number:f}%") * 10_000
    )


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=12) | st.from_regex(r"[+-]?[0-9_.,]{1,5} ?[a-zA-Z%/]{0,5}"))
def test_any_text_is_read_or_refused_with_a_hint_that_can_be_read(text: str) -> None:
    for read in (units.duration_s, units.share, units.bps, units.money, units.amount):
        hint = _hint_of(read, text)
        if hint:
            read(hint.removeprefix('did you mean "').removesuffix('"?'))


def _hint_of(read: Callable[[object], object], text: str) -> str:
    try:
        read(text)
    except Refused as refused:
        return refused.hint
    return ""
