# ruff: noqa: D102 - overrides are described in base.py
"""Binance spot and USDⓈ-M futures."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from riskguard.core.orders.intent import OrderIntent
from riskguard.core.orders.outcome import Outcome, Reason, Rejected
from riskguard.core.types import Symbol
from riskguard.venues.coin_margin import CoinFields, CoinMargin, coins_from
from riskguard.venues.instruments import decimal
from riskguard.venues.quirks.base import Quirks

_LONGEST_WINDOW_MS = 60_000
"""recvWindow's upper limit (Binance, general information on timing security)."""


class Binance(Quirks):
    """Spot, and what both products share."""

    open_orders_page = 0

    test_orders = True
    history_limit = 1000
    trades_limit = 1000

    def config(self) -> dict[str, Any]:
        kinds = (["spot"] if self.has_spot or not self.has_contracts else []) + (
            ["linear"] if self.has_contracts else []
        )
        return {
            "options": {
                "fetchMarkets": {"types": kinds},
                "defaultType": "spot" if "spot" in kinds else "swap",
                "warnOnFetchOpenOrdersWithoutSymbol": False,
                "fetchMargins": False,
                "recvWindow": 5000,
                # Filled, so that no read waits for an endpoint which only adds maintenance margins.
                "leverageBrackets": {},
            }
        }

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("c"),)  # executions on the private stream

    def complete_urls(self, api: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in ("fapiPrivate", "fapiPublic"):
            base = str(api.get(name) or api.get("fapiPrivate") or api.get("fapiPublic") or "")
            stem, _, version = base.rpartition("/")
            if version != "v1":
                continue
            for suffix, number in (("", "v1"), ("V2", "v2"), ("V3", "v3")):
                found[name + suffix] = f"{stem}/{number}"
        return {name: url for name, url in found.items() if name not in api}

    def expiry_params(self, expires_s: float) -> dict[str, Any]:
        return {"recvWindow": max(1, min(_LONGEST_WINDOW_MS, int(expires_s * 1000)))} if expires_s > 0 else {}

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        if order_id:
            return await client.cancel_order(order_id, symbol)
        return await client.cancel_order(None, symbol, {"origClientOrderId": self.wire_id(core_id)})

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        if order_id:
            return [await client.fetch_order(order_id, symbol)]
        return [await client.fetch_order(None, symbol, {"origClientOrderId": self.wire_id(core_id)})]

    async def validate_order(
        self, client: Any, symbol: Symbol, size: float, price: float, core_id: str
    ) -> Any:
        params = {"test": True, "clientOrderId": core_id, "postOnly": True}
        return await client.create_order(symbol, "limit", "buy", size, price, params)


class BinanceCoinm(Binance):
    """COIN-M futures: one contract is 100 dollars of Bitcoin, ten of any other coin."""

    test_orders = False

    def config(self) -> dict[str, Any]:
        shared = super().config()
        shared["options"] |= {"fetchMarkets": {"types": ["inverse"]}, "defaultType": "swap"}
        return shared

    def place_params(self, intent: OrderIntent, expires_s: float) -> dict[str, Any]:
        return super().place_params(intent, expires_s) | {"newOrderRespType": "RESULT"}

    async def coins(self, _client: Any, balance: Mapping[str, Any]) -> Mapping[str, CoinMargin]:
        # ccxt leaves out coins that never moved.
        rows = (balance.get("info") or {}).get("assets")
        return coins_from(rows, CoinFields("asset", "walletBalance", "marginBalance", "availableBalance"))

    def signed_size(self, position: Mapping[str, Any]) -> Decimal | None:
        # ccxt reads the side off the notional; the venue's own amount is signed, on the stream too.
        info = position.get("info")
        raw = (info.get("positionAmt") or info.get("pa")) if isinstance(info, dict) else None
        return decimal(raw) if raw is not None else super().signed_size(position)


_ALGO: Final = "algo:"
"""Marks the ids of conditional orders: they are numbered apart, and cancelled at an endpoint of their own."""


class BinanceUsdm(Binance):
    """USDⓈ-M futures."""

    lists_conditionals_apart = True

    async def conditional_orders(self, client: Any) -> list[Any]:
        # Market by market: without one, the question weighs forty times as much.
        return [
            row
            for symbol in self.symbols
            for row in await client.fetch_open_orders(symbol, None, None, {"trigger": True})
        ]

    def order_id(self, order: Mapping[str, Any]) -> str:
        info = order.get("info")
        if isinstance(info, dict) and (
            number := info.get("algoId") or info.get("aid")
        ):  # "aid" on the stream
            return f"{_ALGO}{number}"
        return super().order_id(order)

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        if order_id.startswith(_ALGO):
            return await client.cancel_order(order_id.removeprefix(_ALGO), symbol, {"trigger": True})
        return await super().cancel(client, symbol, order_id, core_id)

    def config(self) -> dict[str, Any]:
        shared = super().config()
        shared["options"] |= {"fetchMarkets": {"types": ["linear"]}, "defaultType": "swap"}
        return shared

    def place_params(self, intent: OrderIntent, expires_s: float) -> dict[str, Any]:
        return super().place_params(intent, expires_s) | {"newOrderRespType": "RESULT"}

    async def validate_order(
        self, client: Any, symbol: Symbol, size: float, price: float, core_id: str
    ) -> Any:
        # ccxt drops {'test': True} here and posts a real order, so the test endpoint is named outright.
        request = {
            "symbol": client.market(symbol)["id"],
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTX",
            "quantity": client.amount_to_precision(symbol, size),
            "price": client.price_to_precision(symbol, price),
            "newClientOrderId": core_id,
        }
        return await client.fapiPrivatePostOrderTest(request)

    def equity(self, balance: Mapping[str, Any], quotes: Sequence[str]) -> tuple[Decimal, Decimal] | None:
        info = balance.get("info")
        if isinstance(info, dict):
            equity, free = decimal(info.get("totalMarginBalance")), decimal(info.get("availableBalance"))
            if equity is not None and free is not None:
                return equity, free
        return super().equity(balance, quotes)

    def account_positions(self, balance: Mapping[str, Any]) -> list[tuple[str, Decimal]] | None:
        return _account_positions(balance)

    def reduce_exempt(self, outcome: Outcome) -> bool:
        # Binance futures, "HTTP 503 Status: Message Variants & Handling".
        return isinstance(outcome, Rejected) and outcome.reason is Reason.OVERLOAD and outcome.code == "-1008"


def _account_positions(balance: Mapping[str, Any]) -> list[tuple[str, Decimal]] | None:
    info = balance.get("info")
    rows = info.get("positions") if isinstance(info, dict) else None
    if not isinstance(rows, list):
        return None
    found: dict[str, Decimal] = {}
    for row in rows:
        size = decimal(row.get("positionAmt"))
        if size is None:
            return None
        # Hedge mode lists a long and a short row for one symbol; what is held is their sum.
        found[str(row.get("symbol"))] = found.get(str(row.get("symbol")), Decimal(0)) + size
    return list(found.items())
