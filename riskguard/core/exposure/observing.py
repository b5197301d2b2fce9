"""What venues say of positions, orders, books and balances, taken into memory; decides nothing."""

from dataclasses import replace
from decimal import Decimal

from riskguard.core.exposure import disputes, ghosts
from riskguard.core.exposure.basis import Bases, Basis
from riskguard.core.exposure.prices import Extremes
from riskguard.core.exposure.pricing import mid_of
from riskguard.core.facts import BasisAgreed
from riskguard.core.memory import Balance, Memory, Resting, signed
from riskguard.core.messages import (
    BalanceRead,
    BookSeen,
    FillSeen,
    HistoryRead,
    MarketsLoaded,
    OpenOrdersRead,
    OrderReport,
    OrderSeen,
    OrderStatus,
    PositionReport,
    PositionsRead,
    Severity,
    Source,
)
from riskguard.core.orders import unrecorded
from riskguard.core.orders.bookkeeping import fill_seen, order_seen
from riskguard.core.orders.intent import Purpose
from riskguard.core.policy import AssetPolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, VenueId

FOREIGN_CHANGE_S = 10.0
"""A leg that carries our hedge must read differently for so long before the change is believed: a position
that lags behind our own fill looks like somebody else's trade, and hedging that would hedge twice."""

EMPTY_FOR_S = 60.0
"""An empty list of orders where some rested must come back empty for so long before they count as gone."""
CLOSED_LATELY_S = 30.0
"""The same holds for so long after an order of ours closed something at home, or executions of the trader's
told what is held: lists may lag behind them, and two stale readings agree as well."""


def markets_loaded(memory: Memory, turn: Turn, seen: MarketsLoaded) -> None:
    """Learn a venue's instruments; a leg it does not list is told once."""
    memory.markets.update({market.leg: market for market in seen.markets})
    memory.rungs[seen.venue] = seen.rungs
    for leg in memory.legs(seen.venue):
        if leg not in memory.markets:
            title = f"{leg.venue} lists no market {leg.symbol}"
            memory.tell(turn, Severity.ALARM, title, "the leg is not guarded", once=title)


def book_seen(memory: Memory, turn: Turn, seen: BookSeen) -> None:
    """Take in a book, and how far the price went at venues other than those in trouble.

    Where every venue is in trouble, those whose books still come give the price for the others.
    """
    memory.prices = memory.prices.see(seen, turn.now.mono_s)
    book = memory.prices.books[seen.leg]
    asset = memory.policy.asset_of(seen.leg)
    if asset is None or not book.sound:
        return
    if not memory.standing(seen.leg.venue).fine and _shown_well(memory, turn, asset):
        return
    for venue in memory.troubled():
        if venue != seen.leg.venue and any(leg.venue == venue for leg in (*asset.legs, *asset.hedge_on)):
            if memory.lonely(seen.leg, turn.now.mono_s, sick=venue):
                continue  # one venue's wrong price fills nobody's orders
            reached = memory.extremes.get((venue, asset.name), Extremes(book.mid, book.mid))
            memory.extremes[venue, asset.name] = reached.reach(book.mid)


def _shown_well(memory: Memory, turn: Turn, asset: AssetPolicy) -> bool:
    """Tell whether a venue that is well gives an asset's price."""
    age_s = memory.policy.limits.data_age_s
    legs = (leg for leg in (*asset.legs, *asset.hedge_on) if memory.standing(leg.venue).fine)
    return any(memory.prices.fresh(leg, turn.now.mono_s, age_s) is not None for leg in legs)


def begin_extremes(memory: Memory, turn: Turn, venue: VenueId) -> None:
    """Start to follow each asset's price elsewhere, when a venue stops being FINE."""
    for asset in memory.policy.assets:
        legs = tuple(dict.fromkeys((*asset.legs, *asset.hedge_on)))
        mid = mid_of(memory, asset, turn)
        if mid is not None and any(leg.venue == venue for leg in legs):
            memory.extremes.setdefault((venue, asset.name), Extremes(mid, mid))


def end_extremes(memory: Memory, venue: VenueId) -> None:
    """Stop to follow, when a venue is FINE again."""
    memory.extremes = {key: reached for key, reached in memory.extremes.items() if key[0] != venue}


def positions_read(memory: Memory, turn: Turn, seen: PositionsRead) -> None:
    """Take in one reading of positions; a leg missing from a complete list is a weak zero."""
    told = {report.leg: report for report in seen.positions}
    if seen.complete:
        memory.unlisted.pop(seen.venue, None)
    for report in seen.positions:
        _reading(memory, turn, report, seen, weak=not report.listed)
    if not seen.complete:
        return
    for leg in memory.legs(seen.venue):
        market = memory.markets.get(leg)
        if leg not in told and (market is None or market.derivative):
            _reading(memory, turn, PositionReport(leg, ZERO), seen, weak=True)


