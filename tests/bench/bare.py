"""One order signed and sent by hand at each face: as short as Python can, to compare the gateway with."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from tests.venues.conftest import PASSWORD, PROBE_KEY, SECRET

KEY = PROBE_KEY
"""The second key of the account: nonces of one key must rise, and the gateway draws those of the first."""

PRICE = "59400"
"""Below the market, so that an immediate order ends without a fill."""


@dataclass(frozen=True, slots=True)
class Bare:
    """A request as `aiohttp` takes it."""

    url: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


def bare_order(face: str, api: Mapping[str, Any], number: int) -> Bare:
    """Sign an immediate buy of a hundredth of a Bitcoin with a client id of its own."""
    return _SIGNED[face](api, f"rgbare{number:04d}h")


def _hex(text: str) -> str:
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


def _binance(api: Mapping[str, Any], name: str) -> Bare:
    order = {
        "timestamp": int(time.time() * 1000),
        "symbol": "BTCUSDT",
        "side": "BUY",
        "newClientOrderId": name,
        "newOrderRespType": "RESULT",
        "type": "LIMIT",
        "timeInForce": "IOC",
        "quantity": "0.01",
        "price": PRICE,
        "recvWindow": 3000,
    }
    query = urlencode(order)
    heads = {"X-MBX-APIKEY": KEY, "Content-Type": "application/x-www-form-urlencoded"}
    return Bare(f"{api['fapiPrivate']}/order", f"{query}&signature={_hex(query)}", heads)


def _bybit(api: Mapping[str, Any], name: str) -> Bare:
    order = {
        "symbol": "BTCUSDT",
        "orderType": "Limit",
        "side": "Buy",
        "category": "linear",
        "qty": "0.01",
        "price": PRICE,
        "timeInForce": "IOC",
        "orderLinkId": name,
    }
    body, stamp = json.dumps(order), str(int(time.time() * 1000))
    heads = {
        "Content-Type": "application/json",
        "X-BAPI-API-KEY": KEY,
        "X-BAPI-TIMESTAMP": stamp,
        "X-BAPI-RECV-WINDOW": "3000",
        "X-BAPI-SIGN": _hex(stamp + KEY + "3000" + body),
    }
    return Bare(f"{api['private']}/v5/order/create", body, heads)


def _okx(api: Mapping[str, Any], name: str) -> Bare:
    order = {
        "instId": "BTC-USDT-SWAP",
        "side": "buy",
        "ordType": "ioc",
        "sz": "1",
        "tdMode": "cross",
        "px": PRICE,
        "clOrdId": name,
    }
    path, body = "/api/v5/trade/batch-orders", json.dumps([order])
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    signed = hmac.new(SECRET.encode(), f"{stamp}POST{path}{body}".encode(), hashlib.sha256).digest()
    heads = {
        "Content-Type": "application/json",
        "OK-ACCESS-KEY": KEY,
        "OK-ACCESS-PASSPHRASE": PASSWORD,
        "OK-ACCESS-TIMESTAMP": stamp,
        "OK-ACCESS-SIGN": base64.b64encode(signed).decode(),
    }
    return Bare(f"{api['rest']}{path}", body, heads)


def _kraken(api: Mapping[str, Any], name: str) -> Bare:
    nonce, path = str(int(time.time() * 1000)), "/0/private/AddOrder"
    order = {
        "nonce": nonce,
        "pair": "XXBTZUSD",
        "type": "buy",
        "ordertype": "limit",
        "price": PRICE,
        "volume": "0.01",
        "timeinforce": "IOC",
        "cl_ord_id": name,
    }
    body = urlencode(order)
    digest = hashlib.sha256((nonce + body).encode()).digest()
    signed = hmac.new(base64.b64decode(SECRET), path.encode() + digest, hashlib.sha512).digest()
    heads = {
        "Content-Type": "application/x-www-form-urlencoded",
        "API-Key": KEY,
        "API-Sign": base64.b64encode(signed).decode(),
    }
    return Bare(f"{api['private']}{path}", body, heads)


_SIGNED = {"binanceusdm": _binance, "bybit": _bybit, "okx": _okx, "kraken": _kraken}
