"""Loopback venues and the simulated world that the guard is tried in."""
