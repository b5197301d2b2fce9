"""A minimal Binance USDⓈ-M REST face, written from the venue's API documents; no streams, no sapi."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.e2e.outside_engine import LOT, TICK, ZERO, Engine, Order, RefusedError, now_ms

Answer = tuple[int, Any]
STATES = {"open": "NEW", "filled": "FILLED", "cancelled": "CANCELED"}
PUBLIC = ("exchangeInfo", "depth", "time", "ping", "ticker/24hr", "premiumIndex", "ticker/bookTicker")


class BinanceFace:
    """Answers requests below /fapi."""

    def __init__(self, engine: Engine, key: str, secret: str, style: Mapping[str, Any]) -> None:
        self.engine = engine
        self.key, self.secret = key, secret
        self.acks = bool(style.get("acks"))
        """POST order answers as if newOrderRespType were ACK, whatever was asked."""
        engine_ = self.engine
        self._routes: dict[tuple[str, str], Callable[[Mapping[str, str]], Answer]] = {
            ("GET", "exchangeInfo"): lambda _: (200, _markets(engine_)),
            ("GET", "time"): lambda _: (200, {"serverTime": now_ms()}),
            ("GET", "ping"): lambda _: (200, {}),
            ("GET", "depth"): self._depth,
            ("GET", "positionRisk"): lambda _: (200, [self._position(base) for base in self._held()]),
            ("GET", "account"): lambda _: (200, self._account()),
            ("GET", "balance"): lambda _: (200, [self._asset()]),
            ("GET", "openOrders"): lambda p: (200, [self._order(o) for o in engine_.resting(self.base(p))]),
            ("GET", "allOrders"): self._all_orders,
            ("GET", "userTrades"): lambda p: (200, self._trades(p)),
            ("GET", "order"): self._query,
            ("POST", "order"): self._place,
            ("DELETE", "order"): self._cancel,
        }

    def operation(self, method: str, path: str, params: Mapping[str, str]) -> str:
        """Name what a request is: place, reduce, cancel, book, public or read."""
        name = path.split("/", 3)[-1]
        if name.startswith(("order", "allOpenOrders")) and method == "POST":
            return "reduce" if params.get("reduceOnly", "false").lower() == "true" else "place"
        if method == "DELETE":
            return "cancel"
        if name in PUBLIC:
            return "book" if name not in ("exchangeInfo", "time", "ping") else "public"
        return "read"

    def base(self, params: Mapping[str, str]) -> str:
        """Give the base of the market a request names, empty for none."""
        return params.get("symbol", "").removesuffix("USDT")

    def handle(
        self, method: str, path: str, params: Mapping[str, str], raw: str, headers: Mapping[str, str]
    ) -> Answer:
        """Answer one request: HTTP status and JSON."""
        name = path.split("/", 3)[-1]
        if name not in PUBLIC:
            refused = self._unsigned(params, raw, headers)
            if refused:
                return refused
        answer = self._routes.get((method, name))
        if answer is None:
            return 404, {"code": -5000, "msg": f"Path /{path}, Method {method} is invalid"}
        return answer(params)

    def _unsigned(self, params: Mapping[str, str], raw: str, headers: Mapping[str, str]) -> Answer | None:
        if headers.get("X-MBX-APIKEY") != self.key:
            return 401, {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
        payload, _, signature = raw.rpartition("&signature=")
        good = hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        if signature != good:
            return 400, {"code": -1022, "msg": "Signature for this request is not valid."}
        if abs(now_ms() - int(params["timestamp"])) > int(params.get("recvWindow", "5000")):
            return 400, {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}
        return None

    def _depth(self, params: Mapping[str, str]) -> Answer:
        limit = int(params.get("limit", "500"))
        if limit not in (5, 10, 20, 50, 100, 500, 1000):
            return 400, {"code": -1130, "msg": "Data sent for parameter 'limit' is not valid."}
        bids, asks = self.engine.book(self.base(params))
        at = now_ms()
        return 200, {"lastUpdateId": at, "E": at, "T": at, "bids": _levels(bids), "asks": _levels(asks)}

    def _held(self) -> list[str]:
        return [base for base, held in self.engine.positions.items() if held]

    def _position(self, base: str) -> dict[str, Any]:
        held, mark = self.engine.positions[base], self.engine.prices[base]
        return {
            "symbol": f"{base}USDT",
            "positionSide": "BOTH",
            "positionAmt": str(held),
            "entryPrice": str(mark),
            "breakEvenPrice": str(mark),
            "markPrice": str(mark),
            "unRealizedProfit": "0.00000000",
            "liquidationPrice": "0",
            "isolatedMargin": "0",
            "notional": str(held * mark),
            "marginAsset": "USDT",
            "isolatedWallet": "0",
            "initialMargin": str(abs(held) * mark / 20),
            "maintMargin": str(abs(held) * mark / 200),
            "positionInitialMargin": str(abs(held) * mark / 20),
            "openOrderInitialMargin": "0",
            "adl": 1,
            "bidNotional": "0",
            "askNotional": "0",
            "updateTime": now_ms(),
        }

    def _asset(self) -> dict[str, Any]:
        equity = str(self.engine.equity)
        return {
            "asset": "USDT",
            "walletBalance": equity,
            "balance": equity,
            "unrealizedProfit": "0.0",
            "marginBalance": equity,
            "maintMargin": "0",
            "initialMargin": "0",
            "positionInitialMargin": "0",
            "openOrderInitialMargin": "0",
            "crossWalletBalance": equity,
            "crossUnPnl": "0.0",
            "availableBalance": str(self._free()),
            "maxWithdrawAmount": str(self._free()),
            "updateTime": now_ms(),
        }

    def _free(self) -> Decimal:
        used = sum((abs(h) * self.engine.prices[b] / 20 for b, h in self.engine.positions.items()), ZERO)
        return self.engine.equity - used

    def _account(self) -> dict[str, Any]:
        equity, free = str(self.engine.equity), str(self._free())
        return {
            "totalInitialMargin": str(self.engine.equity - self._free()),
            "totalMaintMargin": "0",
            "totalWalletBalance": equity,
            "totalUnrealizedProfit": "0.0",
            "totalMarginBalance": equity,
            "totalCrossWalletBalance": equity,
            "totalCrossUnPnl": "0.0",
            "availableBalance": free,
            "maxWithdrawAmount": free,
            "assets": [self._asset()],
            "positions": [self._position(base) for base in self._held()],
        }

    def _trades(self, params: Mapping[str, str]) -> list[dict[str, Any]]:
        since, number = int(params.get("startTime", "0")), params.get("orderId")
        return [
            {
                "buyer": trade.side == "buy",
                "commission": str(trade.amount * trade.price * Decimal("0.0004")),
                "commissionAsset": "USDT",
                "id": trade.number,
                "maker": False,
                "orderId": trade.order,
                "price": str(trade.price),
                "qty": str(trade.amount),
                "quoteQty": str(trade.amount * trade.price),
                "realizedPnl": "0",
                "side": trade.side.upper(),
                "positionSide": "BOTH",
                "symbol": f"{trade.base}USDT",
                "time": trade.at_ms,
            }
            for trade in self.engine.trades
            if trade.base == self.base(params) and trade.at_ms >= since and number in (None, str(trade.order))
        ]

    def _all_orders(self, params: Mapping[str, str]) -> Answer:
        return 200, [self._order(o) for o in self.engine.orders.values() if o.base == self.base(params)]

    def _query(self, params: Mapping[str, str]) -> Answer:
        order = self._named(params)
        return (200, self._order(order)) if order else (400, {"code": -2013, "msg": "Order does not exist."})

    def _named(self, params: Mapping[str, str]) -> Order | None:
        return self.engine.find(params.get("orderId", ""), params.get("origClientOrderId", ""))

    def _place(self, params: Mapping[str, str]) -> Answer:
        if params.get("type") != "LIMIT":
            return 400, {"code": -1116, "msg": "Invalid orderType."}
        amount, price = Decimal(params["quantity"]), Decimal(params["price"])
        if amount % LOT or price % TICK or amount <= 0:
            return 400, {"code": -1111, "msg": "Precision is over the maximum defined for this asset."}
        if amount * price < 100 and params.get("reduceOnly", "").lower() != "true":
            return 400, {"code": -4164, "msg": "Order's notional must be no smaller than 100"}
        tif = {"IOC": "IOC", "GTX": "POST"}.get(params["timeInForce"], "GTC")
        client_id = params.get("newClientOrderId") or f"x-{now_ms()}"
        order = Order(
            next(self.engine.numbers),
            client_id,
            self.base(params),
            params["side"].lower(),
            amount,
            price,
            tif,
            reduce_only=params.get("reduceOnly", "").lower() == "true",
        )
        try:
            self.engine.place(order)
        except RefusedError as refused:
            if str(refused) == "reduce_only":
                return 400, {"code": -2022, "msg": "ReduceOnly Order is rejected."}
            msg = "Due to the order could not be executed as maker, the Post Only order will be rejected."
            return 400, {"code": -5022, "msg": msg}
        row = self._order(order)
        if self.acks:
            row |= {
                "status": "NEW",
                "executedQty": "0.000",
                "cumQty": "0.000",
                "avgPrice": "0.00",
                "cumQuote": "0",
            }
        return 200, row

    def _cancel(self, params: Mapping[str, str]) -> Answer:
        order = self._named(params)
        if order is None or order.state != "open":
            return 400, {"code": -2011, "msg": "Unknown order sent."}
        self.engine.cancel(order)
        return 200, self._order(order)

    def _order(self, order: Order) -> dict[str, Any]:
        lapsed = order.state == "cancelled" and order.tif == "IOC"
        partly = order.state == "open" and order.filled
        return {
            "avgPrice": str(order.average),
            "clientOrderId": order.client_id,
            "cumQty": str(order.filled),
            "cumQuote": str(order.paid),
            "executedQty": str(order.filled),
            "orderId": order.number,
            "origQty": str(order.amount),
            "origType": "LIMIT",
            "price": str(order.price),
            "reduceOnly": order.reduce_only,
            "side": order.side.upper(),
            "positionSide": "BOTH",
            "status": "EXPIRED" if lapsed else "PARTIALLY_FILLED" if partly else STATES[order.state],
            "stopPrice": "0",
            "closePosition": False,
            "symbol": f"{order.base}USDT",
            "time": order.created_ms,
            "timeInForce": {"POST": "GTX"}.get(order.tif, order.tif),
            "type": "LIMIT",
            "updateTime": order.updated_ms,
            "workingType": "CONTRACT_PRICE",
            "priceProtect": False,
        }


def _levels(rows: list[tuple[Decimal, Decimal]]) -> list[list[str]]:
    return [[str(price), str(size)] for price, size in rows]


def _markets(engine: Engine) -> dict[str, Any]:
    return {
        "timezone": "UTC",
        "serverTime": now_ms(),
        "rateLimits": [],
        "assets": [],
        "symbols": [_market(base) for base in engine.prices],
    }


def _market(base: str) -> dict[str, Any]:
    return {
        "symbol": f"{base}USDT",
        "pair": f"{base}USDT",
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": "TRADING",
        "baseAsset": base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 1,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "orderTypes": ["LIMIT", "MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.1", "maxPrice": "4529764", "tickSize": str(TICK)},
            {"filterType": "LOT_SIZE", "minQty": str(LOT), "maxQty": "1000", "stepSize": str(LOT)},
            {"filterType": "MARKET_LOT_SIZE", "minQty": str(LOT), "maxQty": "120", "stepSize": str(LOT)},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
    }
