"""How plain ccxt spells what this border asks for: immediacy, our ids, reduce-only, test orders.

Each pin names the place that relies on it; `Quirks` and its families are in `riskguard/venues/quirks`.
"""

from typing import Any

import pytest

from tests.venues.contract.conftest import Plain, order, requests_of, spelled
from tests.venues.loopback import Loopback, answer

IOC: dict[str, str] = {  # Quirks.ioc = "IOC"; KrakenFutures.ioc = "ioc"
    "binance": "timeInForce=IOC",
    "binanceusdm": "timeInForce=IOC",
    "bitfinex": '"type":"EXCHANGE IOC"',
    "bitget": '"force":"IOC"',
    "bybit": '"timeInForce":"IOC"',
    "coinbase": "sor_limit_ioc",
    "deribit": "time_in_force=immediate_or_cancel",
    "gate": '"tif":"ioc"',
    "hyperliquid": '"tif":"Ioc"',
    "kraken": "timeinforce=IOC",
    "kucoin": '"timeInForce":"IOC"',
    "kucoinfutures": '"timeInForce":"IOC"',
    "okx": '"ordType":"ioc"',
}
RESTS: dict[tuple[str, str], str] = {  # why the spelling is not one for all: these rest, without a word
    ("krakenfutures", "IOC"): "orderType=lmt",
    ("okx", "ioc"): '"ordType":"limit"',
    ("coinbase", "ioc"): "limit_limit_gtc",
    ("bitfinex", "ioc"): '"type":"EXCHANGE LIMIT"',
}
CLIENT_ID: dict[str, str] = {  # Quirks.client_id_param = "clientOrderId"
    "binance": "newClientOrderId=rga0001h",
    "binanceusdm": "newClientOrderId=rga0001h",
    "bitfinex": '"cid":"rga0001h"',  # passed on as it is: Bitfinex.wire_id makes the number
    "bitget": '"clientOid":"rga0001h"',
    "bybit": '"orderLinkId":"rga0001h"',
    "gate": '"text":"t-rga0001h"',  # Gate.wire_id, Gate.core_id
    "hyperliquid": '"c":"rga0001h"',  # passed on as it is: Hyperliquid.wire_id makes the 128 bits
    "kraken": "cl_ord_id=rga0001h",
    "krakenfutures": "cliOrdId=rga0001h",
    "kucoin": '"clientOid":"rga0001h"',
    "kucoinfutures": '"clientOid":"rga0001h"',
    "okx": '"clOrdId":"rga0001h"',
}
CLIENT_ID_LOST: dict[str, str] = {
    "coinbase": '"client_order_id":"ccxt-',  # one of ccxt's own instead: Coinbase.client_id_param
    "deribit": "clientOrderId=rga0001h",  # a name that Deribit does not know: Deribit.place_params
}
REDUCE_ONLY: dict[str, str] = {  # Quirks.place_params
    "binanceusdm": "reduceOnly=true",
    "bitget": '"reduceOnly":"YES"',
    "bybit": '"reduceOnly":true',
    "deribit": "reduce_only=true",
    "gate": '"reduce_only":true',
    "hyperliquid": '"r":true',
    "kraken": "reduce_only=true",
    "krakenfutures": "reduceOnly=true",
    "kucoinfutures": '"reduceOnly":true',
    "okx": '"reduceOnly":true',
}
HEDGED: dict[str, str] = {  # Quirks.place_params, where the account keeps long and short apart
    "binanceusdm": "positionSide=SHORT",
    "bitget": '"tradeSide":"Close"',
    "bybit": '"positionIdx":2',
    "kucoinfutures": '"positionSide":"SHORT"',
    "okx": '"posSide":"short"',
}


async def sent(plain: Plain, loopback: Loopback, ccxt_id: str, **params: Any) -> str:
    """Place an order with unified params and give the request that carried it."""
    loopback.everything = answer(200, "{}")
    return spelled((await requests_of(loopback, await plain(ccxt_id), order(params)))[-1])


@pytest.mark.parametrize("ccxt_id", sorted(IOC))
async def test_capitals_are_immediate(plain: Plain, loopback: Loopback, ccxt_id: str) -> None:
    assert IOC[ccxt_id] in await sent(plain, loopback, ccxt_id, timeInForce="IOC")


async def test_small_letters_are_immediate_at_kraken_futures(plain: Plain, loopback: Loopback) -> None:
    assert "orderType=ioc" in await sent(plain, loopback, "krakenfutures", timeInForce="ioc")


