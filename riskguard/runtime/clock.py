"""The wall clock, read here and handed on."""

import time


def wall_ms() -> int:
    """Give UTC milliseconds since the epoch; may jump when the machine's clock is set."""
    return time.time_ns() // 1_000_000
