"""Hold the opposite of what is stuck."""

from riskguard import Situation, Target


def hedge(situation: Situation) -> Target | None:
    """Offset the policy's share (`size`) of the exposure at the policy's attitude to doubt (`doubts`)."""
    return Target(-situation.size * situation.point)
