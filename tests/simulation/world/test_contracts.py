"""What the guard is told of an inverse leg is what is truly held, at any price and of either sign."""

import asyncio
from decimal import Decimal

import pytest

from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.types import Leg, Side
from riskguard.simulation import engine
from riskguard.simulation.world.contracts import Contracts
from riskguard.simulation.world.exchange import ACCOUNT, EPOCH_MS, Exchange
from riskguard.simulation.world.faults import ACTING, Fault, Faults, Kind
from riskguard.simulation.world.history import run
from riskguard.simulation.world.policies import coin_margined, leg, policy
from riskguard.simulation.world.script import Script, VenueSetup, instruments
from riskguard.simulation.world.truth import delta

HOME = coin_margined("main", "BTC")
FALL = ((0.0, Decimal(60_000)), (15.0, Decimal(60_000)), (35.0, Decimal(57_500)), (300.0, Decimal(57_500)))
CLOSE = Decimal("0.0002")


def script(contracts: int, coins: str) -> Script:
    return Script(
        "by hand",
        policy(inverse=("BTC",)),
        (
            VenueSetup("main", margin=(("BTC", Decimal(coins)),), tells_account=False),
            VenueSetup("alpha"),
            VenueSetup("beta"),
        ),
        prices=(("BTC", FALL),),
        held=((HOME, Decimal(contracts)),),
        faults=(Fault(Kind.HANG, 15.0, 35.0, "main", ACTING),),
        hedged_by_s=34.0,
        lasts_s=85.0,
    )


def exchange_of(made: Script) -> Exchange:
    loop = asyncio.new_event_loop()
    loop.close()
    found = Exchange(made.venues[0], instruments(made, made.venues[0]), Faults(()), loop, 1)
    found.engine.set_position(ACCOUNT, HOME.symbol, made.held[0][1], Decimal(60_000), EPOCH_MS)
    return found


@pytest.mark.parametrize("contracts", [900, -900])
def test_a_position_and_its_margin_are_told_exactly_at_any_price(contracts: int) -> None:
    exchange = exchange_of(script(contracts, "0.5"))
    item = exchange.engine.instruments[HOME.symbol]
    border = Contracts("main", exchange.engine)
    truth = Decimal("0.5") + Decimal(contracts) / 600
    for number, price in enumerate((60_000, 63_000, 55_000)):
        exchange.engine.set_mid(HOME.symbol, Decimal(price), EPOCH_MS + number)
        border.moved(HOME.symbol, Decimal(price))
        border.wallets_read()
        (told,) = border.positions(exchange.engine.positions(ACCOUNT), complete=True)
        assert abs(told.amount - truth) < CLOSE
        assert abs(delta(exchange, item) - truth) < Decimal("1e-20")
        assert told.margin != 0


def test_an_order_keeps_its_amount_when_the_market_moves() -> None:
    exchange = exchange_of(script(900, "0.5"))
    border = Contracts("main", exchange.engine)
    intent = OrderIntent(
        client_id="rg1h", leg=HOME, asset="BTC", side=Side.SELL, amount=Decimal("0.5"), price=Decimal(59_000),
        tif=TimeInForce.IOC, reduce_only=False, purpose=Purpose.HEDGE,
    )  # fmt: skip
    request, unit = border.request(intent)
    assert request.amount == 299  # of five digits, a contract is a little more than 1/600 coin
    assert request.amount * unit <= intent.amount
    border.moved(HOME.symbol, Decimal(50_000))
    placed = exchange.engine.place(ACCOUNT, request, EPOCH_MS)
    assert isinstance(placed, engine.Placed)
    assert border.order(placed.order).amount == request.amount * unit


def test_a_book_is_as_deep_in_coin_as_its_neighbour() -> None:
    exchange = exchange_of(script(900, "0.5"))
    border = Contracts("main", exchange.engine)
    depth = []
    for symbol in (HOME.symbol, leg("main", "BTC").symbol):
        asks = border.levels(symbol, exchange.engine.book(symbol, 8).asks, Decimal(1))
        depth.append(sum((size for _, size in asks), Decimal(0)))
    assert abs(depth[0] / depth[1] - 1) < Decimal("0.4")


@pytest.mark.parametrize(("contracts", "coins"), [(900, "0.5"), (-900, "0.4"), (600, "1")])
def test_the_hedge_is_for_the_contracts_and_their_margin(contracts: int, coins: str) -> None:
    result = run(script(contracts, coins))
    assert not result.broken, result.transcript.tail()
    held = Decimal(coins) + Decimal(contracts) / 600
    sent = [line for line in result.transcript.lines if "(hedge)" in line]
    assert len(sent) == 1
    assert ("sell" if held > 0 else "buy") in sent[0]
    assert abs(result.sums[HOME] - held) < CLOSE


def test_a_short_that_its_coin_covers_needs_no_hedge() -> None:
    result = run(script(-900, "1.5"))
    assert not result.broken, result.transcript.tail()
    assert not any("(hedge)" in line for line in result.transcript.lines)
    assert Leg("alpha", HOME.symbol) not in result.sums
