"""The doubt ladder's rungs: one question each about one of our orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never

from riskguard.core.messages import FillReport, LookUpOrder, LookupRung, OrderReport
from riskguard.venues.instruments import Instrument
from riskguard.venues.quirks.base import NotOffered, Quirks
from riskguard.venues.reports import client_id_of, fill_report, order_report

_CLOCKS_MS: Final = 60_000
"""Looking back a little further than asked covers the difference between clocks."""

_SHORTEST_PAGE: Final = 20
"""The fewest rows that a venue gives per answer where no limit is asked for (Bybit)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one question found."""

    reports: tuple[OrderReport, ...] = ()
    fills: tuple[FillReport, ...] = ()


async def look_up(client: Any, quirks: Quirks, instrument: Instrument, command: LookUpOrder) -> Found:
    """Ask; raises what ccxt raises, `NotOffered` where the answer could not be attributed to the order."""
    symbol = command.leg.symbol
    since_ms = max(0, command.since_ms - _CLOCKS_MS)
    match command.rung:
        case LookupRung.CLIENT_ID:
            rows = await quirks.find(client, symbol, command.client_id, command.order_id)
            return Found(tuple(_asked_for(order_report(row, instrument, quirks), command) for row in rows))
        case LookupRung.OPEN:
            return _ours(await quirks.open_orders_of(client, symbol), instrument, quirks, command)
        case LookupRung.HISTORY:
            rows = await quirks.history(client, symbol, since_ms)
            found = _ours(rows, instrument, quirks, command)
            return found if found.reports else _unless_cut(found, rows, quirks.history_limit)
        case LookupRung.TRADES:
            rows = await quirks.trades(client, symbol, since_ms)
            if not command.order_id and any(not client_id_of(row, quirks) for row in rows):
                command = await _with_order_id(client, quirks, instrument, command, since_ms)
            found = _fills(rows, instrument, quirks, command)
            return found if found.fills else _unless_cut(found, rows, quirks.trades_limit)
        case _:
            assert_never(command.rung)


async def _with_order_id(
    client: Any, quirks: Quirks, instrument: Instrument, command: LookUpOrder, since_ms: int
) -> LookUpOrder:
    """Learn from the history what the venue calls our order: trades at Binance name nothing else."""
    rows = await quirks.history(client, command.leg.symbol, since_ms)
    ours = _ours(rows, instrument, quirks, command).reports
    return replace(command, order_id=ours[0].order_id) if ours else command


def _asked_for(report: OrderReport, command: LookUpOrder) -> OrderReport:
    """Name a row that names nobody: it was asked for by our id, so it is the order."""
    return report if report.client_id else replace(report, client_id=command.client_id)


def _unless_cut(found: Found, rows: Sequence[Any], limit: int | None) -> Found:
    """Believe "not there" only of a list that was not cut off at a page's end."""
    if len(rows) >= (limit or _SHORTEST_PAGE):
        raise NotOffered("the list is longer than one answer, and our order may be on another page")
    return found


def _ours(rows: Iterable[Any], instrument: Instrument, quirks: Quirks, command: LookUpOrder) -> Found:
    reports = (order_report(row, instrument, quirks) for row in rows)
    return Found(
        tuple(
            report
            for report in reports
            if report.client_id == command.client_id
            or (command.order_id and report.order_id == command.order_id)
        )
    )


def _fills(rows: list[Any], instrument: Instrument, quirks: Quirks, command: LookUpOrder) -> Found:
    fills = [fill_report(row, instrument, quirks) for row in rows]
    ours = tuple(
        fill
        for fill in fills
        if fill.client_id == command.client_id or (command.order_id and fill.order_id == command.order_id)
    )
    nameless = [fill for fill in fills if not fill.client_id]
    if not ours and nameless and not command.order_id:
        # Trades without client ids (Binance) and no order id to go by: they may or may not be ours.
        raise NotOffered("trades at this venue do not name our order")
    return Found(fills=ours)
