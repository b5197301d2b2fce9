# ruff: noqa: D102 - overrides are described in base.py
"""Deribit: orders are HTTP GET; sizes are base units (linear) or dollars (inverse)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from riskguard.core.orders.intent import OrderIntent, TimeInForce
from riskguard.core.types import ZERO, Symbol
from riskguard.venues.coin_margin import CoinFields, CoinMargin, coins_from
from riskguard.venues.instruments import SizeUnit, decimal
from riskguard.venues.quirks.base import Quirks
from riskguard.venues.wire import Attempt

_ORDERS: Final = ("/private/buy", "/private/sell", "/private/cancel", "/private/cancel_by_label")


class Deribit(Quirks):
    """The client id is a label: not unique, so a second order with it is a second order."""

    open_orders_page = 0

    def carries(self, attempt: Attempt) -> bool:
        return attempt.path.endswith(_ORDERS)

    def size_unit(self, market: Mapping[str, Any]) -> SizeUnit:
        return SizeUnit(Decimal(1), bool(market.get("inverse")))

    async def coins(self, _client: Any, balance: Mapping[str, Any]) -> Mapping[str, CoinMargin]:
        return coins_from(
            (balance.get("info") or {}).get("summaries"),
            CoinFields("currency", "balance", "equity", "available_funds"),
        )

    def place_params(self, intent: OrderIntent, expires_s: float) -> dict[str, Any]:
        params = super().place_params(intent, expires_s)
        # ccxt drops clientOrderId here.
        params["label"] = params.pop(self.client_id_param)
        if intent.tif is TimeInForce.IOC:
            # post_only is documented as true by default: a crossing order would be re-priced to rest.
            params["post_only"] = False
        else:
            params["reject_post_only"] = True
        return params

    def expiry_params_at(self, client: Any, expires_s: float) -> dict[str, Any]:
        return {"valid_until": int(client.nonce() + expires_s * 1000)} if expires_s > 0 else {}

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("label"),)

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        if order_id:
            return await client.cancel_order(order_id, symbol)
        market = client.market(symbol)
        request = {"label": self.wire_id(core_id), "currency": market["settleId"] or market["baseId"]}
        return await client.privateGetCancelByLabel(request)

    async def cancel_unknown(self, client: Any, symbol: Symbol, _core_id: str) -> Any:
        # By label the answer would be a count of zero, which is no refusal.
        return await client.cancel_order(f"{client.market(symbol)['settleId']}-1", symbol)

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        if order_id:
            return [await client.fetch_order(order_id, symbol)]
        market = client.market(symbol)
        request = {"label": self.wire_id(core_id), "currency": market["settleId"] or market["baseId"]}
        answer = await client.privateGetGetOrderStateByLabel(request)
        return [client.parse_order(row, market) for row in answer["result"]]

    async def open_orders(self, client: Any) -> list[Any]:
        answer = await client.privateGetGetOpenOrders({})
        return [client.parse_order(row) for row in answer["result"]]

    def unpaid_since(self, position: Mapping[str, Any]) -> Decimal | None:
        # Profit is paid out every day, while the average price stays (Deribit, Settlement).
        info: Mapping[str, Any] = position.get("info") or {}
        size, mark, open_ = (
            decimal(info.get(name)) for name in ("size", "mark_price", "floating_profit_loss")
        )
        if not size or not mark or open_ is None:
            return super().unpaid_since(position)
        return 1 / (1 / mark + open_ / size)

    def signed_size(self, position: Mapping[str, Any]) -> Decimal | None:
        # ccxt divides dollars by the contract size; the venue's own size is signed and in order units.
        info = position.get("info")
        size = decimal(info.get("size")) if isinstance(info, dict) else None
        if not size:
            return size
        match info.get("direction") if isinstance(info, dict) else None:
            case "buy":
                return abs(size)
            case "sell":
                return -abs(size)
            case "zero":
                return ZERO
            case _:
                return None
