"""All transitions of a path's verdict in one table; a signal that is not listed changes nothing."""

from enum import StrEnum

from riskguard.core.types import Verdict


class Signal(StrEnum):
    """What the charts say of a path at one moment, weightiest last."""

    ANSWERED = "answered"
    """It answers and no chart holds evidence against it."""
    RETURNING = "returning"
    """Good answers in a row after an outage."""
    HEALED = "healed"
    """Long enough clean, with enough good answers."""
    VOIDED = "voided"
    """The evidence turned out to be our own fault."""
    ALARMED = "alarmed"
    """One bad answer or one late call."""
    CONVICTED = "convicted"
    """Beyond the threshold, corroborated, and our own side is vouched for."""
    PERSISTED = "persisted"
    """Convicted for longer than the venue's blips last, or the venue says so itself."""


TRANSITIONS: dict[Verdict, dict[Signal, Verdict]] = {
    Verdict.UNPROVEN: {
        Signal.ANSWERED: Verdict.UP,
        Signal.ALARMED: Verdict.SUSPECT,
        Signal.CONVICTED: Verdict.CONFIRMED,
        Signal.PERSISTED: Verdict.DOWN,
    },
    Verdict.UP: {
        Signal.ALARMED: Verdict.SUSPECT,
        Signal.CONVICTED: Verdict.CONFIRMED,
        Signal.PERSISTED: Verdict.DOWN,
    },
    Verdict.SUSPECT: {
        Signal.ANSWERED: Verdict.UP,
        Signal.CONVICTED: Verdict.CONFIRMED,
        Signal.PERSISTED: Verdict.DOWN,
    },
    Verdict.CONFIRMED: {
        Signal.ANSWERED: Verdict.UP,
        Signal.VOIDED: Verdict.SUSPECT,
        Signal.PERSISTED: Verdict.DOWN,
    },
    Verdict.DOWN: {
        Signal.RETURNING: Verdict.RECOVERING,
    },
    Verdict.RECOVERING: {
        Signal.HEALED: Verdict.UP,
        Signal.CONVICTED: Verdict.DOWN,
        Signal.PERSISTED: Verdict.DOWN,
    },
}


def after(verdict: Verdict, signal: Signal) -> Verdict:
    """Give the verdict that follows."""
    return TRANSITIONS[verdict].get(signal, verdict)
