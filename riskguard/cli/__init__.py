"""The command line: parses, calls, and turns every expected failure into one line and an exit code."""

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    try:
        # Imported here: Ctrl-C in the first tenths of a second, while modules load, must end cleanly too.
        from riskguard.cli.dispatch import dispatch  # noqa: PLC0415 - see above

        return dispatch(argv)
    except KeyboardInterrupt:
        return 0


__all__ = ["main"]
