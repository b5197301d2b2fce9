"""ccxt's markets in base and quote units, and the way back to a venue's own sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, InvalidOperation
from typing import Any, Final

from riskguard.core.types import ZERO, Leg, Market

_DECIMAL_PLACES = 2
_SIGNIFICANT_DIGITS = 3
"""ccxt's precision modes where precision is a count of digits; the common mode is a step."""
_FINE = Decimal("1e-8")
_SHORT: Final = Context(prec=9)
"""A contract's worth in coin is kept this short, so that many of them are still exact."""


def decimal(value: Any) -> Decimal | None:
    """Read a number of ccxt (float, string, None); a float's shortest text is the venue's own digits."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return plain(number) if number.is_finite() else None


def plain(number: Decimal) -> Decimal:
    """Drop zeros that only a float's or a venue's spelling added, so that equal amounts print alike."""
    short = number.normalize()
    _, _, exponent = short.as_tuple()
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


@dataclass(frozen=True, slots=True)
class SizeUnit:
    """What one unit of a venue's order size is: base units, or quote units of an inverse contract."""

    amount: Decimal
    inverse: bool = False


def size_unit(raw: Mapping[str, Any]) -> SizeUnit:
    """Read the unit from ccxt's market, which is right for most venues."""
    size = decimal(raw.get("contractSize")) if raw.get("contract") else None
    return SizeUnit(size or Decimal(1), bool(raw.get("inverse")))


@dataclass(frozen=True, slots=True)
class Instrument:
    """One market of a venue with its own unit of size."""

    market: Market
    raw: Mapping[str, Any]
    """ccxt's market structure."""
    contract: Decimal
    """Base units (linear, spot: 1) or quote units (inverse) per unit of size."""
    inverse: bool
    coin: Decimal | None = None
    """Inverse: base units per unit of size, at a price that stays; None while there is none."""

    @property
    def leg(self) -> Leg:
        """The leg that this market is."""
        return self.market.leg

    @property
    def orderable(self) -> bool:
        """Whether sizes can be converted both ways."""
        return not self.inverse or self.coin is not None

    def to_size(self, base: Decimal) -> Decimal:
        """Convert base units to the venue's unit of size; only where `orderable`."""
        if not self.inverse:
            return base / self.contract
        if self.coin is None:
            raise ValueError("an inverse contract without a price has no size")
        return base / self.coin

    def to_base(self, size: Decimal, price: Decimal | None) -> Decimal | None:
        """Convert the venue's unit of size to base units; `price` serves where none is fixed yet."""
        if not self.inverse:
            return size * self.contract
        if self.coin is not None:
            return size * self.coin
        return size * self.contract / price if price else None

    def coins(self, size: Decimal | None, price: Decimal) -> Decimal | None:
        """Give what inverse contracts are worth in coin at a price of their own; None for all others."""
        return size * self.contract / price if self.inverse and size is not None and price else None

    def whole(self, base: Decimal) -> Decimal:
        """Cut an amount of inverse contracts to whole ones: never more than was meant."""
        return (base / self.market.lot).to_integral_value(ROUND_DOWN) * self.market.lot


def instrument_of(
    leg: Leg,
    raw: Mapping[str, Any],
    precision_mode: int,
    *,
    unit: SizeUnit | None = None,
    price: Decimal | None = None,
) -> Instrument:
    """Read one ccxt market; an inverse contract is worth a fixed amount of coin at `price`."""
    unit = unit or size_unit(raw)
    coin = _SHORT.divide(unit.amount, price) if unit.inverse and price else None
    step = coin or unit.amount
    limits = raw.get("limits") or {}
    precision = raw.get("precision") or {}
    lot = plain(_step(precision.get("amount"), precision_mode) * step)
    minimum = plain((decimal((limits.get("amount") or {}).get("min")) or ZERO) * step)
    market = Market(
        leg=leg,
        base=str(raw.get("base") or ""),
        quote=str(raw.get("quote") or ""),
        lot=lot,
        min_amount=max(minimum, lot),
        # Of inverse markets the least cost is in coin, and less than one contract's.
        min_notional=ZERO if unit.inverse else decimal((limits.get("cost") or {}).get("min")) or ZERO,
        tick=_step(precision.get("price"), precision_mode),
        derivative=bool(raw.get("contract")),
        taker_fee_bps=(decimal(raw.get("taker")) or Decimal("0.0005")) * 10_000,
    )
    return Instrument(market, raw, unit.amount, unit.inverse, coin)


def stranger(leg: Leg, row: Mapping[str, Any]) -> Instrument:
    """Stand in for a market that was not loaded, so that what is held or rests there is at least seen."""
    return instrument_of(leg, {"contract": True, "contractSize": row.get("contractSize")}, precision_mode=0)


def _step(precision: Any, mode: int) -> Decimal:
    number = decimal(precision)
    if number is None:
        return _FINE
    if mode == _SIGNIFICANT_DIGITS:
        return _FINE  # the step moves with the number; the order is rounded where it is made
    if mode == _DECIMAL_PLACES:
        return Decimal(1).scaleb(-int(number))
    return number


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Tell whether a value lies on a venue's grid."""
    return step <= 0 or value % step == 0
