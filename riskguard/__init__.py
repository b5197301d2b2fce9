"""riskguard: notices that a venue stopped taking orders or cancels, and hedges on a backup.

These are the names that a strategy may import.
"""

from riskguard.core.hedge.strategy import Situation, Target
from riskguard.core.types import Condition

__all__ = ["Condition", "Situation", "Target"]
