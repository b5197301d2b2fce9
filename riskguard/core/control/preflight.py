"""`preflight`: a minimum-size hedge and its release on each backup, with real fees, latency and costs.

It is the person's own word that these few orders are sent for; mode, ceilings, margin and journal bind them
like any hedge. What was bought is sold again whatever happens, over restarts too. A backup that passed counts
as one that takes orders until `preflight_age` is over.
"""

from decimal import Decimal

from riskguard.core.control.flights import Flight
from riskguard.core.exposure import disputes
from riskguard.core.exposure.assessing import account_of
from riskguard.core.exposure.prices import TEN_THOUSAND
from riskguard.core.exposure.pricing import mid_of
from riskguard.core.facts import IntentRecorded, PreflightEnded
from riskguard.core.hedge.limits import Ask, Refused, judge
from riskguard.core.hedge.plan import band, smallest
from riskguard.core.hedge.usage import notional_today, orders_this_minute
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import PlaceOrder, ReadKind, ReadVenue, Severity
from riskguard.core.orders.bookkeeping import EXPIRES_S
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.lifecycle import Order, State
from riskguard.core.policy import AssetPolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, Mode, Side, VenueId
from riskguard.core.watch.reading import DEADLINE_S

ALONE = "preflight"
"""`by` of a word that was given to a guard started for nothing else: it needs no arming before."""
READY_WITHIN_S = 30.0
"""A backup that cannot take the order by then (markets, book, balance, condition) has failed."""
FEES_WITHIN_S = 6.0
AGAIN_S = (1.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Before the n-th try to sell what was bought; the last goes on for ever."""
ROOM = Decimal("0.98")
"""The minimum is met with some room: the release must meet it too, at a lower price."""


def begin(memory: Memory, turn: Turn, by: str) -> None:
    """Begin on every backup at once, or say why not."""
    memory.preflights.refused = _refusal(memory, by)
    if memory.preflights.refused:
        memory.tell(turn, Severity.WARNING, "no preflight", memory.preflights.refused)
        return
    memory.preflights.ended = {}
    for venue in memory.policy.venues:
        leg = next((leg for a in memory.policy.assets for leg in a.hedge_on if leg.venue == venue.id), None)
        if venue.can_hedge and leg is not None:
            memory.preflights.under_way[venue.id] = Flight(leg, turn.now.mono_s)
    names = ", ".join(memory.preflights.under_way) or "no backup to fly to"
    memory.tell(turn, Severity.WARNING, f"preflight by {by}", f"one minimum-size round trip on: {names}")


def _refusal(memory: Memory, by: str) -> str:
    """Give why no preflight may begin; empty when it may."""
    may = memory.armed or (by == ALONE and memory.last_word != "disarm")
    busy = next((incident.id for incident in memory.incidents if incident.open), "")
    reasons = (
        (memory.policy.mode not in (Mode.CONFIRM, Mode.AUTO), f"mode {memory.policy.mode} sends nothing"),
        (not may, "not armed: riskguard arm"),
        (bool(memory.preflights.under_way), "one is under way"),
        (bool(busy), f"incident {busy} is open"),
        (bool(memory.journal_ill), f"the journal cannot be written: {memory.journal_ill}"),
        (bool(memory.self_ill), f"our own side is in trouble: {memory.self_ill}"),
    )
    refused = next((text for applies, text in reasons if applies), "")
    return refused or disputes.refusal(memory)


def step(memory: Memory, turn: Turn) -> None:
    """Take every flight one step; what an earlier run left bought is sold first of all."""
    if not memory.preflights.resumed:
        memory.preflights.resumed = True
        _resume(memory, turn)
    for venue, flight in list(memory.preflights.under_way.items()):
        _fly(memory, turn, venue, flight)


def _resume(memory: Memory, turn: Turn) -> None:
    for order in memory.ledger:
        if order.intent.purpose is Purpose.PREFLIGHT:
            leg = order.intent.leg
            memory.preflights.under_way.setdefault(leg.venue, Flight(leg, turn.now.mono_s)).ids.append(
                order.intent.client_id
            )
    for venue, flight in list(memory.preflights.under_way.items()):
        orders = _orders(memory, flight)
        if _left(orders) == ZERO and not any(order.pending for order in orders):
            del memory.preflights.under_way[venue]


def _orders(memory: Memory, flight: Flight) -> list[Order]:
    return [memory.ledger.orders[identity] for identity in flight.ids]


def _left(orders: list[Order]) -> Decimal:
    return sum((order.filled * order.intent.side.sign for order in orders), ZERO)


def _fly(memory: Memory, turn: Turn, venue: VenueId, flight: Flight) -> None:
    orders = _orders(memory, flight)
    if orders and flight.latency_ms is None and orders[0].state is not State.INTENDED:
        sent_s = memory.sent_s.get(orders[0].intent.client_id, turn.now.mono_s)
        flight.latency_ms = round((turn.now.mono_s - sent_s) * 1000, 1)
    if any(order.pending for order in orders):
        return
    left = _left(orders)
    if not orders:
        _open(memory, turn, venue, flight)
    elif left != ZERO:
        _close(memory, turn, flight, left)
    elif orders[0].filled == ZERO:
        _end(memory, turn, venue, flight, "the order came back unfilled")
    else:
        _count(memory, turn, venue, flight, orders)


def _open(memory: Memory, turn: Turn, venue: VenueId, flight: Flight) -> None:
    asset, leg = memory.policy.asset_of(flight.leg), flight.leg
    market, book = memory.markets.get(leg), memory.prices.books.get(leg)
    mid = mid_of(memory, asset, turn) if asset is not None else None
    if asset is None or market is None or mid is None or book is None or not book.sound:
        flight.waits_for = "its market or its book is not known"
    else:
        amount = smallest((market,), min(mid, book.mid) * ROOM)
        price = band(mid, Side.BUY, memory.policy.limits.slippage_bps, market.tick)
        ruling = judge(_ask(memory, turn, leg, asset, amount * price), memory.policy.limits)
        if not isinstance(ruling, Refused):
            _send(memory, turn, flight, asset, Side.BUY, amount, price)
            return
        flight.waits_for = ruling.because
        if ruling.limited_by == "ceiling":
            _end(memory, turn, venue, flight, f"refused: {ruling.because}")
            return
    if turn.now.mono_s >= flight.began_s + READY_WITHIN_S:
        _end(memory, turn, venue, flight, flight.waits_for)


def _ask(memory: Memory, turn: Turn, leg: Leg, asset: AssetPolicy, notional: Decimal) -> Ask:
    now_ms, age_s = turn.now.wall_ms, memory.policy.limits.data_age_s
    mid = mid_of(memory, asset, turn)
    lonely = memory.lonely(leg, turn.now.mono_s, sick="")
    return Ask(
        leg=leg,
        notional=notional,
        mode=memory.policy.mode,
        armed=True,
        said_yes=True,
        venue_fine=memory.standing(leg.venue).fine,
        place_proven=True,  # that is what is to be shown
        book_fresh=memory.prices.fresh(leg, turn.now.mono_s, age_s) is not None,
        book_apart=lonely or mid is None or memory.prices.apart(leg, mid),
        new_plan=False,
        plans_today=memory.usage.plans_today(now_ms),
        notional_today=notional_today(memory.ledger, now_ms),
        orders_this_minute=orders_this_minute(memory.ledger, now_ms),
        loss_today=memory.usage.loss_today(now_ms),
        journal_ok=not memory.journal_ill,
        account=account_of(memory, leg.venue, turn),
    )


def _close(memory: Memory, turn: Turn, flight: Flight, left: Decimal) -> None:
    """Sell what was bought, again and again until it is."""
    if turn.now.mono_s < flight.next_s:
        turn.wake_at(flight.next_s)
        return
    asset, market = memory.policy.asset_of(flight.leg), memory.markets.get(flight.leg)
    mid = mid_of(memory, asset, turn) if asset is not None else None
    if memory.policy.mode not in (Mode.CONFIRM, Mode.AUTO):
        title = (
            f"a preflight left {signed(left)} on {flight.leg}, and mode {memory.policy.mode} sends nothing"
        )
        memory.tell(turn, Severity.ALARM, title, once=f"preflight {flight.leg}")
        return
    if asset is None or market is None or mid is None:
        return
    side = Side.SELL if left > ZERO else Side.BUY
    tries = sum(1 for order in _orders(memory, flight) if order.intent.side is side)
    flight.next_s = turn.now.mono_s + AGAIN_S[min(tries, len(AGAIN_S) - 1)]
    if tries >= 4:
        title = f"preflight: {signed(left)} on {flight.leg} could not be sold {tries} times; it is tried on"
        memory.tell(turn, Severity.ALARM, title, once=f"preflight {flight.leg}")
    price = band(mid, side, memory.policy.limits.slippage_bps, market.tick)
    _send(memory, turn, flight, asset, side, abs(left), price)


def _send(
    memory: Memory,
    turn: Turn,
    flight: Flight,
    asset: AssetPolicy,
    side: Side,
    amount: Decimal,
    price: Decimal,
) -> None:
    market, basis = memory.markets[flight.leg], memory.bases.agreed.get(flight.leg)
    position = (basis.amount if basis is not None else ZERO) + memory.ours(flight.leg)
    reduces = bool(flight.ids) and market.derivative and position * side.sign < ZERO
    intent = OrderIntent(
        client_id=memory.next_client_id(Purpose.PREFLIGHT),
        leg=flight.leg,
        asset=asset.name,
        side=side,
        amount=amount,
        price=price,
        tif=TimeInForce.IOC,
        reduce_only=reduces and abs(position) >= amount,
        purpose=Purpose.PREFLIGHT,
        created_ms=turn.now.wall_ms,
        sequence=memory.ledger.sequence,
    )
    flight.ids.append(intent.client_id)
    memory.fold(IntentRecorded(intent), turn.now.wall_ms)
    memory.sent_s[intent.client_id] = turn.now.mono_s
    memory.bases = memory.bases.touch(flight.leg, turn.now.mono_s)
    turn.do(PlaceOrder(memory.next_call(), intent, memory.policy.detect.order_ack_s, EXPIRES_S))


def _count(memory: Memory, turn: Turn, venue: VenueId, flight: Flight, orders: list[Order]) -> None:
    """Wait for the executions, which carry the fees, and end."""
    if flight.closed_s is None:
        flight.closed_s = turn.now.mono_s
    told = sum((sum(memory.ledger.trades.get(i, {}).values(), ZERO) for i in flight.ids), ZERO)
    due_s = flight.closed_s + FEES_WITHIN_S
    if told < sum((order.filled for order in orders), ZERO) and turn.now.mono_s < due_s:
        turn.wake_at(due_s)
        if turn.now.mono_s >= flight.trades_s + FEES_WITHIN_S / 3:
            flight.trades_s = turn.now.mono_s
            since_ms = orders[0].intent.created_ms - 10_000
            kind = ReadKind.TRADES
            turn.do(ReadVenue(memory.next_call(), venue, kind, DEADLINE_S, flight.leg, since_ms))
        turn.wake_at(flight.trades_s + FEES_WITHIN_S / 3)
        return
    _end(memory, turn, venue, flight, "")


def _end(memory: Memory, turn: Turn, venue: VenueId, flight: Flight, failed: str) -> None:
    orders = _orders(memory, flight)
    bought = orders[0].filled if orders else ZERO
    fee = sum((memory.preflights.fees.get(identity, ZERO) for identity in flight.ids), ZERO)
    paid = sum((o.filled * (o.average or o.intent.price) * o.intent.side.sign for o in orders), ZERO)
    worth = bought * (orders[0].average or orders[0].intent.price) if orders else ZERO
    cost_bps = ((paid + fee) / worth * TEN_THOUSAND).quantize(Decimal("0.01")) if worth else ZERO
    because = failed or f"bought and sold {bought:f}"
    ended = PreflightEnded(
        venue, flight.leg, not failed, because, bought, fee, cost_bps, flight.latency_ms or 0.0
    )
    memory.record(ended, turn)
    memory.preflights.ended[venue] = ended
    del memory.preflights.under_way[venue]
    severity = Severity.ALARM if failed else Severity.INFO
    what = f"failed: {failed}" if failed else f"passed: {cost_bps} bps all in, {flight.latency_ms} ms"
    memory.tell(turn, severity, f"preflight on {flight.leg} {what}")
