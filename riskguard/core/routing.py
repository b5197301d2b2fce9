"""Where a hedge order may go now, and what stands in the way of the rest."""

from decimal import Decimal

from riskguard.core.memory import Memory
from riskguard.core.turn import Turn
from riskguard.core.types import Leg, Path, Verdict
from riskguard.core.watching import Watch


def preferred(legs: tuple[Leg, ...], order: tuple[str, ...]) -> list[Leg]:
    """Give the legs at the venues that a rule names, in its order; all of them where it names none."""
    if not order:
        return list(legs)
    return sorted((leg for leg in legs if leg.venue in order), key=lambda leg: order.index(leg.venue))


def obstacle_at(
    memory: Memory, watch: Watch, turn: Turn, leg: Leg, mid: Decimal | None, troubled: str
) -> str:
    """Give why a leg cannot take new risk now; empty when it can."""
    venue = leg.venue
    if venue == troubled or not memory.policy.venue(venue).can_hedge:
        return f"{venue} is no backup here"
    if not memory.standing(venue).fine:
        return f"{venue} is {memory.standing(venue)}"
    if watch.verdict(venue, Path.PLACE) is not Verdict.UP:
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
