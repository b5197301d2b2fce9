"""What happened in the course of incidents that later decisions depend on; a fold of the journal."""

from dataclasses import dataclass, field

from riskguard.core.facts import Fact, PriceReached, StrategyLoaded
from riskguard.core.incident.price_path import PricePath
from riskguard.core.types import Asset


@dataclass(slots=True)
class Course:
    """Prices, code and reminders as the journal knows them."""

    price_paths: dict[tuple[str, Asset], PricePath] = field(default_factory=dict)
    """Per incident and asset: the price at the opening, and how far it went since."""
    strategy_files: dict[str, str] = field(default_factory=dict)
    """Per strategy: the hash of the code that was in use last."""

    def fold(self, fact: Fact) -> None:
        """Take in one fact; facts about other things change nothing."""
        match fact:
            case StrategyLoaded(name, sha256):
                self.strategy_files[name] = sha256
            case PriceReached(incident, asset, mid):
                path = self.price_paths.get((incident, asset), PricePath.begin(mid))
                self.price_paths[incident, asset] = path.reach(mid)
            case _:
                pass
