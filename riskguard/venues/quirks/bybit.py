# ruff: noqa: D102 - overrides are described in base.py
"""Bybit v5, unified account."""

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from riskguard.core.types import ZERO, Symbol
from riskguard.venues.coin_margin import CoinFields, CoinMargin, coins_from
from riskguard.venues.instruments import SizeUnit, decimal
from riskguard.venues.quirks.base import NotOffered, Quirks

_PAGE = 50
_LOGIN_MS = 10_000
_PAGES = 20


class Bybit(Quirks):
    """Create and cancel are acknowledgements only."""

    ack_only = True
    history_limit = _PAGE
    trades_limit = 100

    def config(self) -> dict[str, Any]:
        kinds = [
            kind
            for kind, wanted in (
                ("spot", self.has_spot),
                ("linear", any(settle in ("USDT", "USDC") for settle in self.settles())),
                ("inverse", any(settle not in ("USDT", "USDC") for settle in self.settles())),
            )
            if wanted
        ]
        return {
            "options": {
                "fetchMarkets": {"types": kinds or ["linear"]},
                "defaultType": "swap" if self.has_contracts else "spot",
                "recvWindow": 5000,
                # Known beforehand, so that the first order does not ask two more endpoints on its way.
                "enableUnifiedMargin": False,
                "enableUnifiedAccount": True,
                "unifiedMarginStatus": 6,
            }
        }

    def dress(self, client: Any) -> None:
        # ccxt stamps the private stream's login with our own clock; ten seconds off and it is refused.
        login: Any = getattr(client, "authenticate", None)

        async def login_on_their_clock(url: str, params: Mapping[str, Any] | None = None) -> Any:
            expires = str(int(client.nonce() + _LOGIN_MS))
            signed = client.encode(f"GET/realtime{expires}")
            signature = client.hmac(signed, client.encode(client.secret), hashlib.sha256, "hex")
            return await login(url, {"args": [client.apiKey, expires, signature], **(params or {})})

        if login is not None:
            client.authenticate = login_on_their_clock

    def prepare(self, client: Any, expires_s: float) -> None:
        if expires_s > 0:
            client.options["recvWindow"] = max(1, int(expires_s * 1000))

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("orderLinkId"),)

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:
        if order_id:
            return await client.cancel_order(order_id, symbol)
        return await client.cancel_order(None, symbol, {"orderLinkId": self.wire_id(core_id)})

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        # ccxt's fetch_order(None, ...) sends orderId=None and then swears that there is no such order.
        market = client.market(symbol)
        key = {"orderId": order_id} if order_id else {"orderLinkId": core_id}
        request = {"category": self._category(market), "symbol": market["id"], **key}
        for ask in (client.privateGetV5OrderRealtime, client.privateGetV5OrderHistory):
            answer = await ask(request)
            rows = [
                row
                for row in _rows(answer)
                if any(str(row.get(name)) == value for name, value in key.items())
            ]
            if rows:
                return [client.parse_order(row, market) for row in rows]
        return []

    async def warm(self, client: Any) -> None:
        if self.has_contracts:
            await self.positions(client)  # the only answer that tells one-way from hedge mode

    async def positions(self, client: Any) -> list[Any]:
        found: list[Any] = []
        for settle in self.settles():
            kind = (
                {"subType": "linear", "settleCoin": settle}
                if settle in ("USDT", "USDC")
                else {"subType": "inverse"}
            )
            rows = list(await client.fetch_positions(None, kind))
            if len(rows) >= 200:
                raise NotOffered("more positions than one answer holds")
            found += rows
        listed = {row.get("symbol") for row in found}
        for symbol in self.symbols:
            if ":" in symbol and symbol not in listed:
                # The list by settle coin leaves flat positions out; asked by name the venue says zero.
                found += await client.fetch_positions([symbol])
        self.hedged = any(str((row.get("info") or {}).get("positionIdx")) in ("1", "2") for row in found)
        return found

    async def open_orders_of(self, client: Any, symbol: Symbol) -> list[Any]:
        return await _all_pages(client, {}, symbol)

    async def open_orders(self, client: Any) -> list[Any]:
        asks: list[dict[str, Any]] = [
            {"type": "swap", "subType": "linear", "settleCoin": settle}
            if settle in ("USDT", "USDC")
            else {"type": "swap", "subType": "inverse", "settleCoin": settle}
            for settle in self.settles()
        ]
        if self.has_spot:
            asks.append({"type": "spot"})
        found: list[Any] = []
        for ask in asks:
            found += await _all_pages(client, ask)
        return found

    def equity(self, balance: Mapping[str, Any], quotes: Sequence[str]) -> tuple[Decimal, Decimal] | None:
        info = balance.get("info")
        rows = _rows(info) if isinstance(info, dict) else []
        if rows and isinstance(rows[0], dict):
            equity = decimal(rows[0].get("totalEquity"))
            free = decimal(rows[0].get("totalAvailableBalance"))
            if equity is not None and free is not None:
                return equity, free
        return super().equity(balance, quotes)

    coins_in_equity = True

    def size_unit(self, market: Mapping[str, Any]) -> SizeUnit:
        # Of inverse markets ccxt gives the smallest order as the contract's size; orders are in dollars.
        return SizeUnit(Decimal(1), bool(market.get("inverse")))

    async def coins(self, _client: Any, balance: Mapping[str, Any]) -> Mapping[str, CoinMargin]:
        info = balance.get("info")
        rows = _rows(info) if isinstance(info, dict) else []
        coins = rows[0].get("coin") if rows and isinstance(rows[0], dict) else None
        return coins_from(coins, CoinFields("coin", "walletBalance", "equity", "equity"))

    def signed_size(self, position: Mapping[str, Any]) -> Decimal | None:
        # A flat row comes with an empty side and size "0".
        info = position.get("info")
        if isinstance(info, dict) and decimal(info.get("size")) == ZERO:
            return ZERO
        return super().signed_size(position)

    def _category(self, market: Mapping[str, Any]) -> str:
        if market.get("spot"):
            return "spot"
        return "linear" if market.get("linear") else "inverse"


def _rows(answer: Mapping[str, Any]) -> list[Any]:
    result = answer.get("result")
    rows = result.get("list") if isinstance(result, dict) else None
    return rows if isinstance(rows, list) else []


async def _all_pages(client: Any, ask: dict[str, Any], symbol: Symbol | None = None) -> list[Any]:
    found: list[Any] = []
    cursor = ""
    for _ in range(_PAGES):
        rows = await client.fetch_open_orders(
            symbol, None, _PAGE, ask | ({"cursor": cursor} if cursor else {})
        )
        found += rows
        cursors = [row["info"]["nextPageCursor"] for row in rows if row["info"].get("nextPageCursor")]
        if len(rows) < _PAGE or not cursors:
            return found
        cursor = cursors[0]
    raise NotOffered("more resting orders than can be paged through")
