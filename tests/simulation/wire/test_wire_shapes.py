"""The faces' rows have the fields of the sample answers that the installed ccxt carries in its comments.

Nothing of ccxt is copied: the samples are read from the installed package when the test runs, so that a new
version is compared with its own samples. Each row may lack only what is listed of its nearest sample.
"""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import ccxt  # type: ignore[import-untyped]
import pytest

from riskguard.simulation.engine import Instrument, OrderRequest, Side, VenueEngine
from riskguard.simulation.wire.binance.face import BinanceFace
from riskguard.simulation.wire.bybit.face import BybitFace
from riskguard.simulation.wire.face import Message, Venue
from riskguard.simulation.wire.testing import SYMBOL

pytestmark = pytest.mark.wire

LACKING: dict[str, dict[str, set[str]]] = {
    "binance": {
        "create": set(),
        "query": set(),
        "cancel": set(),
        "trade": {"marginAsset"},  # a coin-margined sample
        "asset": {"marginAvailable"},  # version 2 only
        "account v2": set(),
        "ticker": set(),
        "depth": set(),
        "bracket": set(),
        "mark price": set(),
        "order event": {"AP", "cr"},  # of trailing stops only
        "position event": set(),
        "wallet event": set(),
    },
    "bybit": {
        "market": set(),
        "create": set(),
        "query": set(),
        "trade": {"nextPageCursor"},  # belongs to the list
        "position": set(),
        "wallet": set(),
        "coin": set(),
        "ticker": set(),
        "book": set(),
        "account": set(),
        "order event": set(),
        "execution event": set(),
    },
}


def samples(name: str) -> Iterator[dict[str, Any]]:
    """Give every object in the commented sample answers of a ccxt class."""
    root = Path(ccxt.__file__).parent
    for folder in ("async_support", "pro"):
        block: list[str] = []
        for line in [*(root / folder / f"{name}.py").read_text(encoding="utf-8").split("\n"), ""]:
            text = line.strip()
            if text.startswith("#"):
                block.append(text[1:] if "://" in text else re.sub(r"//.*$", "", text[1:]))
            elif block:
                yield from objects("\n".join(block))
                block = []


def objects(text: str) -> Iterator[dict[str, Any]]:
    """Give every object in a text that has JSON in it here and there."""
    text, decoder, at = re.sub(r",(\s*[}\]])", r"\1", text), json.JSONDecoder(), 0
    while at < len(text):
        if text[at] in "{[":
            try:
                value, at = decoder.raw_decode(text, at)
            except ValueError:
                at += 1
                continue
            yield from inside(value)
        else:
            at += 1


def inside(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(item)


async def binance_rows(client: Any) -> dict[str, dict[str, Any]]:
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000)
    rows = {
        "create": order["info"],
        "query": (await client.fetch_order(order["id"], SYMBOL))["info"],
        "cancel": (await client.cancel_order(order["id"], SYMBOL))["info"],
        "ticker": (await client.fetch_ticker(SYMBOL))["info"],
        "depth": await client.fapiPublicGetDepth({"symbol": "BTCUSDT"}),
        "bracket": (await client.fapiPrivateGetLeverageBracket())[0],
        "mark price": await client.fapiPublicGetPremiumIndex({"symbol": "BTCUSDT"}),
        "asset": (await client.fapiPrivateV3GetAccount())["assets"][0],
        "account v2": await client.fapiPrivateV2GetAccount(),
    }
    await client.create_order(SYMBOL, "market", "buy", 0.01)
    rows["trade"] = (await client.fetch_my_trades(SYMBOL))[0]["info"]
    return rows


async def bybit_rows(client: Any) -> dict[str, dict[str, Any]]:
    order = await client.create_order(SYMBOL, "limit", "buy", 0.01, 59000)
    wallet = (await client.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"}))["result"]["list"][0]
    book = await client.publicGetV5MarketOrderbook({"category": "linear", "symbol": "BTCUSDT"})
    rows = {
        "market": client.market(SYMBOL)["info"],
        "create": order["info"],
        "query": (await client.fetch_open_orders(SYMBOL))[0]["info"],
        "wallet": wallet,
        "coin": wallet["coin"][0],
        "ticker": (await client.fetch_ticker(SYMBOL))["info"],
        "book": book["result"],
        "account": (await client.privateGetV5AccountInfo())["result"],
    }
    await client.create_order(SYMBOL, "market", "buy", 0.01)
    rows["trade"] = (await client.fetch_my_trades(SYMBOL))[0]["info"]
    rows["position"] = (await client.fetch_positions())[0]["info"]
    return rows


def event_rows(name: str) -> dict[str, dict[str, Any]]:
    """Give the private streams' rows for one order that filled."""
    engine = VenueEngine("v", {Instrument(SYMBOL, "BTC", "USDT"): Decimal(60000)}, now_ms=1)
    engine.open_account("main", {"USDT": Decimal(100_000)})
    venue, messages = Venue(engine, {}), list[Message]()
    face = BinanceFace(venue) if name == "binance" else BybitFace(venue)
    engine.subscribe(lambda event: messages.extend(face.private_messages(event)))
    engine.place("main", OrderRequest(SYMBOL, Side.BUY, Decimal(1), Decimal(60100)), 2)
    if name == "binance":
        account = next(item.payload["a"] for item in messages if item.payload["e"] == "ACCOUNT_UPDATE")
        traded = next(item.payload["o"] for item in messages if item.payload["e"] == "ORDER_TRADE_UPDATE")
        return {"order event": traded, "position event": account["P"][0], "wallet event": account["B"][0]}
    by_topic = {item.topic: item.payload["data"][0] for item in messages}
    return {"order event": by_topic["order"], "execution event": by_topic["execution"]}


@pytest.mark.parametrize("name", ["binance", "bybit"])
async def test_rows_lack_nothing_that_the_samples_have(connect: Callable[..., Any], name: str) -> None:
    client = connect({"binance": "main", "bybit": "backup"}[name])
    await client.load_markets()
    answers = await binance_rows(client) if name == "binance" else await bybit_rows(client)
    rows = answers | event_rows(name)
    known = [set(sample) for sample in samples(name)]
    assert len(known) > 300

    def nearest(fields: set[str]) -> set[str]:
        return max(known, key=lambda sample: len(fields & sample) / len(fields | sample))

    assert {row: nearest(set(data)) - set(data) for row, data in rows.items()} == LACKING[name]
