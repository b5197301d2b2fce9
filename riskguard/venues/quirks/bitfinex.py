# ruff: noqa: D102 - overrides are described in base.py
"""Bitfinex: a client id is a number below 2^45, unique per UTC day."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

from riskguard.core.types import Symbol
from riskguard.venues.quirks.base import Quirks, first_named
from riskguard.venues.wire import Attempt

_BITS: Final = 45
_PAGE: Final = 25


class Bitfinex(Quirks):
    """Private questions are POST requests too."""

    strict_nonce = True
    open_orders_page = 0

    def __init__(self, symbols: tuple[Symbol, ...]) -> None:
        super().__init__(symbols)
        self._named: dict[int, str] = {}
        """Numbers cannot be turned back into our ids, so those that this process used are kept."""

    def wire_id(self, core: str) -> int:
        number = int.from_bytes(blake2b(core.encode(), digest_size=8).digest(), "big") >> (64 - _BITS)
        self._named[number] = core
        return number

    def core_id(self, wire: Any) -> str:
        text = str(wire)
        return self._named.get(int(text), text) if text.isdigit() else text

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("cid"),)

    def carries(self, attempt: Attempt) -> bool:
        return "/auth/w/order/" in attempt.path

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        if order_id:
            return await client.cancel_order(order_id, symbol)
        today = datetime.fromtimestamp(client.milliseconds() / 1000, UTC).strftime("%Y-%m-%d")
        return await client.cancel_order(None, symbol, {"cid": self.wire_id(core_id), "cidDate": today})

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        # ccxt's fetch_order by cid fails before it asks.
        number = str(self.wire_id(core_id))
        for ask in (client.fetch_open_orders, client.fetch_closed_orders):
            rows = await ask(symbol)
            ours = first_named(
                rows,
                lambda row: str(row.get("clientOrderId")) == number or row.get("id") == (order_id or number),
                _PAGE,
            )
            if ours:
                return ours
        return []
