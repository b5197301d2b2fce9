"""Gateways of any venue with one made-up market, so that no venue's own list is needed."""

from typing import Any

from riskguard.core.types import Leg
from riskguard.venues.gateway import CcxtGateway
from tests.venues.conftest import Opener
from tests.venues.loopback import Loopback

PRECISION = {
    "gate": {"amount": 1, "price": 0.1},
    "kucoinfutures": {"amount": 1, "price": 0.1},
    "bitfinex": {"amount": 8, "price": 5},
}
KNOWN = {
    "options": {
        "hf": True,
        "uta": False,
        "unifiedAccount": False,
        "enableUnifiedMargin": False,
        "leverage": 3,
    }
}
"""Facts about the account, known beforehand, so that every request here is the one that a test means."""
SPOT_ONLY = {"binance", "kraken", "coinbase", "kucoin", "bitfinex"}


def market(ccxt_id: str) -> dict[str, Any]:
    """Make up one market, so that no venue's own list is needed."""
    spot = ccxt_id in SPOT_ONLY
    quote = "USDC" if ccxt_id in ("hyperliquid", "deribit") else "USD" if "kraken" in ccxt_id else "USDT"
    symbol = f"BTC/{quote}" if spot else f"BTC/{quote}:{quote}"
    return {
        "id": "BTCUSDT",
        "lowercaseId": "btcusdt",
        "symbol": symbol,
        "base": "BTC",
        "quote": quote,
        "settle": None if spot else quote,
        "baseId": "0" if ccxt_id == "hyperliquid" else "BTC",
        "quoteId": quote,
        "settleId": None if spot else quote,
        "type": "spot" if spot else "swap",
        "spot": spot,
        "swap": not spot,
        "future": False,
        "option": False,
        "margin": False,
        "contract": not spot,
        "linear": None if spot else True,
        "inverse": None if spot else False,
        "contractSize": None if spot else 0.001 if ccxt_id in PRECISION else 1.0,
        "active": True,
        "taker": 0.0005,
        "maker": 0.0002,
        "precision": PRECISION.get(ccxt_id, {"amount": 0.001, "price": 0.1}),
        "limits": {"amount": {"min": 0.001}, "cost": {}, "price": {}, "leverage": {}},
        "info": {"orderTypes": ["LIMIT", "MARKET", "LIMIT_MAKER"], "permissions": []},
    }


async def opened(
    open_gateway: Opener, loopback: Loopback, ccxt_id: str, **changes: Any
) -> tuple[CcxtGateway, Leg]:
    """Open a gateway that knows one market; `changes` alter ccxt's structure of it."""
    row = market(ccxt_id) | changes
    leg = Leg("v", row["symbol"])
    gateway = await open_gateway(ccxt_id, leg, load=False, **KNOWN)
    for client in (gateway.clients.act, gateway.clients.probe):
        client.set_markets([row])
    loopback.good.clear()
    return gateway, leg
