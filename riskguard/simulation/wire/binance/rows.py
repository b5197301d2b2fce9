"""Binance's rows: orders, trades, positions, assets and the events of the user data stream."""

from decimal import Decimal
from typing import Any

from riskguard.simulation.engine import (
    Balance,
    Fill,
    Instrument,
    Order,
    OrderKind,
    Position,
    Status,
    Tif,
)
from riskguard.simulation.wire.feeds import plain

_STATUS = {
    Status.NEW: "NEW",
    Status.PARTLY_FILLED: "PARTIALLY_FILLED",
    Status.FILLED: "FILLED",
    Status.CANCELED: "CANCELED",
    Status.EXPIRED: "EXPIRED",
}


def eight(value: Decimal) -> str:
    """Write money the way account answers do, with eight digits."""
    return format(value.quantize(Decimal("0.00000001")), "f")


def order_row(order: Order, name: str, *, ack: bool = False) -> dict[str, Any]:
    """Write an order as create, cancel and query answer it; `ack` shows it as it was before matching."""
    average = Decimal(0) if ack else order.average
    filled = Decimal(0) if ack else order.filled
    return {
        "orderId": int(order.order_id),
        "symbol": name,
        "status": "NEW" if ack else _STATUS[order.status],
        "clientOrderId": order.client_id,
        "price": plain(order.price) if order.price else "0.00",
        "avgPrice": format(average.quantize(Decimal("0.00001")), "f"),
        "origQty": plain(order.amount),
        "executedQty": plain(filled),
        "cumQty": plain(filled),
        "cumQuote": plain(Decimal(0) if ack else order.cost),
        "timeInForce": tif(order),
        "type": order_type(order),
        "reduceOnly": order.reduce_only,
        "closePosition": False,
        "side": order.side.upper(),
        "positionSide": "BOTH",
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceProtect": False,
        "origType": order_type(order),
        "priceMatch": "NONE",
        "selfTradePreventionMode": "EXPIRE_MAKER",
        "goodTillDate": 0,
        "updateTime": order.updated_ms,
    }


def query_row(order: Order, name: str) -> dict[str, Any]:
    """Write an order as look-ups answer it, with its time of entry."""
    row = order_row(order, name)
    del row["cumQty"]
    row["time"] = order.created_ms
    return row


