"""The engine's words as the guard's border would report them."""

from decimal import Decimal

from riskguard.core.detect import OutcomeClass
from riskguard.core.messages import FillReport, OrderReport, OrderStatus, PositionReport
from riskguard.core.orders.intent import OrderIntent, TimeInForce
from riskguard.core.orders.outcome import Accepted, NotSent, Outcome, Reason, Rejected, Unknown
from riskguard.core.types import Leg, Market, Side
from riskguard.simulation import engine
from riskguard.simulation.world.exchange import Reply

OUTCOMES: dict[str, tuple[OutcomeClass, Outcome]] = {
    "nothing": (OutcomeClass.UNKNOWN, Unknown("no answer in time")),
    "refused": (OutcomeClass.VENUE_FAULT, Rejected(Reason.OVERLOAD, "503", "overloaded")),
    "exempt": (
        OutcomeClass.VENUE_FAULT,
        Rejected(Reason.OVERLOAD, "-1008", "all but reduce-only refused"),
    ),
    "error": (OutcomeClass.VENUE_FAULT, Unknown("internal error; execution status unknown")),
    "throttled": (OutcomeClass.RATE_LIMITED, Rejected(Reason.THROTTLED, "429", "too many requests")),
    "denied": (OutcomeClass.AUTH, Rejected(Reason.CREDENTIALS, "-2015", "invalid API key")),
    "expired": (OutcomeClass.AUTH, Rejected(Reason.CREDENTIALS, "-1021", "outside of the receive window")),
    "local": (OutcomeClass.LOCAL, NotSent("no route to host")),
}
"""Every reply but `ok`: as evidence and as the outcome of an order call."""
REASONS = {
    engine.Refusal.FUNDS: Reason.FUNDS,
    engine.Refusal.GONE: Reason.GONE,
    engine.Refusal.CANCEL_ONLY: Reason.RESTRICTED,
    engine.Refusal.POST_ONLY_MODE: Reason.RESTRICTED,
    engine.Refusal.HALTED: Reason.SYMBOL,
}


def outcome_of(reply: Reply) -> tuple[OutcomeClass, Outcome]:
    """Give evidence and outcome of an order or cancel call."""
    if reply.kind != "ok":
        return OUTCOMES[reply.kind]
    match reply.value:
        case engine.Placed(order) | engine.Cancelled(order):
            return OutcomeClass.OK, Accepted(order.order_id)
        case engine.Refused(code, text):
            reason = REASONS.get(code, Reason.ORDER)
            halted = reason in (Reason.RESTRICTED, Reason.SYMBOL)
            evidence = OutcomeClass.SYMBOL_HALT if halted else OutcomeClass.USER_FAULT
            return evidence, Rejected(reason, code.value, text)
        case _:
            raise TypeError(f"no outcome in {reply.value!r}")


def request_of(intent: OrderIntent) -> engine.OrderRequest:
    """Write an intent as the engine's request."""
    post_only = intent.tif is TimeInForce.POST_ONLY
    return engine.OrderRequest(
        intent.leg.symbol,
        engine.Side(intent.side.value),
        intent.amount,
        intent.price,
        tif=engine.Tif.GTC if post_only else engine.Tif.IOC,
        post_only=post_only,
        reduce_only=intent.reduce_only,
        client_id=intent.client_id,
    )


def order_report(venue: str, order: engine.Order) -> OrderReport:
    """Describe an order."""
    return OrderReport(
        Leg(venue, order.symbol),
        order.order_id,
        order.client_id,
        Side(order.side.value),
        order.amount,
        order.price or None,
        order.filled,
        order.average or None,
        OrderStatus.OPEN if order.status.is_open else OrderStatus.CLOSED,
        order.reduce_only,
    )


def fill_report(venue: str, fill: engine.Fill, *, named: bool = True) -> FillReport:
    """Describe an execution; `named`: the venue writes our client id into it."""
    return FillReport(
        Leg(venue, fill.symbol),
        fill.fill_id,
        fill.order_id,
        fill.client_id if named else "",
        Side(fill.side.value),
        fill.amount,
        fill.price,
        fill.fee,
        fill.ts_ms,
    )


def position_report(venue: str, position: engine.Position) -> PositionReport:
    """Describe a position."""
    return PositionReport(
        Leg(venue, position.symbol),
        position.amount,
        position.entry_price or None,
        position.mark_price,
        position.liquidation_price or None,
    )


def spot_report(venue: str, instrument: engine.Instrument, balance: engine.Balance) -> PositionReport:
    """Describe a spot leg: what the account holds of the base, locked or not."""
    return PositionReport(Leg(venue, instrument.symbol), balance.wallet)


def market_of(venue: str, instrument: engine.Instrument) -> Market:
    """Describe an instrument."""
    return Market(
        Leg(venue, instrument.symbol),
        instrument.base,
        instrument.quote,
        instrument.lot,
        instrument.min_amount,
        instrument.min_notional,
        instrument.tick,
        derivative=instrument.kind is engine.InstrumentKind.SWAP,
        taker_fee_bps=instrument.taker_fee * Decimal(10_000),
    )


def levels(rows: tuple[engine.Level, ...], factor: Decimal) -> tuple[tuple[Decimal, Decimal], ...]:
    """Copy one side of a book, prices times `factor`."""
    return tuple((row.price * factor, row.amount) for row in rows)
