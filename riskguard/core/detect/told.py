"""What is told of a venue: one verdict per path, from its calls and its streams."""

from collections.abc import Mapping

from riskguard.core.detect.episode import BAD
from riskguard.core.detect.observation import NEVER, Cause
from riskguard.core.detect.path_evidence import PathEvidence
from riskguard.core.detect.silence import Stream
from riskguard.core.types import Path, Verdict

PATHS = tuple(Path)
Paths = Mapping[Path, PathEvidence]
Streams = Mapping[Path, Stream]


def told(paths: Paths, streams: Streams, reduce_exempt: bool) -> dict[Path, Verdict]:
    """Give the verdict of every path; `reduce` without evidence of its own follows `place`."""
    found = {path: _verdict(paths.get(path), streams.get(path)) for path in PATHS}
    found[Path.REDUCE] = _reduce_verdict(paths.get(Path.REDUCE), paths.get(Path.PLACE), reduce_exempt)
    return found


def _verdict(evidence: PathEvidence | None, stream: Stream | None) -> Verdict:
    if stream is None:
        return evidence.verdict if evidence is not None else Verdict.UNPROVEN
    if evidence is None or evidence.verdict is Verdict.UNPROVEN:
        return stream.verdict
    if evidence.verdict is Verdict.UP and stream.verdict in BAD:
        return Verdict.SUSPECT
    return stream.verdict if evidence.verdict is Verdict.UP else evidence.verdict


def _reduce_verdict(own: PathEvidence | None, place: PathEvidence | None, exempt: bool) -> Verdict:
    """Let `reduce` follow `place` unless it has evidence from the same trouble."""
    if own is not None and own.verdict is not Verdict.UNPROVEN:
        since = place.since if place is not None and place.verdict is not Verdict.UP else None
        if own.verdict is not Verdict.UP or since is None or exempt or own.last_ok_sent > since:
            return own.verdict
    return place.verdict if place is not None and not exempt else Verdict.UNPROVEN


def causes(paths: Paths, streams: Streams) -> dict[Path, Cause]:
    """Give why each path that is not up is not up."""
    found = {path: e.cause for path, e in paths.items() if e.verdict is not Verdict.UP}
    for path, stream in streams.items():
        if stream.verdict is not Verdict.UP and path not in found:
            found[path] = Cause.SILENT
    if Path.REDUCE not in paths and Path.PLACE in found:
        found[Path.REDUCE] = found[Path.PLACE]
    return found


def describe(evidence: PathEvidence | None, verdict: Verdict, now: float) -> dict[str, object]:
    """Give what is known of one path, ready for JSON."""
    if evidence is None:
        return {"verdict": str(verdict)}
    seen = evidence.last_ok_at > NEVER
    return {
        "verdict": str(verdict),
        "cause": str(evidence.cause),
        "since": evidence.since,
        "latency_ms": round(evidence.latency_s * 1000.0, 1) if evidence.latency_s is not None else None,
        "age_s": round(now - evidence.last_ok_at, 3) if seen else None,
        "acks": evidence.acks,
        "nats": [round(n, 2) for n in evidence.nats],
    }