def _reading(memory: Memory, turn: Turn, report: PositionReport, seen: PositionsRead, *, weak: bool) -> None:
    leg = report.leg
    if leg not in memory.legs(leg.venue):
        if report.amount != ZERO:
            memory.unlisted.setdefault(leg.venue, {})[leg] = report
            title = f"{leg} holds {signed(report.amount)} and no asset lists it"
            memory.tell(turn, Severity.WARNING, title, "it is not guarded", once=str(leg))
        return
    moving = any(order.intent.purpose is not Purpose.CANARY for order in memory.ledger.pending(leg=leg))
    if moving:
        memory.bases = _report_only(memory.bases, report, seen.asked_mono_s)
        return
    ours = memory.ours(leg)
    moved_s = memory.bases.touched.get(leg, float("-inf"))
    closing = turn.now.mono_s - moved_s < CLOSED_LATELY_S and memory.ledger.closes_at_home(leg)
    fills = memory.foreign_fills.get(leg)
    lately = fills is not None and turn.now.mono_s - fills.explained_s < CLOSED_LATELY_S
    lately = lately and not _is_drift(memory, report, ours)
    apart_s = FOREIGN_CHANGE_S if ours != ZERO or closing or lately else 0.0
    known = memory.bases.agreed.get(leg)
    memory.bases, fact = memory.bases.read(
        report, ours, seen.source, seen.asked_mono_s, turn.now, weak=weak, apart_s=apart_s
    )
    if fact is None:
        _explain(memory, turn, leg, seen.asked_mono_s)
    else:
        _believe(memory, turn, fact, known)


def _is_drift(memory: Memory, report: PositionReport, ours: Decimal) -> bool:
    """Tell whether a leg reads differently only by what coin margin drifts: less than a lot."""
    basis, market = memory.bases.agreed.get(report.leg), memory.markets.get(report.leg)
    if not report.margin or basis is None or market is None:
        return False
    return abs(report.amount - ours - basis.amount) <= market.lot


def _explain(memory: Memory, turn: Turn, leg: Leg, asked_s: float) -> None:
    """Believe what is read of a leg, asked for at that moment, where the trader's own fills lead to it."""
    dispute, fills = memory.bases.disputed(leg, asked_s), memory.foreign_fills.get(leg)
    if dispute and fills and fills.explain(dispute, memory.clock_doubt_ms, turn.now.mono_s):
        known = memory.bases.agreed.get(leg)
        memory.bases, fact = memory.bases.explain(leg, turn.now)
        if fact is not None:
            _believe(memory, turn, fact, known)


def _believe(memory: Memory, turn: Turn, fact: BasisAgreed, known: Basis | None) -> None:
    """Put on record what is held now, and say what that means."""
    leg, before = fact.leg, memory.others.changes.get(fact.leg, ZERO)
    memory.record(fact, turn)
    if memory.others.changes.get(leg, ZERO) != before:
        disputes.changed(memory, turn, leg)
    incident, ours = memory.incidents.open_at(leg.venue), memory.ours(leg)
    if incident is not None and ours == ZERO and known is not None and _is_news(memory, known, fact):
        title = f"{leg}: {signed(known.amount)} became {signed(fact.amount)}"
        memory.tell(turn, Severity.WARNING, title, fact.because, incident=incident.id)


def _is_news(memory: Memory, known: Basis, fact: BasisAgreed) -> bool:
    """Tell whether a change is one that a person wants to hear of: coin margin moves with every fee."""
    market = memory.markets.get(fact.leg)
    least = market.lot if market is not None and fact.margin else ZERO
    return abs(known.amount - fact.amount) > least


def _report_only(bases: Bases, report: PositionReport, asked_s: float) -> Bases:
    """Keep a report that proves nothing of the trader's part, but may show what became of our order."""
    return Bases(
        bases.readings, bases.agreed, {**bases.reports, report.leg: (report, asked_s)}, bases.touched
    )


