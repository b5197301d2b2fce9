"""What of ccxt's own exchange tests fails against the faces, and why; a method or single properties of it.

An entry that no longer fails is reported as an error, so that the list cannot outlive its reasons.
"""

from collections.abc import Mapping
from typing import TypeAlias

Known: TypeAlias = Mapping[str, "str | Mapping[str, str]"]

_PRINTS = "the tape of other people's trades and its candles are not simulated"
_MONEY = "ledger, deposits, withdrawals and transfers are not simulated"
_PAST = "past funding and open interest are not simulated"
_SOME_MARKETS = "one kind of market only; the test wants every kind that the class knows"
_TOTALS = "the stream tells totals only, as at the venue; ccxt leaves free and used empty"

_EVERYWHERE: Known = {
    **dict.fromkeys(("fetchOHLCV", "fetchTrades", "watchTrades", "watchTradesForSymbols"), _PRINTS),
    **dict.fromkeys(("fetchLedger", "fetchDeposits", "fetchWithdrawals"), _MONEY),
}
_SWAPS: Known = {
    **_EVERYWHERE,
    **dict.fromkeys(("fetchFundingRateHistory", "fetchOpenInterestHistory"), _PAST),
    "fetchTransfers": _MONEY,
    "loadMarkets": _SOME_MARKETS,
}
_NO_TIME = dict.fromkeys(("timestamp", "datetime"), "the REST book and the stream's snapshot have none")
_FEE_TEXT = "ccxt passes the fee on as text, which its own test refuses"
_ALL_MARGIN = "a row of the unified account names neither margin mode nor collateral of a position"

KNOWN: Mapping[str, Known] = {
    "binanceusdm": {
        **_SWAPS,
        "watchOHLCV": _PRINTS,
        "fetchMarginModes": "margin modes per symbol are not simulated",
        "fetchPositions": {
            "leverage": "positionRisk version 3 has none",
            "collateral": "nothing is set aside for one position in cross margin",
        },
        "watchPositions": "an event names neither notional nor leverage, as at the venue",
        "watchTickers": "the stream of all tickers at once is not simulated",
        "watchBidsAsks": "the stream of all best prices at once is not simulated",
        "watchBalance": _TOTALS,
    },
    "bybit": {
        **_SWAPS,
        "watchOHLCV": _PRINTS,
        "fetchPositions": _ALL_MARGIN,
        "watchPositions": _ALL_MARGIN,
    },
    "okx": {name: reason for name, reason in _SWAPS.items() if not name.startswith("watchTrades")},
    "kraken": {
        **_EVERYWHERE,
        "watchOHLCV": _PRINTS,
        "loadMarkets": {"currencyIdAndCode": "ccxt gives a market unified codes as its currencies' ids"},
        "fetchCurrencies": "Kraken's assets have no flags for deposits and withdrawals",
        "fetchOrderBook": _NO_TIME,
        "watchOrderBook": _NO_TIME,
        "watchOrderBookForSymbols": _NO_TIME,
        "fetchOpenOrders": _FEE_TEXT,
        "fetchClosedOrders": _FEE_TEXT,
        "watchOrders": "ccxt passes Kraken's stop price of zero on, which its own test refuses",
        "watchMyTrades": "ccxt leaves out the key fees",
        "watchBalance": _TOTALS,
    },
}
UNASKED: Mapping[str, Mapping[str, str]] = {
    "okx": {
        "watchOHLCV": "not simulated, and ccxt's test passes when the connection is refused",
        "watchTrades": "not simulated, and OKX's error ends all that ccxt watches on the connection",
        "watchTradesForSymbols": "idem",
    },
}
"""Tests whose passing would mean nothing, with the reason."""
