"""Gateways pointed at a scripted venue on loopback, with planted keys that no output may show."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import ccxt.async_support  # type: ignore[import-untyped]
import ccxt.pro  # type: ignore[import-untyped]
import pytest

from riskguard.core.messages import CancelOrder, LookUpOrder, LookupRung, PlaceOrder, ReadKind, ReadVenue
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.policy import Budget, Role, VenuePolicy
from riskguard.core.types import Leg, Side
from riskguard.venues.gateway import CcxtGateway, build_gateway
from tests.venues.answers import BINANCE, BYBIT
from tests.venues.loopback import Loopback

KEY = "PLANTEDkeyPLANTEDkeyPLANTEDkey01"
PROBE_KEY = KEY + "2"
SECRET = "UExBTlRFRHNlY3JldFBMQU5URURzZWNyZXRQTEFOVEVEc2VjcmV0MDE="  # noqa: S105 - planted
PASSWORD = "PLANTEDpassword01"  # noqa: S105 - planted
LEG = Leg("v", "BTC/USDT:USDT")
GOOD = {"binanceusdm": BINANCE, "bybit": BYBIT}
PLACE = {"binanceusdm": ("POST", "/fapi/v1/order"), "bybit": ("POST", "/v5/order/create")}
CANCEL = {"binanceusdm": ("DELETE", "/fapi/v1/order"), "bybit": ("POST", "/v5/order/cancel")}


@dataclass(frozen=True)
class Keys:
    """Planted credentials."""

    secrets: Mapping[str, str] = field(
        default_factory=lambda: {"apiKey": KEY, "secret": SECRET, "password": PASSWORD}
    )

    def for_ccxt(self) -> Mapping[str, str]:
        return self.secrets


WALLET = Keys({"walletAddress": "0x" + "ab" * 20, "privateKey": "0x" + "cd" * 32})


def loopback_urls(ccxt_id: str, port: int) -> dict[str, Any]:
    """Point every URL of a ccxt class at the scripted venue; only the host is replaced."""
    library = ccxt.pro if ccxt_id in ccxt.pro.exchanges else ccxt.async_support
    exchange = getattr(library, ccxt_id)()

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: walk(value) for key, value in node.items()}
        if not isinstance(node, str):
            return node
        text = node.replace("{hostname}", str(exchange.hostname or "host"))
        return re.sub(r"^(http|ws)s?://[^/]+", rf"\1://127.0.0.1:{port}", text)

    return {"api": walk(exchange.urls["api"])}


Opener = Callable[..., Awaitable[CcxtGateway]]


@pytest.fixture
async def loopback() -> AsyncIterator[Loopback]:
    venue = Loopback()
    await venue.start()
    yield venue
    await venue.stop()


@pytest.fixture
async def open_gateway(loopback: Loopback) -> AsyncIterator[Opener]:
    """Open gateways on the scripted venue and close them afterwards."""
    opened: list[CcxtGateway] = []

    async def open_one(
        ccxt_id: str, leg: Leg = LEG, *, budget: Budget | None = None, load: bool = True, **config: Any
    ) -> CcxtGateway:
        loopback.good.update(GOOD.get(ccxt_id, {}))
        gateway = build_gateway(
            VenuePolicy("v", ccxt_id, Role.BOTH, budget=budget or Budget(Decimal(1000), Decimal(1000))),
            ccxt_id=ccxt_id,
            ccxt_config={"urls": loopback_urls(ccxt_id, loopback.port)} | config,
            credentials=WALLET if ccxt_id == "hyperliquid" else Keys(),
            legs=(leg,),
        )
        opened.append(gateway)
        if load:
            loaded = await gateway.read(ReadVenue(0, "v", ReadKind.MARKETS, 10.0))
            assert loaded.evidence == "ok", loaded
        return gateway

    yield open_one
    for gateway in opened:
        await gateway.close()


def intent(**changes: Any) -> OrderIntent:
    """Give a sound order, changed as asked."""
    fields: dict[str, Any] = {
        "client_id": "rga0001h",
        "leg": LEG,
        "asset": "BTC",
        "side": Side.BUY,
        "amount": Decimal("0.010"),
        "price": Decimal(60000),
        "tif": TimeInForce.IOC,
        "reduce_only": False,
        "purpose": Purpose.HEDGE,
    }
    return OrderIntent(**(fields | changes))


def place(deadline_s: float = 5.0, **changes: Any) -> PlaceOrder:
    return PlaceOrder(1, intent(**changes), deadline_s, 3.0)


def cancel(deadline_s: float = 5.0, leg: Leg = LEG, order_id: str = "") -> CancelOrder:
    return CancelOrder(1, leg, order_id, "rga0001h", deadline_s)


def read(what: ReadKind, deadline_s: float = 5.0, leg: Leg = LEG) -> ReadVenue:
    return ReadVenue(1, "v", what, deadline_s, leg)


def look_up(rung: LookupRung, order_id: str = "") -> LookUpOrder:
    return LookUpOrder(1, LEG, "rga0001h", order_id, rung, 1_699_999_999_000, 5.0)
