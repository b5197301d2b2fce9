# ruff: noqa: D102 - overrides are described in base.py
"""Kraken spot and Kraken Futures."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from riskguard.core.types import Symbol
from riskguard.venues.coin_margin import CoinFields, CoinMargin, coins_from
from riskguard.venues.quirks.base import Quirks, first_named
from riskguard.venues.wire import Attempt

_SHORTEST_S: Final = 2.0
_PAGE: Final = 50
"""Rows of Kraken's history per answer; futures give more."""
_REMEMBERED: Final = 1000
_PUSHED: Final = {
    "pending_new": "open",
    "new": "open",
    "partially_filled": "open",
    "filled": "closed",
    "canceled": "canceled",
    "expired": "expired",
}
_LONGEST_S: Final = 60.0
"""Bounds of `deadline` (Kraken, AddOrder)."""


def _rfc3339(client: Any, seconds: float) -> str:
    moment = datetime.fromtimestamp(client.milliseconds() / 1000 + seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Kraken(Quirks):
    """Spot; private questions are POST requests too, and the nonce must rise over all clients of a key."""

    ack_only = True
    strict_nonce = True
    open_orders_page = 0

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        super().__init__(symbols)
        self._pushed: dict[str, dict[str, Any]] = {}

    def carries(self, attempt: Attempt) -> bool:
        return attempt.path.endswith(("/AddOrder", "/CancelOrder"))

    def expiry_params_at(self, client: Any, expires_s: float) -> dict[str, Any]:
        if expires_s <= 0:
            return {}
        return {"deadline": _rfc3339(client, min(_LONGEST_S, max(_SHORTEST_S, expires_s)))}

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        # ccxt's clientOrderId is the userref here, and on the stream always.
        return (info.get("cl_ord_id"),)

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        # ccxt's fetch_order(None, ...) would ask for txid=None.
        if order_id:
            return [await client.fetch_order(order_id, symbol)]
        key = {"cl_ord_id": self.wire_id(core_id)}
        for ask in (client.fetch_open_orders, client.fetch_closed_orders):
            rows = await ask(symbol, None, None, key)
            ours = first_named(rows, lambda row: _named(row, core_id), _PAGE)
            if ours:
                return ours
        return []

    def pushed_order(self, row: Mapping[str, Any]) -> Mapping[str, Any] | None:
        # Only the first event of an order names market, side and amount (Kraken, Executions); ccxt merges by
        # a symbol that the later ones lack, so its own row of them has none of these, and no filled amount.
        news = row.get("info")
        identity = str(news.get("order_id") or "") if isinstance(news, dict) else ""
        if not identity or not isinstance(news, dict):
            return None
        known = {**self._pushed.pop(identity, {}), **news}
        self._pushed[identity] = known
        if len(self._pushed) > _REMEMBERED:
            self._pushed.pop(next(iter(self._pushed)))
        untouched = known.get("order_status") in ("pending_new", "new")
        return {
            "id": identity,
            "info": known,
            "symbol": known.get("symbol"),
            "clientOrderId": known.get("cl_ord_id"),
            "side": known.get("side"),
            "amount": known.get("order_qty"),
            "price": known.get("limit_price"),
            "stopPrice": known.get("stop_price"),
            "average": known.get("avg_price"),
            "filled": known.get("cum_qty", 0 if untouched else None),
            "status": _PUSHED.get(str(known.get("order_status"))),
        }


class KrakenFutures(Quirks):
    """Futures: 'IOC' in capitals would rest as an ordinary limit order."""

    ioc = "ioc"
    open_orders_page = 0

    def carries(self, attempt: Attempt) -> bool:
        return attempt.path.endswith(("/sendorder", "/cancelorder"))

    def expiry_params_at(self, client: Any, expires_s: float) -> dict[str, Any]:
        return {"processBefore": _rfc3339(client, expires_s)} if expires_s > 0 else {}

    def raw_client_ids(self, info: Mapping[str, Any]) -> tuple[Any, ...]:
        return (info.get("cliOrdId"), info.get("cli_ord_id"))

    async def coins(self, client: Any, balance: Mapping[str, Any]) -> Mapping[str, CoinMargin]:
        # Each inverse market has a margin account of its own, which holds its coin (Kraken, Get Wallets).
        accounts = (balance.get("info") or {}).get("accounts")
        found: dict[str, CoinMargin] = {}
        for name, account in accounts.items() if isinstance(accounts, dict) else ():
            if not name.startswith("fi_"):
                continue
            coin = name.removeprefix("fi_").removesuffix("usd")
            sums = account.get("auxiliary") or {}
            row = {"wallet": (account.get("balances") or {}).get(coin), **sums}
            code = client.safe_currency_code(coin)
            found |= coins_from([row | {"coin": code}], CoinFields("coin", "wallet", "pv", "af"))
        return found

    async def cancel(self, client: Any, symbol: Symbol, order_id: str, core_id: str) -> Any:  # noqa: ARG002
        # ccxt's cancel_order always sends order_id, even as None.
        key = {"order_id": order_id} if order_id else {"cliOrdId": self.wire_id(core_id)}
        return await client.privatePostCancelorder(key)

    async def find(self, client: Any, symbol: Symbol, core_id: str, order_id: str) -> list[Any]:
        # The status endpoint forgets an ended order after 5 s, so the lists are asked instead.
        for ask in (client.fetch_open_orders, client.fetch_closed_orders, client.fetch_canceled_orders):
            rows = await ask(symbol)
            ours = first_named(rows, lambda row: _named(row, core_id) or row.get("id") == order_id, _PAGE)
            if ours:
                return ours
        return []


def _named(row: Mapping[str, Any], core_id: str) -> bool:
    info = row.get("info")
    own = (
        (info.get("cl_ord_id"), info.get("cliOrdId"), info.get("cli_ord_id"))
        if isinstance(info, dict)
        else ()
    )
    return core_id in (row.get("clientOrderId"), *own)
