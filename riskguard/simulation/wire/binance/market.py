"""Binance's public answers: time, status, markets, book and tickers."""

from decimal import Decimal
from typing import Any

from riskguard.simulation.engine import Instrument, TradingMode
from riskguard.simulation.wire.binance.desk import BinanceDesk
from riskguard.simulation.wire.face import Ask
from riskguard.simulation.wire.feeds import pairs, plain


def server_time(desk: BinanceDesk, _: Ask) -> Any:
    """Answer `fapi/v1/time` and its like."""
    return {"serverTime": desk.venue.shown_ms()}


def system_status(desk: BinanceDesk, _: Ask) -> Any:
    """Answer `sapi/v1/system/status`; halted counts as maintenance."""
    halted = desk.venue.engine.mode() is TradingMode.HALTED
    return {"status": 1, "msg": "system_maintenance"} if halted else {"status": 0, "msg": "normal"}


def nothing(_: BinanceDesk, __: Ask) -> Any:
    """Answer lists that are empty here (margin pairs, coins of other products)."""
    return []


def no_symbols(desk: BinanceDesk, _: Ask) -> Any:
    """Answer the market lists of products that are not simulated."""
    return {"timezone": "UTC", "serverTime": desk.venue.shown_ms(), "rateLimits": [], "symbols": []}


def coins(desk: BinanceDesk, _: Ask) -> Any:
    """Answer `sapi/v1/capital/config/getall`."""
    names = {coin for item in desk.venue.engine.instruments.values() for coin in (item.base, item.quote)}
    return [_coin(name) for name in sorted(names)]