def open_orders_read(memory: Memory, turn: Turn, seen: OpenOrdersRead) -> None:
    """Take in the complete list of resting orders: the trader's are kept, ours are told to the ledger."""
    theirs: dict[str, OrderReport] = {}
    for report in seen.orders:
        if report.client_id in memory.ledger.orders:
            order_seen(memory, turn, report, Source.OPEN_ORDERS)
            continue
        disputes.stranger(memory, turn, seen.venue, report.client_id)
        theirs[report.order_id] = report
    known, agreed = memory.resting.get(seen.venue, Resting()), memory.bases.agreed
    held = {order.leg: agreed[order.leg].amount for order in theirs.values() if order.leg in agreed}
    emptied_s: float | None = None
    if not theirs:
        theirs, emptied_s = _unended(memory, turn, seen.venue)
        held = dict(known.held)
    for identity, order in memory.resting.get(seen.venue, Resting()).orders.items():
        if identity not in theirs:
            _vanish(memory, turn, order)
    memory.resting[seen.venue] = Resting(theirs, seen.asked_mono_s, emptied_s, held)


def _unended(memory: Memory, turn: Turn, venue: VenueId) -> tuple[dict[str, OrderReport], float | None]:
    """Give orders that are all missing from an empty list, and since when: lists come back empty by accident.

    A stream tells the end of each; where there is none, a list that is empty for long is believed. One that
    we asked to be cancelled is rightly missing, and so is one whose leg reads differently since: it filled.
    """
    known, now_s = memory.resting.get(venue, Resting()), turn.now.mono_s
    emptied_s = now_s if known.emptied_s is None else known.emptied_s
    if now_s - emptied_s >= EMPTY_FOR_S:
        return {}, None
    incident = memory.incidents.open_at(venue)
    asked = memory.handling[incident.id].cancelled if incident is not None else {}
    agreed = memory.bases.agreed
    kept = {
        identity: order
        for identity, order in known.orders.items()
        if identity not in asked
        and (order.leg not in agreed or agreed[order.leg].amount == known.held.get(order.leg))
    }
    return kept, emptied_s if kept else None


def _vanish(memory: Memory, turn: Turn, order: OrderReport) -> None:
    """Keep an order that left the list in mind: cancelled, or filled and no position shows it yet."""
    venue, now_s = order.leg.venue, turn.now.mono_s
    kept = {
        identity: (known, gone_s)
        for identity, (known, gone_s) in memory.vanished.get(venue, {}).items()
        if not ghosts.settled(memory, known, gone_s)
    }
    memory.vanished[venue] = {**kept, order.order_id: (order, now_s)}


def order_seen_anywhere(memory: Memory, turn: Turn, seen: OrderSeen) -> None:
    """Take in one order's state, ours or the trader's."""
    report = seen.report
    if report.client_id in memory.ledger.orders or unrecorded.take_up_report(memory, turn, report):
        order_seen(memory, turn, report, seen.source)
        return
    if seen.source is Source.STREAM:
        disputes.stranger(memory, turn, report.leg.venue, report.client_id)
    known = memory.resting.get(report.leg.venue, Resting())
    orders = {key: order for key, order in known.orders.items() if key != report.order_id}
    held = known.held
    if report.status is OrderStatus.OPEN:
        orders[report.order_id] = report
        basis = memory.bases.agreed.get(report.leg)
        if report.order_id not in known.orders and basis is not None:
            held = {**held, report.leg: basis.amount}
    elif (before := known.orders.get(report.order_id)) is not None and report.filled > before.filled:
        _vanish(memory, turn, replace(before, amount=report.filled))
    memory.resting[report.leg.venue] = replace(known, orders=orders, held=held)


def fill_seen_anywhere(memory: Memory, turn: Turn, seen: FillSeen) -> None:
    """Take in one execution, ours or the trader's."""
    if seen.source is Source.STREAM:  # lists tell of the past as well, when a lost journal was at work
        disputes.stranger(memory, turn, seen.report.leg.venue, seen.report.client_id)
    fill_seen(memory, turn, seen.report, seen.source)
    reading = memory.bases.readings.get(seen.report.leg)
    if reading is not None and not memory.ledger.pending(leg=seen.report.leg):
        _explain(memory, turn, seen.report.leg, reading.asked_s)


def account_read(memory: Memory, turn: Turn, seen: OpenOrdersRead | BalanceRead | HistoryRead) -> None:
    """Take in an account's resting orders, its equity, or what it remembers of ended orders."""
    if isinstance(seen, HistoryRead):
        disputes.history_read(memory, seen)
        for report in seen.orders:
            if unrecorded.take_up_report(memory, turn, report):
                order_seen(memory, turn, report, Source.LOOKUP)
    elif isinstance(seen, OpenOrdersRead):
        open_orders_read(memory, turn, seen)
    else:
        memory.balances[seen.venue] = Balance(seen.equity, seen.free, seen.asked_mono_s)
