"""Good answers of two venues, cut down to the fields that their documents call mandatory."""

from typing import Any

BINANCE_ORDER: dict[str, Any] = {
    "orderId": 8001,
    "symbol": "BTCUSDT",
    "status": "FILLED",
    "clientOrderId": "rga0001h",
    "price": "60000.00",
    "avgPrice": "59990.00",
    "origQty": "0.010",
    "executedQty": "0.010",
    "cumQuote": "599.90",
    "timeInForce": "IOC",
    "type": "LIMIT",
    "reduceOnly": False,
    "closePosition": False,
    "side": "BUY",
    "positionSide": "BOTH",
    "stopPrice": "0",
    "workingType": "CONTRACT_PRICE",
    "priceProtect": False,
    "origType": "LIMIT",
    "updateTime": 1700000000000,
}

BINANCE: dict[tuple[str, str], Any] = {
    ("GET", "/fapi/v1/exchangeInfo"): {
        "timezone": "UTC",
        "serverTime": 1700000000000,
        "symbols": [
            {
                "symbol": "BTCUSDT",
                "pair": "BTCUSDT",
                "contractType": "PERPETUAL",
                "deliveryDate": 4133404800000,
                "onboardDate": 1569398400000,
                "status": "TRADING",
                "baseAsset": "BTC",
                "quoteAsset": "USDT",
                "marginAsset": "USDT",
                "pricePrecision": 2,
                "quantityPrecision": 3,
                "filters": [
                    {
                        "filterType": "PRICE_FILTER",
                        "minPrice": "0.10",
                        "maxPrice": "4529764",
                        "tickSize": "0.10",
                    },
                    {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
                    {"filterType": "MIN_NOTIONAL", "notional": "100"},
                ],
                "orderTypes": ["LIMIT", "MARKET"],
                "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
            }
        ],
    },
    ("GET", "/fapi/v1/depth"): {
        "lastUpdateId": 1,
        "E": 1700000000000,
        "T": 1700000000000,
        "bids": [["59999.90", "1.5"], ["59999.80", "2"]],
        "asks": [["60000.10", "1.2"], ["60000.20", "3"]],
    },
    ("GET", "/fapi/v3/positionRisk"): [
        {
            "symbol": "BTCUSDT",
            "positionSide": "BOTH",
            "positionAmt": "-0.250",
            "entryPrice": "61000.0",
            "breakEvenPrice": "61000.0",
            "markPrice": "60000.0",
            "unRealizedProfit": "250.0",
            "liquidationPrice": "90000.0",
            "isolatedMargin": "0",
            "notional": "-15000.0",
            "marginAsset": "USDT",
            "isolatedWallet": "0",
            "initialMargin": "1500",
            "maintMargin": "60",
            "positionInitialMargin": "1500",
            "openOrderInitialMargin": "0",
            "adl": 2,
            "bidNotional": "0",
            "askNotional": "0",
            "updateTime": 1700000000000,
        }
    ],
    ("GET", "/fapi/v3/account"): {
        "totalInitialMargin": "1500",
        "totalMaintMargin": "60",
        "totalWalletBalance": "10000",
        "totalUnrealizedProfit": "250",
        "totalMarginBalance": "10250",
        "totalPositionInitialMargin": "1500",
        "totalOpenOrderInitialMargin": "0",
        "totalCrossWalletBalance": "10000",
        "totalCrossUnPnl": "250",
        "availableBalance": "8750",
        "maxWithdrawAmount": "8750",
        "assets": [
            {
                "asset": "USDT",
                "walletBalance": "10000",
                "unrealizedProfit": "250",
                "marginBalance": "10250",
                "maintMargin": "60",
                "initialMargin": "1500",
                "positionInitialMargin": "1500",
                "openOrderInitialMargin": "0",
                "crossWalletBalance": "10000",
                "crossUnPnl": "250",
                "availableBalance": "8750",
                "maxWithdrawAmount": "8750",
                "updateTime": 1700000000000,
            }
        ],
        "positions": [
            {
                "symbol": "BTCUSDT",
                "positionSide": "BOTH",
                "positionAmt": "-0.250",
                "unrealizedProfit": "250",
                "isolatedMargin": "0",
                "notional": "-15000",
                "isolatedWallet": "0",
                "initialMargin": "1500",
                "maintMargin": "60",
                "updateTime": 1700000000000,
            }
        ],
    },
    ("GET", "/fapi/v1/openOrders"): [
        BINANCE_ORDER
        | {
            "orderId": 8002,
            "status": "NEW",
            "clientOrderId": "somebody-else",
            "executedQty": "0",
            "avgPrice": "0",
            "cumQuote": "0",
            "timeInForce": "GTC",
            "side": "SELL",
            "price": "65000",
            "time": 1700000000000,
        }
    ],
    ("GET", "/fapi/v1/order"): BINANCE_ORDER | {"time": 1700000000000},
    ("GET", "/fapi/v1/allOrders"): [BINANCE_ORDER | {"time": 1700000000000}],
    ("GET", "/fapi/v1/userTrades"): [
        {
            "symbol": "BTCUSDT",
            "id": 9001,
            "orderId": 8001,
            "side": "BUY",
            "price": "59990.00",
            "qty": "0.010",
            "realizedPnl": "0",
            "quoteQty": "599.90",
            "commission": "0.30",
            "commissionAsset": "USDT",
            "time": 1700000000000,
            "positionSide": "BOTH",
            "buyer": True,
            "maker": False,
        }
    ],
    ("POST", "/fapi/v1/order"): BINANCE_ORDER,
    ("POST", "/fapi/v1/order/test"): {},
    ("DELETE", "/fapi/v1/order"): BINANCE_ORDER
    | {"orderId": 8002, "status": "CANCELED", "executedQty": "0", "avgPrice": "0", "cumQuote": "0"},
}


def _bybit(result: Any) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1700000000000}


