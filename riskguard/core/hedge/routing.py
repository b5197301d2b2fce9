"""Where a hedge order may go now, and what stands in the way of the rest."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal

from riskguard.core.exposure.pricing import mid_of
from riskguard.core.hedge.plan import smallest
from riskguard.core.incident.slow_words import MAINTENANCE
from riskguard.core.memory import Memory
from riskguard.core.policy import AssetPolicy
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, Market, Path, VenueId, Verdict
from riskguard.core.watch.watching import Watch

ONE = Decimal(1)
RATE = Context(prec=12)
"""Rates of a proxy are kept to this many digits, so that words and records hold no endless fractions."""


@dataclass(frozen=True, slots=True)
class Place:
    """A leg on which an asset may be hedged now."""

    leg: Leg
    market: Market
    mid: Decimal
    """The consensus price of what is traded there."""
    per_unit: Decimal = ONE
    """Units of the asset that one base unit there hedges; not one for a proxy only."""


@dataclass(frozen=True, slots=True)
class Quest:
    """Who looks for a place, and under which conditions."""

    asset: AssetPolicy
    mid: Decimal | None
    troubled: VenueId
    """Where the trouble is; nothing goes there."""
    order: tuple[VenueId, ...] = ()
    """The backups that a rule names; empty: all."""
    busy: Collection[Leg] = ()
    """Legs that wait for the end of an order."""


def open_places(memory: Memory, watch: Watch, turn: Turn, quest: Quest) -> tuple[list[Place], str]:
    """Give the legs that may take an order now, best liked first, and what bars the others."""
    found, why = [], []
    for leg, mid, per_unit in _legs(memory, turn, quest):
        obstacle = obstacle_at(memory, watch, turn, leg, mid, quest.troubled)
        if not obstacle and leg in quest.busy:
            obstacle = f"{leg.venue}: an order there is in doubt"
        if obstacle or mid is None:
            why.append(obstacle or f"{leg}: no price")
        else:
            found.append(Place(leg, memory.markets[leg], mid, per_unit))
    return found, "; ".join(dict.fromkeys(why)) or "no leg to hedge on"


def _legs(memory: Memory, turn: Turn, quest: Quest) -> Iterator[tuple[Leg, Decimal | None, Decimal]]:
    """Give an asset's own legs, then those of its proxy at venues that have no market for itself."""
    own = preferred(quest.asset.hedge_on, quest.order)
    yield from ((leg, quest.mid, ONE) for leg in own)
    proxy = quest.asset.proxy
    other = next((a for a in memory.policy.assets if proxy is not None and a.name == proxy.asset), None)
    if proxy is None or other is None or not quest.mid:
        return
    mid = mid_of(memory, other, turn)
    per_unit = RATE.divide(mid, proxy.beta * quest.mid) if mid and proxy.beta > ZERO else ONE
    listed = {leg.venue for leg in quest.asset.hedge_on}
    for leg in preferred(other.hedge_on, quest.order):
        if leg.venue not in listed and mid and proxy.beta > ZERO:
            yield leg, mid, per_unit


def least_order(memory: Memory, turn: Turn, quest: Quest) -> Decimal:
    """Give the smallest amount of the asset that any of its markets takes; zero: none is known."""
    return min(
        (
            smallest((memory.markets[leg],), mid) * per_unit
            for leg, mid, per_unit in _legs(memory, turn, quest)
            if mid is not None and leg in memory.markets
        ),
        default=ZERO,
    )


def preferred(legs: tuple[Leg, ...], order: tuple[str, ...]) -> list[Leg]:
    """Give the legs at the venues that a rule names, in its order; all of them where it names none."""
    if not order:
        return list(legs)
    return sorted((leg for leg in legs if leg.venue in order), key=lambda leg: order.index(leg.venue))


def proven(memory: Memory, watch: Watch, turn: Turn, venue: VenueId) -> bool:
    """Tell whether a backup takes orders: by evidence of this run, or by a preflight that is young enough."""
    verdict = watch.verdict(venue, Path.PLACE)
    age_ms = turn.now.wall_ms - memory.preflights.passed_ms.get(venue, 0)
    flown = age_ms <= memory.policy.limits.preflight_age_s * 1000
    return verdict is Verdict.UP or (verdict is Verdict.UNPROVEN and flown)


def obstacle_at(
    memory: Memory, watch: Watch, turn: Turn, leg: Leg, mid: Decimal | None, troubled: str
) -> str:
    """Give why a leg cannot take new risk now; empty when it can."""
    venue = leg.venue
    if venue == troubled or not memory.policy.venue(venue).can_hedge:
        return f"{venue} is no backup here"
    if not memory.standing(venue).fine:
        return f"{venue} is {memory.standing(venue)}"
    if MAINTENANCE in memory.slow.of(venue):
        return f"{venue}: {memory.slow.of(venue)[MAINTENANCE].split(' begins')[0]}"
    if not proven(memory, watch, turn, venue):
        return f"{venue}: placing orders is {watch.verdict(venue, Path.PLACE)}"
    if leg not in memory.markets:
        return f"{venue}: {leg.symbol} is not known"
    if memory.prices.fresh(leg, turn.now.mono_s, memory.policy.limits.data_age_s) is None:
        return f"{venue}: its book is old or crossed"
    if memory.lonely(leg, turn.now.mono_s, sick=troubled):
        return f"{venue}: its book is apart from the others"
    if mid is not None and memory.prices.apart(leg, mid):
        return f"{venue}: its book is apart from the others"
    return ""
