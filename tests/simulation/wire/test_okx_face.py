"""The real ccxt class for OKX against the OKX face: orders in contracts, streams, and every fault once."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import ccxt.pro  # type: ignore[import-untyped]
import pytest

from riskguard.simulation.wire.client import WireClient
from riskguard.simulation.wire.testing import SYMBOL, embedded_wire, until

pytestmark = pytest.mark.wire
PASSPHRASE = "okx-word"  # noqa: S105 - a made-up one
CONFIG = {
    "seed": 7,
    "venues": [
        {
            "name": "okx",
            "face": "okx",
            "keys": [
                {"key": "okx-key", "secret": "okx-secret", "passphrase": PASSPHRASE},
                {"key": "okx-key2", "secret": "okx-secret2", "passphrase": PASSPHRASE},
            ],
            "symbols": [{"symbol": SYMBOL, "price": "60000"}],
        }
    ],
}


@pytest.fixture
async def wire() -> AsyncIterator[WireClient]:
    async with embedded_wire(CONFIG) as client:
        yield client


def open_client(wire: WireClient, **config: Any) -> Any:
    settings = {
        "apiKey": "okx-key",
        "secret": "okx-secret",
        "password": PASSPHRASE,
        "enableRateLimit": False,
        "timeout": 1000,
        "timeout_on_exit": 0,
        "options": {"defaultType": "swap"},
        **wire.venues["okx"]["ccxt_config"],
        **config,
    }
    return ccxt.pro.okx(settings)


@pytest.fixture
async def client(wire: WireClient) -> AsyncIterator[Any]:
    made = open_client(wire)
    await made.load_markets()
    yield made
    await made.close()


async def buy(client: Any, client_id: str = "rg1", **params: Any) -> Any:
    return await client.create_order(SYMBOL, "limit", "buy", 1, 59000, {"clientOrderId": client_id, **params})


async def accepted(wire: WireClient) -> list[str]:
    return [order["client_id"] for order in (await wire.account("okx"))["orders"]]


async def soon(awaitable: Any) -> Any:
    async with asyncio.timeout(10):
        return await awaitable


async def test_markets_time_status_and_currencies(client: Any) -> None:
    market = client.market(SYMBOL)
    assert (market["id"], market["swap"], market["linear"], market["active"]) == (
        "BTC-USDT-SWAP",
        True,
        True,
        True,
    )
    assert (market["contractSize"], market["precision"]["amount"], market["precision"]["price"]) == (
        0.01,
        0.01,
        0.1,
    )
    assert client.currencies["BTC"]["withdraw"]
    assert abs(await client.fetch_time() - time.time() * 1000) < 5000
    assert (await client.fetch_status())["status"] == "ok"
    assert (await client.fetch_position_mode())["hedged"] is False
    assert (await client.fetch_leverage(SYMBOL, {"marginMode": "cross"}))["longLeverage"] == 10


async def test_the_book_is_in_contracts(wire: WireClient, client: Any) -> None:
    await wire.ask("/maker", venue="okx", symbol=SYMBOL, size="2", jitter_pct=0)
    book = await client.fetch_order_book(SYMBOL, 5)
    assert (len(book["bids"]), len(book["asks"])) == (5, 5)
    assert book["asks"][0][1] == 200
    assert 59990 < book["bids"][0][0] < 60000 < book["asks"][0][0] < 60010
    assert (await client.fetch_ticker(SYMBOL))["last"] == 60000


async def test_an_order_lives_in_contracts_and_is_cancelled_by_our_id(wire: WireClient, client: Any) -> None:
    order = await buy(client, postOnly=True)
    assert (order["clientOrderId"], order["status"], order["filled"]) == ("rg1", None, None)
    found = await client.fetch_order(None, SYMBOL, {"clientOrderId": "rg1"})
    assert (found["id"], found["status"], found["price"], found["amount"], found["postOnly"]) == (
        order["id"],
        "open",
        59000,
        1,
        True,
    )
    (truth,) = (await wire.account("okx"))["open_orders"]
    assert (truth["client_id"], truth["amount"], truth["price"]) == ("rg1", "0.01", "59000")
    assert [row["id"] for row in await client.fetch_open_orders(SYMBOL)] == [order["id"]]
    await client.cancel_order(None, SYMBOL, {"clientOrderId": "rg1"})
    assert (await wire.account("okx"))["open_orders"] == []
    assert [row["id"] for row in await client.fetch_canceled_orders(SYMBOL)] == [order["id"]]
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(None, SYMBOL, {"clientOrderId": "rg1"})
    with pytest.raises(ccxt.OrderNotFound):
        await client.fetch_order(None, SYMBOL, {"clientOrderId": "never"})


async def test_single_orders_and_batches_answer_per_order(wire: WireClient, client: Any) -> None:
    row = {"instId": "BTC-USDT-SWAP", "tdMode": "cross", "side": "buy", "ordType": "limit", "px": "59000"}
    good, bad = {**row, "sz": "1", "clOrdId": "rg1"}, {**row, "sz": "0.001", "clOrdId": "rg2"}
    answer = await client.privatePostTradeBatchOrders([good, bad])
    assert (answer["code"], [item["sCode"] for item in answer["data"]]) == ("2", ["0", "51121"])
    with pytest.raises(ccxt.InvalidOrder, match="51121"):
        await client.privatePostTradeOrder(bad)
    gone = await client.privatePostTradeCancelBatchOrders(
        [{"instId": "BTC-USDT-SWAP", "clOrdId": name} for name in ("rg1", "rg2")]
    )
    assert [item["sCode"] for item in gone["data"]] == ["0", "51400"]
    assert await accepted(wire) == ["rg1"]


async def test_an_id_with_other_characters_is_refused(wire: WireClient, client: Any) -> None:
    for wrong in ("rg-1", "rg_1", "r" * 33):
        with pytest.raises(ccxt.BadRequest, match="clOrdId"):
            await buy(client, wrong)
    assert await accepted(wire) == []


async def test_ioc_fills_in_part_and_never_rests(wire: WireClient, client: Any) -> None:
    best = (await client.fetch_order_book(SYMBOL))["asks"][0]
    order = await client.create_order(
        SYMBOL, "limit", "buy", best[1] + 200, best[0], {"timeInForce": "IOC", "clientOrderId": "rg1"}
    )
    (truth,) = (await wire.account("okx"))["orders"]
    assert truth["status"] == "expired"
    seen = await client.fetch_order(order["id"], SYMBOL)
    assert seen["status"] == "canceled"
    assert seen["timeInForce"] == "IOC"
    assert seen["filled"] == pytest.approx(float(truth["filled"]) * 100)
    assert 0 < seen["filled"] < seen["amount"]
    trades = await client.fetch_my_trades(SYMBOL)
    assert sum(trade["amount"] for trade in trades) == pytest.approx(seen["filled"])
    assert {trade["order"] for trade in trades} == {order["id"]}
    assert all(trade["takerOrMaker"] == "taker" and trade["fee"]["cost"] > 0 for trade in trades)


async def test_reduce_only_never_turns_the_position(wire: WireClient, client: Any) -> None:
    with pytest.raises(ccxt.ExchangeError, match="51169"):
        await client.create_order(SYMBOL, "market", "sell", 50, None, {"reduceOnly": True})
    await client.create_order(SYMBOL, "market", "buy", 50)
    assert (await wire.account("okx"))["positions"] == {SYMBOL: "0.5"}
    (position,) = await client.fetch_positions([SYMBOL])
    assert (position["side"], position["contracts"], position["contractSize"], position["hedged"]) == (
        "long",
        50,
        0.01,
        False,
    )
    assert position["entryPrice"] == pytest.approx(60003)
    assert position["notional"] == pytest.approx(30_000)
    await client.create_order(SYMBOL, "market", "sell", 200, None, {"reduceOnly": True})
    assert (await wire.account("okx"))["positions"] == {}
    arrived = (await wire.state("okx"))["arrived"]
    assert (arrived["place"], arrived["reduce"]) == (1, 2)


async def test_balance_shows_margin_and_fees(client: Any) -> None:
    assert (await client.fetch_balance())["USDT"]["total"] == 100_000
    await client.create_order(SYMBOL, "market", "sell", 100)
    balance = (await client.fetch_balance())["USDT"]
    assert 99_960 < balance["total"] < 100_000
    assert balance["used"] == pytest.approx(6000, rel=0.01)


async def test_short_positions_are_signed_contracts(wire: WireClient, client: Any) -> None:
    await wire.ask("/position", venue="okx", symbol=SYMBOL, amount="-4")
    (position,) = await client.fetch_positions([SYMBOL])
    assert (position["side"], position["contracts"], position["info"]["pos"]) == ("short", 400, "-400")
    assert 80_000 < position["liquidationPrice"] < 90_000


async def test_wrong_credentials_and_a_wrong_clock(wire: WireClient, client: Any) -> None:
    second = open_client(wire, apiKey="okx-key2", secret="okx-secret2")  # noqa: S106 - a made-up one
    assert (await second.fetch_balance())["USDT"]["total"] == 100_000
    await second.close()
    for name, value, code in (
        ("secret", "no", "50113"),
        ("apiKey", "no", "50111"),
        ("password", "no", "50105"),
    ):
        setattr(client, name, value)
        with pytest.raises(ccxt.AuthenticationError, match=code):
            await client.fetch_balance()
        setattr(client, name, {"secret": "okx-secret", "apiKey": "okx-key", "password": PASSPHRASE}[name])
    await wire.ask("/clock", venue="okx", skew_ms=40_000)
    with pytest.raises(ccxt.InvalidNonce):
        await client.fetch_balance()


async def test_post_only_that_crosses_is_acknowledged_and_cancelled(wire: WireClient, client: Any) -> None:
    order = await client.create_order(SYMBOL, "limit", "buy", 1, 60100, {"postOnly": True})
    seen = await client.fetch_order(order["id"], SYMBOL)
    assert (seen["status"], seen["filled"], seen["info"]["cancelSource"]) == ("canceled", 0, "31")
    assert [row["status"] for row in (await wire.account("okx"))["orders"]] == ["expired"]


async def test_cancel_all_after_has_a_lower_bound_and_says_when_it_fires(client: Any) -> None:
    await buy(client)
    with pytest.raises(ccxt.BadRequest):
        await client.cancel_all_orders_after(5000)
    await client.cancel_all_orders_after(10_000)
    await client.cancel_all_orders_after(999)  # becomes 0 in ccxt, which disarms
    await client.cancel_all_orders_after(10_000)
    (row,) = (await client.privatePostTradeCancelAllAfter({"timeOut": 10}))["data"]
    assert int(row["triggerTime"]) - int(row["ts"]) == 10_000


async def test_an_expired_request_is_not_executed_however_late(wire: WireClient, client: Any) -> None:
    client.headers = {"expTime": str(int(time.time() * 1000) + 300)}
    await wire.set_fault("okx", "late", "place", after_s=600)
    with pytest.raises(ccxt.RequestTimeout):
        await buy(client)
    await wire.clear_faults("okx")
    client.headers = {}
    await buy(client, "rg2")
    assert await accepted(wire) == ["rg2"]


async def test_the_book_stream_follows_the_market_and_shows_gaps(wire: WireClient, client: Any) -> None:
    async with asyncio.timeout(20):
        for price in (60000, 60100, 59000):
            await wire.set_mid(SYMBOL, price, "okx")
            book = await client.watch_order_book(SYMBOL)
            while not price < book["asks"][0][0] < price + 10:
                book = await client.watch_order_book(SYMBOL)
            assert price - 10 < book["bids"][0][0] < price
        await wire.set_fault("okx", "silent", "stream-public")
        watching = asyncio.ensure_future(client.watch_order_book(SYMBOL))
        await wire.set_mid(SYMBOL, 58000, "okx")
        await asyncio.sleep(0.3)
        assert not watching.done()
        await wire.clear_faults("okx")
        with pytest.raises(ccxt.InvalidNonce):
            await watching
        book = await client.watch_order_book(SYMBOL)
        assert 58000 < book["asks"][0][0] < 58010


async def test_a_ticker_stream_moves(wire: WireClient, client: Any) -> None:
    await soon(client.watch_ticker(SYMBOL))
    await wire.set_mid(SYMBOL, 60500, "okx")
    async with asyncio.timeout(10):
        while (await client.watch_ticker(SYMBOL))["last"] != 60500:
            pass


async def test_own_orders_trades_positions_and_balance_are_told(wire: WireClient, client: Any) -> None:
    states: list[str] = []

    async def until_closed() -> None:
        while states[-1:] != ["closed"]:
            rows = await client.watch_orders(SYMBOL)
            states.extend(row["status"] for row in rows if row["clientOrderId"] == "rg1")

    assert (await soon(client.watch_balance()))["USDT"]["total"] == 100_000
    assert await soon(client.watch_positions([SYMBOL])) == []
    orders = asyncio.ensure_future(until_closed())
    trades = asyncio.ensure_future(client.watch_my_trades(SYMBOL))
    positions = asyncio.ensure_future(client.watch_positions([SYMBOL]))
    await asyncio.sleep(0.3)  # the subscriptions; no answer tells the test that they are in force
    await client.create_order(SYMBOL, "limit", "buy", 50, 59000, {"clientOrderId": "rg1"})
    await asyncio.sleep(0.1)
    await wire.set_mid(SYMBOL, 58990, "okx")
    await soon(orders)
    assert states[0] == "open"
    (trade,) = await soon(trades)
    assert (trade["amount"], trade["price"], trade["side"], trade["takerOrMaker"]) == (
        50,
        59000,
        "buy",
        "maker",
    )
    seen = await soon(positions)
    while not seen or seen[-1]["contracts"] != 50:
        seen = await soon(client.watch_positions([SYMBOL]))
    assert seen[-1]["side"] == "long"


async def test_a_private_stream_needs_the_right_passphrase(client: Any) -> None:
    client.password = "no"  # noqa: S105 - a wrong one
    with pytest.raises(ccxt.AuthenticationError):
        await soon(client.watch_orders(SYMBOL))


@pytest.mark.parametrize(
    ("kind", "keys", "error", "executed"),
    [
        ("hang", {}, ccxt.RequestTimeout, False),
        ("lost", {}, ccxt.RequestTimeout, True),
        ("reset", {}, ccxt.ExchangeNotAvailable, False),
        ("reset", {"executed": True}, ccxt.ExchangeNotAvailable, True),
        ("close", {}, ccxt.ExchangeNotAvailable, False),
        ("cut", {}, ccxt.ExchangeError, True),
        ("http", {"status": 502, "body": "<html>no</html>"}, ccxt.ExchangeNotAvailable, False),
        (
            "http",
            {"status": 503, "body": {"code": "50001", "data": [], "msg": ""}},
            ccxt.OnMaintenance,
            False,
        ),
        ("refuse", {}, ccxt.ExchangeNotAvailable, False),
    ],
)
async def test_each_fault_of_an_order_call(
    wire: WireClient, client: Any, kind: str, keys: dict[str, Any], error: type[Exception], *, executed: bool
) -> None:
    await wire.set_fault("okx", kind, "place", **keys)
    with pytest.raises(error):
        await buy(client)
    await wire.clear_faults("okx")
    assert await accepted(wire) == (["rg1"] if executed else [])


async def test_late_slow_lag_and_freeze(wire: WireClient, client: Any) -> None:
    await wire.set_fault("okx", "slow", "place", after_s=0.1)
    assert (await buy(client))["clientOrderId"] == "rg1"
    await wire.clear_faults("okx")
    await wire.set_fault("okx", "late", "place", after_s=600)
    with pytest.raises(ccxt.RequestTimeout):
        await buy(client, "rg2")
    assert await accepted(wire) == ["rg1"]
    await wire.clear_faults("okx")

    async def there() -> bool:
        return await accepted(wire) == ["rg1", "rg2"]

    await until(there)
    await wire.set_fault("okx", "lag", "query", "account", "fills", lag_s=600)
    await client.create_order(SYMBOL, "market", "buy", 10)
    assert await client.fetch_my_trades(SYMBOL) == []
    assert await client.fetch_open_orders(SYMBOL) == []
    assert await client.fetch_positions([SYMBOL]) == []
    await wire.clear_faults("okx")
    await client.fetch_order_book(SYMBOL, 5)
    await wire.set_fault("okx", "freeze", "book")
    await wire.set_mid(SYMBOL, 50000, "okx")
    assert (await client.fetch_order_book(SYMBOL, 5))["asks"][0][0] > 59000


async def test_a_dropped_private_stream_is_noticed(wire: WireClient, client: Any) -> None:
    watching = asyncio.ensure_future(client.watch_orders(SYMBOL))
    await asyncio.sleep(0.3)
    await wire.set_fault("okx", "reset", "stream-private")
    with pytest.raises(ccxt.NetworkError):
        await soon(watching)


async def test_a_halted_venue_says_so_and_takes_nothing(wire: WireClient, client: Any) -> None:
    await wire.set_mode("okx", "halted")
    assert (await client.fetch_status())["status"] == "maintenance"
    with pytest.raises(ccxt.BaseError, match="51022"):
        await buy(client)
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{wire.venues['okx']['port']}/api/v5/public/instruments?instType=SWAP"
        async with session.get(url) as response:
            assert (await response.json())["data"][0]["state"] == "suspend"
