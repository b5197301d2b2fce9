"""Hedge while the venue is in trouble, and leave the position altogether once it is back."""

from riskguard import Situation, Target


def flatten_on_recovery(situation: Situation) -> Target | None:
    """Hold what `hedge` holds; on the way back, close that part of the leg at home in step with it.

    What was not hedged (beyond `size`, a ceiling, `keep`) stays as it is: closing it would change the net.
    """
    return Target(-situation.size * situation.point, flatten=True)
