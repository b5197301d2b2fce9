"""The command line: parses, calls, and turns every expected failure into one line and an exit code."""

from riskguard.cli.main import main

__all__ = ["main"]
