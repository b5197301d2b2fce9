"""Tests of the core's small parts, each by itself."""
