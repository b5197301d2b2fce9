"""Bybit's rows: orders, executions, positions and coins, alike over REST and the private stream."""

from decimal import Decimal
from typing import Any

from riskguard.simulation.engine import (
    Balance,
    CancelCause,
    Fill,
    Instrument,
    Order,
    OrderKind,
    Position,
    Side,
    Status,
    Tif,
)
from riskguard.simulation.wire.bybit.desk import shown_id
from riskguard.simulation.wire.feeds import plain

_STATUS = {
    Status.NEW: "New",
    Status.PARTLY_FILLED: "PartiallyFilled",
    Status.FILLED: "Filled",
    Status.CANCELED: "Cancelled",
    Status.EXPIRED: "Cancelled",
}
_REJECTS = {
    None: "EC_NoError",
    CancelCause.USER: "EC_PerCancelRequest",
    CancelCause.POST_ONLY: "EC_PostOnlyWillTakeLiquidity",
    CancelCause.IOC: "EC_NoImmediateQtyToFill",
    CancelCause.FOK: "EC_NoImmediateQtyToFill",
    CancelCause.REDUCE_ONLY: "EC_CancelForNoFullFill",
    CancelCause.DEAD_MAN: "EC_PerCancelRequest",
    CancelCause.LIQUIDATION: "EC_CancelByLiquidation",
    CancelCause.VENUE: "EC_CancelByAdmin",
}
_CANCEL_TYPES = {
    CancelCause.USER: "CancelByUser",
    CancelCause.REDUCE_ONLY: "CancelByReduceOnly",
    CancelCause.DEAD_MAN: "CancelByDCP",
    CancelCause.LIQUIDATION: "CancelAllBeforeLiq",
    CancelCause.VENUE: "CancelByAdmin",
}


def eight(value: Decimal) -> str:
    """Write money with eight digits and no needless zeros."""
    return plain(value.quantize(Decimal("0.00000001")))


def side_of(side: Side) -> str:
    """Give Buy or Sell."""
    return side.capitalize()


def tif(order: Order) -> str:
    """Give the time in force."""
    if order.post_only:
        return "PostOnly"
    if order.kind is OrderKind.MARKET:
        return "IOC"
    return {Tif.GTC: "GTC", Tif.IOC: "IOC", Tif.FOK: "FOK"}[order.tif]


def order_row(order: Order, name: str, last: Decimal) -> dict[str, Any]:
    """Write an order; `tpslMode` must be there, ccxt tells contracts from spot by it."""
    leaves = order.remaining if order.status.is_open else Decimal(0)
    return {
        "orderId": shown_id(order.order_id),
        "orderLinkId": order.client_id,
        "blockTradeId": "",
        "symbol": name,
        "price": plain(order.price),
        "qty": plain(order.amount),
        "side": side_of(order.side),
        "isLeverage": "",
        "positionIdx": 0,
        "orderStatus": _STATUS[order.status],
        "createType": "CreateByUser",
        "cancelType": _CANCEL_TYPES.get(order.cause, "UNKNOWN") if order.cause else "UNKNOWN",
        "rejectReason": _REJECTS[order.cause],
        "avgPrice": plain(order.average.quantize(Decimal("0.0001"))) if order.filled else "",
        "leavesQty": plain(leaves),
        "leavesValue": plain(leaves * order.price),
        "cumExecQty": plain(order.filled),
        "cumExecValue": plain(order.cost),
        "cumExecFee": eight(order.fee),
        "timeInForce": tif(order),
        "orderType": "Market" if order.kind is OrderKind.MARKET else "Limit",
        "stopOrderType": "",
        "orderIv": "",
        "marketUnit": "",
        "triggerPrice": "",
        "takeProfit": "",
        "stopLoss": "",
        "tpslMode": "",
        "ocoTriggerBy": "",
        "tpLimitPrice": "",
        "slLimitPrice": "",
        "tpTriggerBy": "",
        "slTriggerBy": "",
        "triggerDirection": 0,
        "triggerBy": "",
        "lastPriceOnCreated": plain(last),
        "reduceOnly": order.reduce_only,
        "closeOnTrigger": False,
        "placeType": "",
        "smpType": "None",
        "smpGroup": 0,
        "smpOrderId": "",
        "slippageToleranceType": "UNKNOWN",
        "slippageTolerance": "",
        "extraFees": "",
        "createdTime": str(order.created_ms),
        "updatedTime": str(order.updated_ms),
        "cumFeeDetail": {"USDT": eight(order.fee)} if order.filled else {},
    }


