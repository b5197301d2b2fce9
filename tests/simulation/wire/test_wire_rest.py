"""The real ccxt classes do their day's work against both faces over loopback."""

import time
from collections.abc import Callable
from typing import Any

import ccxt  # type: ignore[import-untyped]
import pytest

from riskguard.simulation.wire.client import WireClient
from riskguard.simulation.wire.testing import SYMBOL, until

pytestmark = pytest.mark.wire
both = pytest.mark.parametrize("name", ["main", "backup"])


async def by_client_id(client: Any, client_id: str) -> dict[str, Any]:
    """Look an order up by our id, the way each class supports it."""
    if client.id == "bybit":
        rows = await client.fetch_open_orders(SYMBOL, params={"orderLinkId": client_id})
        if not rows:
            raise ccxt.OrderNotFound(client_id)
        return dict(rows[0])
    row = await client.fetch_order(None, SYMBOL, {"origClientOrderId": client_id})
    return dict(row)


@both
async def test_markets_time_status_and_currencies(connect: Callable[..., Any], name: str) -> None:
    client = connect(name)
    await client.load_markets()
    market = client.market(SYMBOL)
    assert (market["swap"], market["linear"], market["active"], market["contractSize"]) == (
        True,
        True,
        True,
        1,
    )
    assert (market["precision"]["amount"], market["precision"]["price"]) == (0.001, 0.1)
    assert market["limits"]["amount"]["min"] == 0.001
    assert client.currencies["BTC"]["withdraw"]
    assert abs(await client.fetch_time() - time.time() * 1000) < 5000
    assert (await client.fetch_status())["status"] == "ok"


@both
async def test_book_and_ticker_agree_with_the_engine(
    wire: WireClient, connect: Callable[..., Any], name: str
) -> None:
    client = connect(name)
    await wire.set_mid(SYMBOL, 61000, name)
    book = await client.fetch_order_book(SYMBOL, 5)
    assert (len(book["bids"]), len(book["asks"])) == (5, 5)
    assert 60990 < book["bids"][0][0] < 61000 < book["asks"][0][0] < 61010
    assert (await client.fetch_ticker(SYMBOL))["last"] == 61000


@both
async def test_an_order_lives_and_is_cancelled_by_our_id(
    wire: WireClient, connect: Callable[..., Any], name: str
) -> None:
    client = connect(name)
    order = await client.create_order(
        SYMBOL, "limit", "buy", 0.01, 59000, {"clientOrderId": "rg1", "postOnly": True}
    )
    found = await by_client_id(client, "rg1")
    assert (found["id"], found["status"], found["price"], found["amount"]) == (
        order["id"],
        "open",
        59000,
        0.01,
    )
    assert found["clientOrderId"] == "rg1"
    (truth,) = (await wire.account(name))["open_orders"]
    assert (truth["client_id"], truth["amount"], truth["price"]) == ("rg1", "0.01", "59000")
    key = "orderLinkId" if client.id == "bybit" else "origClientOrderId"
    await client.cancel_order(None, SYMBOL, {key: "rg1"})
    assert (await wire.account(name))["open_orders"] == []
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(None, SYMBOL, {key: "rg1"})


@both
async def test_cancel_all(wire: WireClient, connect: Callable[..., Any], name: str) -> None:
    client = connect(name)
    for number in range(3):
        await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000 - number)
    assert len(await client.fetch_open_orders(SYMBOL)) == 3
    await client.cancel_all_orders(SYMBOL)
    assert await client.fetch_open_orders(SYMBOL) == []
    assert (await wire.account(name))["orders_accepted"] == 3


@both
async def test_ioc_fills_in_part_and_never_rests(
    wire: WireClient, connect: Callable[..., Any], name: str
) -> None:
    client = connect(name)
    best = (await client.fetch_order_book(SYMBOL))["asks"][0]
    amount = round(best[1] + 2, 3)
    order = await client.create_order(SYMBOL, "limit", "buy", amount, best[0], {"timeInForce": "IOC"})
    (truth,) = (await wire.account(name))["orders"]
    assert 0 < float(truth["filled"]) < amount
    assert truth["status"] == "expired"
    if client.id == "bybit":
        (seen,) = await client.fetch_closed_orders(SYMBOL) or await client.fetch_canceled_orders(SYMBOL)
    else:
        seen = await client.fetch_order(order["id"], SYMBOL)
    assert seen["filled"] == float(truth["filled"])
    assert seen["status"] in ("expired", "canceled")
    trades = await client.fetch_my_trades(SYMBOL)
    assert sum(trade["amount"] for trade in trades) == pytest.approx(seen["filled"])
    assert {trade["order"] for trade in trades} == {order["id"]}
    assert all(trade["takerOrMaker"] == "taker" and trade["fee"]["cost"] > 0 for trade in trades)


@both
async def test_reduce_only_never_turns_the_position(
    wire: WireClient, connect: Callable[..., Any], name: str
) -> None:
    client = connect(name)
    with pytest.raises(ccxt.ExchangeError):
        await client.create_order(SYMBOL, "market", "sell", 0.5, None, {"reduceOnly": True})
    await client.create_order(SYMBOL, "market", "buy", 0.5)
    (position,) = await client.fetch_positions([SYMBOL])
    assert (position["side"], position["contracts"], position["hedged"]) == ("long", 0.5, False)
    assert position["entryPrice"] == pytest.approx(60003)
    await client.create_order(SYMBOL, "market", "sell", 2, None, {"reduceOnly": True})
    assert (await wire.account(name))["positions"] == {}
    arrived = (await wire.state(name))["arrived"]
    assert (arrived["place"], arrived["reduce"]) == (1, 2)


