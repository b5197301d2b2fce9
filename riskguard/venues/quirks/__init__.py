"""Differences between venues, one small file per family."""

from collections.abc import Sequence
from typing import Final

from riskguard.core.types import Symbol
from riskguard.venues.quirks.base import NotOffered, Quirks
from riskguard.venues.quirks.binance import Binance, BinanceUsdm
from riskguard.venues.quirks.bybit import Bybit

__all__ = ["NotOffered", "Quirks", "quirks_of"]

_FAMILIES: Final[dict[str, type[Quirks]]] = {
    "binance": Binance,
    "binanceusdm": BinanceUsdm,
    "bybit": Bybit,
}


def quirks_of(ccxt_id: str, symbols: Sequence[Symbol]) -> Quirks:
    """Give a venue's quirks; an unknown id gets ccxt's common behaviour."""
    return _FAMILIES.get(ccxt_id, Quirks)(symbols)
