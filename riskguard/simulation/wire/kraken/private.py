"""Kraken's account answers: balances, fees, the token for the private WebSocket."""

from decimal import Decimal
from typing import Any

from riskguard.simulation.wire.face import Ask
from riskguard.simulation.wire.kraken.desk import KrakenDesk
from riskguard.simulation.wire.kraken.names import fixed
from riskguard.simulation.wire.kraken.rows import held

_TOKEN_S = 900


def balance(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `Balance`: totals."""
    rows = desk.venue.engine.balances(ask.account)
    return {desk.asset_id(row.asset): fixed(row.wallet, 10) for row in rows}


def balance_ex(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `BalanceEx`: totals, and what open orders hold of them."""
    rows = desk.venue.engine.balances(ask.account)
    return {
        desk.asset_id(row.asset): {"balance": fixed(row.wallet, 10), "hold_trade": held(row)} for row in rows
    }


def trade_balance(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `TradeBalance` in the first pair's quote currency; there is no margin trading."""
    engine = desk.venue.engine
    marks = {item.base: engine.mid(symbol) for symbol, item in engine.instruments.items()}
    total = sum(
        (row.wallet * marks.get(row.asset, Decimal(1)) for row in engine.balances(ask.account)), Decimal(0)
    )
    none, value = fixed(Decimal(0), 4), fixed(total, 4)
    return {
        "eb": value,
        "tb": value,
        "m": none,
        "uv": none,
        "n": none,
        "c": none,
        "v": none,
        "e": value,
        "mf": value,
    }


def trade_volume(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `TradeVolume` with the fees of the pairs named."""
    fees, maker_fees = {}, {}
    for name in (ask.get("pair") or "").split(",") if ask.get("pair") else ():
        pair = desk.pair(name)
        item = desk.venue.engine.instruments[pair.symbol]
        fees[pair.id] = _fee(item.taker_fee)
        maker_fees[pair.id] = _fee(item.maker_fee)
    return {"currency": "ZUSD", "volume": "0.0000", "fees": fees, "fees_maker": maker_fees}


def open_positions(_: KrakenDesk, ask: Ask) -> Any:
    """Answer `OpenPositions`: there is no margin trading; consolidated, the answer is a list."""
    return [] if ask.get("consolidation") == "market" else {}


def web_sockets_token(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `GetWebSocketsToken`."""
    return {"token": desk.new_token(ask.account), "expires": _TOKEN_S}


def _fee(rate: Decimal) -> dict[str, Any]:
    percent = fixed(rate * 100, 4)
    return {
        "fee": percent,
        "minfee": percent,
        "maxfee": percent,
        "nextfee": None,
        "nextvolume": None,
        "tiervolume": "0.0000",
    }
