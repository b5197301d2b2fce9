"""What a venue's answer to an order or cancel means: accepted, definitely refused, or unknown."""

from riskguard.venues.outcomes.classify import classify, says_id_taken, venue_code
from riskguard.venues.outcomes.evidence import outcome_class
from riskguard.venues.outcomes.table import TESTED_VENUES

__all__ = ["TESTED_VENUES", "classify", "outcome_class", "says_id_taken", "venue_code"]
