"""Point a ccxt class at a face: a plain dict fit for `ccxt_config` in a policy file.

Every url of the class becomes `http://127.0.0.1:PORT/original.host/path` (`ws` for `wss`). The original host
stays as first path segment because ccxt looks into urls: binance calls a stream spot when it finds `/stream`,
bybit when it finds `spot`. A test compares these tables with the urls of the installed ccxt.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from riskguard.simulation.wire.sockets import HOST

Urls: TypeAlias = Mapping[str, "str | Urls"]

_BINANCE: Urls = {
    "sapi": "https://api.binance.com/sapi/v1",
    "sapiV2": "https://api.binance.com/sapi/v2",
    "sapiV3": "https://api.binance.com/sapi/v3",
    "sapiV4": "https://api.binance.com/sapi/v4",
    "dapiPublic": "https://dapi.binance.com/dapi/v1",
    "dapiPrivate": "https://dapi.binance.com/dapi/v1",
    "eapiPublic": "https://eapi.binance.com/eapi/v1",
    "eapiPrivate": "https://eapi.binance.com/eapi/v1",
    "dapiPrivateV2": "https://dapi.binance.com/dapi/v2",
    "dapiData": "https://dapi.binance.com/futures/data",
    "fapiPublic": "https://fapi.binance.com/fapi/v1",
    "fapiPublicV2": "https://fapi.binance.com/fapi/v2",
    "fapiPublicV3": "https://fapi.binance.com/fapi/v3",
    "fapiPrivate": "https://fapi.binance.com/fapi/v1",
    "fapiPrivateV2": "https://fapi.binance.com/fapi/v2",
    "fapiPrivateV3": "https://fapi.binance.com/fapi/v3",
    "fapiData": "https://fapi.binance.com/futures/data",
    "public": "https://api.binance.com/api/v3",
    "private": "https://api.binance.com/api/v3",
    "v1": "https://api.binance.com/api/v1",
    "papi": "https://papi.binance.com/papi/v1",
    "papiV2": "https://papi.binance.com/papi/v2",
    "ws": {
        "spot": "wss://stream.binance.com:9443/ws",
        "margin": "wss://stream.binance.com:9443/ws",
        "linear": "wss://fstream.binance.com/ws",
        "inverse": "wss://dstream.binance.com/ws",
        "stock": "wss://nbstream.binance.com/equity/ws",
        "option": "wss://fstream.binance.com/public/ws",
        "optionMarket": "wss://fstream.binance.com/market/ws",
        "optionPrivate": "wss://fstream.binance.com/private/ws",
        "ws-api": {
            "spot": "wss://ws-api.binance.com:443/ws-api/v3",
            "linear": "wss://ws-fapi.binance.com/ws-fapi/v1",
            "inverse": "wss://ws-dapi.binance.com/ws-dapi/v1",
        },
        "papi": "wss://fstream.binance.com/pm/ws",
    },
}

_BYBIT: Urls = {
    "spot": "https://api.bybit.com",
    "futures": "https://api.bybit.com",
    "v2": "https://api.bybit.com",
    "public": "https://api.bybit.com",
    "private": "https://api.bybit.com",
    "ws": {
        "public": {
            "spot": "wss://stream.bybit.com/v5/public/spot",
            "inverse": "wss://stream.bybit.com/v5/public/inverse",
            "option": "wss://stream.bybit.com/v5/public/option",
            "linear": "wss://stream.bybit.com/v5/public/linear",
        },
        "private": {
            "spot": {
                "unified": "wss://stream.bybit.com/v5/private",
                "nonUnified": "wss://stream.bybit.com/spot/private/v3",
            },
            "contract": "wss://stream.bybit.com/v5/private",
            "usdc": "wss://stream.bybit.com/trade/option/usdc/private/v1",
            "trade": "wss://stream.bybit.com/v5/trade",
        },
    },
}

_OKX: Urls = {"rest": "https://www.okx.com", "ws": "wss://ws.okx.com:443/ws/v5"}

_KRAKEN: Urls = {
    "public": "https://api.kraken.com",
    "private": "https://api.kraken.com",
    "zendesk": "https://kraken.zendesk.com/api/v2/help_center/en-us/articles",
    "ws": {
        "public": "wss://ws.kraken.com",
        "private": "wss://ws-auth.kraken.com",
        "privateV2": "wss://ws-auth.kraken.com/v2",
        "publicV2": "wss://ws.kraken.com/v2",
        "beta": "wss://beta-ws.kraken.com",
        "beta-private": "wss://beta-ws-auth.kraken.com",
    },
}

URLS: Mapping[str, Urls] = {"binanceusdm": _BINANCE, "bybit": _BYBIT, "okx": _OKX, "kraken": _KRAKEN}
"""Production urls by ccxt id, which is also the name of the face."""


def ccxt_config(face: str, port: int) -> dict[str, Any]:
    """Give the constructor settings that send every REST and WebSocket call of a class to `port`."""
    return {"urls": {"api": _pointed(URLS[face], port)}}


def _pointed(urls: Urls, port: int) -> dict[str, Any]:
    return {
        name: _loopback(value, port) if isinstance(value, str) else _pointed(value, port)
        for name, value in urls.items()
    }


def _loopback(url: str, port: int) -> str:
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    plain = "ws" if scheme == "wss" else "http"
    return f"{plain}://{HOST}:{port}/{authority.partition(':')[0]}{slash}{path}"
