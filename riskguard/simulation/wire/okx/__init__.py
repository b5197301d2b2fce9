"""OKX v5 linear swaps on the wire (www.okx.com/docs-v5): contracts here, base units in the engine."""
