"""OKX's rows: orders, fills and positions, alike over REST and the private stream."""

from decimal import Decimal
from typing import Any

from riskguard.simulation.engine import (
    CancelCause,
    Fill,
    Order,
    OrderKind,
    Position,
    Side,
    Status,
    Tif,
)
from riskguard.simulation.wire.feeds import plain
from riskguard.simulation.wire.okx.desk import OkxDesk

STATES = {
    Status.NEW: "live",
    Status.PARTLY_FILLED: "partially_filled",
    Status.FILLED: "filled",
    Status.CANCELED: "canceled",
    Status.EXPIRED: "canceled",
}
_SOURCES = {
    None: "",
    CancelCause.USER: "1",
    CancelCause.IOC: "14",
    CancelCause.FOK: "13",
    CancelCause.POST_ONLY: "31",
    CancelCause.REDUCE_ONLY: "17",
    CancelCause.DEAD_MAN: "20",
    CancelCause.LIQUIDATION: "3",
    CancelCause.VENUE: "0",
}
"""`cancelSource` by the engine's cause (docs-v5, Get order details)."""
_PLACES = Decimal("0.0000000001")


def money(value: Decimal) -> str:
    """Write money with ten digits and no needless zeros."""
    return plain(value.quantize(_PLACES))


def order_type(order: Order) -> str:
    """Give `ordType`, which holds the time in force too."""
    if order.post_only:
        return "post_only"
    if order.kind is OrderKind.MARKET:
        return "market"
    return {Tif.GTC: "limit", Tif.IOC: "ioc", Tif.FOK: "fok"}[order.tif]


def order_row(desk: OkxDesk, order: Order, last: Fill | None) -> dict[str, Any]:
    """Write an order with its last fill."""
    item = desk.venue.engine.instruments[order.symbol]
    return {
        "accFillSz": desk.contracts(order.symbol, order.filled),
        "algoClOrdId": "",
        "algoId": "",
        "attachAlgoClOrdId": "",
        "attachAlgoOrds": [],
        "avgPx": plain(order.average.quantize(Decimal("0.00000001"))) if order.filled else "",
        "cTime": str(order.created_ms),
        "cancelSource": _SOURCES[order.cause],
        "cancelSourceReason": "",
        "category": "full_liquidation" if order.client_id.startswith("autoclose-") else "normal",
        "ccy": "",
        "clOrdId": order.client_id,
        "fee": money(-order.fee),
        "feeCcy": item.quote,
        "fillPx": plain(last.price) if last else "",
        "fillSz": desk.contracts(order.symbol, last.amount) if last else "0",
        "fillTime": str(last.ts_ms) if last else "",
        "instId": desk.ids[order.symbol],
        "instType": "SWAP",
        "isTpLimit": "false",
        "lever": plain(desk.venue.engine.leverage(order.account, order.symbol)),
        "linkedAlgoOrd": {"algoId": ""},
        "ordId": order.order_id,
        "ordType": order_type(order),
        "pnl": money(last.realized) if last else "0",
        "posSide": "net",
        "px": plain(order.price) if order.kind is OrderKind.LIMIT else "",
        "pxType": "",
        "pxUsd": "",
        "pxVol": "",
        "quickMgnType": "",
        "rebate": "0",
        "rebateCcy": item.quote,
        "reduceOnly": "true" if order.reduce_only else "false",
        "side": order.side.value,
        "slOrdPx": "",
        "slTriggerPx": "",
        "slTriggerPxType": "",
        "source": "",
        "state": STATES[order.status],
        "stpId": "",
        "stpMode": "cancel_maker",
        "sz": desk.contracts(order.symbol, order.amount),
        "tag": "",
        "tdMode": "cross",
        "tgtCcy": "",
        "tpOrdPx": "",
        "tpTriggerPx": "",
        "tpTriggerPxType": "",
        "tradeId": last.fill_id if last else "",
        "tradeQuoteCcy": item.quote,
        "uTime": str(order.updated_ms),
    }


def order_event(desk: OkxDesk, order: Order, fill: Fill | None) -> dict[str, Any]:
    """Write an order as the `orders` channel shows it; `fill` is the execution that the event is about."""
    row = order_row(desk, order, fill)
    item = desk.venue.engine.instruments[order.symbol]
    mid = desk.venue.engine.mid(order.symbol)
    del row["cancelSourceReason"]
    return {
        **row,
        "amendResult": "",
        "amendSource": "",
        "code": "0",
        "execType": ("M" if fill.maker else "T") if fill else "",
        "fillFee": money(-fill.fee) if fill else "0",
        "fillFeeCcy": item.quote if fill else "",
        "fillFwdPx": "",
        "fillIdxPx": plain(mid) if fill else "",
        "fillMarkPx": plain(desk.venue.engine.mark(order.symbol)) if fill else "",
        "fillMarkVol": "",
        "fillNotionalUsd": money(fill.amount * fill.price) if fill else "",
        "fillPnl": money(fill.realized) if fill else "0",
        "fillPxUsd": "",
        "fillPxVol": "",
        "lastPx": plain(mid),
        "msg": "",
        "notionalUsd": money(order.amount * (order.price or mid)),
        "reqId": "",
    }


