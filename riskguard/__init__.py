"""riskguard: notices that a venue stopped taking orders or cancels, and hedges on a backup venue.

These are the names that a strategy may import.
"""

from riskguard.core.hedge.strategy import Situation, Stop, Target
from riskguard.core.types import Condition, Side

__all__ = ["Condition", "Side", "Situation", "Stop", "Target"]
