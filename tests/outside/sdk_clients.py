"""What each exchange's own SDK does on a face; a script that `sdks` starts with the Python that has the SDK.

Arguments: face and port; the credentials come as JSON on stdin. It places a post-only order, finds it and
cancels it by our id, is refused a second cancel, buys at market and looks at what it holds. The answer is one
JSON object, {"sdk", "version", "order_id", "held"}; the exit code is 3 when the SDK is not installed.
"""

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

CLIENT_ID = "rgsdk1"
AMOUNT = "0.02"
"""Base units; two contracts at OKX."""


def main() -> int:
    """Run one SDK."""
    face, port = sys.argv[1:3]
    credentials = json.loads(sys.stdin.read())
    package, run = SDKS[face]
    try:
        found = version(package)
    except PackageNotFoundError:
        return 3
    answer = run(f"http://127.0.0.1:{port}", credentials)
    sys.stdout.write(json.dumps({"sdk": package, "version": found, **answer}) + "\n")
    return 0


def binance(url: str, keys: Mapping[str, str]) -> dict[str, Any]:
    """Binance's own connector."""
    made = import_module("binance.um_futures").UMFutures(keys["apiKey"], keys["secret"], base_url=url)
    row = {"symbol": "BTCUSDT", "side": "BUY"}
    order = made.new_order(
        **row, type="LIMIT", timeInForce="GTX", quantity=AMOUNT, price="59000", newClientOrderId=CLIENT_ID
    )
    _same(made.query_order("BTCUSDT", origClientOrderId=CLIENT_ID)["status"], "NEW")
    _same(made.cancel_order("BTCUSDT", origClientOrderId=CLIENT_ID)["status"], "CANCELED")
    _refused(lambda: made.cancel_order("BTCUSDT", origClientOrderId=CLIENT_ID), "-2011")
    made.new_order(**row, type="MARKET", quantity=AMOUNT)
    (position,) = [item for item in made.get_position_risk(symbol="BTCUSDT") if float(item["positionAmt"])]
    return {"order_id": str(order["orderId"]), "held": position["positionAmt"]}


def bybit(url: str, keys: Mapping[str, str]) -> dict[str, Any]:
    """Bybit's own SDK."""
    made = import_module("pybit.unified_trading").HTTP(api_key=keys["apiKey"], api_secret=keys["secret"])
    made.endpoint = url
    row = {"category": "linear", "symbol": "BTCUSDT"}
    limit = {"side": "Buy", "orderType": "Limit", "qty": AMOUNT, "price": "59000", "timeInForce": "PostOnly"}
    order = made.place_order(**row, **limit, orderLinkId=CLIENT_ID)["result"]
    (seen,) = made.get_open_orders(**row, orderLinkId=CLIENT_ID)["result"]["list"]
    _same((seen["orderId"], seen["orderStatus"]), (order["orderId"], "New"))
    made.cancel_order(**row, orderLinkId=CLIENT_ID)
    _refused(lambda: made.cancel_order(**row, orderLinkId=CLIENT_ID), "110001")
    made.place_order(**row, side="Buy", orderType="Market", qty=AMOUNT)
    (position,) = made.get_positions(**row)["result"]["list"]
    return {"order_id": order["orderId"], "held": position["size"]}


def okx(url: str, keys: Mapping[str, str]) -> dict[str, Any]:
    """Drive the OKX SDK; it answers refusals as plain data."""
    three = (keys["apiKey"], keys["secret"], keys["password"])
    trade = import_module("okx.Trade").TradeAPI(*three, flag="0", domain=url)
    account = import_module("okx.Account").AccountAPI(*three, flag="0", domain=url)
    name = "BTC-USDT-SWAP"
    order = trade.place_order(name, "cross", "buy", "post_only", "2", clOrdId=CLIENT_ID, px="59000")["data"][
        0
    ]
    _same(order["sCode"], "0")
    _same(trade.get_order(name, clOrdId=CLIENT_ID)["data"][0]["state"], "live")
    _same(trade.cancel_order(name, clOrdId=CLIENT_ID)["data"][0]["sCode"], "0")
    _same(trade.cancel_order(name, clOrdId=CLIENT_ID)["data"][0]["sCode"], "51400")
    _same(trade.place_order(name, "cross", "buy", "market", "2")["data"][0]["sCode"], "0")
    (position,) = account.get_positions(instType="SWAP")["data"]
    return {"order_id": order["ordId"], "held": position["pos"]}


def kraken(url: str, keys: Mapping[str, str]) -> dict[str, Any]:
    """Drive python-kraken-sdk, which is not Kraken's own."""
    spot = import_module("kraken.spot")
    trade, user = (
        made(key=keys["apiKey"], secret=keys["secret"], url=url) for made in (spot.Trade, spot.User)
    )
    row = {"side": "buy", "pair": "XBTUSD", "volume": AMOUNT}
    order = trade.create_order(ordertype="limit", price="59000", oflags=["post"], cl_ord_id=CLIENT_ID, **row)[
        "txid"
    ][0]
    _same(user.get_orders_info(txid=order)[order]["status"], "open")
    _same(trade.cancel_order(cl_ord_id=CLIENT_ID)["count"], 1)
    _refused(lambda: trade.cancel_order(txid=order), "KrakenUnknownOrderError")
    trade.create_order(ordertype="market", validate=True, **row)
    trade.create_order(ordertype="market", **row)
    return {"order_id": order, "held": user.get_balances()["XXBT"]["balance"]}


SDKS: Mapping[str, tuple[str, Callable[[str, Mapping[str, str]], dict[str, Any]]]] = {
    "binanceusdm": ("binance-futures-connector", binance),
    "bybit": ("pybit", bybit),
    "okx": ("python-okx", okx),
    "kraken": ("python-kraken-sdk", kraken),
}
"""Name in the package index, and what to do with it, by face."""


def _same(given: object, wanted: object) -> None:
    if given != wanted:
        raise ValueError(f"{given!r} where {wanted!r} was expected")


def _refused(call: Callable[[], object], word: str) -> None:
    """Want an exception with a word in its type or text."""
    try:
        answer = call()
    except Exception as error:
        if word not in f"{type(error).__name__} {error}":
            raise
        return
    raise ValueError(f"not refused: {answer!r}")


if __name__ == "__main__":
    raise SystemExit(main())
