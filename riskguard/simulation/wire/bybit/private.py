"""Bybit's account answers: key, account, wallet, positions and settings."""

from decimal import Decimal
from typing import Any

from riskguard.simulation.wire.bybit.desk import BybitDesk, error
from riskguard.simulation.wire.bybit.rows import position_row, wallet_row
from riskguard.simulation.wire.face import Ask, decimal_of
from riskguard.simulation.wire.feeds import plain


def query_api(_: BybitDesk, ask: Ask) -> Any:
    """Answer `user/query-api`: a key that may trade contracts and cannot withdraw."""
    return {
        "id": "13770661",
        "note": "simulated",
        "apiKey": ask.call.headers.get("X-BAPI-API-KEY", ""),
        "readOnly": 0,
        "secret": "",
        "permissions": {
            "ContractTrade": ["Order", "Position"],
            "Spot": [],
            "Wallet": [],
            "Options": [],
            "Derivatives": ["DerivativesTrade"],
            "CopyTrading": [],
            "BlockTrade": [],
            "Exchange": [],
            "NFT": [],
            "Affiliate": [],
            "Earn": [],
        },
        "ips": ["*"],
        "type": 1,
        "deadlineDay": 83,
        "expiredAt": "2030-05-15T03:21:05Z",
        "createdAt": "2024-10-16T02:24:40Z",
        "unified": 0,
        "uta": 1,
        "userID": 24600000,
        "inviterID": 0,
        "vipLevel": "No VIP",
        "mktMakerLevel": "0",
        "affiliateID": 0,
        "rsaPublicKey": "",
        "isMaster": True,
        "parentUid": "0",
        "kycLevel": "LEVEL_DEFAULT",
        "kycRegion": "",
    }


def account_info(desk: BybitDesk, _: Ask) -> Any:
    """Answer `account/info`: a unified account 2.0 in cross margin."""
    return {
        "marginMode": "REGULAR_MARGIN",
        "updatedTime": str(desk.venue.shown_ms()),
        "unifiedMarginStatus": 5,
        "dcpStatus": "OFF",
        "timeWindow": 10,
        "smpGroup": 0,
        "isMasterTrader": False,
        "spotHedgingStatus": "OFF",
    }


def wallet_balance(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `account/wallet-balance`."""
    if ask.get("accountType") != "UNIFIED":
        raise error(10001, "accountType only support UNIFIED.", desk.venue.shown_ms())
    return {"list": [wallet_row(desk.venue.engine.balances(ask.account))]}


def positions(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `position/list`: one symbol, flat or not, or all open ones of a settlement coin."""
    engine, as_of = desk.venue.engine, ask.as_of(desk.venue)
    category = ask.get("category")
    if category != "linear":
        rows = []
    elif ask.get("symbol"):
        rows = [engine.position(ask.account, desk.symbol(ask.get("symbol")), as_of)]
    else:
        rows = engine.positions(ask.account, as_of)
    listed = [position_row(row, desk.ids[row.symbol], desk.venue.skew_ms) for row in rows]
    return {"category": category, "list": listed, "nextPageCursor": ""}


def set_leverage(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `position/set-leverage`."""
    symbol, value = desk.symbol(ask.get("symbol")), decimal_of(ask.get("buyLeverage"))
    if value is None or not Decimal(1) <= value <= Decimal(100):
        raise error(10001, "leverage invalid", desk.venue.shown_ms())
    if value == desk.venue.engine.leverage(ask.account, symbol):
        raise error(110043, "leverage not modified", desk.venue.shown_ms())
    desk.venue.engine.set_leverage(ask.account, symbol, value)
    return {}


def fee_rate(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `account/fee-rate`."""
    rows = [
        {
            "symbol": desk.ids[symbol],
            "baseCoin": "",
            "takerFeeRate": plain(desk.venue.engine.instruments[symbol].taker_fee),
            "makerFeeRate": plain(desk.venue.engine.instruments[symbol].maker_fee),
        }
        for symbol in desk.chosen(ask.get("symbol"))
    ]
    return {"category": "linear", "list": rows}
