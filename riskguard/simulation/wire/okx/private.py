"""OKX's account answers: balance, configuration, positions, leverage, fees."""

from decimal import Decimal
from typing import Any

from riskguard.simulation.wire.face import Ask, decimal_of
from riskguard.simulation.wire.feeds import plain
from riskguard.simulation.wire.okx.account_rows import account_row
from riskguard.simulation.wire.okx.desk import OkxDesk, error
from riskguard.simulation.wire.okx.rows import position_row

_UID = "44705892343619584"


def balance(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `account/balance`."""
    wanted = set(ask.get("ccy").split(",")) - {""}
    rows = [row for row in desk.venue.engine.balances(ask.account) if not wanted or row.asset in wanted]
    return [account_row(rows, desk.venue.shown_ms())]


def funding_balance(_: OkxDesk, __: Ask) -> Any:
    """Answer `asset/balances`: the funding account is empty."""
    return []


def config(_: OkxDesk, __: Ask) -> Any:
    """Answer `account/config`: futures mode, one-way positions."""
    row = {
        "acctLv": "2",
        "acctStpMode": "cancel_maker",
        "autoLoan": False,
        "ctIsoMode": "automatic",
        "enableSpotBorrow": False,
        "greeksType": "PA",
        "feeType": "0",
        "ip": "",
        "type": "0",
        "kycLv": "3",
        "label": "simulated",
        "level": "Lv1",
        "levelTmp": "",
        "liquidationGear": "-1",
        "mainUid": _UID,
        "mgnIsoMode": "automatic",
        "opAuth": "1",
        "perm": "read_only,trade",
        "posMode": "net_mode",
        "roleType": "0",
        "settleCcy": "",
        "settleCcyList": [],
        "spotBorrowAutoRepay": False,
        "spotOffsetType": "",
        "spotRoleType": "0",
        "spotTraderInsts": [],
        "stgyType": "0",
        "traderInsts": [],
        "uid": _UID,
    }
    return [row]


def positions(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `account/positions`; a flat one is shown only when it is named and there once was one."""
    engine, as_of = desk.venue.engine, ask.as_of(desk.venue)
    if ask.get("instType") not in ("", "SWAP"):
        return []
    if ask.get("instId"):
        named = [engine.position(ask.account, symbol, as_of) for symbol in desk.chosen(ask.get("instId"))]
        rows = [row for row in named if row.updated_ms]
    else:
        rows = engine.positions(ask.account, as_of)
    return [position_row(desk, row) for row in rows]


def leverage_info(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `account/leverage-info`."""
    return [
        {
            "ccy": "",
            "instId": desk.ids[symbol],
            "mgnMode": "cross",
            "posSide": "net",
            "lever": plain(desk.venue.engine.leverage(ask.account, symbol)),
        }
        for symbol in desk.chosen(ask.get("instId"))
    ]


def set_leverage(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `account/set-leverage`."""
    symbol, value = desk.symbol(ask.get("instId")), decimal_of(ask.get("lever"))
    if value is None or not Decimal(1) <= value <= Decimal(100):
        raise error("51000", "Parameter lever error", 400)
    desk.venue.engine.set_leverage(ask.account, symbol, value)
    row = {"lever": plain(value), "mgnMode": "cross", "instId": desk.ids[symbol], "posSide": "net"}
    return [row]


def trade_fee(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `account/trade-fee`; fees of takers and makers are negative numbers here."""
    family = ask.get("uly", "instFamily")
    items = [item for item in desk.venue.engine.instruments.values() if f"{item.base}-{item.quote}" == family]
    item = next(iter(items or desk.venue.engine.instruments.values()))
    maker, taker = plain(-item.maker_fee), plain(-item.taker_fee)
    row = {
        "category": "1",
        "delivery": "",
        "exercise": "",
        "fiat": [],
        "instType": ask.get("instType"),
        "level": "Lv1",
        "maker": maker,
        "makerU": maker,
        "makerUSDC": maker,
        "ruleType": "normal",
        "taker": taker,
        "takerU": taker,
        "takerUSDC": taker,
        "ts": str(desk.venue.shown_ms()),
    }
    return [row]
