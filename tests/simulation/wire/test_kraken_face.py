"""The real ccxt class for Kraken spot against the Kraken face: balances, nonces, streams, every fault."""

import asyncio
import base64
import json
import time
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import ccxt.pro  # type: ignore[import-untyped]
import pytest

from riskguard.simulation.wire.client import WireClient
from riskguard.simulation.wire.kraken.names import engine_id, shown_id
from riskguard.simulation.wire.testing import embedded_wire, until

pytestmark = pytest.mark.wire
SYMBOL = "BTC/USD"
SECRET = base64.b64encode(b"kraken-secret").decode()
SECRET2 = base64.b64encode(b"kraken-secret2").decode()
CONFIG = {
    "seed": 7,
    "venues": [
        {
            "name": "kraken",
            "face": "kraken",
            "keys": [{"key": "kraken-key", "secret": SECRET}, {"key": "kraken-key2", "secret": SECRET2}],
            "wallets": {"USD": "100000", "BTC": "3"},
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
        "apiKey": "kraken-key",
        "secret": SECRET,
        "enableRateLimit": False,
        "timeout": 1000,
        "timeout_on_exit": 0,
        **wire.venues["kraken"]["ccxt_config"],
        **config,
    }
    return ccxt.pro.kraken(settings)


@pytest.fixture
async def client(wire: WireClient) -> AsyncIterator[Any]:
    made = open_client(wire)
    await made.load_markets()
    yield made
    await made.close()


async def buy(client: Any, client_id: str = "rg1", **params: Any) -> Any:
    named = {"clientOrderId": client_id, **params}
    return await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000, named)


def pick(row: Any, *names: str) -> list[Any]:
    return [row[name] for name in names]


async def accepted(wire: WireClient) -> list[str]:
    return [order["client_id"] for order in (await wire.account("kraken"))["orders"]]


async def soon(awaitable: Any) -> Any:
    async with asyncio.timeout(10):
        return await awaitable


def test_transaction_ids_read_back() -> None:
    assert shown_id("O", "3141592653589793238462644") == "OE7KXO-5ZXEI-8VD9KK"
    assert engine_id("OE7KXO-5ZXEI-8VD9KK") == "3141592653589793238462644"
    assert engine_id("OE7KXO") == ""


async def test_markets_time_status_and_currencies(client: Any) -> None:
    market = client.market(SYMBOL)
    assert pick(market, "id", "altname", "wsId", "active") == ["XXBTZUSD", "XBTUSD", "XBT/USD", True]
    assert pick(market["precision"], "amount", "price") == [1e-8, 0.1]
    assert (market["limits"]["amount"]["min"], market["limits"]["cost"]["min"]) == (0.00005, 0.5)
    assert client.currencies["BTC"]["active"]
    assert abs(await client.fetch_time() - time.time() * 1000) < 5000
    assert (await client.fetch_status())["status"] == "ok"


async def test_book_and_ticker_agree_with_the_engine(wire: WireClient, client: Any) -> None:
    await wire.set_mid(SYMBOL, 61000, "kraken")
    book = await client.fetch_order_book(SYMBOL, 5)
    assert (len(book["bids"]), len(book["asks"])) == (5, 5)
    assert 60990 < book["bids"][0][0] < 61000 < book["asks"][0][0] < 61010
    assert (await client.fetch_ticker(SYMBOL))["last"] == 61000


async def test_an_order_lives_and_is_cancelled_by_our_id(wire: WireClient, client: Any) -> None:
    order = await buy(client, postOnly=True)
    assert (order["status"], order["filled"], order["price"]) == (None, None, 59000)
    (found,) = await client.fetch_open_orders(SYMBOL, params={"cl_ord_id": "rg1"})
    assert pick(found, "id", "clientOrderId", "status") == [order["id"], "rg1", "open"]
    assert pick(found, "price", "amount", "postOnly") == [59000, 0.01, True]
    assert (await client.fetch_order(order["id"]))["status"] == "open"
    await client.cancel_order(None, SYMBOL, {"clientOrderId": "rg1"})
    assert (await wire.account("kraken"))["open_orders"] == []
    assert await client.fetch_open_orders(SYMBOL) == []
    (ended,) = await client.fetch_closed_orders(SYMBOL, params={"cl_ord_id": "rg1"})
    assert (ended["status"], ended["info"]["reason"]) == ("canceled", "User requested")
    with pytest.raises(ccxt.OrderNotFound):
        await client.cancel_order(order["id"], SYMBOL)
    with pytest.raises(ccxt.OrderNotFound):
        await client.fetch_order("OAAAAA-AAAAA-AAAAAA")


async def test_what_orders_hold_is_not_free(client: Any) -> None:
    await buy(client)
    await client.create_order(SYMBOL, "limit", "sell", 1, 61000)
    balance = await client.fetch_balance()
    assert pick(balance["USD"], "total", "used", "free") == [100_000, 590, 99_410]
    assert pick(balance["BTC"], "total", "used", "free") == [3, 1, 2]
    with pytest.raises(ccxt.InsufficientFunds):
        await client.create_order(SYMBOL, "limit", "sell", 2.5, 61000)
    assert await client.cancel_all_orders()
    assert (await client.fetch_balance())["BTC"]["free"] == 3
    assert float((await client.privatePostBalance())["result"]["XXBT"]) == 3
    assert float((await client.privatePostTradeBalance())["result"]["eb"]) == 280_000


async def test_ioc_fills_in_part_and_never_rests(wire: WireClient, client: Any) -> None:
    await wire.ask("/maker", venue="kraken", symbol=SYMBOL, size="0.5", jitter_pct=0)
    best = (await client.fetch_order_book(SYMBOL))["asks"][0]
    order = await client.create_order(SYMBOL, "limit", "buy", 0.8, best[0], {"timeInForce": "IOC"})
    (truth,) = (await wire.account("kraken"))["orders"]
    assert (truth["status"], truth["filled"]) == ("expired", "0.5")
    seen = await client.fetch_order(order["id"])
    assert pick(seen, "status", "filled", "average") == ["canceled", 0.5, best[0]]
    (trade,) = await client.fetch_my_trades(SYMBOL)
    assert pick(trade, "amount", "order", "side") == [0.5, order["id"], "buy"]
    assert trade["fee"]["cost"] == pytest.approx(0.5 * best[0] * 0.004)
    balance = await client.fetch_balance()
    assert (balance["BTC"]["total"], balance["BTC"]["used"]) == (3.5, 0)
    assert balance["USD"]["total"] == pytest.approx(100_000 - 0.5 * best[0] * 1.004)


async def test_validate_places_nothing(wire: WireClient, client: Any) -> None:
    await buy(client, validate="true")
    with pytest.raises(ccxt.ExchangeError, match="EOrder:Cost minimum not met"):
        await client.create_order(
            SYMBOL, "limit", "buy", 0.00006, 500, {"validate": "true", "oflags": "post"}
        )
    await buy(client, validate=True)  # which ccxt writes as True
    await buy(client, "rg2", validate="false")
    assert await accepted(wire) == ["rg2"]
    assert (await wire.state("kraken"))["arrived"]["test"] == 3


async def test_client_ids_have_a_length_and_are_unique_while_open(client: Any) -> None:
    await buy(client, "123456789012345678")
    await buy(client, "6d1b345e-2821-40e2-ad83-4ecb18a06876")
    for wrong in ("1234567890123456789", "123456789012345678"):
        with pytest.raises(ccxt.ExchangeError, match="cl_ord_id"):
            await buy(client, wrong)
    await client.cancel_all_orders()
    await buy(client, "123456789012345678")


async def test_post_only_that_crosses_is_acknowledged_and_cancelled(client: Any) -> None:
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, 60100, {"postOnly": True})
    seen = await client.fetch_order(order["id"])
    assert (seen["status"], seen["filled"], seen["info"]["reason"]) == ("canceled", 0, "Post only order")


