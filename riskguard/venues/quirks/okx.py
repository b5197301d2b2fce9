# ruff: noqa: D102 - overrides are described in base.py
"""OKX v5."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from riskguard.core.types import ZERO, Symbol
from riskguard.venues.coin_margin import CoinFields, CoinMargin, coins_from
from riskguard.venues.instruments import decimal
from riskguard.venues.quirks.base import NotOffered, Quirks

_PAGE: Final = 100
_PAGES: Final = 20


class Okx(Quirks):
    """Answers to orders are acknowledgements; ids are letters and digits only."""

    ack_only = True
    history_limit = 100
    trades_limit = 100

    def config(self) -> dict[str, Any]:
        kinds = [kind for kind, wanted in (("spot", self.has_spot), ("swap", self.has_contracts)) if wanted]
        dated = any("-" in symbol for symbol in self.symbols)
        return {
            "options": {
                "fetchMarkets": {"types": (kinds or ["swap"]) + (["future"] if dated else [])},
                "defaultType": "swap" if self.has_contracts else "spot",
            }
        }

    def dress(self, client: Any) -> None:
        # Only the private stream's login asks for seconds, and ccxt takes them from our own clock.
        client.seconds = lambda: int(client.nonce() // 1000)

    def expiry_headers(self, client: Any, expires_s: float) -> dict[str, str]:
        # As a parameter ccxt would put it into the body, where OKX does not look.
        return {"expTime": str(int(client.nonce() + expires_s * 1000))} if expires_s > 0 else {}

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("clOrdId"),)

    async def open_orders(self, client: Any) -> list[Any]:
        return await _all_pages(client, None)

    async def open_orders_of(self, client: Any, symbol: Symbol) -> list[Any]:
        return await _all_pages(client, symbol)

    async def history(self, client: Any, symbol: Symbol, since_ms: int) -> list[Any]:
        filled = await client.fetch_closed_orders(symbol, since_ms, self.history_limit)
        cancelled = await client.fetch_canceled_orders(symbol, since_ms, self.history_limit)
        return [*filled, *cancelled]

    coins_in_equity = True

    async def coins(self, _client: Any, balance: Mapping[str, Any]) -> Mapping[str, CoinMargin]:
        data = (balance.get("info") or {}).get("data")
        rows = data[0].get("details") if isinstance(data, list) and data else None
        return coins_from(rows, CoinFields("ccy", "cashBal", "eq", "eq"))

    def equity(self, balance: Mapping[str, Any], quotes: Sequence[str]) -> tuple[Decimal, Decimal] | None:
        info = balance.get("info")
        data = info.get("data") if isinstance(info, dict) else None
        if isinstance(data, list) and data and isinstance(data[0], dict):
            equity, free = decimal(data[0].get("totalEq")), decimal(data[0].get("availEq"))
            if equity is not None and free is not None:
                return equity, free
            details = data[0].get("details")
            if equity is not None and isinstance(details, list):
                rows = [row for row in details if isinstance(row, dict) and row.get("ccy") in quotes]
                held = [decimal(row.get("availEq")) or decimal(row.get("availBal")) or ZERO for row in rows]
                return equity, sum(held, ZERO)
        return super().equity(balance, quotes)


async def _all_pages(client: Any, symbol: Symbol | None) -> list[Any]:
    found: list[Any] = []
    after: dict[str, str] = {}
    for _ in range(_PAGES):
        rows = await client.fetch_open_orders(symbol, None, _PAGE, after)
        found += rows
        if len(rows) < _PAGE:
            return found
        # The next page holds what is older than the oldest of this one.
        after = {"after": str(min(int(row["id"]) for row in rows))}
    raise NotOffered("more resting orders than can be paged through")
