"""What an answer, or the lack of one, says about a venue."""

from enum import StrEnum

NEVER = float("-inf")
"""A moment before all others: it has not happened."""


class OutcomeClass(StrEnum):
    """How one call ended, seen as evidence; the outcome table maps venue codes to these."""

    OK = "ok"
    USER_FAULT = "user_fault"
    """The venue refused a bad order: it thought about it, so it lives. Same weight as ok."""
    VENUE_FAULT = "venue_fault"
    """The venue says or shows that it failed: 5xx, overload, a reset, an unusable body."""
    UNKNOWN = "unknown"
    """No usable answer: time-out, lost answer, "execution status unknown"."""
    RATE_LIMITED = "rate_limited"
    SYMBOL_HALT = "symbol_halt"
    EXPLICIT = "explicit"
    """The venue says that it is closed or in maintenance."""
    AUTH = "auth"
    LOCAL = "local"
    """The call failed on this side of the wire: DNS, no route, pool exhausted."""


ALIVE = frozenset({OutcomeClass.OK, OutcomeClass.USER_FAULT})
"""Answers that a working path gives."""

FAILED = frozenset({OutcomeClass.VENUE_FAULT, OutcomeClass.UNKNOWN})
"""Answers that count against the path they came back on."""


class Alternative(StrEnum):
    """The three ways of being broken that each have a chart of their own."""

    DEAD = "dead"
    PARTIAL = "partial"
    SLOW = "slow"


class Cause(StrEnum):
    """Why a path is not up; finer than a verdict."""

    NONE = "none"
    DEAD = "dead"
    PARTIAL = "partial"
    SLOW = "slow"
    SILENT = "silent"
    """A stream stopped."""
    EXPLICIT = "explicit"
    UNSTABLE = "unstable"
    """It failed and came back several times within minutes."""
    UNREACHABLE = "unreachable"
    """Calls fail on this side of the wire; says nothing about the venue."""
