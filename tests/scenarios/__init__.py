"""Scenarios that a trader can read, and what plays them."""
