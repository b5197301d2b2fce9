"""Each venue's dead-man's switch, with its own unit, range and scope; a zero takes it off.

None of ccxt's `cancelAllOrdersAfter` is used: 4.5.90 turns 999 ms into "off" at OKX and Kraken, cannot take
Hyperliquid's off, and names Bybit's switch for disconnected sockets as if it were one of these.
"""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from riskguard.core.types import Symbol
from riskguard.venues.quirks import NotOffered
from riskguard.venues.reports import Unreadable

Setter: TypeAlias = Callable[[Any, Sequence[Symbol], float], Awaitable[None]]


async def set_switch(ccxt_id: str, client: Any, symbols: Sequence[Symbol], after_s: float) -> None:
    """Set a venue's switch to `after_s` from now; raises NotOffered where there is none, or none so short."""
    setter = _SETTERS.get(ccxt_id)
    if setter is None:
        raise NotOffered(_WHY_NOT.get(ccxt_id, "no switch of this venue is known here"))
    await setter(client, symbols, after_s)


def _whole_s(after_s: float, least: int, most: int) -> int:
    """Give whole seconds, never rounded down to nothing."""
    seconds = math.ceil(after_s)
    if seconds and not least <= seconds <= most:
        raise NotOffered(f"this venue's switch takes {least} to {most} s")
    return seconds


def _must(told: object, wanted: object) -> None:
    if str(told) != str(wanted):
        raise Unreadable("the venue does not repeat what was asked for")


def _holder(answer: Any, key: str) -> Mapping[str, Any]:
    found = answer.get(key) if isinstance(answer, dict) else None
    if isinstance(found, list) and found:
        found = found[0]
    if not isinstance(found, dict):
        raise Unreadable(f"no {key}")
    return found


async def _binance_usdm(client: Any, symbols: Sequence[Symbol], after_s: float) -> None:
    # Per market, milliseconds, looked at every 10 ms (Binance, Auto-Cancel All Open Orders).
    span_ms = math.ceil(after_s * 100) * 10
    for symbol in symbols:
        request = {"symbol": client.market(symbol)["id"], "countdownTime": span_ms}
        answer = await client.fapiPrivatePostCountdownCancelAll(request)
        _must(answer.get("countdownTime"), span_ms)


async def _okx(client: Any, _symbols: Sequence[Symbol], after_s: float) -> None:
    # The whole account, as no tag narrows it (OKX, Cancel All After).
    seconds = _whole_s(after_s, 10, 120)
    row = _holder(await client.privatePostTradeCancelAllAfter({"timeOut": str(seconds)}), "data")
    _is_moment(row.get("triggerTime"), set_=bool(seconds))


async def _kraken(client: Any, _symbols: Sequence[Symbol], after_s: float) -> None:
    # Runs inside the engine: it fires too when the engine comes back from a stop (Kraken, Cancel All After).
    seconds = _whole_s(after_s, 1, 86_400)
    row = _holder(await client.privatePostCancelAllOrdersAfter({"timeout": seconds}), "result")
    _is_moment(row.get("triggerTime"), set_=bool(seconds))


async def _kraken_futures(client: Any, _symbols: Sequence[Symbol], after_s: float) -> None:
    seconds = _whole_s(after_s, 1, 86_400)
    answer = await client.privatePostCancelallordersafter({"timeout": seconds})
    _must(answer.get("result"), "success")
    _is_moment(_holder(answer, "status").get("triggerTime"), set_=bool(seconds))


def _is_moment(told: object, *, set_: bool) -> None:
    """Check that a trigger time is there if and only if the switch is to be on."""
    if (str(told) not in ("", "0", "None")) is not set_:
        raise Unreadable("the venue's trigger time does not fit what was asked for")


async def _bitget(client: Any, _symbols: Sequence[Symbol], after_s: float) -> None:
    if not client.options.get("uta"):
        raise NotOffered("Bitget has a switch for unified accounts only (ccxt_config.options.uta)")
    seconds = _whole_s(after_s, 5, 60)
    await client.privateUtaPostV3TradeCountdownCancelAll({"countdown": str(seconds)})


async def _gate(client: Any, symbols: Sequence[Symbol], after_s: float) -> None:
    # One switch for spot and one per settlement currency; no market named: all of them.
    request = {"timeout": _whole_s(after_s, 5, 86_400)}
    if any(":" not in symbol for symbol in symbols):
        await client.privateSpotPostCountdownCancelAll(request)
    settles = {client.market(symbol)["settleId"] for symbol in symbols if ":" in symbol}
    for settle in sorted(str(one).lower() for one in settles):
        await client.privateFuturesPostSettleCountdownCancelAll(request | {"settle": settle})


async def _kucoin(client: Any, symbols: Sequence[Symbol], after_s: float) -> None:
    # High-frequency spot accounts; -1 takes it off; any request of ours refreshes it.
    if len(symbols) > 50:
        raise NotOffered("KuCoin's switch takes up to 50 markets")
    ids = ",".join(client.market(symbol)["id"] for symbol in symbols)
    seconds = _whole_s(after_s, 5, 86_400) or -1
    await client.privatePostHfOrdersDeadCancelAll({"timeout": seconds, "symbols": ids})


async def _hyperliquid(client: Any, _symbols: Sequence[Symbol], after_s: float) -> None:
    # An absolute moment, at least 5 s ahead; without one the switch is taken off, which ccxt cannot say.
    if after_s and after_s < 5:
        raise NotOffered("Hyperliquid's switch takes 5 s or more")
    nonce = client.incrementing_nonce()
    moment = {"time": client.milliseconds() + math.ceil(after_s * 1000)} if after_s else {}
    action = {"type": "scheduleCancel"} | moment
    vault = client.format_vault_address(client.options.get("vaultAddress"))
    request = {"action": action, "nonce": nonce, "signature": client.sign_l1_action(action, nonce, vault)}
    await client.privatePostExchange(request | ({"vaultAddress": vault} if vault is not None else {}))


_SETTERS: Final[dict[str, Setter]] = {
    "binanceusdm": _binance_usdm,
    "bitget": _bitget,
    "gate": _gate,
    "hyperliquid": _hyperliquid,
    "kraken": _kraken,
    "krakenfutures": _kraken_futures,
    "kucoin": _kucoin,
    "okx": _okx,
}

_WHY_NOT: Final = {
    "binance": "Binance spot has no such switch",
    "bitfinex": "Bitfinex has one on its WebSocket only",
    "bybit": "Bybit's switch (DCP) fires when a private stream breaks and is set up with Bybit, not here",
    "coinbase": "Coinbase has no such switch",
    "deribit": "Deribit's covers only orders made on one WebSocket connection, and ours are REST",
    "kucoinfutures": "KuCoin has one for spot only",
}
