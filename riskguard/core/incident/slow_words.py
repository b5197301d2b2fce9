"""Trouble that comes slowly, as words that rules may name; kept per venue."""

from dataclasses import dataclass, field

from riskguard.core.types import Asset, VenueId

MAINTENANCE = "maintenance"
WITHDRAWALS = "withdrawals"
PREMIUM = "premium"
CONCENTRATION = "concentration"


@dataclass(slots=True)
class SlowTrouble:
    """What is known of slow trouble in this run."""

    words: dict[VenueId, dict[str, str]] = field(default_factory=dict)
    """Per venue: the words that hold now, each with its reason."""
    premium_since_s: dict[tuple[VenueId, Asset], float] = field(default_factory=dict)
    """Since when a venue's price is seen apart from all others', on the clock that cannot jump."""

    def of(self, venue: VenueId) -> dict[str, str]:
        """Give the words of one venue."""
        return self.words.get(venue, {})
