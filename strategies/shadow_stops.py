"""Do on the backup what the stops at the dead venue would have done there."""

from decimal import Decimal

from riskguard import Situation, Target


def shadow_stops(situation: Situation, *, take_profits: bool = False) -> Target | None:
    """Hold what every stop whose trigger the price elsewhere has crossed would have traded.

    It takes the venue's stops for dead (`unstopped`): where the position still shows what they should have
    closed, that is so; where nothing can be read, it is this strategy's bet. Never more than the exposure
    itself. `take_profits`: also those that lie on the winning side.
    """
    exposed = situation.unstopped * situation.size
    due = sum(
        (
            stop.amount
            for stop in situation.stops
            if stop.reached and stop.signed_amount * exposed < 0 and (stop.protects or take_profits)
        ),
        Decimal(0),
    )
    return Target(-min(exposed, due) if exposed > 0 else min(-exposed, due))
