"""riskguard: notices that a venue stopped taking orders or cancels, and hedges on a backup."""
