# ruff: noqa: D102 - overrides are described in base.py
"""Gate: our ids begin with `t-` and stand wherever an order id may stand."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from riskguard.core.orders.intent import OrderIntent
from riskguard.core.types import ZERO, Symbol
from riskguard.venues.coin_margin import CoinFields, CoinMargin, coins_from
from riskguard.venues.instruments import decimal
from riskguard.venues.quirks.base import NotOffered, Quirks
from riskguard.venues.quirks.paging import all_pages

_MARK: Final = "t-"
_PAGE: Final = 100


class Gate(Quirks):
    """Spot and perpetuals, each settlement currency asked for by itself."""

    history_limit = 100
    trades_limit = 100
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
        if self.has_contracts:
            await self.positions(client)  # tells the mode

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

    def _kinds(self) -> list[dict[str, Any]]:
        kinds = [{"type": "swap", "settle": settle.lower()} for settle in self.settles()]
        return kinds + ([{"type": "spot"}] if self.has_spot else [])

    async def positions(self, client: Any) -> list[Any]:
        kinds = [kind for kind in self._kinds() if kind["type"] == "swap"]
        rows = [row for kind in kinds for row in await client.fetch_positions(None, kind)]
        modes = {str((row.get("info") or {}).get("mode") or "single") for row in rows}
        self.hedged = bool(modes - {"single"})
        return rows

    def place_params(self, intent: OrderIntent, expires_s: float) -> dict[str, Any]:
        if self.hedged and ":" in intent.leg.symbol:
            # An order that closes is another request there (auto_size), which ccxt does not make.
            raise NotOffered(
                "this account is in dual mode, in which no order of ours is safe; use single mode"
            )
        return super().place_params(intent, expires_s)

    async def open_orders(self, client: Any) -> list[Any]:
        return [row for kind in self._kinds() for row in await _open(client, None, kind)]

    async def open_orders_of(self, client: Any, symbol: Symbol) -> list[Any]:
        kind = {"type": "swap" if ":" in symbol else "spot"}
        return await _open(client, symbol, kind)

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        return await client.cancel_order(order_id or self.wire_id(core_id), symbol)

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        return [await client.fetch_order(order_id or self.wire_id(core_id), symbol)]


async def _open(client: Any, symbol: Symbol | None, kind: Mapping[str, Any]) -> list[Any]:
    """Read all resting orders: contracts by offset, spot by page (Gate API v4)."""
    is_spot = kind["type"] == "spot"

    async def page(more: Mapping[str, Any]) -> Any:
        return await client.fetch_open_orders(symbol, None, _PAGE, {**kind, **more})

    def after(_rows: Sequence[Any], pages: int) -> Mapping[str, Any]:
        return {"page": pages + 1} if is_spot else {"offset": pages * _PAGE}

    return await all_pages(page, _PAGE, after)
