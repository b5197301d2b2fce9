"""The ccxt border: translates, decides nothing."""
