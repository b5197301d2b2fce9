"""Tests of the whole guard, driven by observations alone."""
