"""OKX's trading account and its coins, alike over REST and the private stream."""

from decimal import Decimal
from typing import Any

from riskguard.simulation.engine import Balance
from riskguard.simulation.wire.okx.rows import money


def account_row(balances: list[Balance], shown_ms: int) -> dict[str, Any]:
    """Write the trading account as `account/balance` and the `account` channel show it in futures mode."""
    equity = sum((row.equity for row in balances), Decimal(0))
    return {
        "adjEq": "",
        "availEq": "",
        "borrowFroz": "",
        "delta": "",
        "deltaLever": "",
        "deltaNeutralStatus": "",
        "details": [_detail_row(row, shown_ms) for row in balances],
        "imr": "",
        "isoEq": "0",
        "mgnRatio": "",
        "mmr": "",
        "notionalUsd": "",
        "notionalUsdForBorrow": "",
        "notionalUsdForFutures": "",
        "notionalUsdForOption": "",
        "notionalUsdForSwap": "",
        "ordFroz": "",
        "totalEq": money(equity),
        "uTime": str(shown_ms),
        "upl": "",
    }


_UNUSED = (
    *("accAvgPx", "autoLendAmt", "autoLendMtAmt", "borrowFroz", "clSpotInUseAmt", "crossLiab", "interest"),
    *("isoLiab", "liab", "maxLoan", "maxSpotInUseAmt", "openAvgPx", "rewardBal", "spotBal", "spotInUseAmt"),
    *("spotUpl", "spotUplRatio", "totalPnl", "totalPnlRatio", "uplLiab"),
)
"""Fields that are there and empty in futures mode."""


def _detail_row(row: Balance, shown_ms: int) -> dict[str, Any]:
    maintained = row.maintenance > 0
    return {
        **dict.fromkeys(_UNUSED, ""),
        "autoLendStatus": "off",
        "autoStakingStatus": "unsupported",
        "availBal": money(row.free),
        "availEq": money(row.free),
        "cashBal": money(row.wallet),
        "ccy": row.asset,
        "coinUsdPrice": "1",
        "colBorrAutoConversion": "0",
        "colRes": "0",
        "collateralEnabled": False,
        "collateralRestrict": False,
        "disEq": money(row.equity),
        "eq": money(row.equity),
        "eqUsd": money(row.equity),
        "fixedBal": "0",
        "frozenBal": money(row.initial_margin),
        "frpType": "0",
        "imr": money(row.initial_margin),
        "isoEq": "0",
        "isoUpl": "0",
        "mgnRatio": money(row.equity / row.maintenance) if maintained else "",
        "mmr": money(row.maintenance),
        "notionalLever": "0",
        "ordFrozen": "0",
        "smtSyncEq": "0",
        "spotCopyTradingEq": "0",
        "spotIsoBal": "0",
        "stgyEq": "0",
        "twap": "0",
        "uTime": str(shown_ms),
        "upl": money(row.unrealized),
    }
