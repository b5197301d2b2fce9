"""Kraken's public answers: time, status, assets, pairs, depth, ticker."""

from email.utils import formatdate
from typing import Any

from riskguard.simulation.engine import Instrument, Level, TradingMode
from riskguard.simulation.wire.face import Ask
from riskguard.simulation.wire.feeds import plain
from riskguard.simulation.wire.kraken.desk import REST_DEPTH, KrakenDesk
from riskguard.simulation.wire.kraken.names import Pair, asset_names, fixed, rfc3339, volume

_MORE_ASSETS = ("EUR", "USDC", "USDT")
MODES = {
    TradingMode.FULL: "online",
    TradingMode.POST_ONLY: "post_only",
    TradingMode.CANCEL_ONLY: "cancel_only",
    TradingMode.HALTED: "maintenance",
}
"""Kraken's words for the trading mode, of the venue and of a pair."""


def server_time(desk: KrakenDesk, _: Ask) -> Any:
    """Answer `Time`."""
    seconds = desk.venue.shown_ms() // 1000
    return {"unixtime": seconds, "rfc1123": formatdate(seconds, usegmt=True)}


def system_status(desk: KrakenDesk, _: Ask) -> Any:
    """Answer `SystemStatus`."""
    return {
        "status": MODES[desk.venue.engine.mode()],
        "timestamp": rfc3339(desk.venue.shown_ms(), "seconds"),
    }


def assets(desk: KrakenDesk, _: Ask) -> Any:
    """Answer `Assets`: those of the pairs and a few more."""
    listed = {*desk.assets.values(), *(asset_names(coin) for coin in _MORE_ASSETS)}
    return {
        identity: {
            "aclass": "currency",
            "altname": altname,
            "decimals": 10,
            "display_decimals": 5,
            "collateral_value": 1,
            "margin_rate": 0.02,
            "status": "enabled",
        }
        for identity, altname in sorted(listed)
    }


def asset_pairs(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `AssetPairs`."""
    engine = desk.venue.engine
    wanted = (
        [desk.pair(name).symbol for name in ask.get("pair").split(",")] if ask.get("pair") else desk.pairs
    )
    return {
        desk.pairs[symbol].id: _pair(engine.instruments[symbol], desk.pairs[symbol], engine.mode(symbol))
        for symbol in wanted
    }


def depth(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `Depth`."""
    pair = desk.pair(ask.get("pair"))
    count = max(1, min(ask.number("count", REST_DEPTH), REST_DEPTH))
    book, seconds = desk.refresh(pair.symbol, REST_DEPTH).snapshot(), desk.venue.shown_ms() // 1000

    def side(levels: tuple[Level, ...]) -> list[list[Any]]:
        return [[pair.price(row.price), fixed(row.amount, 3), seconds] for row in levels[:count]]

    return {pair.id: {"asks": side(book.asks), "bids": side(book.bids)}}


def ticker(desk: KrakenDesk, ask: Ask) -> Any:
    """Answer `Ticker`."""
    names = ask.get("pair").split(",") if ask.get("pair") else list(desk.pairs)
    return {pair.id: _ticker(desk, pair) for pair in (desk.pair(name) for name in names)}


def _ticker(desk: KrakenDesk, pair: Pair) -> dict[str, Any]:
    engine = desk.venue.engine
    book, mid = engine.book(pair.symbol, 1), pair.price(engine.mid(pair.symbol))

    def best(levels: tuple[Level, ...]) -> list[str]:
        if not levels:
            return [pair.price(engine.mid(pair.symbol) * 0), "0", "0.000"]
        return [pair.price(levels[0].price), str(int(levels[0].amount)), fixed(levels[0].amount, 3)]

    return {
        "a": best(book.asks),
        "b": best(book.bids),
        "c": [mid, "0.01000000"],
        "v": ["1000.00000000", "5000.00000000"],
        "p": [mid, mid],
        "t": [1000, 5000],
        "l": [mid, mid],
        "h": [mid, mid],
        "o": mid,
    }


def _pair(item: Instrument, pair: Pair, mode: TradingMode) -> dict[str, Any]:
    return {
        "altname": pair.altname,
        "wsname": pair.wsname,
        "aclass_base": "currency",
        "base": asset_names(item.base)[0],
        "aclass_quote": "currency",
        "quote": asset_names(item.quote)[0],
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": pair.price_decimals,
        "lot_decimals": len(volume(item.lot).rstrip("0").partition(".")[2]),
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, float(item.taker_fee * 100)]],
        "fees_maker": [[0, float(item.maker_fee * 100)]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": plain(item.min_amount),
        "costmin": plain(item.min_notional),
        "tick_size": plain(item.tick),
        "status": MODES[mode],
    }