def exchange_info(desk: BinanceDesk, _: Ask) -> Any:
    """Answer `fapi/v1/exchangeInfo`."""
    engine = desk.venue.engine
    return {
        "timezone": "UTC",
        "serverTime": desk.venue.shown_ms(),
        "futuresType": "U_MARGINED",
        "rateLimits": [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
            {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
        ],
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [
            _symbol_row(item, desk.ids[symbol], engine.mode(symbol))
            for symbol, item in engine.instruments.items()
        ],
    }


def depth(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `fapi/v1/depth` from the same numbered book as the stream."""
    feed = desk.refresh(desk.symbol(ask.get("symbol")))
    book, limit = feed.snapshot(), ask.number("limit", 500)
    shown = desk.venue.shown_ms()
    return {
        "lastUpdateId": feed.update_id,
        "E": shown,
        "T": shown,
        "bids": pairs(book.bids[:limit]),
        "asks": pairs(book.asks[:limit]),
    }


def ticker_day(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `fapi/v1/ticker/24hr`."""
    rows = [_day_row(desk, symbol) for symbol in desk.chosen(ask.get("symbol"))]
    return rows[0] if ask.get("symbol") else rows


def ticker_price(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `fapi/v1/ticker/price`."""
    rows = [
        {
            "symbol": desk.ids[symbol],
            "price": plain(desk.venue.engine.mid(symbol)),
            "time": desk.venue.shown_ms(),
        }
        for symbol in desk.chosen(ask.get("symbol"))
    ]
    return rows[0] if ask.get("symbol") else rows


def ticker_book(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `fapi/v1/ticker/bookTicker`."""
    rows = [book_ticker_row(desk, symbol) for symbol in desk.chosen(ask.get("symbol"))]
    return rows[0] if ask.get("symbol") else rows


def premium_index(desk: BinanceDesk, ask: Ask) -> Any:
    """Answer `fapi/v1/premiumIndex` (mark price and funding)."""
    rows = [
        {
            "symbol": desk.ids[symbol],
            "markPrice": plain(desk.venue.engine.mark(symbol)),
            "indexPrice": plain(desk.venue.engine.mid(symbol)),
            "estimatedSettlePrice": plain(desk.venue.engine.mid(symbol)),
            "lastFundingRate": "0.00010000",
            "interestRate": "0.00010000",
            "nextFundingTime": (desk.venue.shown_ms() // 28_800_000 + 1) * 28_800_000,
            "time": desk.venue.shown_ms(),
        }
        for symbol in desk.chosen(ask.get("symbol"))
    ]
    return rows[0] if ask.get("symbol") else rows


def book_ticker_row(desk: BinanceDesk, symbol: str) -> dict[str, Any]:
    """Write the best bid and ask."""
    book = desk.venue.engine.book(symbol, 1)
    bid, ask = book.bids[0], book.asks[0]
    return {
        "symbol": desk.ids[symbol],
        "bidPrice": plain(bid.price),
        "bidQty": plain(bid.amount),
        "askPrice": plain(ask.price),
        "askQty": plain(ask.amount),
        "time": desk.venue.shown_ms(),
        "lastUpdateId": desk.feeds[symbol].update_id,
    }


def _day_row(desk: BinanceDesk, symbol: str) -> dict[str, Any]:
    price, shown = plain(desk.venue.engine.mid(symbol)), desk.venue.shown_ms()
    return {
        "symbol": desk.ids[symbol],
        "priceChange": "0",
        "priceChangePercent": "0",
        "weightedAvgPrice": price,
        "lastPrice": price,
        "lastQty": "0.001",
        "openPrice": price,
        "highPrice": price,
        "lowPrice": price,
        "volume": "100000",
        "quoteVolume": plain(desk.venue.engine.mid(symbol) * 100_000),
        "openTime": shown - 86_400_000,
        "closeTime": shown,
        "firstId": 1,
        "lastId": 2,
        "count": 2,
    }


def _symbol_row(item: Instrument, name: str, mode: TradingMode) -> dict[str, Any]:
    return {
        "symbol": name,
        "pair": name,
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": "TRADING" if mode is TradingMode.FULL else "SETTLING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": item.base,
        "quoteAsset": item.quote,
        "marginAsset": item.quote,
        "pricePrecision": _digits(item.tick),
        "quantityPrecision": _digits(item.lot),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10000,
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "permissionSets": ["GRID", "COPY"],
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": plain(item.tick),
                "maxPrice": "4529764",
                "tickSize": plain(item.tick),
            },
            _lot_filter("LOT_SIZE", item),
            _lot_filter("MARKET_LOT_SIZE", item),
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MIN_NOTIONAL", "notional": plain(item.min_notional)},
            {
                "filterType": "PERCENT_PRICE",
                "multiplierUp": "1.2000",
                "multiplierDown": "0.8000",
                "multiplierDecimal": "4",
            },
        ],
    }


def _lot_filter(kind: str, item: Instrument) -> dict[str, str]:
    return {
        "filterType": kind,
        "minQty": plain(item.min_amount),
        "maxQty": plain(item.max_amount),
        "stepSize": plain(item.lot),
    }


def _digits(step: Decimal) -> int:
    return max(0, -int(step.normalize().as_tuple().exponent))


def _coin(name: str) -> dict[str, Any]:
    network = {
        "network": name,
        "coin": name,
        "name": name,
        "isDefault": True,
        "depositEnable": True,
        "withdrawEnable": True,
        "depositDesc": "",
        "withdrawDesc": "",
        "withdrawFee": "0.0005",
        "withdrawMin": "0.001",
        "withdrawMax": "9999999",
        "withdrawIntegerMultiple": "0.00000001",
        "minConfirm": 1,
        "unLockConfirm": 2,
    }
    return {
        "coin": name,
        "name": name,
        "depositAllEnable": True,
        "withdrawAllEnable": True,
        "free": "0",
        "locked": "0",
        "freeze": "0",
        "withdrawing": "0",
        "ipoing": "0",
        "ipoable": "0",
        "storage": "0",
        "isLegalMoney": False,
        "trading": True,
        "networkList": [network],
    }