def execution_row(fill: Fill, order: Order, name: str, item: Instrument) -> dict[str, Any]:
    """Write an execution as it stands after its order's last state."""
    return {
        "symbol": name,
        "orderType": "Market" if order.kind is OrderKind.MARKET else "Limit",
        "underlyingPrice": "",
        "orderLinkId": fill.client_id,
        "orderId": shown_id(fill.order_id),
        "stopOrderType": "",
        "execTime": str(fill.ts_ms),
        "feeCurrency": "",
        "feeCoin": fill.fee_asset,
        "createType": "CreateByUser",
        "feeRate": plain(item.maker_fee if fill.maker else item.taker_fee),
        "tradeIv": "",
        "blockTradeId": "",
        "markPrice": plain(fill.price),
        "execPrice": plain(fill.price),
        "markIv": "",
        "orderQty": plain(order.amount),
        "orderPrice": plain(order.price),
        "execValue": plain(fill.amount * fill.price),
        "closedSize": "0",
        "execType": "BustTrade" if fill.liquidation else "Trade",
        "seq": int(fill.fill_id),
        "side": side_of(fill.side),
        "indexPrice": "",
        "leavesQty": plain(order.remaining if order.status.is_open else Decimal(0)),
        "isMaker": fill.maker,
        "execFee": eight(fill.fee),
        "execId": shown_id(fill.fill_id),
        "marketUnit": "",
        "execQty": plain(fill.amount),
        "extraFees": "",
    }


def position_row(position: Position, name: str, skew_ms: int) -> dict[str, Any]:
    """Write a position by the venue's clock; a flat one has an empty side and no entry price."""
    flat = not position.amount
    side = "" if flat else ("Buy" if position.amount > 0 else "Sell")
    price = position.liquidation_price
    return {
        "positionIdx": 0,
        "riskId": 1,
        "riskLimitValue": "2000000",
        "symbol": name,
        "side": side,
        "size": plain(abs(position.amount)),
        "avgPrice": "0" if flat else plain(position.entry_price.quantize(Decimal("0.00000001"))),
        "positionValue": "" if flat else plain(abs(position.amount) * position.mark_price),
        "tradeMode": 0,
        "autoAddMargin": 0,
        "positionStatus": "Normal",
        "leverage": plain(position.leverage),
        "markPrice": plain(position.mark_price),
        "liqPrice": plain(price.quantize(Decimal("0.01"))) if price else "",
        "bustPrice": "",
        "positionIM": eight(position.initial_margin),
        "positionIMByMp": eight(position.initial_margin),
        "positionMM": eight(position.maintenance),
        "positionMMByMp": eight(position.maintenance),
        "positionBalance": "0",
        "takeProfit": "",
        "stopLoss": "",
        "trailingStop": "0",
        "sessionAvgPrice": "",
        "delta": "",
        "gamma": "",
        "vega": "",
        "theta": "",
        "unrealisedPnl": "" if flat else eight(position.unrealized),
        "curRealisedPnl": "0",
        "cumRealisedPnl": "0",
        "adlRankIndicator": 0 if flat else 2,
        "createdTime": str(position.updated_ms + skew_ms),
        "updatedTime": str(position.updated_ms + skew_ms),
        "seq": position.updated_ms,
        "isReduceOnly": False,
        "mmrSysUpdatedTime": "",
        "leverageSysUpdatedTime": "",
        "tpslMode": "Full",
    }


def wallet_row(balances: list[Balance]) -> dict[str, Any]:
    """Write the unified account as `wallet-balance` and the wallet topic show it."""
    equity = sum((row.equity for row in balances), Decimal(0))
    wallet = sum((row.wallet for row in balances), Decimal(0))
    margin = sum((row.initial_margin for row in balances), Decimal(0))
    maintenance = sum((row.maintenance for row in balances), Decimal(0))
    return {
        "accountType": "UNIFIED",
        "accountLTV": "",
        "accountIMRate": plain((margin / equity).quantize(Decimal("0.0001"))) if equity > 0 else "0",
        "accountMMRate": plain((maintenance / equity).quantize(Decimal("0.0001"))) if equity > 0 else "0",
        "totalEquity": eight(equity),
        "totalWalletBalance": eight(wallet),
        "totalMarginBalance": eight(equity),
        "totalAvailableBalance": eight(sum((row.free for row in balances), Decimal(0))),
        "totalPerpUPL": eight(sum((row.unrealized for row in balances), Decimal(0))),
        "totalInitialMargin": eight(margin),
        "totalMaintenanceMargin": eight(maintenance),
        "coin": [_coin_row(row) for row in balances],
    }


def _coin_row(row: Balance) -> dict[str, Any]:
    return {
        "coin": row.asset,
        "equity": eight(row.equity),
        "usdValue": eight(row.equity),
        "walletBalance": eight(row.wallet),
        "locked": "0",
        "spotHedgingQty": "0",
        "borrowAmount": "0",
        "availableToBorrow": "",
        "availableToWithdraw": "",
        "accruedInterest": "0",
        "totalOrderIM": "0",
        "totalPositionIM": eight(row.initial_margin),
        "totalPositionMM": eight(row.maintenance),
        "unrealisedPnl": eight(row.unrealized),
        "cumRealisedPnl": "0",
        "bonus": "0",
        "marginCollateral": True,
        "collateralSwitch": True,
        "spotBorrow": "0",
    }
