"""An inverse contract over sockets: markets, book, order, fill, position and margin at OKX's face."""

import asyncio
from decimal import Decimal

import pytest

from riskguard.core.messages import (
    BalanceRead,
    FillSeen,
    MarketsLoaded,
    OrderAnswered,
    PositionReport,
    PositionsRead,
    ReadKind,
)
from riskguard.core.orders.outcome import Accepted
from riskguard.core.policy import Role, VenuePolicy
from riskguard.core.types import Leg, Side
from riskguard.simulation.wire.client import running_wire
from riskguard.venues.gateway import CcxtGateway, build_gateway
from tests.venues.conftest import KEY, PASSWORD, SECRET, Keys, place, read

pytestmark = pytest.mark.wire
LEG = Leg("v", "BTC/USD:BTC")
CONFIG = {
    "seed": 1,
    "venues": [
        {
            "name": "v",
            "face": "okx",
            "keys": [{"key": KEY, "secret": SECRET, "passphrase": PASSWORD}],
            "symbols": [{"symbol": LEG.symbol, "price": "60000"}],
            "wallets": {"USD": "100000", "BTC": "0.75"},
        }
    ],
}


async def position(gateway: CcxtGateway) -> PositionReport:
    (seen,) = (await gateway.read(read(ReadKind.POSITIONS, leg=LEG))).observations
    assert isinstance(seen, PositionsRead)
    (report,) = seen.positions
    return report


async def test_an_inverse_contract_is_hedged_with_and_counted() -> None:
    async with running_wire(CONFIG) as venues:
        gateway = build_gateway(
            VenuePolicy("v", "okx", Role.BOTH),
            ccxt_id="okx",
            ccxt_config=venues.venues["v"]["ccxt_config"],
            credentials=Keys(),
            legs=(LEG,),
        )
        try:
            loaded = (await gateway.read(read(ReadKind.MARKETS, 15.0, LEG))).observations[0]
            assert isinstance(loaded, MarketsLoaded)
            (market,) = loaded.markets
            assert market.lot == pytest.approx(Decimal(100) / 60_000, rel=Decimal("0.001"))
            before = await position(gateway)
            assert (before.amount, before.margin) == (Decimal("0.75"), Decimal("0.75"))

            amount = 60 * market.lot
            given = await gateway.place(place(leg=LEG, side=Side.SELL, amount=amount, price=Decimal(59_700)))
            (answered,) = given.observations
            assert isinstance(answered, OrderAnswered)
            assert isinstance(answered.outcome, Accepted), given

            after = await position(gateway)
            async with asyncio.timeout(10):
                while after.amount == before.amount:
                    after = await position(gateway)
            assert after.amount - after.margin == -amount
            assert after.listed
            fills = (await gateway.read(read(ReadKind.TRADES, leg=LEG))).observations
            assert sum(one.report.amount for one in fills if isinstance(one, FillSeen)) == amount
            (worth, *_) = (await gateway.read(read(ReadKind.BALANCE, leg=LEG))).observations
            assert isinstance(worth, BalanceRead)
            assert worth.equity > 0
        finally:
            await gateway.close()
