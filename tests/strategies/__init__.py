"""Tests of the strategies that a user copies."""
