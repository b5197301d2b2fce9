# ruff: noqa: D102 - overrides are described in base.py
"""Coinbase Advanced: ccxt drops `clientOrderId` and invents its own, so the venue's word is used."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from riskguard.core.types import Symbol
from riskguard.venues.quirks.base import NotOffered, Quirks, first_named

_PAGE: Final = 100


class Coinbase(Quirks):
    """Cancels go by the venue's id only."""

    ack_only = True
    client_id_param = "client_order_id"
    open_orders_page = _PAGE
    history_limit = _PAGE

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("client_order_id"),)

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        if not order_id:
            raise NotOffered(f"this venue cancels by its own order id only; look {core_id} up first")
        return await client.cancel_order(order_id, symbol)

    async def cancel_unknown(self, client: Any, symbol: Symbol, core_id: str) -> Any:
        return await client.cancel_order(str(uuid.uuid5(uuid.NAMESPACE_OID, core_id)), symbol)

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        if order_id:
            return [await client.fetch_order(order_id, symbol)]
        rows = await client.fetch_open_orders(symbol, None, _PAGE)
        ours = first_named(rows, lambda row: _client_id(row) == core_id, _PAGE)
        if ours:
            return ours
        rows = await client.fetch_orders(symbol, None, _PAGE)
        return first_named(rows, lambda row: _client_id(row) == core_id, _PAGE)


def _client_id(row: Mapping[str, Any]) -> Any:
    return (row.get("info") or {}).get("client_order_id")
