# ruff: noqa: D102 - overrides are described in base.py
"""Bitget."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from riskguard.core.types import ZERO, Symbol
from riskguard.venues.coin_margin import CoinFields, CoinMargin, coins_from
from riskguard.venues.instruments import SizeUnit, decimal
from riskguard.venues.quirks.base import Quirks
from riskguard.venues.quirks.paging import all_pages

_PAGE: Final = 100


class Bitget(Quirks):
    """One question per product type."""

    ack_only = True
    history_limit = 100
    trades_limit = 100

    def config(self) -> dict[str, Any]:
        kinds = [kind for kind, wanted in (("spot", self.has_spot), ("swap", self.has_contracts)) if wanted]
        return {
            "options": {"fetchMarkets": {"types": kinds or ["swap"]}, "defaultType": (kinds or ["swap"])[-1]}
        }

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("clientOid"),)

    def size_unit(self, _market: Mapping[str, Any]) -> SizeUnit:
        # Coin-margined contracts are sized in the coin too (Bitget, Place Order: "size, base coin").
        return SizeUnit(Decimal(1))

    async def coins(self, client: Any, _balance: Mapping[str, Any]) -> Mapping[str, CoinMargin]:
        answer = await client.privateMixGetV2MixAccountAccounts({"productType": "COIN-FUTURES"})
        rows = []
        for row in answer.get("data") or []:
            equity, profit = decimal(row.get("accountEquity")), decimal(row.get("unrealizedPL")) or ZERO
            rows.append({**row, "wallet": None if equity is None else equity - profit})
        return coins_from(rows, CoinFields("marginCoin", "wallet", "accountEquity", "available"))

    def _products(self) -> list[dict[str, Any]]:
        kinds = [settle if settle in ("USDT", "USDC") else "COIN" for settle in self.settles()]
        return [{"productType": f"{kind}-FUTURES"} for kind in dict.fromkeys(kinds)]

    async def positions(self, client: Any) -> list[Any]:
        rows = [row for product in self._products() for row in await client.fetch_positions(None, product)]
        self.hedged = any(row.get("hedged") is True for row in rows) or (self.hedged and not rows)
        return rows

    async def warm(self, client: Any) -> None:
        for symbol in self.symbols:
            if ":" in symbol:
                market = client.market(symbol)
                product = self._products()[0]["productType"]
                request = {"symbol": market["id"], "productType": product, "marginCoin": market["settleId"]}
                answer = await client.privateMixGetV2MixAccountAccount(request)
                self.hedged = (answer.get("data") or {}).get("posMode") == "hedge_mode"
                return

    async def open_orders(self, client: Any) -> list[Any]:
        asks = [{"type": "swap"} | product for product in self._products()]
        asks += [{"type": "spot"}] if self.has_spot else []
        return [row for ask in asks for row in await _open(client, None, ask)]

    async def open_orders_of(self, client: Any, symbol: Symbol) -> list[Any]:
        return await _open(client, symbol, {})


async def _open(client: Any, symbol: Symbol | None, ask: Mapping[str, Any]) -> list[Any]:
    """Read all resting orders; ids fall from page to page (Bitget, Get Pending Orders)."""

    async def page(more: Mapping[str, Any]) -> Any:
        return await client.fetch_open_orders(symbol, None, _PAGE, {**ask, **more})

    return await all_pages(page, _PAGE, lambda rows, _: {"idLessThan": min(rows, key=_number)["id"]})


def _number(row: Mapping[str, Any]) -> int:
    return int(row["id"])
