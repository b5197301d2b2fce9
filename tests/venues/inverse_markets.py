"""Inverse perpetuals as eight venues describe them, each in its own shape, with one book at 60,000."""

from dataclasses import dataclass
from typing import Any

NOW_MS = 1_700_000_000_000
BIDS, ASKS = [["59999.5", "1000"]], [["60000.5", "1000"]]

Routes = dict[tuple[str, str], Any]


@dataclass(frozen=True)
class Inverse:
    """One venue's inverse market, what it means in base units, and how an order names its size."""

    ccxt_id: str
    symbol: str
    routes: Routes
    lot: str
    """Base units at 60,000, five digits."""
    tick: str
    field: str
    """The size's name in the order on the wire."""
    amount: str
    """An order's base units, not a whole number of contracts."""
    size: str
    """The same on the wire: cut down, never up."""


def _okx(*rows: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": list(rows)}


def _bybit(result: dict[str, Any]) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": NOW_MS}


def _deribit(result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "result": result, "usIn": 1, "usOut": 2, "usDiff": 1, "testnet": False}


def _kucoin(data: Any) -> dict[str, Any]:
    return {"code": "200000", "data": data}


_BOOK = {"bids": BIDS, "asks": ASKS}

BINANCE = Inverse(
    "binancecoinm",
    "BTC/USD:BTC",
    {
        ("GET", "/dapi/v1/exchangeInfo"): {
            "timezone": "UTC",
            "serverTime": NOW_MS,
            "symbols": [
                {
                    "symbol": "BTCUSD_PERP",
                    "pair": "BTCUSD",
                    "contractType": "PERPETUAL",
                    "deliveryDate": 4133404800000,
                    "onboardDate": 1597042800000,
                    "contractStatus": "TRADING",
                    "contractSize": 100,
                    "marginAsset": "BTC",
                    "baseAsset": "BTC",
                    "quoteAsset": "USD",
                    "pricePrecision": 1,
                    "quantityPrecision": 0,
                    "baseAssetPrecision": 8,
                    "quotePrecision": 8,
                    "filters": [
                        {
                            "filterType": "PRICE_FILTER",
                            "minPrice": "1000",
                            "maxPrice": "4520958",
                            "tickSize": "0.1",
                        },
                        {"filterType": "LOT_SIZE", "minQty": "1", "maxQty": "1000000", "stepSize": "1"},
                    ],
                    "orderTypes": ["LIMIT", "MARKET"],
                    "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
                }
            ],
        },
        ("GET", "/dapi/v1/depth"): {
            "lastUpdateId": 1,
            "E": NOW_MS,
            "T": NOW_MS,
            "symbol": "BTCUSD_PERP",
            **_BOOK,
        },
    },
    lot="0.00166666667",
    tick="0.1",
    field="quantity",
    amount="0.5",
    size="299",
)
BYBIT = Inverse(
    "bybit",
    "BTC/USD:BTC",
    {
        ("GET", "/v5/market/instruments-info"): _bybit(
            {
                "category": "inverse",
                "nextPageCursor": "",
                "list": [
                    {
                        "symbol": "BTCUSD",
                        "contractType": "InversePerpetual",
                        "status": "Trading",
                        "baseCoin": "BTC",
                        "quoteCoin": "USD",
                        "launchTime": "1542211200000",
                        "deliveryTime": "0",
                        "priceScale": "2",
                        "leverageFilter": {
                            "minLeverage": "1",
                            "maxLeverage": "100.00",
                            "leverageStep": "0.01",
                        },
                        "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
                        "lotSizeFilter": {"minOrderQty": "5", "maxOrderQty": "25000000", "qtyStep": "1"},
                        "unifiedMarginTrade": True,
                        "fundingInterval": 480,
                        "settleCoin": "BTC",
                        "copyTrading": "none",
                    }
                ],
            }
        ),
        ("GET", "/v5/market/orderbook"): _bybit(
            {"s": "BTCUSD", "b": BIDS, "a": ASKS, "ts": NOW_MS, "u": 1, "seq": 1, "cts": NOW_MS}
        ),
    },
    lot="0.0000166666667",
    tick="0.1",
    field="qty",
    amount="0.5",
    size="29999",
)
OKX = Inverse(
    "okx",
    "BTC/USD:BTC",
    {
        ("GET", "/api/v5/public/instruments"): _okx(
            {
                "instType": "SWAP",
                "instId": "BTC-USD-SWAP",
                "uly": "BTC-USD",
                "instFamily": "BTC-USD",
                "baseCcy": "",
                "quoteCcy": "",
                "settleCcy": "BTC",
                "ctVal": "100",
                "ctMult": "1",
                "ctValCcy": "USD",
                "ctType": "inverse",
                "lotSz": "0.1",
                "minSz": "0.1",
                "tickSz": "0.1",
                "state": "live",
                "lever": "100",
                "listTime": "1611916828000",
                "expTime": "",
                "maxLmtSz": "100000000",
                "maxMktSz": "30000",
            }
        ),
        ("GET", "/api/v5/market/books"): _okx(
            {
                "bids": [["59999.5", "1000", "0", "3"]],
                "asks": [["60000.5", "1000", "0", "3"]],
                "ts": str(NOW_MS),
            }
        ),
    },
    lot="0.000166666667",
    tick="0.1",
    field="sz",
    amount="0.5",
    size="299.9",
)
KRAKEN = Inverse(
    "krakenfutures",
    "BTC/USD:BTC",
    {
        ("GET", "/derivatives/api/v3/instruments"): {
            "result": "success",
            "serverTime": "2023-11-14T22:13:20.000Z",
            "instruments": [
                {
                    "symbol": "PI_XBTUSD",
                    "pair": "XBT:USD",
                    "base": "XBT",
                    "quote": "USD",
                    "type": "futures_inverse",
                    "underlying": "rr_xbtusd",
                    "tickSize": 0.5,
                    "contractSize": 1,
                    "tradeable": True,
                    "contractValueTradePrecision": 0,
                    "impactMidSize": 1,
                    "maxPositionSize": 75000000,
                    "openingDate": "2018-08-31T00:00:00.000Z",
                    "marginLevels": [],
                    "fundingRateCoefficient": 8,
                }
            ],
        },
        ("GET", "/derivatives/api/v3/orderbook"): {
            "result": "success",
            "serverTime": "2023-11-14T22:13:20.000Z",
            "orderBook": {"bids": [[59999.5, 1000]], "asks": [[60000.5, 1000]]},
        },
    },
    lot="0.0000166666667",
    tick="0.5",
    field="size",
    amount="0.5",
    size="29999",
)
DERIBIT = Inverse(
    "deribit",
    "BTC/USD:BTC",
    {
        ("GET", "/api/v2/public/get_instruments"): _deribit(
            [
                {
                    "instrument_name": "BTC-PERPETUAL",
                    "instrument_id": 210838,
                    "instrument_type": "reversed",
                    "kind": "future",
                    "future_type": "reversed",
                    "settlement_period": "perpetual",
                    "settlement_currency": "BTC",
                    "base_currency": "BTC",
                    "quote_currency": "USD",
                    "counter_currency": "USD",
                    "price_index": "btc_usd",
                    "contract_size": 10.0,
                    "min_trade_amount": 10.0,
                    "tick_size": 0.5,
                    "tick_size_steps": [],
                    "taker_commission": 0.0005,
                    "maker_commission": 0.0,
                    "is_active": True,
                    "creation_timestamp": 1534167754000,
                    "expiration_timestamp": 32503708800000,
                }
            ]
        ),
        ("GET", "/api/v2/public/get_order_book"): _deribit(
            {
                "instrument_name": "BTC-PERPETUAL",
                "timestamp": NOW_MS,
                "state": "open",
                "bids": [[59999.5, 1000.0]],
                "asks": [[60000.5, 1000.0]],
                "change_id": 1,
            }
        ),
    },
    lot="0.000166666667",
    tick="0.5",
    field="amount",
    amount="0.5",
    size="29990",
)
KUCOIN = Inverse(
    "kucoinfutures",
    "BTC/USD:BTC",
    {
        ("GET", "/api/v3/margin/symbols"): _kucoin({"timestamp": NOW_MS, "items": []}),
        ("GET", "/api/v1/isolated/symbols"): _kucoin([]),
        ("GET", "/api/v1/contracts/active"): _kucoin(
            [
                {
                    "symbol": "XBTUSDM",
                    "rootSymbol": "XBT",
                    "type": "FFWCSX",
                    "firstOpenDate": 1552638575000,
                    "expireDate": None,
                    "settleDate": None,
                    "baseCurrency": "XBT",
                    "quoteCurrency": "USD",
                    "settleCurrency": "XBT",
                    "maxOrderQty": 10000000,
                    "maxPrice": 1000000.0,
                    "lotSize": 1,
                    "tickSize": 0.1,
                    "multiplier": -1.0,
                    "isInverse": True,
                    "isQuanto": False,
                    "nextFundingRateTime": 3600000,
                    "status": "Open",
                    "takerFeeRate": 0.0006,
                    "makerFeeRate": 0.0002,
                }
            ]
        ),
        ("GET", "/api/v1/level2/depth20"): _kucoin(
            {"symbol": "XBTUSDM", "sequence": 1, "ts": NOW_MS * 1_000_000, **_BOOK}
        ),
    },
    lot="0.0000166666667",
    tick="0.1",
    field="size",
    amount="0.5",
    size="29999",
)
BITGET = Inverse(
    "bitget",
    "BTC/USD:BTC",
    {
        ("GET", "/api/v2/mix/market/contracts"): {
            "code": "00000",
            "msg": "success",
            "requestTime": NOW_MS,
            "data": [
                {
                    "symbol": "BTCUSD",
                    "baseCoin": "BTC",
                    "quoteCoin": "USD",
                    "supportMarginCoins": ["BTC", "ETH"],
                    "makerFeeRate": "0.0002",
                    "takerFeeRate": "0.0006",
                    "minTradeNum": "0.001",
                    "priceEndStep": "1",
                    "volumePlace": "3",
                    "pricePlace": "1",
                    "sizeMultiplier": "0.001",
                    "symbolType": "perpetual",
                    "minTradeUSDT": "5",
                    "symbolStatus": "normal",
                    "deliveryTime": "",
                    "deliveryPeriod": "",
                    "launchTime": "",
                    "fundInterval": "8",
                }
            ],
        },
        ("GET", "/api/v2/mix/market/merge-depth"): {
            "code": "00000",
            "msg": "success",
            "requestTime": NOW_MS,
            "data": {**_BOOK, "ts": str(NOW_MS), "scale": "0.1", "precision": "scale0"},
        },
    },
    lot="0.001",
    tick="0.1",
    field="size",
    amount="0.5",
    size="0.5",
)
GATE = Inverse(
    "gate",
    "BTC/USD:BTC",
    {
        ("GET", "/api/v4/futures/usdt/contracts"): [],
        ("GET", "/api/v4/futures/btc/contracts"): [
            {
                "name": "BTC_USD",
                "type": "inverse",
                "quanto_multiplier": "0",
                "order_size_min": 1,
                "order_size_max": 1000000,
                "order_price_round": "0.1",
                "order_price_deviate": "0.5",
                "mark_price": "60000",
                "mark_type": "index",
                "maker_fee_rate": "-0.0002",
                "taker_fee_rate": "0.00075",
                "leverage_min": "1",
                "leverage_max": "100",
                "status": "trading",
                "in_delisting": False,
            }
        ],
        ("GET", "/api/v4/futures/btc/order_book"): {
            "id": 1,
            "current": NOW_MS / 1000,
            "update": NOW_MS / 1000,
            "bids": [{"p": "59999.5", "s": 1000}],
            "asks": [{"p": "60000.5", "s": 1000}],
        },
    },
    lot="0.0000166666667",
    tick="0.1",
    field="size",
    amount="0.5",
    size="29999",
)
ALL = (BINANCE, BYBIT, OKX, KRAKEN, DERIBIT, KUCOIN, BITGET, GATE)
