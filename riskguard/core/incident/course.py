"""What happened in the course of incidents that later decisions depend on; a fold of the journal."""

from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.core.facts import (
    Fact,
    FillRecorded,
    FlattenPlanned,
    PriceReached,
    Reminded,
    StrategyLoaded,
)
from riskguard.core.incident.price_path import PricePath
from riskguard.core.types import ZERO, Asset, ClientId, Leg


@dataclass(frozen=True, slots=True)
class Reminder:
    """When the trader was last told again of something, how often by then, and what was naked."""

    at_ms: int
    level: int
    notional: Decimal


@dataclass(frozen=True, slots=True)
class Flattening:
    """What is closed at home in step with a hedge; amounts are signed."""

    name: str
    """The `plan` of its orders."""
    asset: Asset
    leg: Leg
    amount: Decimal
    cover: Decimal


@dataclass(slots=True)
class Course:
    """Prices, code and reminders as the journal knows them."""

    price_paths: dict[tuple[str, Asset], PricePath] = field(default_factory=dict)
    """Per incident and asset: the price at the opening, and how far it went since."""
    strategy_files: dict[str, str] = field(default_factory=dict)
    """Per strategy: the hash of the code that was in use last."""

    reminded: dict[tuple[str, str], Reminder] = field(default_factory=dict)
    """Per incident and matter: the last reminder."""
    fees: dict[ClientId, Decimal] = field(default_factory=dict)
    """Per order of ours: what its fills cost in fees, quote units."""

    flattenings: dict[tuple[str, Asset], Flattening] = field(default_factory=dict)
    """Per incident and asset: the last such plan."""

    def flattening(self, incident: str, asset: Asset) -> Flattening | None:
        """Give what is to be closed at home, None where nothing is."""
        planned = self.flattenings.get((incident, asset))
        return planned if planned is not None and planned.amount != ZERO else None

    def fold(self, fact: Fact, wall_ms: int) -> None:
        """Take in one fact; facts about other things change nothing."""
        match fact:
            case FlattenPlanned(incident, asset, leg, amount, cover):
                before = self.flattenings.get((incident, asset))
                number = 1 if before is None else int(before.name.rsplit(".f", 1)[1]) + 1
                name = f"{incident}.{asset}.f{number}"
                self.flattenings[incident, asset] = Flattening(name, asset, leg, amount, cover)
            case Reminded(incident, about, level, notional):
                self.reminded[incident, about] = Reminder(wall_ms, level, notional)
            case FillRecorded(client_id, fee=fee):
                self.fees[client_id] = self.fees.get(client_id, ZERO) + fee
            case StrategyLoaded(name, sha256):
                self.strategy_files[name] = sha256
            case PriceReached(incident, asset, mid):
                path = self.price_paths.get((incident, asset), PricePath.begin(mid))
                self.price_paths[incident, asset] = path.reach(mid)
            case _:
                pass