async def test_nonces_must_rise_for_each_key(wire: WireClient, client: Any) -> None:
    second = open_client(wire, apiKey="kraken-key2", secret=SECRET2)
    await second.fetch_balance()
    await second.close()
    await client.fetch_balance()
    client.incrementing_nonce = lambda: 5
    with pytest.raises(ccxt.InvalidNonce):
        await client.fetch_balance()


async def test_wrong_credentials(wire: WireClient, client: Any) -> None:
    client.secret = SECRET2
    with pytest.raises(ccxt.ExchangeError, match="EAPI:Invalid signature"):
        await client.fetch_balance()
    client.apiKey = "nobody"
    with pytest.raises(ccxt.AuthenticationError, match="EAPI:Invalid key"):
        await soon(client.watch_orders(SYMBOL))
    assert (await wire.state("kraken"))["streams"] == 0


async def test_the_dead_man_s_switch_fires(wire: WireClient, client: Any) -> None:
    await buy(client)
    await client.cancel_all_orders_after(1000)

    async def cancelled() -> bool:
        return not (await wire.account("kraken"))["open_orders"]

    await until(cancelled)
    rows = await wire.log(venue="kraken")
    assert [row["cause"] for row in rows if row["kind"] == "cancel"] == ["dead_man"]


async def test_an_elapsed_deadline_is_not_executed_however_late(wire: WireClient, client: Any) -> None:
    deadline = client.iso8601(client.milliseconds() + 300)
    await wire.set_fault("kraken", "late", "place", after_s=600)
    with pytest.raises(ccxt.RequestTimeout):
        await buy(client, deadline=deadline)
    await wire.clear_faults("kraken")
    await buy(client, "rg2", deadline=client.iso8601(client.milliseconds() + 5000))
    assert await accepted(wire) == ["rg2"]


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("cancel_only", "EService:Market in cancel_only mode"),
        ("post_only", "EService:Market in post_only mode"),
        ("halted", "EService:Unavailable"),
    ],
)
async def test_the_modes_have_kraken_s_words(wire: WireClient, client: Any, mode: str, text: str) -> None:
    order = await buy(client)
    await wire.set_mode("kraken", mode)
    status = await client.fetch_status()
    assert status["status"] == "maintenance"
    assert status["info"]["result"]["status"] == {"halted": "maintenance"}.get(mode, mode)
    with pytest.raises(ccxt.BaseError, match=text):
        await buy(client, "rg2")
    if mode == "halted":
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await client.cancel_order(order["id"])
    else:
        await client.cancel_order(order["id"])


