"""Tell, and ask for nothing: the default."""

from riskguard import Situation, Target


def alert_only(situation: Situation) -> Target | None:  # noqa: ARG001 - it looks at nothing on purpose
    """Have no opinion, whatever happens."""
    return None
