"""Tests of the failure detector, with a scripted world."""
