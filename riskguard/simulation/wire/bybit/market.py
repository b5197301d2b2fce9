"""Bybit's public answers: time, status, markets, book and tickers."""

from typing import Any

from riskguard.simulation.engine import Instrument, TradingMode
from riskguard.simulation.wire.bybit.desk import BybitDesk
from riskguard.simulation.wire.face import Ask
from riskguard.simulation.wire.feeds import pairs, plain


def server_time(desk: BybitDesk, _: Ask) -> Any:
    """Answer `market/time`."""
    shown = desk.venue.shown_ms()
    return {"timeSecond": str(shown // 1000), "timeNano": str(shown * 1_000_000)}


def system_status(desk: BybitDesk, _: Ask) -> Any:
    """Answer `system/status`: an ongoing maintenance while the venue is halted."""
    if desk.venue.engine.mode() is not TradingMode.HALTED:
        return {"list": []}
    shown = desk.venue.shown_ms()
    row = {
        "id": "4d95b2a0-587f-11f0-bcc9-56f28c94d6ea",
        "title": "System maintenance",
        "state": "ongoing",
        "begin": str(shown - 60_000),
        "end": str(shown + 3_600_000),
        "href": "",
        "serviceTypes": [1, 2, 3, 4, 5],
        "product": [1, 2, 3, 4],
        "uidSuffix": [],
        "maintainType": 1,
        "env": 1,
    }
    return {"list": [row]}


def instruments(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `market/instruments-info`; other categories and PreLaunch are empty."""
    category = ask.get("category")
    rows: list[dict[str, Any]] = []
    if category == "linear" and ask.get("status", default="Trading") == "Trading":
        engine = desk.venue.engine
        rows = [
            _instrument(item, desk.ids[symbol], engine.mode(symbol))
            for symbol, item in engine.instruments.items()
            if ask.get("symbol") in ("", desk.ids[symbol])
        ]
    return {"category": category, "list": rows, "nextPageCursor": ""}


def order_book(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `market/orderbook` from the same numbered book as the stream."""
    feed = desk.refresh(desk.symbol(ask.get("symbol")))
    book, limit, shown = feed.snapshot(), ask.number("limit", 25), desk.venue.shown_ms()
    return {
        "s": ask.get("symbol"),
        "b": pairs(book.bids[:limit]),
        "a": pairs(book.asks[:limit]),
        "ts": shown,
        "u": feed.update_id,
        "seq": feed.update_id * 7,
        "cts": shown,
    }


def tickers(desk: BybitDesk, ask: Ask) -> Any:
    """Answer `market/tickers`."""
    category = ask.get("category")
    rows = (
        [ticker_row(desk, symbol) for symbol in desk.chosen(ask.get("symbol"))]
        if category == "linear"
        else []
    )
    return {"category": category, "list": rows}


def ticker_row(desk: BybitDesk, symbol: str) -> dict[str, Any]:
    """Write a ticker as REST and the stream's snapshot show it."""
    engine = desk.venue.engine
    book, mid = engine.book(symbol, 1), plain(engine.mid(symbol))
    return {
        "symbol": desk.ids[symbol],
        "lastPrice": mid,
        "indexPrice": mid,
        "markPrice": plain(engine.mark(symbol)),
        "prevPrice24h": mid,
        "price24hPcnt": "0",
        "highPrice24h": mid,
        "lowPrice24h": mid,
        "prevPrice1h": mid,
        "openInterest": "50000",
        "openInterestValue": plain(engine.mid(symbol) * 50_000),
        "turnover24h": plain(engine.mid(symbol) * 100_000),
        "volume24h": "100000",
        "fundingRate": "0.0001",
        "nextFundingTime": str((desk.venue.shown_ms() // 28_800_000 + 1) * 28_800_000),
        "predictedDeliveryPrice": "",
        "basisRate": "",
        "deliveryFeeRate": "",
        "deliveryTime": "0",
        "bid1Price": plain(book.bids[0].price) if book.bids else "",
        "bid1Size": plain(book.bids[0].amount) if book.bids else "",
        "ask1Price": plain(book.asks[0].price) if book.asks else "",
        "ask1Size": plain(book.asks[0].amount) if book.asks else "",
        "basis": "",
        "preOpenPrice": "",
        "preQty": "",
        "curPreListingPhase": "",
    }


def coins(desk: BybitDesk, _: Ask) -> Any:
    """Answer `asset/coin/query-info`."""
    names = {coin for item in desk.venue.engine.instruments.values() for coin in (item.base, item.quote)}
    return {"rows": [_coin(name) for name in sorted(names)]}


def _instrument(item: Instrument, name: str, mode: TradingMode) -> dict[str, Any]:
    return {
        "symbol": name,
        "contractType": "LinearPerpetual",
        "status": "Trading" if mode is TradingMode.FULL else "Closed",
        "baseCoin": item.base,
        "quoteCoin": item.quote,
        "launchTime": "1585526400000",
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": "2",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": plain(item.tick), "maxPrice": "1999999.80", "tickSize": plain(item.tick)},
        "lotSizeFilter": {
            "maxOrderQty": plain(item.max_amount),
            "minOrderQty": plain(item.min_amount),
            "qtyStep": plain(item.lot),
            "postOnlyMaxOrderQty": plain(item.max_amount),
            "maxMktOrderQty": plain(item.max_amount),
            "minNotionalValue": plain(item.min_notional),
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
        "settleCoin": item.quote,
        "copyTrading": "both",
        "upperFundingRate": "0.00375",
        "lowerFundingRate": "-0.00375",
        "displayName": "",
        "isPreListing": False,
        "preListingInfo": None,
        "riskParameters": {"priceLimitRatioX": "0.1", "priceLimitRatioY": "0.2"},
    }


def _coin(name: str) -> dict[str, Any]:
    chain = {
        "chainType": name,
        "confirmation": "1",
        "withdrawFee": "0.0005",
        "depositMin": "0",
        "withdrawMin": "0.001",
        "chain": name,
        "chainDeposit": "1",
        "chainWithdraw": "1",
        "minAccuracy": "8",
        "withdrawPercentageFee": "0",
        "contractAddress": "",
        "safeConfirmNumber": "1",
    }
    return {"name": name, "coin": name, "remainAmount": "1000000", "chains": [chain]}
