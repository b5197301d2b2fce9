"""Kraken spot on the wire: REST version 0 and WebSocket version 2 (docs.kraken.com)."""
