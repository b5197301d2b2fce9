"""Loopback venues: an engine per venue behind the wire protocol of a real exchange, with faults to switch."""
