"""OKX's public answers: time, status, instruments, book, tickers, funding."""

from typing import Any

from riskguard.simulation.engine import Instrument, TradingMode
from riskguard.simulation.wire.config import INVERSE_DOLLARS, is_inverse
from riskguard.simulation.wire.face import Ask
from riskguard.simulation.wire.feeds import plain
from riskguard.simulation.wire.okx.desk import DEPTH, OkxDesk

_FUNDING_MS = 28_800_000


def server_time(desk: OkxDesk, _: Ask) -> Any:
    """Answer `public/time`."""
    return [{"ts": str(desk.venue.shown_ms())}]


def system_status(desk: OkxDesk, _: Ask) -> Any:
    """Answer `system/status`: an ongoing maintenance while the venue is halted, else no rows."""
    if desk.venue.engine.mode() is not TradingMode.HALTED:
        return []
    shown = desk.venue.shown_ms()
    row = {
        "begin": str(shown - 60_000),
        "end": str(shown + 3_600_000),
        "href": "",
        "preOpenBegin": "",
        "scheDesc": "",
        "serviceType": "3",
        "maintType": "2",
        "env": "1",
        "state": "ongoing",
        "system": "unified",
        "title": "Perpetual trading system upgrade",
    }
    return [row]


def instruments(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `public/instruments`; only swaps exist."""
    if ask.get("instType") != "SWAP":
        return []
    engine = desk.venue.engine
    return [
        _instrument(item, desk.ids[symbol], number, engine.mode(symbol))
        for number, (symbol, item) in enumerate(engine.instruments.items(), 10_459)
        if ask.get("instId") in ("", desk.ids[symbol])
    ]


def order_book(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `market/books` from the same book as the stream."""
    symbol = desk.symbol(ask.get("instId"))
    feed = desk.refresh(symbol)
    book, size = feed.snapshot(), min(ask.number("sz", 1), DEPTH)
    row = {
        "asks": desk.rows(symbol, book.asks[:size]),
        "bids": desk.rows(symbol, book.bids[:size]),
        "ts": str(desk.venue.shown_ms()),
        "seqId": feed.update_id,
    }
    return [row]


def ticker(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `market/ticker`."""
    return [ticker_row(desk, desk.symbol(ask.get("instId")))]


def tickers(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `market/tickers`."""
    return [ticker_row(desk, symbol) for symbol in desk.ids] if ask.get("instType") == "SWAP" else []


def ticker_row(desk: OkxDesk, symbol: str) -> dict[str, Any]:
    """Write a ticker as REST and the stream show it."""
    engine = desk.venue.engine
    book, mid, size = (
        engine.book(symbol, 1),
        plain(engine.mid(symbol)),
        engine.instruments[symbol].contract_size,
    )
    return {
        "instType": "SWAP",
        "instId": desk.ids[symbol],
        "last": mid,
        "lastSz": "1",
        "askPx": plain(book.asks[0].price) if book.asks else "",
        "askSz": desk.contracts(symbol, book.asks[0].amount) if book.asks else "",
        "bidPx": plain(book.bids[0].price) if book.bids else "",
        "bidSz": desk.contracts(symbol, book.bids[0].amount) if book.bids else "",
        "open24h": mid,
        "high24h": mid,
        "low24h": mid,
        "volCcy24h": "100000",
        "vol24h": plain(100_000 / size),
        "ts": str(desk.venue.shown_ms()),
        "sodUtc0": mid,
        "sodUtc8": mid,
    }


def mark_price(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `public/mark-price`."""
    shown = str(desk.venue.shown_ms())
    return [
        {
            "instType": "SWAP",
            "instId": desk.ids[symbol],
            "markPx": plain(desk.venue.engine.mark(symbol)),
            "ts": shown,
        }
        for symbol in desk.chosen(ask.get("instId"))
    ]


def funding_rate(desk: OkxDesk, ask: Ask) -> Any:
    """Answer `public/funding-rate`: a constant rate every eight hours."""
    symbol = desk.symbol(ask.get("instId"))
    shown = desk.venue.shown_ms()
    due = (shown // _FUNDING_MS + 1) * _FUNDING_MS
    row = {
        "formulaType": "withRate",
        "fundingRate": "0.0001",
        "fundingTime": str(due),
        "impactValue": "20000",
        "instId": desk.ids[symbol],
        "instType": "SWAP",
        "interestRate": "0.0001",
        "maxFundingRate": "0.00375",
        "method": "current_period",
        "minFundingRate": "-0.00375",
        "nextFundingRate": "",
        "nextFundingTime": str(due + _FUNDING_MS),
        "premium": "0",
        "prevFundingTime": str(due - _FUNDING_MS),
        "settFundingRate": "0.0001",
        "settState": "settled",
        "ts": str(shown),
    }
    return [row]


def currencies(desk: OkxDesk, _: Ask) -> Any:
    """Answer `asset/currencies`: one chain per coin."""
    names = {coin for item in desk.venue.engine.instruments.values() for coin in (item.base, item.quote)}
    return [_currency(name) for name in sorted(names)]


def _instrument(item: Instrument, name: str, number: int, mode: TradingMode) -> dict[str, Any]:
    largest, inverse = plain(item.max_amount / item.contract_size), is_inverse(item.symbol)
    return {
        "alias": "",
        "auctionEndTime": "",
        "baseCcy": "",
        "category": "1",
        "contTdSwTime": "1611916828000",
        "ctMult": "1",
        "ctType": "inverse" if inverse else "linear",
        "ctVal": plain(INVERSE_DOLLARS[item.base]) if inverse else plain(item.contract_size),
        "ctValCcy": item.quote if inverse else item.base,
        "expTime": "",
        "futureSettlement": False,
        "groupId": "1",
        "instFamily": f"{item.base}-{item.quote}",
        "instId": name,
        "instIdCode": number,
        "instType": "SWAP",
        "lever": "100",
        "listTime": "1611916828000",
        "lotSz": plain(item.lot / item.contract_size),
        "maxIcebergSz": largest,
        "maxLmtAmt": "20000000",
        "maxLmtSz": largest,
        "maxMktAmt": "",
        "maxMktSz": largest,
        "maxStopSz": largest,
        "maxTriggerSz": largest,
        "maxTwapSz": largest,
        "minSz": plain(item.min_amount / item.contract_size),
        "openType": "",
        "optType": "",
        "quoteCcy": "",
        "ruleType": "normal",
        "settleCcy": item.base if inverse else item.quote,
        "state": "live" if mode is TradingMode.FULL else "suspend",
        "stk": "",
        "tickSz": plain(item.tick),
        "tradeQuoteCcyList": [],
        "uly": f"{item.base}-{item.quote}",
    }


def _currency(name: str) -> dict[str, Any]:
    return {
        "burningFeeRate": "",
        "canDep": True,
        "canInternal": True,
        "canWd": True,
        "ccy": name,
        "chain": f"{name}-ERC20",
        "ctAddr": "",
        "depEstOpenTime": "",
        "depQuotaFixed": "",
        "depQuoteDailyLayer2": "",
        "fee": "0.0005",
        "logoLink": "",
        "mainNet": False,
        "maxFee": "0.001",
        "maxFeeForCtAddr": "",
        "maxWd": "1000000",
        "minDep": "0.0005",
        "minDepArrivalConfirm": "1",
        "minFee": "0.0005",
        "minFeeForCtAddr": "",
        "minInternal": "0.0001",
        "minWd": "0.001",
        "minWdUnlockConfirm": "2",
        "name": name,
        "needTag": False,
        "usedDepQuotaFixed": "",
        "usedWdQuota": "0",
        "wdEstOpenTime": "",
        "wdQuota": "10000000",
        "wdTickSz": "8",
    }
