"""Differences between venues, one small file per family."""

from collections.abc import Sequence
from typing import Final

from riskguard.core.types import Symbol
from riskguard.venues.quirks.base import NotOffered, Quirks
from riskguard.venues.quirks.binance import Binance, BinanceCoinm, BinanceUsdm
from riskguard.venues.quirks.bitfinex import Bitfinex
from riskguard.venues.quirks.bitget import Bitget
from riskguard.venues.quirks.bybit import Bybit
from riskguard.venues.quirks.coinbase import Coinbase
from riskguard.venues.quirks.deribit import Deribit
from riskguard.venues.quirks.gate import Gate
from riskguard.venues.quirks.hyperliquid import Hyperliquid
from riskguard.venues.quirks.kraken import Kraken, KrakenFutures
from riskguard.venues.quirks.kucoin import Kucoin, KucoinFutures
from riskguard.venues.quirks.okx import Okx

__all__ = ["NotOffered", "Quirks", "quirks_of"]

_FAMILIES: Final[dict[str, type[Quirks]]] = {
    "binance": Binance,
    "binancecoinm": BinanceCoinm,
    "binanceusdm": BinanceUsdm,
    "bitfinex": Bitfinex,
    "bitget": Bitget,
    "bybit": Bybit,
    "coinbase": Coinbase,
    "deribit": Deribit,
    "gate": Gate,
    "hyperliquid": Hyperliquid,
    "kraken": Kraken,
    "krakenfutures": KrakenFutures,
    "kucoin": Kucoin,
    "kucoinfutures": KucoinFutures,
    "okx": Okx,
}


def quirks_of(ccxt_id: str, symbols: Sequence[Symbol]) -> Quirks:
    """Give a venue's quirks; an unknown id gets ccxt's common behaviour."""
    return _FAMILIES.get(ccxt_id, Quirks)(tuple(symbols))
