"""Binance USDⓈ-M futures on the wire (developers.binance.com/docs/derivatives/usds-margined-futures)."""
