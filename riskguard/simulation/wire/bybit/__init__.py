"""Bybit v5, category linear, on the wire (bybit-exchange.github.io/docs/v5)."""
