"""What ccxt's parsers give for positions and pushed orders, without any request.

Each pin names the place that relies on it; `Quirks` and its families are in `riskguard/venues/quirks`.
"""

from typing import Any

import ccxt  # type: ignore[import-untyped]
import ccxt.pro  # type: ignore[import-untyped]

from tests.venues.markets import KNOWN, market

BTC = "BTC/USDT:USDT"


def client(ccxt_id: str, **changes: Any) -> Any:
    """Make a client that knows one market."""
    library = ccxt.pro if ccxt_id == "kraken" else ccxt
    made = getattr(library, ccxt_id)({**KNOWN})
    made.set_markets([market(ccxt_id) | changes])
    return made


def parsed(ccxt_id: str, row: dict[str, Any], at: str = BTC, **changes: Any) -> dict[str, Any]:
    """Parse a position row."""
    made = client(ccxt_id, **changes)
    parse = made.parse_position_risk if ccxt_id == "binanceusdm" else made.parse_position
    found: dict[str, Any] = parse(row, made.market(at))
    return found


def test_contracts_are_counted_in_the_contract_size() -> None:
    """instruments.py: instrument_of; Quirks.signed_size."""
    row = {"instId": "BTCUSDT", "instType": "SWAP", "pos": "-100", "posSide": "net", "mgnMode": "cross"}
    found = parsed("okx", row, contractSize=0.01)
    assert (found["contracts"], found["contractSize"], found["side"]) == (100.0, 0.01, "short")


def test_a_short_is_a_positive_number_with_a_side() -> None:
    """Quirks.signed_size."""
    row = {"symbol": "BTCUSDT", "positionSide": "BOTH", "positionAmt": "-0.250", "markPrice": "60000"}
    found = parsed("binanceusdm", row | {"notional": "-15000", "entryPrice": "60000", "isolatedMargin": "0"})
    assert (found["contracts"], found["side"], found["leverage"]) == (0.25, "short", None)
    found = parsed("gate", {"contract": "BTCUSDT", "size": -5, "mode": "single", "leverage": "0"})
    assert (found["contracts"], found["side"], found["leverage"]) == (5.0, "short", 0.0)


def test_a_position_says_whether_its_margin_is_its_own() -> None:
    """reports.py: position_report."""
    row = {"instId": "BTCUSDT", "instType": "SWAP", "pos": "-100", "posSide": "net"}
    assert [parsed("okx", row | {"mgnMode": word})["marginMode"] for word in ("cross", "isolated")] == [
        "cross",
        "isolated",
    ]
    row = {"symbol": "BTCUSDT", "positionSide": "BOTH", "positionAmt": "-0.250", "markPrice": "60000"}
    row |= {"notional": "-15000", "entryPrice": "60000"}
    found = [parsed("binanceusdm", row | {"isolatedMargin": amount})["marginMode"] for amount in ("0", "900")]
    assert found == ["cross", "isolated"]


def test_flat_rows_have_no_side() -> None:
    """Quirks.signed_size, Bybit.signed_size."""
    row = {"symbol": "BTCUSDT", "positionSide": "BOTH", "positionAmt": "0.000", "markPrice": "60000"}
    found = parsed("binanceusdm", row | {"notional": "0", "entryPrice": "0", "isolatedMargin": "0"})
    assert (found["contracts"], found["side"]) == (0.0, None)
    found = parsed("bybit", {"symbol": "BTCUSDT", "side": "", "size": "0", "positionIdx": 0})
    assert (found["contracts"], found["side"]) == (0.0, None)


OKX_SWAP = {
    "instType": "SWAP",
    "baseCcy": "",
    "quoteCcy": "",
    "ctMult": "1",
    "state": "live",
    "tickSz": "0.1",
}


