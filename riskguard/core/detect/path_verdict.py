"""One step of a path's verdict: from a finding, through the table, to what is remembered."""

from dataclasses import dataclass

from riskguard.core.detect.episode import BAD
from riskguard.core.detect.judge import Finding
from riskguard.core.detect.observation import Cause
from riskguard.core.detect.path_evidence import PathEvidence
from riskguard.core.detect.verdict_table import Signal, after
from riskguard.core.types import Verdict

CONFIRMS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Recover:
    """When a path that was down counts as up again."""

    clean_s: float = 120.0
    """Seconds without bad evidence."""
    acks: int = 10
    """Good answers on the path since the last bad one."""


def follow(path: PathEvidence, finding: Finding, now: float, recover: Recover) -> None:
    """Change the path's verdict as the finding demands."""
    before = path.verdict
    if before in BAD and finding.signal in (Signal.CONVICTED, Signal.PERSISTED) and finding.since is not None:
        # It is dead for as long as calls that left are known to fail: one under way may yet be answered.
        until = path.failed_sent if finding.cause is Cause.DEAD else now
        path.ran(until - finding.since, finding.cause)
    signal = _in_time(path, finding, now, recover)
    if signal is None:
        return
    lived_down = signal is Signal.ANSWERED and path.is_lived_down and path.since is not None
    if lived_down or signal in (Signal.RETURNING, Signal.HEALED):
        path.clear()
    verdict = after(before, signal)
    if verdict is not before:
        _enter(path, verdict, finding, now)


def _in_time(path: PathEvidence, finding: Finding, now: float, recover: Recover) -> Signal | None:
    """Turn a good answer into what it means on a path that was down."""
    signal = finding.signal
    if path.verdict is Verdict.RECOVERING and signal not in (Signal.CONVICTED, Signal.PERSISTED):
        clean = now - path.last_bad_at >= recover.clean_s and path.acks >= recover.acks
        return Signal.HEALED if clean and path.run.hangs_since is None else signal
    return signal


def _enter(path: PathEvidence, verdict: Verdict, finding: Finding, now: float) -> None:
    before, path.verdict = path.verdict, verdict
    if verdict is Verdict.UP:
        path.since, path.cause = None, Cause.NONE
        path.symbols.failing.clear()
        path.sporadic.clear()
        return
    path.since, path.cause = finding.since if finding.since is not None else now, finding.cause
    if verdict is Verdict.CONFIRMED:
        path.confirms = [*path.confirms[1 - CONFIRMS_KEPT :], now]
    if verdict is Verdict.DOWN:
        path.ok_run = path.acks = 0  # only what answers from now on shows that it is back
    if verdict in BAD and before not in BAD:
        path.run_s = 0.0
        path.ran(now - path.since, finding.cause)
