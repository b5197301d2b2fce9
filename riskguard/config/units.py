"""Numbers as a trader writes them: always with their unit, never guessed.

Every parser takes the raw value of the file and raises `Refused`. `0.5` could be half a percent or fifty;
so a bare number is refused everywhere, and the hint shows the form.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from riskguard.config.problems import Refused, quoted
from riskguard.core.policy import Money

NUMBER = r"[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?"
DURATION = rf"^{NUMBER}(us|ms|s|m|h|d)$"
SHARE = rf"^{NUMBER}(%|bps)$"
MONEY = rf"^{NUMBER} [A-Z0-9]{{2,12}}$"
AMOUNT = rf"^[+-]?{NUMBER} \S{{1,32}}$"
RATE = rf"^{NUMBER}/(s|min|h|day|year)$"

_SECONDS = {
    "us": Fraction(1, 1_000_000),
    "ms": Fraction(1, 1_000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3_600),
    "d": Fraction(86_400),
}
_PERIOD_S = {"s": 1, "min": 60, "h": 3_600, "day": 86_400, "year": 31_536_000}
_LONGEST_S = 10 * _PERIOD_S["year"]
# What people write instead, and the word that is meant.
_DURATION_SLIPS = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m",
    "minutes": "m", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "msec": "ms",
}  # fmt: skip
_PERIOD_SLIPS = {
    "sec": "s", "second": "s", "m": "min", "minute": "min", "hr": "h", "hour": "h", "d": "day", "y": "year",
    "yr": "year",
}  # fmt: skip
_SHARE_SLIPS = {"percent": "%", "pct": "%", "bp": "bps", "basis points": "bps"}
_SPLIT = re.compile(rf"([+-]?)({NUMBER})(\s*/?\s*)(.*)", re.DOTALL)
# Decimal's default context keeps 28 digits; within 24 every conversion here is exact.
_DIGITS_MAX = 24
_CHARS_MAX = 60


@dataclass(frozen=True, slots=True)
class Amount:
    """A signed amount and the word behind it."""

    value: Decimal
    unit: str


def duration_s(raw: object) -> float:
    """Read `"3s"`, `"250ms"`, `"24h"` as seconds, at most ten years."""
    number, unit = _parts(raw, DURATION, "a duration", _DURATION_SLIPS)
    seconds = Fraction(number) * _SECONDS[unit]
    if seconds > _LONGEST_S:
        raise Refused(f"{quoted(raw)} is longer than ten years")
    return float(seconds)


def share(raw: object) -> Decimal:
    """Read `"15%"` or `"40bps"` as a fraction."""
    number, unit = _parts(raw, SHARE, "a share", _SHARE_SLIPS)
    return number.scaleb(-2 if unit == "%" else -4)


def bps(raw: object) -> Decimal:
    """Read `"40bps"` or `"0.4%"` as basis points."""
    number, unit = _parts(raw, SHARE, "a share", _SHARE_SLIPS)
    return number.scaleb(2) if unit == "%" else number


def money(raw: object) -> Money:
    """Read `"60_000 USDT"`."""
    number, unit = _parts(raw, MONEY, "an amount of money", {})
    return Money(number, unit)


def amount(raw: object) -> Amount:
    """Read `"0.05 BTC"`, signed."""
    number, unit = _parts(raw, AMOUNT, "an amount", {})
    return Amount(number, unit)


def rate_per(period: str, raw: object) -> Fraction:
    """Read `"30/min"` or `"1/year"` as events per `period` (s, min, h, day or year)."""
    number, unit = _parts(raw, RATE, "a rate", _PERIOD_SLIPS)
    return Fraction(number) * _PERIOD_S[period] / _PERIOD_S[unit]


def _parts(raw: object, pattern: str, what: str, slips: dict[str, str]) -> tuple[Decimal, str]:
    if isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
        raise Refused(f"a bare number has no unit: {str(raw)[:40]}")
    if not isinstance(raw, str):
        raise Refused(f"expected {what} in quotes")
    if not _has_form(pattern, raw):
        if re.fullmatch(rf"[+-]?{NUMBER}", raw.strip()):
            raise Refused(f"a bare number has no unit: {quoted(raw)}")
        raise Refused(f"{quoted(raw)} is not {what}", _nearest_form(raw, pattern, slips))
    sign, number, _, unit = _split(raw)
    digits = number.replace("_", "")
    if len(digits) > _DIGITS_MAX:
        raise Refused(f"{quoted(raw)} has more than {_DIGITS_MAX} digits")
    return Decimal(f"{sign}{digits}"), unit


def _has_form(pattern: str, text: str) -> bool:
    return text.isprintable() and len(text) <= _CHARS_MAX and re.fullmatch(pattern, text) is not None


def _split(raw: str) -> tuple[str, str, str, str]:
    match = _SPLIT.match(raw)
    return (match[1], match[2], match[3], match[4]) if match else ("", "", "", "")


def _nearest_form(raw: str, pattern: str, slips: dict[str, str]) -> str:
    """Try the usual slips: 60,000 for 60_000, usdt for USDT, a missing or extra blank, sec for s."""
    cleaned = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "_", raw.strip().lstrip("$"))
    sign, number, _, unit = _split(cleaned)
    word = slips.get(unit.lower().strip(), unit.strip())
    for guess in (
        f"{sign}{number}{word}",
        f"{sign}{number} {word}",
        f"{sign}{number}{word.lower()}",
        f"{sign}{number} {word.upper()}",
        f"{sign}{number}/{word.lower()}",
        f"{number}{word}",
    ):
        if number and _has_form(pattern, guess) and guess != raw:
            return f"did you mean {quoted(guess)}?"
    return ""
