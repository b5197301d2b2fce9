# ruff: noqa: D102 - overrides are described in base.py
"""Coinbase Advanced: ccxt drops `clientOrderId` and invents its own, so the venue's word is used."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from riskguard.core.types import Symbol
from riskguard.venues.quirks.base import NotOffered, Quirks, first_named
from riskguard.venues.quirks.paging import all_pages

_PAGE: Final = 100


class Coinbase(Quirks):
    """Cancels go by the venue's id only."""

    ack_only = True
    client_id_param = "client_order_id"
    history_limit = _PAGE

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("client_order_id"),)

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        if not order_id:
            raise NotOffered(f"this venue cancels by its own order id only; look {core_id} up first")
        return await client.cancel_order(order_id, symbol)

    async def cancel_unknown(self, client: Any, symbol: Symbol, core_id: str) -> Any:
        return await client.cancel_order(str(uuid.uuid5(uuid.NAMESPACE_OID, core_id)), symbol)

    async def open_orders(self, client: Any) -> list[Any]:
        return await _open(client, None)

    async def open_orders_of(self, client: Any, symbol: Symbol) -> list[Any]:
        return await _open(client, symbol)

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        if order_id:
            return [await client.fetch_order(order_id, symbol)]
        ours = [row for row in await _open(client, symbol) if _client_id(row) == core_id]
        if ours:
            return ours[:1]
        rows = await client.fetch_orders(symbol, None, _PAGE)
        return first_named(rows, lambda row: _client_id(row) == core_id, _PAGE)


def _client_id(row: Mapping[str, Any]) -> Any:
    return (row.get("info") or {}).get("client_order_id")


async def _open(client: Any, symbol: Symbol | None) -> list[Any]:
    """Read all resting orders; ccxt leaves the cursor of the next page in the first row."""

    async def page(more: Mapping[str, Any]) -> Any:
        return await client.fetch_open_orders(symbol, None, _PAGE, dict(more))

    def after(rows: Sequence[Any], _pages: int) -> Mapping[str, Any] | None:
        cursors = [cursor for row in rows if (cursor := (row.get("info") or {}).get("cursor"))]
        return {"cursor": cursors[0]} if cursors else None

    return await all_pages(page, 1, after)
