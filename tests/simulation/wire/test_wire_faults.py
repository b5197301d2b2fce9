"""Each fault as the real ccxt classes see it, compared with what truly happened at the venue."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import ccxt  # type: ignore[import-untyped]
import pytest

from riskguard.simulation.wire.client import WireClient
from riskguard.simulation.wire.testing import SYMBOL, until

pytestmark = pytest.mark.wire
both = pytest.mark.parametrize("name", ["main", "backup"])
Connect = Callable[..., Any]


async def buy(client: Any, client_id: str = "rg1", **params: Any) -> Any:
    return await client.create_order(
        SYMBOL, "limit", "buy", 0.01, 59000, {"clientOrderId": client_id, **params}
    )


async def accepted(wire: WireClient, name: str) -> list[str]:
    return [order["client_id"] for order in (await wire.account(name))["orders"]]


@pytest.fixture
async def ready(connect: Connect) -> Connect:
    """Give clients that have loaded their markets before the trouble begins."""
    made: dict[str, Any] = {}
    for name in ("main", "backup"):
        made[name] = connect(name)
        await made[name].load_markets()
        await made[name].fetch_positions([SYMBOL])
    return lambda name: made[name]


@both
async def test_hang_is_never_executed_nor_answered(wire: WireClient, ready: Connect, name: str) -> None:
    client = ready(name)
    order = await buy(client)
    await wire.set_fault(name, "hang", "place", "cancel")
    with pytest.raises(ccxt.RequestTimeout):
        await buy(client, "rg2")
    with pytest.raises(ccxt.RequestTimeout):
        await client.cancel_order(order["id"], SYMBOL)
    assert len(await client.fetch_open_orders(SYMBOL)) == 1
    await client.fetch_order_book(SYMBOL)
    assert await accepted(wire, name) == ["rg1"]
    rows = [row for row in await wire.log(venue=name) if row["kind"] == "arrived"]
    assert [(row["op"], row["fault"]) for row in rows] == [
        ("place", None),
        ("place", "hang"),
        ("cancel", "hang"),
    ]


@both
async def test_hanging_requests_end_with_their_clients(wire: WireClient, ready: Connect, name: str) -> None:
    await wire.set_fault(name, "hang", "place")
    waiting = asyncio.ensure_future(buy(ready(name)))

    async def held() -> bool:
        return bool((await wire.state(name))["held"])

    async def released() -> bool:
        return not (await wire.state(name))["held"]

    await until(held)
    with pytest.raises(ccxt.RequestTimeout):
        await waiting
    await until(released)


@both
async def test_lost_is_executed_although_the_caller_hears_nothing(
    wire: WireClient, ready: Connect, name: str
) -> None:
    await wire.set_fault(name, "lost", "place")
    with pytest.raises(ccxt.RequestTimeout):
        await buy(ready(name))
    assert await accepted(wire, name) == ["rg1"]


@both
@pytest.mark.parametrize("executed", [False, True])
@pytest.mark.parametrize("kind", ["reset", "close"])
async def test_a_broken_connection_does_not_tell_whether_it_was_executed(
    wire: WireClient, ready: Connect, name: str, kind: str, *, executed: bool
) -> None:
    await wire.set_fault(name, kind, "place", executed=executed)
    with pytest.raises(ccxt.ExchangeNotAvailable):
        await buy(ready(name))
    assert await accepted(wire, name) == (["rg1"] if executed else [])


@both
async def test_half_an_answer_of_an_executed_order(wire: WireClient, ready: Connect, name: str) -> None:
    await wire.set_fault(name, "cut", "place")
    with pytest.raises(ccxt.ExchangeError) as caught:
        await buy(ready(name))
    assert isinstance(caught.value.__cause__, aiohttp.ClientPayloadError)
    assert await accepted(wire, name) == ["rg1"]


@both
@pytest.mark.parametrize("executed", [False, True])
async def test_an_error_page_may_hide_an_executed_order(
    wire: WireClient, ready: Connect, name: str, *, executed: bool
) -> None:
    await wire.set_fault(
        name, "http", "place", status=502, body="<html>502 Bad Gateway</html>", executed=executed
    )
    with pytest.raises(ccxt.ExchangeNotAvailable, match="502"):
        await buy(ready(name))
    assert await accepted(wire, name) == (["rg1"] if executed else [])


async def test_overload_spares_reduce_only(wire: WireClient, ready: Connect) -> None:
    client = ready("main")
    await client.create_order(SYMBOL, "market", "buy", 0.1)
    await wire.set_fault(
        "main", "http", "place", "test", status=503, body={"code": -1008, "msg": "throttled"}
    )
    with pytest.raises(ccxt.BaseError, match="-1008"):
        await buy(client)
    await client.create_order(SYMBOL, "market", "sell", 0.1, None, {"reduceOnly": True})
    assert (await wire.account("main"))["positions"] == {}


@both
async def test_rate_limit_with_its_header(wire: WireClient, ready: Connect, name: str) -> None:
    client = ready(name)
    await wire.set_fault(name, "http", "query", status=429, body="", headers={"Retry-After": "7"})
    with pytest.raises((ccxt.DDoSProtection, ccxt.RateLimitExceeded)):
        await client.fetch_open_orders(SYMBOL)
    assert client.last_response_headers["Retry-After"] == "7"
    await buy(client)


@both
async def test_late_is_executed_when_the_fault_is_lifted(wire: WireClient, ready: Connect, name: str) -> None:
    await wire.set_fault(name, "late", "place", after_s=600)
    with pytest.raises(ccxt.RequestTimeout):
        await buy(ready(name))
    assert await accepted(wire, name) == []
    await wire.clear_faults(name)

    async def there() -> bool:
        return await accepted(wire, name) == ["rg1"]

    await until(there)


@both
async def test_slow_answers_or_executes_after_the_caller_gave_up(
    wire: WireClient, ready: Connect, name: str
) -> None:
    client = ready(name)
    await wire.set_fault(name, "slow", "place", after_s=0.2)
    assert (await buy(client))["clientOrderId"] == "rg1"
    await wire.clear_faults(name)
    await wire.set_fault(name, "slow", "place", after_s=1.5)
    with pytest.raises(ccxt.RequestTimeout):
        await buy(client, "rg2")

    async def there() -> bool:
        return await accepted(wire, name) == ["rg1", "rg2"]

    await until(there)


@both
async def test_refuse_closes_the_door_and_reopens_it_on_the_same_port(
    wire: WireClient, ready: Connect, name: str
) -> None:
    client = ready(name)
    await wire.set_fault(name, "refuse")
    for _ in range(2):
        with pytest.raises(ccxt.ExchangeNotAvailable) as caught:
            await client.fetch_time()
    assert "ClientConnectorError" in repr(caught.value.__cause__)
    assert (await wire.state(name))["refuses"]
    await wire.clear_faults(name)
    await client.fetch_time()


@both
async def test_answers_lag_while_the_truth_moves_on(wire: WireClient, ready: Connect, name: str) -> None:
    client = ready(name)
    await wire.place(name, symbol=SYMBOL, side="buy", amount="0.5", price="59000", client_id="old")
    await wire.set_fault(name, "lag", "query", "account", "fills", lag_s=600)
    await client.create_order(SYMBOL, "market", "buy", 0.1)
    assert await client.fetch_my_trades(SYMBOL) == []
    assert await client.fetch_open_orders(SYMBOL) == []
    assert [row["contracts"] for row in await client.fetch_positions([SYMBOL]) if row["contracts"]] == []
    assert (await wire.account(name))["positions"] == {SYMBOL: "0.1"}
    await wire.clear_faults(name)
    assert len(await client.fetch_my_trades(SYMBOL)) == 1
    assert len(await client.fetch_open_orders(SYMBOL)) == 1


@both
async def test_a_rule_strikes_its_symbol_and_with_its_probability_only(
    wire: WireClient, ready: Connect, name: str
) -> None:
    client = ready(name)
    await wire.set_fault(name, "http", "place", symbol="ETH/USDT:USDT", status=500)
    await buy(client, "rg0")
    await wire.set_fault(name, "http", "place", probability=0.5, status=502, body="no")
    outcomes = await asyncio.gather(
        *(buy(client, f"rg{number}") for number in range(1, 31)), return_exceptions=True
    )
    failed = sum(isinstance(item, Exception) for item in outcomes)
    assert 3 < failed < 27
    assert len(await accepted(wire, name)) == 31 - failed


async def test_rules_are_refused_by_name(wire: WireClient) -> None:
    for rule, text in (
        ({"kind": "hangs"}, "hangs"),
        ({"kind": "hang", "group": "place"}, "unknown key 'group'"),
        ({"kind": "hang", "groups": ["plaice"]}, "plaice"),
    ):
        with pytest.raises(RuntimeError, match=text):
            await wire.ask("/faults/set", venue="main", rule=rule)
    assert (await wire.ask("/faults/list"))["main"] == []


async def test_rules_are_told_by_the_log_and_lifted_by_name(wire: WireClient) -> None:
    first = await wire.set_fault("main", "hang", "place")
    second = await wire.set_fault("main", "http", "query", status=500)
    await wire.clear_faults("main", first)
    rows = await wire.ask("/faults/list", venue="main")
    assert [row["id"] for row in rows["main"]] == [second]
    told = [row for row in await wire.log() if row["kind"] == "fault"]
    assert [(row["action"], row["rule"]["id"]) for row in told] == [
        ("set", first),
        ("set", second),
        ("lifted", first),
    ]


@both
async def test_a_frozen_book_stands_still_while_the_venue_trades_on(
    wire: WireClient, ready: Connect, name: str
) -> None:
    client = ready(name)
    before = await client.fetch_order_book(SYMBOL, 5)
    await wire.set_fault(name, "freeze", "book")
    await wire.set_mid(SYMBOL, 50000, name)
    frozen = await client.fetch_order_book(SYMBOL, 5)
    assert frozen["asks"][0][0] > 59000
    assert {level[0] for level in before["asks"]} == {level[0] for level in frozen["asks"]}
    assert (await wire.state(name))["mids"] == {SYMBOL: "50000"}
    await wire.clear_faults(name)
    assert (await client.fetch_order_book(SYMBOL, 5))["asks"][0][0] < 50010


async def test_the_book_can_be_thinned_and_the_clock_moved(wire: WireClient, ready: Connect) -> None:
    client = ready("backup")
    await wire.ask("/maker", venue="backup", symbol=SYMBOL, size="0.01", half_spread_bps="50", jitter_pct=0)
    book = await client.fetch_order_book(SYMBOL, 5)
    assert (book["asks"][0][0], book["asks"][0][1]) == (60300, 0.01)
    await wire.ask("/clock", venue="backup", skew_ms=40_000)
    with pytest.raises(ccxt.InvalidNonce):
        await client.fetch_balance()


async def test_a_halted_venue_says_maintenance_and_takes_nothing(wire: WireClient, ready: Connect) -> None:
    for name, code in (("main", "-4108"), ("backup", "110066")):
        await wire.set_mode(name, "halted")
        assert (await ready(name).fetch_status())["status"] == "maintenance"
        with pytest.raises(ccxt.BaseError, match=code):
            await buy(ready(name))


@both
async def test_numbers_that_are_none_are_refused_like_a_venue_would(
    wire: WireClient, ready: Connect, name: str
) -> None:
    client = ready(name)
    if name == "main":
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "price": "59000"}
        make, key = client.fapiPrivatePostOrder, "quantity"
    else:
        order = {
            "symbol": "BTCUSDT",
            "category": "linear",
            "side": "Buy",
            "orderType": "Limit",
            "price": "59000",
        }
        make, key = client.privatePostV5OrderCreate, "qty"
    for value in ("NaN", "Infinity", "-1", "abc", "", "1e999999"):
        with pytest.raises(ccxt.BaseError, match=r"binanceusdm|bybit"):
            await make({**order, key: value})
    assert (await wire.account(name))["orders_accepted"] == 0


async def test_marks_and_forced_closes_reach_the_client(wire: WireClient, ready: Connect) -> None:
    client = ready("backup")
    await client.create_order(SYMBOL, "market", "buy", 1)
    await wire.ask("/mark", venue="backup", symbol=SYMBOL, price="58000")
    assert (await client.fetch_positions([SYMBOL]))[0]["markPrice"] == 58000
    await wire.ask("/mark", venue="backup", symbol=SYMBOL, price=None)
    await wire.ask("/force-close", venue="backup", symbol=SYMBOL, share="0.6")
    (position,) = await client.fetch_positions([SYMBOL])
    assert position["contracts"] == 0.4
