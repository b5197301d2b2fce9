"""Our own harmless calls: what the detector wants to know, asked in a way that this account allows."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from riskguard.core import detect
from riskguard.core.facts import IntentRecorded
from riskguard.core.hedge.plan import smallest
from riskguard.core.incident.table import State as Incident
from riskguard.core.memory import Memory
from riskguard.core.messages import PlaceOrder, ProbeVenue, ReadKind, ReadVenue
from riskguard.core.orders.bookkeeping import EXPIRES_S
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce, base36
from riskguard.core.policy import Canary, Rung, VenuePolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, Path, Side, VenueId, Verdict
from riskguard.core.watch.reading import DEADLINE_S
from riskguard.core.watch.watching import QUIET_CANARY, Watch

PROOF_AGAIN_S = 1.0
PROOF_EVERY_S = 5.0
"""How often a backup that nothing proves yet is asked to prove itself while it is needed."""


def step(memory: Memory, watch: Watch, turn: Turn) -> None:
    """Send every probe that is due, on the rung that is allowed."""
    for venue in memory.policy.venues:
        leg = canary_leg(memory, venue)
        if leg is None:
            continue
        for plan in watch.probes(venue.id, turn.now.mono_s):
            _send(memory, turn, venue, leg, plan)
        place = watch.verdict(venue.id, Path.PLACE)
        if place is Verdict.UNPROVEN and _hedge_is_near(memory, venue, (Incident.OPEN, Incident.HEDGED)):
            _place_canary(memory, turn, venue, leg, reduce=False)
        is_missed = place is Verdict.SUSPECT and _hedge_is_near(memory, venue, (Incident.OPEN,))
        if venue.can_hedge and (place in FAILED or is_missed):
            _prove_again(memory, turn, venue, leg)
        spared = watch.reduce_exempt(venue.id) and watch.verdict(venue.id, Path.PLACE) in BAD
        if spared or (watch.reduce_tried(venue.id) and watch.verdict(venue.id, Path.REDUCE) in FAILED):
            _place_canary(memory, turn, venue, leg, reduce=True)


BAD = (Verdict.CONFIRMED, Verdict.DOWN)
FAILED = (*BAD, Verdict.RECOVERING)


def _prove_again(memory: Memory, turn: Turn, venue: VenuePolicy, leg: Leg) -> None:
    """Let a backup whose order path failed show that it is back: nothing else is sent there until it does.

    The detector's own probes reach that path on the two upper rungs; but a placed canary whose answer was
    lost keeps the next one waiting until its fate is known, and a test order does not.
    """
    asked = venue.canary.rung if venue.canary is not None else Rung.CANCEL_UNKNOWN
    can_test = Rung.TEST_ORDER in memory.rungs.get(venue.id, ())
    if asked is Rung.TEST_ORDER or (asked is Rung.PLACE_CANCEL and not can_test):
        return
    if not can_test:
        _place_canary(memory, turn, venue, leg, reduce=False)
        return
    due_s = memory.proved_s.get(venue.id, float("-inf")) + PROOF_AGAIN_S
    if turn.now.mono_s < due_s:
        turn.wake_at(due_s)
        return
    memory.proved_s[venue.id] = turn.now.mono_s
    turn.wake_at(turn.now.mono_s + PROOF_AGAIN_S)
    _probe(memory, turn, leg, Rung.TEST_ORDER, Path.PLACE)


def _send(memory: Memory, turn: Turn, venue: VenuePolicy, leg: Leg, plan: detect.ProbePlan) -> None:
    match plan.rung:
        case detect.Rung.SIGNED_READ:
            turn.do(ReadVenue(memory.next_call(), venue.id, ReadKind.OPEN_ORDERS, DEADLINE_S))
        case detect.Rung.CANCEL_UNKNOWN:
            _probe(memory, turn, leg, Rung.CANCEL_UNKNOWN, Path.CANCEL)
        case detect.Rung.TEST_ORDER:
            _probe(memory, turn, leg, Rung.TEST_ORDER, Path.PLACE)
        case detect.Rung.PLACE_CANCEL:
            _place_canary(memory, turn, venue, leg, reduce=False)


def _probe(memory: Memory, turn: Turn, leg: Leg, rung: Rung, path: Path) -> None:
    if rung not in memory.rungs.get(leg.venue, ()):
        return
    call = memory.next_call()
    never_used = f"rgx{base36(memory.epoch_ms)}{base36(call)}"
    priced = _far_order(memory, leg, Side.BUY, QUIET_CANARY) if path is Path.PLACE else (ZERO, ZERO)
    if priced is None:
        return
    price, amount = priced
    deadline_s = memory.policy.detect.order_ack_s if path is Path.PLACE else memory.policy.detect.cancel_ack_s
    turn.do(ProbeVenue(call, leg, rung, path, never_used, price, amount, deadline_s))


def canary_leg(memory: Memory, venue: VenuePolicy) -> Leg | None:
    """Give the leg that canaries of a venue use; None while its markets are not known."""
    named = venue.canary.symbol if venue.canary else ""
    first = None
    for leg in memory.legs(venue.id):
        if leg in memory.markets:
            if not named or leg.symbol == named:
                return leg
            first = first or leg
    return first


def _hedge_is_near(memory: Memory, venue: VenuePolicy, states: tuple[Incident, ...]) -> bool:
    """Tell whether a hedge may soon go to this backup, so that it should show that it takes orders.

    One far post-only order, cancelled at once, answers that before the hedge depends on it.
    """
    wanted = any(
        incident.state in states and incident.venue != venue.id and not incident.vetoed
        for incident in memory.incidents
    )
    return venue.can_hedge and wanted and memory.standing(venue.id).fine


def _place_canary(memory: Memory, turn: Turn, venue: VenuePolicy, leg: Leg, *, reduce: bool) -> None:
    """Place one far order, if none of ours is out or in doubt at that venue; it is pulled once it rests."""
    out = [o for o in memory.ledger.pending(venue=venue.id) if o.intent.purpose is Purpose.CANARY]
    if out or not memory.acts or memory.journal_ill or memory.self_ill:
        return
    if not _paced(memory, turn, venue.id, leg, reduce=reduce):
        return
    side = _closing_side(memory, leg) if reduce else Side.BUY
    if side is None:
        return
    priced = _far_order(memory, leg, side, venue.canary or QUIET_CANARY)
    if priced is None:
        return
    price, amount = priced
    asset = memory.policy.asset_of(leg)
    intent = OrderIntent(
        client_id=memory.next_client_id(Purpose.CANARY),
        leg=leg,
        asset=asset.name if asset else "",
        side=side,
        amount=amount,
        price=price,
        tif=TimeInForce.POST_ONLY,
        reduce_only=reduce,
        purpose=Purpose.CANARY,
        created_ms=turn.now.wall_ms,
        sequence=memory.ledger.sequence,
    )
    memory.fold(IntentRecorded(intent), turn.now.wall_ms)
    memory.sent_s[intent.client_id] = turn.now.mono_s
    turn.do(PlaceOrder(memory.next_call(), intent, memory.policy.detect.order_ack_s, EXPIRES_S))


def _paced(memory: Memory, turn: Turn, venue: VenueId, leg: Leg, *, reduce: bool) -> bool:
    """Keep canaries that the detector did not ask for apart; its own come paced already."""
    asked = memory.policy.venue(venue).canary
    own_rung = asked is not None and asked.rung is Rung.PLACE_CANCEL
    if not reduce and own_rung:
        return True
    pause_s = min(asked.every_s, PROOF_EVERY_S) if asked is not None and own_rung else PROOF_EVERY_S
    last_ms = max(
        (
            o.intent.created_ms
            for o in memory.ledger
            if o.intent.purpose is Purpose.CANARY and o.intent.leg == leg and o.intent.reduce_only is reduce
        ),
        default=0,
    )
    turn.wake_at(turn.now.mono_s + pause_s)
    return turn.now.wall_ms - last_ms >= pause_s * 1000


def _closing_side(memory: Memory, leg: Leg) -> Side | None:
    """Give the side that reduces what the trader holds; where that is nothing, the refusal proves as much."""
    position = memory.bases.position(leg)
    if position is None:
        return None
    return Side.SELL if position > ZERO else Side.BUY


def _far_order(memory: Memory, leg: Leg, side: Side, canary: Canary) -> tuple[Decimal, Decimal] | None:
    """Give price and amount of an order that rests far from the market; None without a book."""
    market, book = memory.markets.get(leg), memory.prices.books.get(leg)
    if market is None or book is None or not book.sound:
        return None
    raw = book.mid * (1 - side.sign * canary.distance)
    rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
    price = (raw / market.tick).to_integral_value(rounding) * market.tick
    return price, max(canary.size, smallest((market,), price))
