# ruff: noqa: D102 - overrides are described in base.py
"""KuCoin spot and futures."""

from collections.abc import Mapping
from typing import Any, Final

from riskguard.core.orders.intent import OrderIntent
from riskguard.core.types import Symbol
from riskguard.venues.coin_margin import CoinFields, CoinMargin, coins_from
from riskguard.venues.quirks.base import NotOffered, Quirks
from riskguard.venues.quirks.paging import all_pages

_PAGE: Final = 50


class Kucoin(Quirks):
    """Spot."""

    ack_only = True
    test_orders = True
    shared_options = ("hf", "uta")

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("clientOid"),)

    async def open_orders(self, client: Any) -> list[Any]:
        # Of high-frequency accounts ccxt can ask only market by market.
        return [row for symbol in self.symbols for row in await self.open_orders_of(client, symbol)]

    async def open_orders_of(self, client: Any, symbol: Symbol) -> list[Any]:
        async def page(more: Mapping[str, Any]) -> Any:
            return await client.fetch_open_orders(symbol, None, _PAGE, {"pageSize": _PAGE, **more})

        # High-frequency accounts answer with all at once, again and again.
        return await all_pages(page, _PAGE, lambda _, pages: {"currentPage": pages + 1})

    async def warm(self, client: Any) -> None:
        await client.is_uta_enabled()
        await client.load_migration_status()
        await super().warm(client)

    async def validate_order(
        self, client: Any, symbol: Symbol, size: float, price: float, core_id: str
    ) -> Any:
        params = {"test": True, "clientOid": core_id, "postOnly": True}
        return await client.create_order(symbol, "limit", "buy", size, price, params)


class KucoinFutures(Kucoin):
    """Futures: ccxt sends `leverage: 1` with every order that names none."""

    def __init__(self, symbols: tuple[Symbol, ...]) -> None:
        super().__init__(symbols)
        self._leverage: Any = None

    def prepare(self, client: Any, _expires_s: float) -> None:
        self._leverage = client.options.get("leverage")

    async def coins(self, client: Any, _balance: Mapping[str, Any]) -> Mapping[str, CoinMargin]:
        found: dict[str, CoinMargin] = {}
        for coin in self.settles():
            if coin in ("USDT", "USDC"):
                continue
            answer = await client.futuresPrivateGetAccountOverview({"currency": client.currency(coin)["id"]})
            row = {**(answer.get("data") or {}), "coin": coin}
            fields = CoinFields("coin", "marginBalance", "accountEquity", "availableBalance")
            found |= coins_from([row], fields)
        return found

    def place_params(self, intent: OrderIntent, expires_s: float) -> dict[str, Any]:
        if not self._leverage:
            raise NotOffered("ccxt would set leverage 1; name yours as ccxt_config.options.leverage")
        return super().place_params(intent, expires_s) | {"leverage": self._leverage}