def fill_row(desk: OkxDesk, fill: Fill) -> dict[str, Any]:
    """Write a fill; its fee is a negative number."""
    mark = plain(desk.venue.engine.mark(fill.symbol))
    return {
        "billId": f"9{fill.fill_id}",
        "clOrdId": fill.client_id,
        "execType": "M" if fill.maker else "T",
        "fee": money(-fill.fee),
        "feeCcy": fill.fee_asset,
        "feeRate": plain((-fill.fee / (fill.amount * fill.price)).quantize(_PLACES)),
        "fillFwdPx": "",
        "fillIdxPx": mark,
        "fillMarkPx": mark,
        "fillMarkVol": "",
        "fillPnl": money(fill.realized),
        "fillPx": plain(fill.price),
        "fillPxUsd": "",
        "fillPxVol": "",
        "fillSz": desk.contracts(fill.symbol, fill.amount),
        "fillTime": str(fill.ts_ms),
        "instId": desk.ids[fill.symbol],
        "instType": "SWAP",
        "ordId": fill.order_id,
        "posSide": "net",
        "side": fill.side.value,
        "subType": ("100" if fill.side is Side.SELL else "101") if fill.liquidation else "1",
        "tag": "",
        "tradeId": fill.fill_id,
        "tradeQuoteCcy": fill.fee_asset,
        "ts": str(fill.ts_ms),
    }


def position_row(desk: OkxDesk, position: Position) -> dict[str, Any]:
    """Write a one-way position: signed contracts; a flat one has no prices."""
    engine = desk.venue.engine
    item, flat = engine.instruments[position.symbol], not position.amount
    mark, money_in = plain(position.mark_price), position.initial_margin
    equity = engine.balance(position.account, item.quote).equity
    ratio = equity / position.maintenance if position.maintenance else Decimal(0)
    price = position.liquidation_price
    return {
        "adl": "" if flat else "1",
        "availPos": "",
        "avgPx": "" if flat else plain(position.entry_price.quantize(Decimal("0.00000001"))),
        "baseBal": "",
        "baseBorrowed": "",
        "baseInterest": "",
        "bePx": "" if flat else plain(position.entry_price.quantize(Decimal("0.00000001"))),
        "bizRefId": "",
        "bizRefType": "",
        "cTime": str(position.updated_ms + desk.venue.skew_ms),
        "ccy": item.quote,
        "clSpotInUseAmt": "",
        "closeOrderAlgo": [],
        "deltaBS": "",
        "deltaPA": "",
        "fee": "0",
        "fundingFee": "0",
        "gammaBS": "",
        "gammaPA": "",
        "hedgedPos": "",
        "idxPx": mark,
        "imr": "" if flat else money(money_in),
        "instId": desk.ids[position.symbol],
        "instType": "SWAP",
        "interest": "",
        "last": mark,
        "lever": plain(position.leverage),
        "liab": "",
        "liabCcy": "",
        "liqPenalty": "0",
        "liqPx": plain(price.quantize(Decimal("0.01"))) if price else "",
        "margin": "",
        "markPx": mark,
        "maxSpotInUseAmt": "",
        "mgnMode": "cross",
        "mgnRatio": "" if flat else money(ratio),
        "mmr": "" if flat else money(position.maintenance),
        "nonSettleAvgPx": "",
        "notionalUsd": "" if flat else money(abs(position.amount) * position.mark_price),
        "optVal": "",
        "pTime": str(desk.venue.shown_ms()),
        "pendingCloseOrdLiabVal": "",
        "pnl": "0",
        "pos": desk.contracts(position.symbol, position.amount),
        "posCcy": "",
        "posId": str(1_752_810_569_801_498_624 + sorted(desk.ids).index(position.symbol)),
        "posSide": "net",
        "quoteBal": "",
        "quoteBorrowed": "",
        "quoteInterest": "",
        "realizedPnl": "0",
        "settledPnl": "",
        "spotInUseAmt": "",
        "spotInUseCcy": "",
        "thetaBS": "",
        "thetaPA": "",
        "tradeId": "",
        "uTime": str(position.updated_ms + desk.venue.skew_ms),
        "upl": "" if flat else money(position.unrealized),
        "uplLastPx": "" if flat else money(position.unrealized),
        "uplRatio": "" if flat else money(position.unrealized / money_in),
        "uplRatioLastPx": "" if flat else money(position.unrealized / money_in),
        "usdPx": "1",
        "vegaBS": "",
        "vegaPA": "",
    }