def test_contract_sizes_are_coins_or_dollars_by_kind() -> None:
    """instruments.py: size_unit; the precision of an amount is in contracts."""
    linear = {"ctType": "linear", "ctVal": "0.01", "ctValCcy": "BTC", "settleCcy": "USDT", "uly": "BTC-USDT"}
    inverse = {"ctType": "inverse", "ctVal": "100", "ctValCcy": "USD", "settleCcy": "BTC", "uly": "BTC-USD"}
    okx = ccxt.okx()
    made = okx.parse_market(OKX_SWAP | linear | {"instId": "BTC-USDT-SWAP", "lotSz": "0.01", "minSz": "0.01"})
    assert (made["symbol"], made["linear"], made["contractSize"]) == (BTC, True, 0.01)
    assert (made["precision"]["amount"], made["limits"]["amount"]["min"]) == (0.01, 0.01)
    made = okx.parse_market(OKX_SWAP | inverse | {"instId": "BTC-USD-SWAP", "lotSz": "1", "minSz": "1"})
    assert (made["symbol"], made["inverse"], made["contractSize"]) == ("BTC/USD:BTC", True, 100.0)
    coin = {"symbol": "BTCUSD_PERP", "contractType": "PERPETUAL", "contractSize": 100, "marginAsset": "BTC"}
    names = {"pair": "BTCUSD", "baseAsset": "BTC", "quoteAsset": "USD", "contractStatus": "TRADING"}
    made = ccxt.binancecoinm().parse_market(
        coin | names | {"filters": [], "deliveryDate": 4133404800000, "onboardDate": 1596006000000}
    )
    assert (made["symbol"], made["inverse"], made["contractSize"]) == ("BTC/USD:BTC", True, 100.0)


def test_deribit_s_dollars_are_signed_and_divided_by_nothing() -> None:
    """Deribit.signed_size reads the venue's own size."""
    row = {"instrument_name": "BTC-PERPETUAL", "size": -30000.0, "direction": "sell", "kind": "future"}
    inverse = {"symbol": "BTC/USD:BTC", "id": "BTC-PERPETUAL", "quote": "USD", "settle": "BTC"}
    sizes = {"linear": False, "inverse": True, "contractSize": 10.0}
    found = parsed("deribit", row | {"size_currency": -0.5}, "BTC/USD:BTC", **inverse, **sizes)
    assert (found["contracts"], found["contractSize"], found["side"]) == (-30000.0, 10.0, "short")
    assert found["notional"] == 0.5  # coins, where every other venue means dollars


def test_kraken_futures_tell_no_notional() -> None:
    """Quirks.signed_size: exposure is computed from the size, never from `notional`."""
    row = {"side": "short", "symbol": "BTCUSDT", "price": 60000, "size": 2}
    found = parsed("krakenfutures", row, "BTC/USD:USD")
    assert (found["contracts"], found["side"], found["notional"]) == (2.0, "short", None)


NEW = {
    "order_id": "O1",
    "exec_type": "new",
    "order_status": "new",
    "symbol": "BTC/USD",
    "side": "buy",
    "order_qty": 0.1,
    "limit_price": 60000,
    "cl_ord_id": "rga0001h",
    "order_type": "limit",
    "timestamp": "2026-01-01T00:00:00.000Z",
}
LATER = {
    "order_id": "O1",
    "exec_type": "filled",
    "order_status": "filled",
    "cum_qty": 0.1,
    "avg_price": 60000,
    "timestamp": "2026-01-01T00:00:01.000Z",
}


def test_kraken_s_execution_reports_lose_market_side_and_our_id() -> None:
    """Kraken.pushed_order puts them together from the venue's own rows."""
    made = client("kraken")
    first, later = made.parse_ws_order(NEW), made.parse_ws_order(LATER)
    assert (first["symbol"], first["side"], first["filled"]) == ("BTC/USD", "buy", None)
    assert (later["symbol"], later["side"]) == (None, None)
    assert first["clientOrderId"] is later["clientOrderId"] is None
    assert first["info"] == NEW
