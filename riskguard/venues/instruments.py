"""ccxt's markets in base and quote units, and the way back to a venue's own sizes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from riskguard.core.types import ZERO, Leg, Market

_DECIMAL_PLACES = 2
_SIGNIFICANT_DIGITS = 3
"""ccxt's precision modes where precision is a count of digits; the common mode is a step."""
_FINE = Decimal("1e-8")


def decimal(value: Any) -> Decimal | None:
    """Read a number of ccxt (float, string, None); a float's shortest text is the venue's own digits."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return _plain(number) if number.is_finite() else None


def _plain(number: Decimal) -> Decimal:
    """Drop zeros that only a float's or a venue's spelling added, so that equal amounts print alike."""
    short = number.normalize()
    _, _, exponent = short.as_tuple()
    return short.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else short


@dataclass(frozen=True, slots=True)
class Instrument:
    """One market of a venue with its own unit of size."""

    market: Market
    raw: Mapping[str, Any]
    """ccxt's market structure."""
    contract: Decimal
    """Base units (linear, spot: 1) or quote units (inverse) per unit of size."""
    inverse: bool

    @property
    def leg(self) -> Leg:
        """The leg that this market is."""
        return self.market.leg

    def to_size(self, base: Decimal) -> Decimal:
        """Convert base units to the venue's unit of size; not for inverse contracts."""
        return base / self.contract

    def to_base(self, size: Decimal, price: Decimal | None) -> Decimal | None:
        """Convert the venue's unit of size to base units; None for inverse without a price."""
        if not self.inverse:
            return size * self.contract
        return size * self.contract / price if price else None


def instrument_of(
    leg: Leg, raw: Mapping[str, Any], precision_mode: int, *, in_base: bool = False
) -> Instrument:
    """Read one ccxt market; `in_base` where the venue's size is base units whatever the contract size."""
    derivative = bool(raw.get("contract"))
    contract = decimal(raw.get("contractSize")) if derivative and not in_base else None
    contract = contract or Decimal(1)
    inverse = bool(raw.get("inverse"))
    limits = raw.get("limits") or {}
    precision = raw.get("precision") or {}
    lot = _step(precision.get("amount"), precision_mode) * contract
    minimum = (decimal((limits.get("amount") or {}).get("min")) or ZERO) * contract
    market = Market(
        leg=leg,
        base=str(raw.get("base") or ""),
        quote=str(raw.get("quote") or ""),
        lot=lot,
        min_amount=max(minimum, lot),
        min_notional=decimal((limits.get("cost") or {}).get("min")) or ZERO,
        tick=_step(precision.get("price"), precision_mode),
        derivative=derivative,
        taker_fee_bps=(decimal(raw.get("taker")) or Decimal("0.0005")) * 10_000,
    )
    return Instrument(market, raw, contract, inverse)


def stranger(leg: Leg, contract_size: Any = None) -> Instrument:
    """Stand in for a market that was not loaded, so that what is held or rests there is at least seen."""
    return instrument_of(leg, {"contract": True, "contractSize": contract_size}, precision_mode=0)


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
