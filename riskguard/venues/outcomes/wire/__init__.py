"""One small reader per wire shape: finds the success field or the complaint, and judges neither."""

from typing import Final

from riskguard.venues.outcomes.reading import Reader
from riskguard.venues.outcomes.wire.binance import read_binance
from riskguard.venues.outcomes.wire.bitfinex import read_bitfinex
from riskguard.venues.outcomes.wire.bitmex import read_bitmex
from riskguard.venues.outcomes.wire.bybit import read_bybit
from riskguard.venues.outcomes.wire.code_and_data import read_bitget, read_kucoin
from riskguard.venues.outcomes.wire.coinbase import read_coinbase
from riskguard.venues.outcomes.wire.deribit import read_deribit
from riskguard.venues.outcomes.wire.gate import read_gate
from riskguard.venues.outcomes.wire.hyperliquid import read_hyperliquid
from riskguard.venues.outcomes.wire.kraken import read_kraken
from riskguard.venues.outcomes.wire.krakenfutures import read_krakenfutures
from riskguard.venues.outcomes.wire.okx import read_okx

__all__ = ["READERS"]

READERS: Final[dict[str, Reader]] = {
    "binance": read_binance,
    "bitfinex": read_bitfinex,
    "bitget": read_bitget,
    "bitmex": read_bitmex,
    "bybit": read_bybit,
    "coinbase": read_coinbase,
    "deribit": read_deribit,
    "gate": read_gate,
    "hyperliquid": read_hyperliquid,
    "kraken": read_kraken,
    "krakenfutures": read_krakenfutures,
    "kucoin": read_kucoin,
    "okx": read_okx,
}
"""By the `wire` key of the table files."""
