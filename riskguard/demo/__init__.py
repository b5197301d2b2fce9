"""The main job acted out: real guard, real ccxt clients, loopback venues, one scripted outage."""
