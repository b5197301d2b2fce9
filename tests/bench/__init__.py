"""Benchmarks run by hand; what is scored is the shipped code."""
