"""Contracts that their own coin margins: read, sized, ordered and counted in base units, at eight venues."""

from decimal import Decimal

import pytest

from riskguard.core.messages import (
    BalanceRead,
    BookSeen,
    MarketsLoaded,
    PositionReport,
    PositionsRead,
    ReadFailed,
    ReadKind,
)
from riskguard.core.types import Leg
from riskguard.venues.coin_margin import DRIFT, FixedPrices, margin_legs, with_margin
from riskguard.venues.gateway import CcxtGateway
from tests.venues.conftest import Opener, place, read
from tests.venues.inverse_markets import ALL, BINANCE, NOW_MS, Inverse, Routes
from tests.venues.loopback import Loopback, answer
from tests.venues.markets import KNOWN

EVERY = pytest.mark.parametrize("inverse", ALL, ids=lambda one: one.ccxt_id)


async def opened(open_gateway: Opener, loopback: Loopback, inverse: Inverse) -> tuple[CcxtGateway, Leg]:
    """Open a gateway that learns the venue's market and price from its own answers."""
    leg = Leg("v", inverse.symbol)
    gateway = await open_gateway(inverse.ccxt_id, leg, load=False, **KNOWN)
    loopback.good.update(inverse.routes)
    loaded = await gateway.read(read(ReadKind.MARKETS, leg=leg))
    assert loaded.evidence == "ok", (loaded, [one.path for one in loopback.seen])
    return gateway, leg


@EVERY
async def test_the_market_in_base_units(open_gateway: Opener, loopback: Loopback, inverse: Inverse) -> None:
    gateway, leg = await opened(open_gateway, loopback, inverse)
    (loaded,) = (await gateway.read(read(ReadKind.MARKETS, leg=leg))).observations
    assert isinstance(loaded, MarketsLoaded)
    (market,) = loaded.markets
    assert (market.lot, market.tick) == (Decimal(inverse.lot), Decimal(inverse.tick))
    assert market.min_amount >= market.lot
    assert market.derivative


@EVERY
async def test_an_order_goes_out_in_whole_contracts(
    open_gateway: Opener, loopback: Loopback, inverse: Inverse
) -> None:
    gateway, leg = await opened(open_gateway, loopback, inverse)
    before = len(loopback.seen)
    loopback.everything = answer(200, "{}")
    given = await gateway.place(place(leg=leg, amount=Decimal(inverse.amount)))
    assert len(loopback.seen) - before == 1, given
    sent = loopback.seen[-1]
    text = sent.body or "&".join(f"{key}={value}" for key, value in sent.query.items())
    digits = text.replace('"', "").replace(": ", "=").replace(":", "=").replace("}", "&").replace(",", "&")
    assert f"{inverse.field}={inverse.size}&" in digits + "&", text


def coinm_routes(
    contracts: str, wallet: str, equity: str, mark: str = "60000", entry: str = "61000"
) -> Routes:
    """Give what Binance COIN-M says of an account with one position and some Bitcoin."""
    asset = {
        "asset": "BTC",
        "walletBalance": wallet,
        "marginBalance": equity,
        "availableBalance": wallet,
        "unrealizedProfit": "0",
        "initialMargin": "0",
        "updateTime": 0,
    }
    account = {"assets": [asset], "positions": [{"symbol": "BTCUSD_PERP", "positionAmt": contracts}]}
    risk = {
        "symbol": "BTCUSD_PERP",
        "positionAmt": contracts,
        "entryPrice": entry,
        "markPrice": mark,
        "unRealizedProfit": "0",
        "liquidationPrice": "90000",
        "leverage": "10",
        "marginType": "cross",
        "isolatedMargin": "0",
        "isAutoAddMargin": "false",
        "positionSide": "BOTH",
        "notionalValue": "0",
        "isolatedWallet": "0",
        "updateTime": NOW_MS,
    }
    return {("GET", "/dapi/v1/account"): account, ("GET", "/dapi/v1/positionRisk"): [risk]}


async def held(gateway: CcxtGateway, leg: Leg) -> PositionsRead:
    given = await gateway.read(read(ReadKind.POSITIONS, leg=leg))
    assert given.evidence == "ok", given
    (seen,) = given.observations
    assert isinstance(seen, PositionsRead)
    return seen


async def test_a_short_that_its_margin_covers_is_no_exposure(
    open_gateway: Opener, loopback: Loopback
) -> None:
    """Sixty thousand dollars, whatever Bitcoin does: one coin at 60,000, sold for them at that price."""
    gateway, leg = await opened(open_gateway, loopback, BINANCE)
    loopback.good |= coinm_routes("-600", "1", "1", entry="60000")
    (position,) = (await held(gateway, leg)).positions
    assert position.amount == pytest.approx(0, abs=Decimal("0.0001"))
    assert position.margin == 1
    assert position.listed


