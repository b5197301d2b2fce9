"""Binance's account answers: balances, positions, brackets, settings and listen keys."""

import hashlib
from decimal import Decimal
from typing import Any

from riskguard.simulation.engine import Position
from riskguard.simulation.wire.binance.desk import BinanceDesk, error
from riskguard.simulation.wire.binance.rows import account_position_row, asset_row, eight, position_row
from riskguard.simulation.wire.face import Ask, decimal_of
from riskguard.simulation.wire.feeds import plain


def account(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `v3/account` (and `v2`, which has the same totals)."""
    engine, shown = desk.venue.engine, desk.venue.shown_ms()
    assets = [asset_row(row, shown) for row in engine.balances(ask.account)]
    main = engine.balance(ask.account, "USDT")
    return {
        "totalInitialMargin": eight(main.initial_margin),
        "totalMaintMargin": eight(main.maintenance),
        "totalWalletBalance": eight(main.wallet),
        "totalUnrealizedProfit": eight(main.unrealized),
        "totalMarginBalance": eight(main.equity),
        "totalPositionInitialMargin": eight(main.initial_margin),
        "totalOpenOrderInitialMargin": "0.00000000",
        "totalCrossWalletBalance": eight(main.wallet),
        "totalCrossUnPnl": eight(main.unrealized),
        "availableBalance": eight(main.free),
        "maxWithdrawAmount": eight(main.free),
        "assets": assets,
        "positions": [account_position_row(row, desk.ids[row.symbol]) for row in _shown(desk, ask)],
    }


def account_v2(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `v2/account`, which also has settings, and every symbol's position."""
    engine = desk.venue.engine
    rows = (engine.position(ask.account, symbol, ask.as_of(desk.venue)) for symbol in desk.ids)
    return {
        **account(desk, ask),
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
        "updateTime": 0,
        "positions": [
            {
                **account_position_row(row, desk.ids[row.symbol]),
                "positionInitialMargin": eight(row.initial_margin),
                "openOrderInitialMargin": "0",
                "leverage": plain(row.leverage),
                "isolated": False,
                "entryPrice": plain(row.entry_price),
                "breakEvenPrice": plain(row.entry_price),
                "maxNotional": "1000000000",
                "bidNotional": "0",
                "askNotional": "0",
            }
            for row in rows
        ],
    }


def balance(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `v3/balance`."""
    return [
        {
            "accountAlias": "SgsR",
            "asset": row.asset,
            "balance": eight(row.wallet),
            "crossWalletBalance": eight(row.wallet),
            "crossUnPnl": eight(row.unrealized),
            "availableBalance": eight(row.free),
            "maxWithdrawAmount": eight(row.free),
            "marginAvailable": True,
            "updateTime": desk.venue.shown_ms(),
        }
        for row in desk.venue.engine.balances(ask.account)
    ]


def position_risk(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `v3/positionRisk`: only symbols with a position or an open order."""
    if ask.get("symbol"):
        desk.symbol(ask.get("symbol"))
    instruments = desk.venue.engine.instruments
    return [
        position_row(row, instruments[row.symbol], desk.ids[row.symbol])
        for row in _shown(desk, ask)
        if ask.get("symbol") in ("", desk.ids[row.symbol])
    ]


def position_risk_all(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `v2/positionRisk`: every symbol, with leverage and margin type."""
    engine = desk.venue.engine
    rows: list[dict[str, Any]] = []
    for symbol in desk.chosen(ask.get("symbol")):
        row = engine.position(ask.account, symbol, ask.as_of(desk.venue))
        rows.append(
            {
                **position_row(row, engine.instruments[symbol], desk.ids[symbol]),
                "leverage": plain(row.leverage),
                "marginType": "cross",
                "isAutoAddMargin": "false",
                "maxNotionalValue": "10000000",
            }
        )
    return rows


def leverage_bracket(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `leverageBracket` with one bracket per symbol."""
    rows = [
        {
            "symbol": desk.ids[symbol],
            "notionalCoef": 1.0,
            "brackets": [
                {
                    "bracket": 1,
                    "initialLeverage": 125,
                    "notionalCap": 1_000_000_000,
                    "notionalFloor": 0,
                    "maintMarginRatio": float(desk.venue.engine.instruments[symbol].maintenance_rate),
                    "cum": 0.0,
                }
            ],
        }
        for symbol in desk.chosen(ask.get("symbol"))
    ]
    return rows[0] if ask.get("symbol") else rows


def set_leverage(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `POST leverage`."""
    symbol, value = desk.symbol(ask.get("symbol")), decimal_of(ask.get("leverage"))
    if value is None or not Decimal(1) <= value <= Decimal(125):
        raise error(400, -4028, f"Leverage {ask.get('leverage')} is not valid")
    desk.venue.engine.set_leverage(ask.account, symbol, value)
    return {"leverage": int(value), "maxNotionalValue": "1000000000", "symbol": desk.ids[symbol]}


def set_margin_type(_: BinanceDesk, __: Ask) -> Any:
    """Answer `POST marginType`; every account is cross."""
    raise error(400, -4046, "No need to change margin type.")


def one_way(_: BinanceDesk, __: Ask) -> Any:
    """Answer `GET positionSide/dual`."""
    return {"dualSidePosition": False}


def single_asset(_: BinanceDesk, __: Ask) -> Any:
    """Answer `GET multiAssetsMargin`."""
    return {"multiAssetsMargin": False}


def commission_rate(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `GET commissionRate`."""
    item = desk.venue.engine.instruments[desk.symbol(ask.get("symbol"))]
    return {
        "symbol": ask.get("symbol"),
        "makerCommissionRate": plain(item.maker_fee),
        "takerCommissionRate": plain(item.taker_fee),
    }


def api_restrictions(_: BinanceDesk, __: Ask) -> Any:
    """Answer `sapi/v1/account/apiRestrictions`: a key that may trade futures and cannot withdraw."""
    return {
        "ipRestrict": True,
        "createTime": 1698645219000,
        "enableReading": True,
        "enableWithdrawals": False,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": True,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": False,
        "enablePortfolioMarginTrading": False,
    }


def open_listen_key(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `POST` and `PUT listenKey`: one key per account, stable while it lives."""
    key = hashlib.sha256(f"listen {desk.venue.engine.name} {ask.account}".encode()).hexdigest()
    desk.listen_keys[key] = ask.account
    return {"listenKey": key}


def close_listen_key(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `DELETE listenKey`."""
    for key in [key for key, owner in desk.listen_keys.items() if owner == ask.account]:
        del desk.listen_keys[key]
    return {}


def _shown(desk: BinanceDesk, ask: Ask) -> list[Position]:
    engine, as_of = desk.venue.engine, ask.as_of(desk.venue)
    busy = {order.symbol for order in engine.open_orders(ask.account, "", as_of)}
    rows = (engine.position(ask.account, symbol, as_of) for symbol in desk.ids)
    return [row for row in rows if row.amount or row.symbol in busy]
