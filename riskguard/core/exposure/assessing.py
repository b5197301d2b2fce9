"""One asset as it stands now: exposure, price and hedge, or the one reason why it cannot be said."""

from dataclasses import dataclass
from decimal import Decimal

from riskguard.core.exposure.basis import SETTLE_S
from riskguard.core.exposure.ghosts import doubtful
from riskguard.core.exposure.interval import Exposure, exposure
from riskguard.core.exposure.pricing import mid_of
from riskguard.core.hedge.margin import Account, Held
from riskguard.core.memory import Memory
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.lifecycle import State
from riskguard.core.policy import AssetPolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Asset, Leg, VenueId

CONTRADICTION_S = 6.0
"""Readings that disagree for longer than this make a leg unknown."""
BALANCE_AGE_S = 60.0
"""An older balance is not known."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known of one asset; base units, signed."""

    asset: AssetPolicy
    exposure: Exposure | None
    """None: a leg is not known, so nothing about the whole can be said."""
    unknown: str
    """Which leg is not known, and why; empty where all are."""
    mid: Decimal | None
    """Consensus price; None where no fresh and sound book exists."""
    cover: Decimal
    cover_low: Decimal
    cover_high: Decimal

    @property
    def lot_notional(self) -> Decimal:
        """Give the notional below which nothing counts as naked; quote units."""
        return (self.mid or ZERO) * self.asset.guard


def amount_of(memory: Memory, leg: Leg, turn: Turn) -> tuple[Decimal | None, str]:
    """Give what the trader holds of a leg, or None and why it is not known."""
    basis = memory.bases.agreed.get(leg)
    if basis is None:
        return None, f"{leg}: no two readings have agreed yet"
    if (turn.now.wall_ms - basis.at.wall_ms) / 1000 > memory.policy.limits.position_age_s:
        return None, f"{leg}: the last agreement is too old"
    reading = memory.bases.readings.get(leg)
    if basis.restored and (reading is not None or memory.standing(leg.venue).fine):
        # What was held before a restart counts only where the venue has not answered since.
        return None, f"{leg}: not confirmed since the guard came back"
    # A leg that is merely missing from a list contradicts nothing: lists come back empty by accident.
    contradicted = reading is not None and reading.amount != basis.amount and not reading.weak
    if reading is not None and contradicted and turn.now.mono_s - reading.asked_s > CONTRADICTION_S:
        return None, f"{leg}: readings contradict each other"
    return basis.amount, ""


def assess(memory: Memory, asset: AssetPolicy, turn: Turn) -> Assessment:
    """Put together all that is known of an asset."""
    legs = tuple(dict.fromkeys((*asset.legs, *asset.hedge_on)))
    amounts: dict[Leg, Decimal] = {}
    unknown = ""
    for leg in legs:
        amount, why = amount_of(memory, leg, turn)
        if amount is None:
            unknown = unknown or why
        else:
            amounts[leg] = amount
    found = None
    if not unknown:
        found = exposure(
            amounts,
            offset=asset.elsewhere - asset.keep,
            troubled=memory.troubled(),
            doubtful=tuple(doubtful(memory, legs)),
        )
    low, high = memory.ledger.cover_range(asset.name)
    return Assessment(
        asset, found, unknown, mid_of(memory, asset, turn), memory.ledger.cover(asset.name), low, high
    )


def order_price(asset: AssetPolicy, mid: Decimal) -> Decimal:
    """Give the notional of the orders that hedge one unit of an asset; a proxy's differ by its beta."""
    return mid * asset.proxy.beta if asset.proxy is not None and not asset.hedge_on else mid


def hedge_notional(memory: Memory, asset: Asset) -> Decimal:
    """Give the notional of an asset's hedge, held or possible, at the prices of where it is."""
    low = high = ZERO
    for leg in memory.ledger.cover_legs(asset):
        least, most = memory.ledger.held_range(leg, asset)
        price = _mid(memory, leg) or ZERO
        low, high = low + least * price, high + most * price
    return max(abs(low), abs(high))


def account_of(memory: Memory, venue: VenueId, turn: Turn) -> Account | None:
    """Give a venue's account as the limits need it, every doubt counted in full; None: not known."""
    balance = memory.balances.get(venue)
    if balance is None or turn.now.mono_s - balance.asked_s > BALANCE_AGE_S:
        return None
    held = _positions(memory, venue)
    if held is None:
        return None
    bound = memory.policy.venue(venue).max_hedge
    settling, doubted = _spoken_for(memory, venue, balance.asked_s)
    return Account(
        balance.equity,
        balance.free,
        held,
        spoken_for=settling + doubted,
        settling=settling,
        hedged=sum((_hedged(memory, leg) for leg in memory.legs(venue)), ZERO),
        ceiling=bound.amount if bound is not None else None,
    )


def _positions(memory: Memory, venue: VenueId) -> tuple[Held, ...] | None:
    """Give all positions of an account, also those that no asset lists; None where one cannot be priced."""
    found: list[Held] = []
    strangers = memory.unlisted.get(venue, {})
    for leg in (*memory.legs(venue), *strangers):
        market = memory.markets.get(leg)
        report = strangers.get(leg) or memory.bases.reports.get(leg, (None, 0.0))[0]
        shown = report.amount - report.margin if report is not None else ZERO
        if market is not None and not market.derivative and shown >= ZERO:
            continue  # coins that are owned need no margin
        low, high = _may_be_held(memory, leg, shown)
        if low == high == shown == ZERO:
            continue
        mark = (report.mark if report is not None else None) or _mid(memory, leg)
        if mark is None:
            return None
        liquidation = report.liquidation if report is not None else None
        distance = abs(mark - liquidation) / mark if liquidation else None
        found.append(Held(leg, low * mark, high * mark, shown * mark, distance))
    return tuple(found)


def _may_be_held(memory: Memory, leg: Leg, shown: Decimal) -> tuple[Decimal, Decimal]:
    """Give the least and the most of a position: as shown, as our books say, and with what is in doubt."""
    basis = memory.bases.agreed.get(leg)
    known = basis.amount + memory.ours(leg) - memory.bases.margin(leg) if basis is not None else shown
    low, high = min(shown, known), max(shown, known)
    for order in memory.ledger.pending(leg=leg):
        more = (order.possible - order.filled) * order.intent.side.sign
        if order.intent.purpose is not Purpose.CANARY:
            low, high = low + min(more, ZERO), high + max(more, ZERO)
    return low, high


def _spoken_for(memory: Memory, venue: VenueId, asked_s: float) -> tuple[Decimal, Decimal]:
    """Add up the notional of our orders that a balance asked for then may not show: settling, in doubt."""
    settling = doubted = ZERO
    for order in memory.ledger:
        intent = order.intent
        if intent.leg.venue != venue or not intent.adds_risk:
            continue
        notional = order.possible * max(intent.price, _mid(memory, intent.leg) or ZERO)
        if order.state is State.IN_DOUBT:
            doubted += notional
        elif order.pending or memory.moved_s.get(intent.client_id, float("-inf")) + SETTLE_S > asked_s:
            settling += notional
    return settling, doubted


def _hedged(memory: Memory, leg: Leg) -> Decimal:
    """Give the notional of all our hedges on a leg, held or possible."""
    low, high = memory.ledger.held_range(leg)
    size = max(abs(low), abs(high))
    return size * (_mid(memory, leg) or ZERO)


def _mid(memory: Memory, leg: Leg) -> Decimal | None:
    book = memory.prices.books.get(leg)
    return book.mid if book is not None and book.sound else None