async def test_the_book_stream_follows_the_market(wire: WireClient, client: Any) -> None:
    async with asyncio.timeout(20):
        for price in (60000, 60100, 59000):
            await wire.set_mid(SYMBOL, price, "kraken")
            book = await client.watch_order_book(SYMBOL)
            while not price < book["asks"][0][0] < price + 10:
                book = await client.watch_order_book(SYMBOL)
            assert price - 10 < book["bids"][0][0] < price
            assert len(book["asks"]) == 10


async def test_checksums_hold_for_a_client_that_cuts_its_book(wire: WireClient) -> None:
    url = f"ws://127.0.0.1:{wire.venues['kraken']['port']}/ws.kraken.com/v2"
    ask = {"method": "subscribe", "params": {"channel": "book", "symbol": [SYMBOL], "depth": 10}, "req_id": 1}
    sides: dict[str, dict[str, str]] = {"bids": {}, "asks": {}}
    checked = 0
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        await socket.send_json(ask)
        async with asyncio.timeout(20):
            while checked < 12:
                # Numbers stay text: the checksum covers their trailing zeros.
                message = await socket.receive_json(loads=read_exactly)
                if message.get("channel") != "book":
                    continue
                (data,) = message["data"]
                for name, sign in (("bids", -1), ("asks", 1)):
                    rows = {**({} if message["type"] == "snapshot" else sides[name])}
                    rows |= {row["price"]: row["qty"] for row in data[name]}
                    alive = [price for price, size in rows.items() if float(size)]
                    alive.sort(key=lambda price, sign=sign: float(price) * sign)  # type: ignore[misc]
                    sides[name] = {price: rows[price] for price in alive[:10]}
                words = [word for name in ("asks", "bids") for row in sides[name].items() for word in row]
                text = "".join(word.replace(".", "").lstrip("0") for word in words).encode()
                assert zlib.crc32(text) == int(data["checksum"])
                checked += 1
                await wire.set_mid(SYMBOL, 60000 + checked % 3, "kraken")


def read_exactly(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str)


async def test_a_ticker_stream_moves(wire: WireClient, client: Any) -> None:
    await soon(client.watch_ticker(SYMBOL))
    await wire.set_mid(SYMBOL, 60500, "kraken")
    async with asyncio.timeout(10):
        while (await client.watch_ticker(SYMBOL))["last"] != 60500:
            pass


