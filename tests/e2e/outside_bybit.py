"""A minimal Bybit v5 REST face for linear contracts, written from the venue's API documents: no streams."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.e2e.outside_engine import LOT, TICK, ZERO, Engine, Order, RefusedError, now_ms

Answer = tuple[int, Any]
STATES = {"open": "New", "filled": "Filled", "cancelled": "Cancelled"}


class BybitFace:
    """Answers requests below /v5."""

    def __init__(self, engine: Engine, key: str, secret: str, style: Mapping[str, Any]) -> None:
        self.engine = engine
        self.key, self.secret = key, secret
        self.realtime_open_only = bool(style.get("realtime_open_only"))
        """order/realtime shows open orders only; the ended ones are in order/history."""
        self.flat_rows = bool(style.get("flat_rows"))
        """position/list shows markets without a position, with size 0 and no side."""
        self._routes: dict[tuple[str, str], Callable[[Mapping[str, Any]], Answer]] = {
            ("GET", "market/instruments-info"): self._markets,
            ("GET", "market/time"): lambda _: _good({"timeSecond": str(now_ms() // 1000), "timeNano": "0"}),
            ("GET", "market/orderbook"): self._book,
            ("GET", "position/list"): lambda _: _list(self._positions()),
            ("GET", "account/wallet-balance"): lambda _: _good({"list": [self._wallet()]}),
            ("GET", "order/realtime"): self._realtime,
            ("GET", "order/history"): self._history,
            ("GET", "execution/list"): lambda params: _list(self._trades(params)),
            ("POST", "order/create"): self._create,
            ("POST", "order/cancel"): self._cancel,
        }

    def operation(self, method: str, path: str, params: Mapping[str, Any]) -> str:
        """Name what a request is: place, reduce, cancel, book, public or read."""
        if path.startswith("v5/order/create"):
            return "reduce" if params.get("reduceOnly") is True else "place"
        if path.startswith("v5/order/cancel") and method == "POST":
            return "cancel"
        if path.startswith("v5/market"):
            return "public" if path.endswith(("instruments-info", "time")) else "book"
        return "read"

    def base(self, params: Mapping[str, Any]) -> str:
        """Give the base of the market a request names, empty for none."""
        return str(params.get("symbol", "")).removesuffix("USDT")

    def handle(
        self, method: str, path: str, params: Mapping[str, Any], raw: str, headers: Mapping[str, str]
    ) -> Answer:
        """Answer one request: HTTP status and JSON."""
        if not path.startswith("v5/market"):
            refused = self._unsigned(raw, headers)
            if refused:
                return refused
        answer = self._routes.get((method, path.removeprefix("v5/")))
        if answer is None:
            return 404, {"retCode": 10404, "retMsg": "path not found", "result": {}, "time": now_ms()}
        return answer(params)

    def _unsigned(self, raw: str, headers: Mapping[str, str]) -> Answer | None:
        if headers.get("X-BAPI-API-KEY") != self.key:
            return _bad(10003, "API key is invalid.")
        stamp, window = headers.get("X-BAPI-TIMESTAMP", ""), headers.get("X-BAPI-RECV-WINDOW", "5000")
        payload = f"{stamp}{self.key}{window}{raw}"
        good = hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        if headers.get("X-BAPI-SIGN") != good:
            return _bad(10004, "error sign! origin_string[...]")
        if abs(now_ms() - int(stamp)) > int(window):
            return _bad(10002, "invalid request, please check your server timestamp or recv_window param.")
        return None

    def _book(self, params: Mapping[str, Any]) -> Answer:
        bids, asks = self.engine.book(self.base(params))
        depth = int(params.get("limit", 25))
        at = now_ms()
        return _good(
            {
                "s": params["symbol"],
                "b": [[str(price), str(size)] for price, size in bids[:depth]],
                "a": [[str(price), str(size)] for price, size in asks[:depth]],
                "ts": at,
                "u": at,
                "seq": at,
                "cts": at,
            }
        )

    def _positions(self) -> list[dict[str, Any]]:
        rows = []
        for base in self.engine.prices:
            held, mark = self.engine.positions.get(base, ZERO), self.engine.prices[base]
            if not held and not self.flat_rows:
                continue
            rows.append(
                {
                    "positionIdx": 0,
                    "riskId": 1,
                    "riskLimitValue": "2000000",
                    "symbol": f"{base}USDT",
                    "side": "Buy" if held > 0 else "Sell" if held else "",
                    "size": str(abs(held)),
                    "avgPrice": str(mark) if held else "0",
                    "positionValue": str(abs(held) * mark),
                    "tradeMode": 0,
                    "positionStatus": "Normal",
                    "autoAddMargin": 0,
                    "adlRankIndicator": 2 if held else 0,
                    "leverage": "10",
                    "positionBalance": "0",
                    "markPrice": str(mark),
                    "liqPrice": "",
                    "bustPrice": "",
                    "positionMM": str(abs(held) * mark / 200),
                    "positionIM": str(abs(held) * mark / 10),
                    "tpslMode": "Full",
                    "takeProfit": "",
                    "stopLoss": "",
                    "trailingStop": "0",
                    "unrealisedPnl": "0",
                    "cumRealisedPnl": "0",
                    "createdTime": "1676538056258",
                    "updatedTime": str(now_ms()),
                    "seq": 5723621632,
                }
            )
        return rows

    def _wallet(self) -> dict[str, Any]:
        equity = self.engine.equity
        used = sum((abs(h) * self.engine.prices[b] / 10 for b, h in self.engine.positions.items()), ZERO)
        return {
            "accountType": "UNIFIED",
            "accountIMRate": str(used / equity),
            "accountMMRate": "0.01",
            "totalEquity": str(equity),
            "totalWalletBalance": str(equity),
            "totalMarginBalance": str(equity),
            "totalAvailableBalance": str(equity - used),
            "totalPerpUPL": "0",
            "totalInitialMargin": str(used),
            "totalMaintenanceMargin": "0",
            "coin": [
                {
                    "coin": "USDT",
                    "equity": str(equity),
                    "usdValue": str(equity),
                    "walletBalance": str(equity),
                    "availableToWithdraw": "",
                    "locked": "0",
                    "borrowAmount": "0",
                    "accruedInterest": "0",
                    "totalOrderIM": "0",
                    "totalPositionIM": str(used),
                    "totalPositionMM": "0",
                    "unrealisedPnl": "0",
                    "cumRealisedPnl": "0",
                    "collateralSwitch": True,
                    "marginCollateral": True,
                }
            ],
        }

    def _asked(self, params: Mapping[str, Any]) -> list[Order]:
        number, client_id = params.get("orderId"), params.get("orderLinkId")
        return [
            order
            for order in reversed(list(self.engine.orders.values()))
            if self.base(params) in ("", order.base)
            and number in (None, str(order.number))
            and client_id in (None, order.client_id)
        ]

    def _realtime(self, params: Mapping[str, Any]) -> Answer:
        """Open orders; one that is asked for by id is also shown for a while after its end."""
        by_id = ("orderId" in params or "orderLinkId" in params) and not self.realtime_open_only
        rows = [self._order(order) for order in self._asked(params) if by_id or order.state == "open"]
        return _list(rows)

    def _history(self, params: Mapping[str, Any]) -> Answer:
        return _list([self._order(order) for order in self._asked(params) if order.state != "open"])

    def _markets(self, params: Mapping[str, Any]) -> Answer:
        return _list([] if params.get("status") == "PreLaunch" else [_market(b) for b in self.engine.prices])

    def _trades(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        since = int(params.get("startTime", 0))
        return [
            {
                "symbol": f"{trade.base}USDT",
                "orderId": str(trade.order),
                "orderLinkId": trade.client_id,
                "side": trade.side.capitalize(),
                "orderPrice": str(trade.price),
                "orderQty": str(trade.amount),
                "leavesQty": "0",
                "createType": "CreateByUser",
                "orderType": "Limit",
                "stopOrderType": "UNKNOWN",
                "execFee": str(trade.amount * trade.price * Decimal("0.00055")),
                "feeCurrency": "USDT",
                "execId": f"0e{trade.number}",
                "execPrice": str(trade.price),
                "execQty": str(trade.amount),
                "execType": "Trade",
                "execValue": str(trade.amount * trade.price),
                "execTime": str(trade.at_ms),
                "isMaker": False,
                "feeRate": "0.00055",
                "markPrice": str(trade.price),
                "closedSize": "0",
                "seq": trade.number,
            }
            for trade in reversed(self.engine.trades)
            if trade.base == self.base(params)
            and trade.at_ms >= since
            and params.get("orderId") in (None, str(trade.order))
        ]

    def _create(self, params: Mapping[str, Any]) -> Answer:
        if params.get("orderType") != "Limit":
            return _bad(10001, "params error: orderType invalid")
        client_id = str(params.get("orderLinkId", ""))
        if client_id and any(order.client_id == client_id for order in self.engine.orders.values()):
            return _bad(110072, "OrderLinkedID is duplicate")
        amount, price = Decimal(str(params["qty"])), Decimal(str(params["price"]))
        if amount % LOT or amount <= 0:
            return _bad(10001, "Qty invalid")
        tif = {"IOC": "IOC", "PostOnly": "POST"}.get(str(params.get("timeInForce")), "GTC")
        order = Order(
            next(self.engine.numbers),
            client_id,
            self.base(params),
            str(params["side"]).lower(),
            amount,
            price,
            tif,
            reduce_only=params.get("reduceOnly") is True,
        )
        try:
            self.engine.place(order)
        except RefusedError as refused:
            if str(refused) == "reduce_only":
                return _bad(110017, "current position is zero, cannot fix reduce-only order qty")
            # Bybit acknowledges a post-only order that would take, and cancels it.
            self.engine.orders[order.number] = order
            self.engine.cancel(order)
        return _good({"orderId": str(order.number), "orderLinkId": client_id})

    def _cancel(self, params: Mapping[str, Any]) -> Answer:
        order = self.engine.find(str(params.get("orderId") or ""), str(params.get("orderLinkId") or ""))
        if order is None or order.state != "open":
            return _bad(110001, "order not exists or too late to cancel")
        self.engine.cancel(order)
        return _good({"orderId": str(order.number), "orderLinkId": order.client_id})

    def _order(self, order: Order) -> dict[str, Any]:
        partly = {"open": "PartiallyFilled", "cancelled": "PartiallyFilledCanceled"}
        state = partly.get(order.state, "") if order.filled else ""
        return {
            "orderId": str(order.number),
            "orderLinkId": order.client_id,
            "blockTradeId": "",
            "symbol": f"{order.base}USDT",
            "price": str(order.price),
            "qty": str(order.amount),
            "side": order.side.capitalize(),
            "isLeverage": "",
            "positionIdx": 0,
            "orderStatus": STATES[order.state]
            if order.state == "cancelled"
            else state or STATES[order.state],
            "cancelType": "UNKNOWN",
            "rejectReason": "EC_NoError",
            "avgPrice": str(order.average) if order.filled else "",
            "leavesQty": str(order.amount - order.filled) if order.state == "open" else "0",
            "leavesValue": "0",
            "cumExecQty": str(order.filled),
            "cumExecValue": str(order.paid),
            "cumExecFee": str(order.paid * Decimal("0.00055")),
            "timeInForce": {"POST": "PostOnly"}.get(order.tif, order.tif),
            "orderType": "Limit",
            "stopOrderType": "",
            "triggerPrice": "",
            "takeProfit": "",
            "stopLoss": "",
            "tpslMode": "",
            "reduceOnly": order.reduce_only,
            "closeOnTrigger": False,
            "createdTime": str(order.created_ms),
            "updatedTime": str(order.updated_ms),
        }


def _good(result: dict[str, Any]) -> Answer:
    return 200, {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": now_ms()}


def _list(rows: list[dict[str, Any]]) -> Answer:
    return _good({"category": "linear", "list": rows, "nextPageCursor": ""})


def _bad(code: int, text: str) -> Answer:
    return 200, {"retCode": code, "retMsg": text, "result": {}, "retExtInfo": {}, "time": now_ms()}


def _market(base: str) -> dict[str, Any]:
    return {
        "symbol": f"{base}USDT",
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": base,
        "quoteCoin": "USDT",
        "launchTime": "1585526400000",
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": "1",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": str(TICK)},
        "lotSizeFilter": {
            "maxOrderQty": "1190.000",
            "minOrderQty": str(LOT),
            "qtyStep": str(LOT),
            "postOnlyMaxOrderQty": "1190.000",
            "maxMktOrderQty": "500.000",
            "minNotionalValue": "5",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
        "settleCoin": "USDT",
        "copyTrading": "none",
    }


def parse_body(text: str) -> dict[str, Any]:
    """Read a POST's JSON; an empty body is no parameters."""
    found: dict[str, Any] = json.loads(text) if text else {}
    return found
