# ruff: noqa: D102 - overrides are described in base.py
"""Gate: our ids begin with `t-` and stand wherever an order id may stand."""

from collections.abc import Mapping
from typing import Any, Final

from riskguard.core.types import ZERO, Symbol
from riskguard.venues.coin_margin import CoinFields, CoinMargin, coins_from
from riskguard.venues.instruments import decimal
from riskguard.venues.quirks.base import Quirks

_MARK: Final = "t-"


class Gate(Quirks):
    """Spot and USDT perpetuals."""

    history_limit = 100
    trades_limit = 100
    open_orders_page = 100
    shared_options = ("unifiedAccount",)

    def config(self) -> dict[str, Any]:
        kinds = [kind for kind, wanted in (("spot", self.has_spot), ("swap", self.has_contracts)) if wanted]
        return {
            "options": {"fetchMarkets": {"types": kinds or ["swap"]}, "defaultType": (kinds or ["swap"])[-1]}
        }

    def wire_id(self, core: str) -> str:
        return _MARK + core

    def core_id(self, wire: Any) -> str:
        return str(wire).removeprefix(_MARK)

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("text"),)

    def expiry_headers(self, client: Any, expires_s: float) -> dict[str, str]:
        return {"X-Gate-Exptime": str(int(client.nonce() + expires_s * 1000))} if expires_s > 0 else {}

    async def warm(self, client: Any) -> None:
        await client.load_unified_status()
        await super().warm(client)

    async def coins(self, client: Any, _balance: Mapping[str, Any]) -> Mapping[str, CoinMargin]:
        found: dict[str, CoinMargin] = {}
        for coin in self.settles():
            if coin in ("USDT", "USDC"):
                continue
            answer = await client.privateFuturesGetSettleAccounts({"settle": coin.lower()})
            equity = (decimal(answer.get("total")) or ZERO) + (decimal(answer.get("unrealised_pnl")) or ZERO)
            row = {**answer, "coin": coin, "equity": equity}
            found |= coins_from([row], CoinFields("coin", "total", "equity", "available"))
        return found

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        return await client.cancel_order(order_id or self.wire_id(core_id), symbol)

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        return [await client.fetch_order(order_id or self.wire_id(core_id), symbol)]
