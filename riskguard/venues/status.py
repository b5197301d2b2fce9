"""What a venue says of itself, read from its own fields: ccxt's word loses or invents half of them.

ccxt 4.5.90 lets the last event win at OKX, ignores products at Bybit, calls Kraken's cancel_only and
Deribit's partial lock maintenance, and says `ok` for whatever it cannot read at Hyperliquid. An answer
without a list or a known word raises `Unreadable` here.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from riskguard.core.messages import StatusWord, VenueSpoke
from riskguard.core.types import Symbol, VenueId
from riskguard.venues.quirks import NotOffered, Quirks
from riskguard.venues.reports import Unreadable

SOURCE: Final = "status endpoint"
Words: TypeAlias = dict[Symbol, StatusWord]
"""By market; the empty name is the venue as a whole."""
Reader: TypeAlias = Callable[[Any, Quirks], Awaitable[Words]]


async def spoken(venue: VenueId, ccxt_id: str, client: Any, quirks: Quirks) -> tuple[VenueSpoke, ...]:
    """Ask a venue about itself and about our markets there; raises NotOffered where it has no words."""
    reader = _READERS.get(ccxt_id)
    if reader is None:
        raise NotOffered("this venue publishes no status that is understood here")
    words = await reader(client, quirks)
    halts = _HALTS.get(ccxt_id)
    if halts is not None:
        words |= await _halts_if_told(halts, client, quirks)
    if not words:
        raise Unreadable("nothing was said")
    return tuple(VenueSpoke(venue, word.value, SOURCE, symbol) for symbol, word in words.items())


async def _halts_if_told(halts: Reader, client: Any, quirks: Quirks) -> Words:
    """Ask about single markets; a failure here must not cost the word about the whole venue."""
    try:
        return await halts(client, quirks)
    except Exception:  # noqa: BLE001 - optional twice over: nothing was heard
        return {}


def _word(raw: Any, meanings: Mapping[str, StatusWord]) -> StatusWord:
    text = str(raw).lower()
    if text not in meanings:
        raise Unreadable(f"status word {text[:40]!r}")
    return meanings[text]


def _rows(holder: Any, key: str) -> Sequence[Mapping[str, Any]]:
    rows = holder.get(key) if isinstance(holder, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Unreadable("no list of events")
    return rows


def _result(answer: Any, key: str = "result") -> Mapping[str, Any]:
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, dict):
        raise Unreadable(f"no {key}")
    return found


# --- whole venues


async def _binance(client: Any, _quirks: Quirks) -> Words:
    # One word for the whole house; it says nothing of partial outages (Binance, System Status).
    answer = await client.sapiGetSystemStatus()
    meanings = {"0": StatusWord.OPEN, "1": StatusWord.MAINTENANCE}
    return {"": _word(answer.get("status"), meanings)}


async def _okx(client: Any, quirks: Quirks) -> Words:
    # OKX, Status: 5 is the trading service, 1 to 3 are spot, futures and swaps; batches of accounts (8) or
    # of products (9) need not be ours.
    concerned = (
        {"5"} | ({"1"} if quirks.has_spot else set()) | ({"2", "3"} if quirks.has_contracts else set())
    )
    for event in _rows(await client.publicGetSystemStatus(), "data"):
        real = str(event.get("env", "1")) != "2"
        if event.get("state") == "ongoing" and real and str(event.get("serviceType")) in concerned:
            return {"": StatusWord.MAINTENANCE}
    return {"": StatusWord.OPEN}


async def _bybit(client: Any, quirks: Quirks) -> Words:
    # Bybit V5, Get System Status and its enums: products 1 futures, 2 spot; services 1 to 3 are trading;
    # a list of uid endings concerns some accounts only; environment 2 is the demo.
    products = ({2} if quirks.has_spot else set()) | ({1} if quirks.has_contracts else set())
    for event in _rows(_result(await client.publicGetV5SystemStatus()), "list"):
        ours = products & _numbers(event.get("product")) and {1, 2, 3} & _numbers(event.get("serviceTypes"))
        real = str(event.get("env", "1")) != "2" and not event.get("uidSuffix")
        if event.get("state") == "ongoing" and real and ours:
            return {"": StatusWord.MAINTENANCE}
    return {"": StatusWord.OPEN}


def _numbers(values: Any) -> set[int]:
    listed = values if isinstance(values, list) else []
    return {int(value) for value in listed if str(value).isdigit()}


_KRAKEN: Final = {
    "online": StatusWord.OPEN,
    "maintenance": StatusWord.MAINTENANCE,
    "cancel_only": StatusWord.CANCEL_ONLY,
    "post_only": StatusWord.POST_ONLY,
    "limit_only": StatusWord.LIMIT_ONLY,
    "reduce_only": StatusWord.REDUCE_ONLY,
}


async def _kraken(client: Any, _quirks: Quirks) -> Words:
    return {"": _word(_result(await client.publicGetSystemStatus()).get("status"), _KRAKEN)}


async def _deribit(client: Any, quirks: Quirks) -> Words:
    # "partial" names the indices that are locked; a JSON boolean is what older gateways send.
    result = _result(await client.publicGetStatus())
    meanings = {"true": StatusWord.MAINTENANCE, "false": StatusWord.OPEN, "partial": StatusWord.OPEN}
    words = {"": _word(result.get("locked"), meanings)}
    locked = {str(index).lower() for index in result.get("locked_indices") or ()}
    for symbol in quirks.symbols if str(result.get("locked")) == "partial" else ():
        index = f"{symbol.split('/', 1)[0]}_{symbol.split('/', 1)[1].split(':', 1)[0]}".lower()
        words[symbol] = StatusWord.HALTED if index in locked else StatusWord.OPEN
    return words


_KUCOIN: Final = {
    "open": StatusWord.OPEN,
    "close": StatusWord.MAINTENANCE,
    "cancelonly": StatusWord.CANCEL_ONLY,
}


async def _kucoin(client: Any, _quirks: Quirks) -> Words:
    return {"": _word(_result(await client.publicGetStatus(), "data").get("status"), _KUCOIN)}


async def _kucoin_futures(client: Any, _quirks: Quirks) -> Words:
    return {"": _word(_result(await client.futuresPublicGetStatus(), "data").get("status"), _KUCOIN)}


async def _hyperliquid(client: Any, _quirks: Quirks) -> Words:
    answer = await client.publicPostInfo({"type": "exchangeStatus"})
    if "specialStatuses" not in answer:
        raise Unreadable("no specialStatuses")
    return {"": StatusWord.MAINTENANCE if answer["specialStatuses"] else StatusWord.OPEN}


async def _bitfinex(client: Any, _quirks: Quirks) -> Words:
    answer = await client.publicGetPlatformStatus()
    if not isinstance(answer, list) or not answer:
        raise Unreadable("no status number")
    return {"": _word(answer[0], {"1": StatusWord.OPEN, "0": StatusWord.MAINTENANCE})}


async def _none(_client: Any, _quirks: Quirks) -> Words:
    return {}


# --- single markets


async def _kraken_pairs(client: Any, quirks: Quirks) -> Words:
    ids = {client.market(symbol)["id"]: symbol for symbol in quirks.symbols}
    rows = _result(await client.publicGetAssetPairs({"pair": ",".join(ids)}))
    return _listed({ids[name]: row.get("status") for name, row in rows.items() if name in ids}, _KRAKEN)


async def _krakenfutures_pairs(client: Any, quirks: Quirks) -> Words:
    ids = {str(client.market(symbol)["id"]).lower(): symbol for symbol in quirks.symbols}
    rows = _rows(await client.publicGetInstrumentsStatus(), "instrumentStatus")
    found: Words = {}
    for row in rows:
        symbol = ids.get(str(row.get("tradeable")).lower())
        if symbol is not None and isinstance(row.get("isSuspended"), bool):
            found[symbol] = StatusWord.HALTED if row["isSuspended"] else StatusWord.OPEN
    return found


async def _coinbase_products(client: Any, quirks: Quirks) -> Words:
    flags = (
        ("is_disabled", StatusWord.HALTED),
        ("trading_disabled", StatusWord.HALTED),
        ("view_only", StatusWord.HALTED),
        ("cancel_only", StatusWord.CANCEL_ONLY),
        ("post_only", StatusWord.POST_ONLY),
        ("limit_only", StatusWord.LIMIT_ONLY),
    )
    found: Words = {}
    for symbol in quirks.symbols:
        key = {"product_id": client.market(symbol)["id"]}
        row = await client.v3PublicGetBrokerageMarketProductsProductId(key)
        if not all(isinstance(row.get(name), bool) for name in ("trading_disabled", "cancel_only")):
            raise Unreadable("no product flags")
        found[symbol] = next((word for name, word in flags if row.get(name) is True), StatusWord.OPEN)
    return found


async def _okx_instruments(client: Any, quirks: Quirks) -> Words:
    raw: dict[Symbol, Any] = {}
    for symbol in quirks.symbols:
        market = client.market(symbol)
        kind = {"spot": "SPOT", "swap": "SWAP", "future": "FUTURES"}.get(market["type"], "")
        rows = _rows(
            await client.publicGetPublicInstruments({"instType": kind, "instId": market["id"]}), "data"
        )
        raw[symbol] = next((row.get("state") for row in rows if row.get("instId") == market["id"]), None)
    halted = dict.fromkeys(("suspend", "preopen", "expired", "settling"), StatusWord.HALTED)
    return _listed(raw, {"live": StatusWord.OPEN} | halted)


async def _bybit_instruments(client: Any, quirks: Quirks) -> Words:
    raw: dict[Symbol, Any] = {}
    for symbol in quirks.symbols:
        market = client.market(symbol)
        category = "spot" if market["spot"] else "linear" if market["linear"] else "inverse"
        key = {"category": category, "symbol": market["id"]}
        rows = _rows(_result(await client.publicGetV5MarketInstrumentsInfo(key)), "list")
        raw[symbol] = next((row.get("status") for row in rows if row.get("symbol") == market["id"]), None)
    halted = dict.fromkeys(("closed", "prelaunch", "settling", "delivering"), StatusWord.HALTED)
    return _listed(raw, {"trading": StatusWord.OPEN} | halted)


def _listed(raw: Mapping[Symbol, Any], meanings: Mapping[str, StatusWord]) -> Words:
    """Keep the markets whose word is known; another word says nothing."""
    return {
        symbol: meanings[str(text).lower()] for symbol, text in raw.items() if str(text).lower() in meanings
    }


_READERS: Final[dict[str, Reader]] = {
    "binance": _binance,
    "binanceusdm": _binance,
    "bitfinex": _bitfinex,
    "bybit": _bybit,
    "coinbase": _none,
    "deribit": _deribit,
    "hyperliquid": _hyperliquid,
    "kraken": _kraken,
    "krakenfutures": _none,
    "kucoin": _kucoin,
    "kucoinfutures": _kucoin_futures,
    "okx": _okx,
}
"""By ccxt id; Bitget and Gate publish no status, Coinbase and Kraken Futures only that of single markets."""

_HALTS: Final[dict[str, Reader]] = {
    "bybit": _bybit_instruments,
    "coinbase": _coinbase_products,
    "kraken": _kraken_pairs,
    "krakenfutures": _krakenfutures_pairs,
    "okx": _okx_instruments,
}
"""Binance lists all its markets or none, which is too much to ask every half minute."""
