"""From a wish to bounded orders: strategy, plan, limits, coverage."""