@pytest.mark.parametrize("entry", ["30000", "60000", "90000"])
async def test_what_a_position_has_won_is_coin_that_is_held(
    open_gateway: Opener, loopback: Loopback, entry: str
) -> None:
    """Wallet + contracts / entry is what an account gains per dollar; the price of the moment is no part."""
    gateway, leg = await opened(open_gateway, loopback, BINANCE)
    loopback.good |= coinm_routes("-600", "2", "2", entry=entry)
    (position,) = (await held(gateway, leg)).positions
    assert position.amount == pytest.approx(2 - Decimal(60_000) / Decimal(entry), abs=Decimal("0.0001"))


async def test_two_readings_agree_while_the_price_moves(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, BINANCE)
    amounts = set()
    for mark in ("60000", "60100", "59900", "63000"):
        loopback.good |= coinm_routes("-600", "1", "1.02", mark)
        amounts.add((await held(gateway, leg)).positions[0].amount)
    assert len(amounts) == 1


async def test_equity_is_the_coins_at_the_contracts_price(open_gateway: Opener, loopback: Loopback) -> None:
    gateway, leg = await opened(open_gateway, loopback, BINANCE)
    loopback.good |= coinm_routes("-600", "1", "1.02")
    (balance,) = (await gateway.read(read(ReadKind.BALANCE, leg=leg))).observations
    assert isinstance(balance, BalanceRead)
    assert (balance.equity, balance.free) == (Decimal(61200), Decimal(60000))


async def test_margin_that_cannot_be_read_is_not_taken_for_none(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway, leg = await opened(open_gateway, loopback, BINANCE)
    loopback.good |= coinm_routes("-600", "", "")
    given = await gateway.read(read(ReadKind.POSITIONS, leg=leg))
    assert isinstance(given.observations[0], ReadFailed)
    loopback.good["GET", "/dapi/v1/account"] = {"assets": [], "positions": []}
    given = await gateway.read(read(ReadKind.BALANCE, leg=leg))
    assert isinstance(given.observations[0], ReadFailed)


async def test_markets_are_told_anew_when_the_price_has_left(
    open_gateway: Opener, loopback: Loopback
) -> None:
    gateway, leg = await opened(open_gateway, loopback, BINANCE)
    depth = loopback.good["GET", "/dapi/v1/depth"]
    loopback.good["GET", "/dapi/v1/depth"] = depth | {"bids": [["61999", "10"]], "asks": [["62001", "10"]]}
    seen = (await gateway.read(read(ReadKind.BOOK, leg=leg))).observations
    assert [type(one) for one in seen] == [BookSeen, MarketsLoaded]
    assert gateway.known(leg.symbol) is not None
    again = (await gateway.read(read(ReadKind.BOOK, leg=leg))).observations
    assert [type(one) for one in again] == [BookSeen]


def test_a_price_that_an_order_depends_on_stays() -> None:
    prices = FixedPrices()
    assert prices.see("A", Decimal(100))
    assert not prices.see("A", Decimal(100) * (1 + DRIFT))
    assert prices.see("A", Decimal(101))
    prices.hold("A")
    assert not prices.see("A", Decimal(150))
    assert not prices.see("A", None)
    assert prices.price("A") == 101


def test_margin_counts_once_and_never_where_spot_counts_it() -> None:
    perpetual, dated, spot = (Leg("v", name) for name in ("BTC/USD:BTC", "BTC/USD:BTC-271231", "BTC/USD"))
    assert margin_legs((perpetual, dated), (perpetual, dated)) == {"BTC": perpetual}
    assert margin_legs((spot, perpetual), (perpetual,)) == {}


def test_a_position_without_its_margin_is_left_out_and_margin_alone_is_weak() -> None:
    leg = Leg("v", "BTC/USD:BTC")
    report = PositionReport(leg, Decimal(-1))
    assert with_margin([report], {leg: None}, complete=True) == []
    (whole,) = with_margin([report], {leg: Decimal(1)}, complete=False)
    assert (whole.amount, whole.margin, whole.listed) == (Decimal(0), Decimal(1), True)
    assert with_margin([], {leg: Decimal(1)}, complete=False) == []
    (alone,) = with_margin([], {leg: Decimal(1)}, complete=True)
    assert (alone.amount, alone.listed) == (Decimal(1), False)
