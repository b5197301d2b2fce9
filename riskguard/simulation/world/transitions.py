"""Which rows of the order and the incident table a history went through, and which none can go through.

An event counts when it befalls an order in a state, also where it brings no news and is not journalled.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from riskguard.core.incident import table as incidents
from riskguard.core.messages import (
    FillReport,
    FillSeen,
    LookupAnswered,
    Observation,
    OpenOrdersRead,
    OrderAnswered,
    OrderReport,
    OrderSeen,
    OrderStatus,
)
from riskguard.core.orders import lifecycle as orders
from riskguard.core.orders.ledger import Ledger
from riskguard.core.orders.outcome import Accepted, NotSent, Outcome, Rejected
from riskguard.core.types import ClientId

CANNOT: Mapping[str, str] = MappingProxyType({})
"""Rows that no simulated history can go through, and why."""


def rows() -> tuple[str, ...]:
    """Name all rows of both tables, as they are counted."""
    return (
        *(order_row(state, event) for state, events in orders.TABLE.items() for event in events),
        *(incident_row(state, event) for state, events in incidents.TABLE.items() for event in events),
    )


def order_row(state: orders.State, event: orders.Event) -> str:
    """Name one row of the order table."""
    return f"order {state} --{event}--> {orders.TABLE[state][event]}"


def incident_row(state: incidents.State, event: incidents.Event) -> str:
    """Name one row of the incident table."""
    return f"incident {state} --{event}--> {incidents.TABLE[state][event]}"


def befallen(observation: Observation | None, ledger: Ledger) -> Iterator[tuple[ClientId, orders.Event]]:
    """Name the events that an observation means for our orders, as far as they are known."""
    match observation:
        case OrderAnswered(client_id, outcome, report):
            yield client_id, _of_outcome(outcome)
            if report is not None:
                yield from _of_reports((report,), client_id)
        case OrderSeen(report):
            yield from _of_reports((report,), report.client_id)
        case OpenOrdersRead(_, reports):
            for report in reports:
                yield from _of_reports((report,), report.client_id)
        case LookupAnswered(client_id, _, _, _, reports, fills):
            yield from _of_reports(reports, client_id)
            for fill in fills:
                yield client_id, _of_fill(fill, ledger, client_id)
        case FillSeen(fill) if fill.client_id in ledger.orders:
            yield fill.client_id, _of_fill(fill, ledger, fill.client_id)
        case _:
            pass


def _of_outcome(outcome: Outcome) -> orders.Event:
    match outcome:
        case Accepted():
            return orders.Event.ACCEPTED
        case Rejected():
            return orders.Event.REJECTED
        case NotSent():
            return orders.Event.NOT_SENT
        case _:
            return orders.Event.UNKNOWN


def _of_reports(
    reports: tuple[OrderReport, ...], client_id: ClientId
) -> Iterator[tuple[ClientId, orders.Event]]:
    for report in reports:
        if report.client_id == client_id:
            is_open = report.status is OrderStatus.OPEN
            yield client_id, orders.Event.SEEN_OPEN if is_open else orders.Event.SEEN_CLOSED


def _of_fill(fill: FillReport, ledger: Ledger, client_id: ClientId) -> orders.Event:
    order = ledger.orders.get(client_id)
    whole = order is not None and fill.amount >= order.intent.amount
    return orders.Event.SEEN_CLOSED if whole else orders.Event.FILLED