async def test_own_orders_trades_and_balances_are_told(wire: WireClient, client: Any) -> None:
    assert (await soon(client.watch_balance()))["BTC"]["total"] == 3
    orders = asyncio.ensure_future(client.watch_orders(SYMBOL))
    trades = asyncio.ensure_future(client.watch_my_trades(SYMBOL))
    await asyncio.sleep(0.3)  # the subscription; no answer tells the test that it is in force
    balances = asyncio.ensure_future(client.watch_balance())
    order = await client.create_order(SYMBOL, "limit", "buy", 0.5, 59000, {"clientOrderId": "rg1"})
    (told,) = await soon(orders)
    assert pick(told, "id", "status", "amount") == [order["id"], "open", 0.5]
    assert told["info"]["cl_ord_id"] == "rg1"
    ended = asyncio.ensure_future(client.watch_orders())
    await asyncio.sleep(0.1)
    await wire.set_mid(SYMBOL, 58990, "kraken")
    (trade,) = await soon(trades)
    assert pick(trade, "amount", "price", "order", "takerOrMaker") == [0.5, 59000, order["id"], "maker"]
    last = (await soon(ended))[-1]
    while last["status"] != "closed":
        last = (await soon(client.watch_orders()))[-1]
    assert (last["id"], last["status"], last["info"]["cum_qty"]) == (order["id"], "closed", 0.5)
    assert (await soon(balances))["BTC"]["total"] == 3.5


async def test_what_is_subscribed_wrongly_is_refused(wire: WireClient) -> None:
    base = f"ws://127.0.0.1:{wire.venues['kraken']['port']}"
    asks = [
        ("ws-auth.kraken.com", {"channel": "executions", "token": "no"}, "ESession:Invalid session"),
        ("ws.kraken.com", {"channel": "book", "symbol": ["NO/USD"]}, "Currency pair not supported NO/USD"),
        ("ws.kraken.com", {"channel": "executions"}, "Channel executions not supported"),
    ]
    async with aiohttp.ClientSession() as session:
        for host, params, problem in asks:
            async with session.ws_connect(f"{base}/{host}/v2") as socket:
                assert (await socket.receive_json())["channel"] == "status"
                await socket.send_json({"method": "ping", "req_id": 1})
                assert (await socket.receive_json())["method"] == "pong"
                await socket.send_json({"method": "subscribe", "params": params, "req_id": 2})
                answer = await socket.receive_json()
                assert (answer["success"], answer["error"], answer["req_id"]) == (False, problem, 2)


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
        ("http", {"status": 200, "body": {"error": ["EService:Busy"]}}, ccxt.ExchangeNotAvailable, False),
        ("refuse", {}, ccxt.ExchangeNotAvailable, False),
    ],
)
async def test_each_fault_of_an_order_call(
    wire: WireClient, client: Any, kind: str, keys: dict[str, Any], error: type[Exception], *, executed: bool
) -> None:
    await wire.set_fault("kraken", kind, "place", **keys)
    with pytest.raises(error):
        await buy(client)
    await wire.clear_faults("kraken")
    assert await accepted(wire) == (["rg1"] if executed else [])


async def test_late_slow_lag_and_freeze(wire: WireClient, client: Any) -> None:
    await wire.set_fault("kraken", "slow", "place", after_s=0.1)
    await buy(client)
    await wire.clear_faults("kraken")
    await wire.set_fault("kraken", "late", "place", after_s=600)
    with pytest.raises(ccxt.RequestTimeout):
        await buy(client, "rg2")
    assert await accepted(wire) == ["rg1"]
    await client.fetch_balance()  # its nonce is higher than that of the order that comes later
    await wire.clear_faults("kraken")

    async def there() -> bool:
        return await accepted(wire) == ["rg1", "rg2"]

    await until(there)
    await wire.set_fault("kraken", "lag", "query", "account", "fills", lag_s=600)
    await client.create_order(SYMBOL, "market", "buy", 0.1)
    assert await client.fetch_my_trades(SYMBOL) == []
    assert await client.fetch_open_orders(SYMBOL) == []
    await wire.clear_faults("kraken")
    await client.fetch_order_book(SYMBOL, 5)
    await wire.set_fault("kraken", "freeze", "book")
    await wire.set_mid(SYMBOL, 50000, "kraken")
    assert (await client.fetch_order_book(SYMBOL, 5))["asks"][0][0] > 59000


async def test_stream_faults(wire: WireClient, client: Any) -> None:
    await soon(client.watch_order_book(SYMBOL))
    await wire.set_fault("kraken", "silent", "stream-public")
    await asyncio.sleep(0.2)
    watching = asyncio.ensure_future(client.watch_order_book(SYMBOL))
    done, _ = await asyncio.wait([watching], timeout=0.5)
    assert not done
    await wire.clear_faults("kraken")
    await soon(watching)  # nothing tells ccxt that changes were lost
    orders = asyncio.ensure_future(client.watch_orders(SYMBOL))
    await asyncio.sleep(0.3)
    await wire.set_fault("kraken", "reset", "stream-private")
    with pytest.raises(ccxt.NetworkError):
        await soon(orders)