@both
async def test_balance_shows_margin_and_fees(connect: Callable[..., Any], name: str) -> None:
    client = connect(name)
    assert (await client.fetch_balance())["USDT"]["total"] == 100_000
    await client.create_order(SYMBOL, "market", "sell", 1)
    balance = (await client.fetch_balance())["USDT"]
    assert 99_960 < balance["total"] < 100_000
    assert balance["used"] == pytest.approx(6000, rel=0.01)


@both
async def test_positions_tell_where_liquidation_is(
    wire: WireClient, connect: Callable[..., Any], name: str
) -> None:
    await wire.ask("/position", venue=name, symbol=SYMBOL, amount="-4")
    client = connect(name)
    (position,) = await client.fetch_positions([SYMBOL])
    assert (position["side"], position["contracts"]) == ("short", 4)
    assert 80_000 < position["liquidationPrice"] < 90_000


async def test_account_positions_of_binance_agree(wire: WireClient, connect: Callable[..., Any]) -> None:
    await wire.ask("/position", venue="main", symbol=SYMBOL, amount="1.5")
    client = connect("main", options={"fetchPositions": {"method": "account"}})
    (position,) = await client.fetch_positions([SYMBOL])
    assert (position["side"], position["contracts"], position["entryPrice"]) == ("long", 1.5, None)


@both
async def test_a_second_key_and_a_wrong_one(connect: Callable[..., Any], name: str) -> None:
    second = connect(name, apiKey=f"{name}-key2", secret=f"{name}-secret2")
    assert (await second.fetch_balance())["USDT"]["total"] == 100_000
    for wrong in ({"secret": "no"}, {"apiKey": "no"}):
        client = connect(name, **wrong)
        with pytest.raises(ccxt.AuthenticationError):
            await client.fetch_balance()


@both
async def test_a_clock_that_is_off_is_refused(connect: Callable[..., Any], name: str) -> None:
    client = connect(name, options={"timeDifference": 40_000})
    with pytest.raises(ccxt.InvalidNonce):
        await client.fetch_open_orders(SYMBOL)


@both
async def test_client_ids_are_unique_as_at_the_venue(connect: Callable[..., Any], name: str) -> None:
    client = connect(name)
    await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000, {"clientOrderId": "rg1"})
    with pytest.raises(ccxt.ExchangeError):
        await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000, {"clientOrderId": "rg1"})
    await client.cancel_all_orders(SYMBOL)
    if name == "main":
        await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000, {"clientOrderId": "rg1"})
    else:
        with pytest.raises(ccxt.ExchangeError, match="110072"):
            await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000, {"clientOrderId": "rg1"})


async def test_post_only_that_crosses(wire: WireClient, connect: Callable[..., Any]) -> None:
    with pytest.raises(ccxt.ExchangeError, match="-5022"):
        await connect("main").create_order(SYMBOL, "limit", "buy", 0.01, 60100, {"postOnly": True})
    await connect("backup").create_order(SYMBOL, "limit", "buy", 0.01, 60100, {"postOnly": True})
    (order,) = (await wire.account("backup"))["orders"]
    assert (order["status"], order["filled"]) == ("expired", "0")


async def test_binance_order_test_places_nothing(wire: WireClient, connect: Callable[..., Any]) -> None:
    client = connect("main")
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "0.01", "timeInForce": "GTC"}
    await client.fapiPrivatePostOrderTest({**order, "price": "59000"})
    with pytest.raises(ccxt.ExchangeError, match="-4014"):
        await client.fapiPrivatePostOrderTest({**order, "price": "59000.05"})
    assert (await wire.account("main"))["orders_accepted"] == 0
    assert (await wire.state("main"))["arrived"]["test"] == 2


async def test_binance_countdown_cancels(wire: WireClient, connect: Callable[..., Any]) -> None:
    client = connect("main")
    await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000)
    await client.fapiPrivatePostCountdownCancelAll({"symbol": "BTCUSDT", "countdownTime": 1})

    async def cancelled() -> bool:
        return not (await wire.account("main"))["open_orders"]

    await until(cancelled)
    rows = await wire.log(venue="main")
    assert [row["cause"] for row in rows if row["kind"] == "cancel"] == ["dead_man"]


@both
async def test_symbols_and_paths_that_do_not_exist(
    wire: WireClient, connect: Callable[..., Any], name: str
) -> None:
    client = connect(name)
    depth = client.fapiPublicGetDepth if name == "main" else client.publicGetV5MarketOrderbook
    with pytest.raises(ccxt.BadSymbol if name == "main" else ccxt.BadRequest):
        await depth({"symbol": "NOPEUSDT", "category": "linear"})
    url = f"http://127.0.0.1:{wire.venues[name]['port']}/x.example.com/no/such/path"
    with pytest.raises(ccxt.BaseError, match=r"404|-5000"):
        await client.fetch(url)


@both
async def test_everything_that_reaches_the_engine_is_in_the_raw_log(
    wire: WireClient, connect: Callable[..., Any], name: str
) -> None:
    client = connect(name)
    await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000, {"clientOrderId": "rg1"})
    await client.create_order(SYMBOL, "market", "buy", 0.02, None, {"clientOrderId": "rg2"})
    await client.cancel_all_orders(SYMBOL)
    rows = [row for row in await wire.log(venue=name) if row["kind"] not in ("instrument", "mark")]
    assert [(row["kind"], row.get("client_id")) for row in rows] == [
        ("arrived", "rg1"),
        ("order", "rg1"),
        ("arrived", "rg2"),
        ("order", "rg2"),
        ("fill", "rg2"),
        ("arrived", ""),
        ("cancel", "rg1"),
    ]
    assert {row["account"] for row in rows} == {"main"}