_BYBIT_ORDER: dict[str, Any] = {
    "orderId": "5cf98598-39a7-459e-97bf-76ca765ee020",
    "orderLinkId": "rga0001h",
    "symbol": "BTCUSDT",
    "price": "60000",
    "qty": "0.010",
    "side": "Buy",
    "orderStatus": "Filled",
    "avgPrice": "59990",
    "leavesQty": "0",
    "leavesValue": "0",
    "cumExecQty": "0.010",
    "cumExecValue": "599.9",
    "cumExecFee": "0.33",
    "timeInForce": "IOC",
    "orderType": "Limit",
    "stopOrderType": "",
    "triggerPrice": "",
    "takeProfit": "",
    "stopLoss": "",
    "tpslMode": "",
    "reduceOnly": False,
    "closeOnTrigger": False,
    "createdTime": "1700000000000",
    "updatedTime": "1700000000000",
    "positionIdx": 0,
    "isLeverage": "",
    "cancelType": "UNKNOWN",
    "rejectReason": "EC_NoError",
}

BYBIT: dict[tuple[str, str], Any] = {
    ("GET", "/v5/market/time"): _bybit({"timeSecond": "1700000000", "timeNano": "1700000000000000000"}),
    ("GET", "/v5/market/instruments-info"): _bybit(
        {
            "category": "linear",
            "list": [
                {
                    "symbol": "BTCUSDT",
                    "contractType": "LinearPerpetual",
                    "status": "Trading",
                    "baseCoin": "BTC",
                    "quoteCoin": "USDT",
                    "settleCoin": "USDT",
                    "launchTime": "1585526400000",
                    "deliveryTime": "0",
                    "deliveryFeeRate": "",
                    "priceScale": "2",
                    "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
                    "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
                    "lotSizeFilter": {
                        "maxOrderQty": "1190.000",
                        "minOrderQty": "0.001",
                        "qtyStep": "0.001",
                        "postOnlyMaxOrderQty": "1190.000",
                        "maxMktOrderQty": "500.000",
                        "minNotionalValue": "5",
                    },
                    "unifiedMarginTrade": True,
                    "fundingInterval": 480,
                    "copyTrading": "both",
                }
            ],
            "nextPageCursor": "",
        }
    ),
    ("GET", "/v5/market/orderbook"): _bybit(
        {
            "s": "BTCUSDT",
            "b": [["59999.90", "1.5"]],
            "a": [["60000.10", "1.2"]],
            "ts": 1700000000000,
            "u": 1,
            "seq": 1,
            "cts": 1700000000000,
        }
    ),
    ("GET", "/v5/position/list"): _bybit(
        {
            "category": "linear",
            "nextPageCursor": "",
            "list": [
                {
                    "positionIdx": 0,
                    "symbol": "BTCUSDT",
                    "side": "Sell",
                    "size": "0.250",
                    "avgPrice": "61000",
                    "positionValue": "15250",
                    "tradeMode": 0,
                    "leverage": "10",
                    "markPrice": "60000",
                    "liqPrice": "90000",
                    "positionIM": "1525",
                    "positionMM": "76",
                    "unrealisedPnl": "250",
                    "takeProfit": "",
                    "stopLoss": "",
                    "trailingStop": "0",
                    "createdTime": "1700000000000",
                    "updatedTime": "1700000000000",
                }
            ],
        }
    ),
    ("GET", "/v5/account/wallet-balance"): _bybit(
        {
            "list": [
                {
                    "accountType": "UNIFIED",
                    "totalEquity": "10250",
                    "totalAvailableBalance": "8750",
                    "totalWalletBalance": "10000",
                    "totalMarginBalance": "10250",
                    "totalInitialMargin": "1500",
                    "totalMaintenanceMargin": "60",
                    "coin": [
                        {
                            "coin": "USDT",
                            "equity": "10250",
                            "walletBalance": "10000",
                            "usdValue": "10250",
                            "locked": "0",
                            "borrowAmount": "0",
                            "unrealisedPnl": "250",
                        }
                    ],
                }
            ]
        }
    ),
    ("GET", "/v5/order/realtime"): _bybit(
        {"category": "linear", "nextPageCursor": "", "list": [_BYBIT_ORDER | {"orderStatus": "New"}]}
    ),
    ("GET", "/v5/order/history"): _bybit(
        {"category": "linear", "nextPageCursor": "", "list": [_BYBIT_ORDER]}
    ),
    ("GET", "/v5/execution/list"): _bybit(
        {
            "category": "linear",
            "nextPageCursor": "",
            "list": [
                {
                    "symbol": "BTCUSDT",
                    "orderType": "Limit",
                    "orderLinkId": "rga0001h",
                    "orderId": "5cf98598-39a7-459e-97bf-76ca765ee020",
                    "side": "Buy",
                    "execId": "e1",
                    "execPrice": "59990",
                    "execQty": "0.010",
                    "execValue": "599.9",
                    "execFee": "0.33",
                    "feeCurrency": "",
                    "feeRate": "0.00055",
                    "execType": "Trade",
                    "execTime": "1700000000000",
                    "isMaker": False,
                    "orderPrice": "60000",
                    "orderQty": "0.010",
                    "leavesQty": "0",
                }
            ],
        }
    ),
    ("POST", "/v5/order/create"): _bybit(
        {"orderId": "5cf98598-39a7-459e-97bf-76ca765ee020", "orderLinkId": "rga0001h"}
    ),
    ("POST", "/v5/order/cancel"): _bybit(
        {"orderId": "5cf98598-39a7-459e-97bf-76ca765ee020", "orderLinkId": "rga0001h"}
    ),
}
