"""An engine with spot markets only, which has no positions."""

from riskguard.simulation.engine import Position, VenueEngine
from riskguard.simulation.engine.queries import VenueQueries


class SpotEngine(VenueEngine):
    """Another view of an engine's state: the engine's own `positions` fails on spot markets."""

    def __init__(self, engine: VenueEngine) -> None:
        VenueQueries.__init__(self, engine._state)  # noqa: SLF001 - a view shares the state

    def positions(self, account: str, as_of_ms: int | None = None) -> list[Position]:  # noqa: ARG002 - as declared
        """Give none."""
        return []
