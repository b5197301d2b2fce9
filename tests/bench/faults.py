"""What may go wrong in the simulated world: a function from a call to how it ends."""

import random
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from riskguard.core.detect import OutcomeClass
from riskguard.core.types import Path

Ending = tuple[OutcomeClass, float]
"""Outcome and seconds until it is known; infinity hangs until the caller's deadline."""
Fault = Callable[[float, Path, bool, float], Ending | None]
"""(sent at, path, canary, usual latency) to an ending; None leaves the call alone."""

HANG = float("inf")
ORDERS = frozenset({Path.PLACE, Path.CANCEL})
ALL = frozenset(Path)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when something holds."""

    start: float
    end: float

    def __contains__(self, now: object) -> bool:
        return isinstance(now, float) and self.start <= now < self.end


def healthy(_now: float, _path: Path, _canary: bool, _usual_s: float) -> Ending | None:
    """Leave every call alone."""
    return None


def errors(span: Span, rng: random.Random, share: float = 1.0, paths: AbstractSet[Path] = ALL) -> Fault:
    """Let a share of the calls on some paths fail with the venue's error."""

    def fault(now: float, path: Path, _canary: bool, usual_s: float) -> Ending | None:
        if now in span and path in paths and (share >= 1.0 or rng.random() < share):
            return OutcomeClass.VENUE_FAULT, usual_s
        return None

    return fault


def strays(moments: list[float], outcome: OutcomeClass) -> Fault:
    """Let the first call after each of some moments fail."""
    left = sorted(moments)

    def fault(now: float, _path: Path, _canary: bool, usual_s: float) -> Ending | None:
        if not left or now < left[0]:
            return None
        del left[0]
        return outcome, HANG if outcome is OutcomeClass.UNKNOWN else usual_s

    return fault


def hangs(span: Span, paths: AbstractSet[Path] = ALL) -> Fault:
    """Let calls on some paths never be answered."""
    return lambda now, path, _canary, _usual_s: (
        (OutcomeClass.UNKNOWN, HANG) if now in span and path in paths else None
    )


def slow(span: Span, times: float) -> Fault:
    """Let every call take longer."""
    return lambda now, _path, _canary, usual_s: (OutcomeClass.OK, usual_s * times) if now in span else None


def flapping(span: Span, on_s: float, off_s: float) -> Fault:
    """Let the venue die and come back in turn."""
    return lambda now, _path, _canary, usual_s: (
        (OutcomeClass.VENUE_FAULT, usual_s)
        if now in span and (now - span.start) % (on_s + off_s) < on_s
        else None
    )


def outcome_for(span: Span, outcome: OutcomeClass, *, users_only: bool = False) -> Fault:
    """Let calls end with one outcome, those of the trader's symbol only or all."""
    return lambda now, _path, canary, usual_s: (
        (outcome, usual_s) if now in span and not (users_only and canary) else None
    )


def own_network(span: Span, rng: random.Random, fail_fast_share: float) -> Fault:
    """Cut our own network: some calls fail fast, the others wait for it to come back."""

    def fault(now: float, _path: Path, _canary: bool, usual_s: float) -> Ending | None:
        if now not in span:
            return None
        if rng.random() < fail_fast_share:
            return OutcomeClass.UNKNOWN, 0.02
        waited = span.end - now
        return OutcomeClass.OK, waited + rng.random() * (0.2 + 0.5 * waited) + usual_s

    return fault


def packet_loss(span: Span, rng: random.Random, share: float) -> Fault:
    """Lose a share of our own packets: a lost one costs retransmissions of 0.2, 0.6, 1.4 ... seconds."""

    def fault(now: float, _path: Path, _canary: bool, usual_s: float) -> Ending | None:
        if now not in span:
            return None
        extra, pause = 0.0, 0.2
        while rng.random() < share and extra < 12.0:
            extra, pause = extra + pause, 2.0 * pause
        return OutcomeClass.OK, usual_s + extra

    return fault