def trade_row(fill: Fill, name: str) -> dict[str, Any]:
    """Write an execution as `userTrades` answers it."""
    return {
        "symbol": name,
        "id": int(fill.fill_id),
        "orderId": int(fill.order_id),
        "side": fill.side.upper(),
        "price": plain(fill.price),
        "qty": plain(fill.amount),
        "realizedPnl": eight(fill.realized),
        "quoteQty": plain(fill.amount * fill.price),
        "commission": eight(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": fill.ts_ms,
        "positionSide": "BOTH",
        "maker": fill.maker,
        "buyer": fill.side == "buy",
    }


def position_row(position: Position, instrument: Instrument, name: str) -> dict[str, Any]:
    """Write a position as `v3/positionRisk` answers it."""
    notional = position.amount * position.mark_price
    return {
        "symbol": name,
        "positionSide": "BOTH",
        "positionAmt": plain(position.amount),
        "entryPrice": plain(position.entry_price) if position.amount else "0.0",
        "breakEvenPrice": plain(position.entry_price) if position.amount else "0.0",
        "markPrice": eight(position.mark_price),
        "unRealizedProfit": eight(position.unrealized),
        "liquidationPrice": eight(position.liquidation_price) if position.liquidation_price else "0",
        "isolatedMargin": "0",
        "notional": eight(notional),
        "marginAsset": instrument.quote,
        "isolatedWallet": "0",
        "initialMargin": eight(position.initial_margin),
        "maintMargin": eight(position.maintenance),
        "positionInitialMargin": eight(position.initial_margin),
        "openOrderInitialMargin": "0",
        "adl": 2,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": position.updated_ms,
    }


def account_position_row(position: Position, name: str) -> dict[str, Any]:
    """Write a position as it stands inside `v3/account`."""
    return {
        "symbol": name,
        "positionSide": "BOTH",
        "positionAmt": plain(position.amount),
        "unrealizedProfit": eight(position.unrealized),
        "isolatedMargin": "0",
        "notional": eight(position.amount * position.mark_price),
        "isolatedWallet": "0",
        "initialMargin": eight(position.initial_margin),
        "maintMargin": eight(position.maintenance),
        "updateTime": position.updated_ms,
    }


def asset_row(balance: Balance, updated_ms: int) -> dict[str, Any]:
    """Write one asset as it stands inside `v3/account`."""
    return {
        "asset": balance.asset,
        "walletBalance": eight(balance.wallet),
        "unrealizedProfit": eight(balance.unrealized),
        "marginBalance": eight(balance.equity),
        "maintMargin": eight(balance.maintenance),
        "initialMargin": eight(balance.initial_margin),
        "positionInitialMargin": eight(balance.initial_margin),
        "openOrderInitialMargin": "0.00000000",
        "crossWalletBalance": eight(balance.wallet),
        "crossUnPnl": eight(balance.unrealized),
        "availableBalance": eight(balance.free),
        "maxWithdrawAmount": eight(balance.free),
        "updateTime": updated_ms,
    }


def order_event(order: Order, name: str, shown_ms: int, fill: Fill | None = None) -> dict[str, Any]:
    """Write ORDER_TRADE_UPDATE for a new state of an order, or for one execution of it."""
    executed = "TRADE" if fill else _STATUS[order.status]
    row: dict[str, Any] = {
        "s": name,
        "c": order.client_id,
        "S": order.side.upper(),
        "o": order_type(order),
        "f": tif(order),
        "q": plain(order.amount),
        "p": plain(order.price),
        "ap": plain(order.average),
        "sp": "0",
        "x": executed,
        "X": _STATUS[order.status],
        "i": int(order.order_id),
        "l": plain(fill.amount) if fill else "0",
        "z": plain(order.filled),
        "L": plain(fill.price) if fill else "0",
        "n": eight(fill.fee) if fill else "0",
        "N": fill.fee_asset if fill else "USDT",
        "T": order.updated_ms,
        "t": int(fill.fill_id) if fill else 0,
        "b": "0",
        "a": "0",
        "m": bool(fill and fill.maker),
        "R": order.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": order_type(order),
        "ps": "BOTH",
        "cp": False,
        "rp": eight(fill.realized) if fill else "0",
        "pP": False,
        "si": 0,
        "ss": 0,
        "V": "EXPIRE_MAKER",
        "pm": "NONE",
        "gtd": 0,
    }
    return {"e": "ORDER_TRADE_UPDATE", "T": order.updated_ms, "E": shown_ms, "o": row}


def account_event(balance: Balance, position: Position | None, name: str, shown_ms: int) -> dict[str, Any]:
    """Write ACCOUNT_UPDATE for a wallet and, where one changed, a position."""
    positions: list[dict[str, Any]] = []
    if position is not None:
        positions.append(
            {
                "s": name,
                "pa": plain(position.amount),
                "ep": plain(position.entry_price),
                "bep": plain(position.entry_price),
                "cr": "0",
                "up": eight(position.unrealized),
                "mt": "cross",
                "iw": "0",
                "ps": "BOTH",
                "ma": balance.asset,
            }
        )
    wallet = {"a": balance.asset, "wb": eight(balance.wallet), "cw": eight(balance.wallet), "bc": "0"}
    return {
        "e": "ACCOUNT_UPDATE",
        "E": shown_ms,
        "T": shown_ms,
        "a": {"B": [wallet], "P": positions, "m": "ORDER"},
    }


def tif(order: Order) -> str:
    """Give the time in force; GTX is post-only."""
    return "GTX" if order.post_only else {Tif.GTC: "GTC", Tif.IOC: "IOC", Tif.FOK: "FOK"}[order.tif]


def order_type(order: Order) -> str:
    """Give LIMIT or MARKET; a forced close is LIQUIDATION on the stream, MARKET here."""
    return "MARKET" if order.kind is OrderKind.MARKET else "LIMIT"
