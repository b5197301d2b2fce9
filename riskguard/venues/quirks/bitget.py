# ruff: noqa: D102 - overrides are described in base.py
"""Bitget."""

from collections.abc import Mapping
from typing import Any

from riskguard.venues.quirks.base import NotOffered, Quirks


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

    def _products(self) -> list[dict[str, Any]]:
        return [
            {"productType": f"{settle}-FUTURES"} for settle in self.settles() if settle in ("USDT", "USDC")
        ]

    async def positions(self, client: Any) -> list[Any]:
        return [row for product in self._products() for row in await client.fetch_positions(None, product)]

    async def open_orders(self, client: Any) -> list[Any]:
        found: list[Any] = []
        for product in self._products():
            found += await client.fetch_open_orders(None, None, 100, {"type": "swap"} | product)
        if self.has_spot:
            found += await client.fetch_open_orders(None, None, 100, {"type": "spot"})
        if len(found) >= 100:
            raise NotOffered("more resting orders than one answer holds")
        return found