@pytest.mark.parametrize(("ccxt_id", "word"), sorted(RESTS))
async def test_the_other_spelling_rests(plain: Plain, loopback: Loopback, ccxt_id: str, word: str) -> None:
    assert RESTS[ccxt_id, word] in await sent(plain, loopback, ccxt_id, timeInForce=word)


@pytest.mark.parametrize("ccxt_id", sorted(CLIENT_ID))
async def test_a_client_id_goes_into_the_venues_field(plain: Plain, loopback: Loopback, ccxt_id: str) -> None:
    assert CLIENT_ID[ccxt_id] in await sent(plain, loopback, ccxt_id, clientOrderId="rga0001h")


@pytest.mark.parametrize("ccxt_id", sorted(CLIENT_ID_LOST))
async def test_a_client_id_is_lost(plain: Plain, loopback: Loopback, ccxt_id: str) -> None:
    text = await sent(plain, loopback, ccxt_id, clientOrderId="rga0001h")
    assert CLIENT_ID_LOST[ccxt_id] in text
    assert "label=" not in text


@pytest.mark.parametrize(("ccxt_id", "name"), [("coinbase", "client_order_id"), ("deribit", "label")])
async def test_the_venues_own_name_is_kept(plain: Plain, loopback: Loopback, ccxt_id: str, name: str) -> None:
    text = await sent(plain, loopback, ccxt_id, **{name: "rga0001h"})
    assert f'"{name}":"rga0001h"' in text or f"{name}=rga0001h" in text


@pytest.mark.parametrize("ccxt_id", sorted(REDUCE_ONLY))
async def test_reduce_only_reaches_the_venue(plain: Plain, loopback: Loopback, ccxt_id: str) -> None:
    assert REDUCE_ONLY[ccxt_id] in await sent(plain, loopback, ccxt_id, reduceOnly=True)


async def test_reduce_only_at_coinbase_is_another_request(plain: Plain, loopback: Loopback) -> None:
    text = await sent(plain, loopback, "coinbase", reduceOnly=True, clientOrderId="rga0001h")
    assert "/close_position" in text  # Quirks.place_params asks for it at contracts only


@pytest.mark.parametrize("ccxt_id", sorted(HEDGED))
async def test_an_account_with_two_sides_is_told_which(
    plain: Plain, loopback: Loopback, ccxt_id: str
) -> None:
    assert HEDGED[ccxt_id] in await sent(plain, loopback, ccxt_id, reduceOnly=True, hedged=True)


@pytest.mark.parametrize(
    ("ccxt_id", "path"),
    [
        ("binance", "/api/v3/order/test "),  # Binance.validate_order
        ("kucoin", "/api/v1/hf/orders/test "),  # Kucoin.validate_order
        (
            "binanceusdm",
            "/fapi/v1/order ",
        ),  # a real order: BinanceUsdm.validate_order names the test endpoint
    ],
)
async def test_a_test_order(plain: Plain, loopback: Loopback, ccxt_id: str, path: str) -> None:
    assert path in await sent(plain, loopback, ccxt_id, test=True)


async def test_a_leverage_is_sent_that_nobody_gave(plain: Plain, loopback: Loopback) -> None:
    client = await plain("kucoinfutures")
    client.options.pop("leverage", None)
    assert '"leverage":1' in await sent(plain, loopback, "kucoinfutures")  # KucoinFutures.place_params


async def test_two_signed_actions_go_out_before_an_order(plain: Plain, loopback: Loopback) -> None:
    client = await plain("hyperliquid")
    client.options |= {"approvedBuilderFee": False, "builderFee": True}
    loopback.everything = answer(200, '{"status":"ok","response":{"type":"default"}}')
    requests = await requests_of(loopback, client, order())
    assert "approveBuilderFee" in requests[0].body  # Hyperliquid.dress
    assert '"type":"order"' in requests[-1].body


async def test_orders_are_questions_by_their_method(plain: Plain, loopback: Loopback) -> None:
    assert (await sent(plain, loopback, "deribit")).startswith("GET /api/v2/private/buy")  # Deribit.carries


async def test_one_order_is_a_batch_of_one(plain: Plain, loopback: Loopback) -> None:
    text = await sent(plain, loopback, "okx", expTime="1")  # outcomes/wire/okx.py reads its one row
    assert "/api/v5/trade/batch-orders" in text
    assert '"expTime":"1"' in text  # in the body, where OKX does not look: Okx.expiry_headers
