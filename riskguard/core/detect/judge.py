"""From nats to a signal: what must hold before a path is suspected, convicted and given up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from riskguard.core.detect.likelihood import Triple
from riskguard.core.detect.observation import NEVER, Alternative, Cause
from riskguard.core.detect.path_evidence import ALARM, BEFORE_S, PathEvidence
from riskguard.core.detect.symbols import CANARY
from riskguard.core.detect.verdict_table import Signal
from riskguard.core.types import Path, Verdict

CALM = 1.0
OWN_SHARE: Triple = (4.0, 3.5, 2.5)
"""Nats a path must have of its own before evidence of its neighbours counts."""
OTHER_SYMBOLS = 9.0
"""Nats that must come from beyond one traded symbol: two failures of something else."""
LATE_SHARE = 3.5
"""Most nats of that which a late call may give: late is less than failed."""
OTHERS_WITHIN_S = 30.0
"""Something else was tried this recently, so it can be asked for corroboration."""
LONE_S = 3.0
"""In a suspicion probes go several times a second; failures further apart need not be one trouble."""
BEFORE_SHARE = 0.2
"""Share of the waiting time by which a trouble is dated back at most: short blips began lately."""
FIRM_AFTER_S, FIRM_AFTER_SHARE = 4.0, 0.4
"""Evidence of some failures or of slowness is firm this soon; what was before may be a stray failure."""
UNSTABLE_TIMES, UNSTABLE_WITHIN_S = 3, 120.0
FRESH_S = 3.0
"""`down` needs a reference asked within this time (or the later half of the persistence time)."""
SECONDED_S = 1.0
"""Of many hanging calls the last ones alone are kept: no more than this is asked of our side for them."""
RETURNS = {Cause.DEAD: 3, Cause.SILENT: 1, Cause.EXPLICIT: 3}
RETURNS_ELSE = 8

POOLED: Mapping[Path, float] = {Path.PLACE: 1.0, Path.REDUCE: 1.0, Path.CANCEL: 1.0, Path.QUERY: 0.5}
"""Paths through one engine share a chart, so that a total outage is seen from all of them.

The share is that of good answers: a read that answers says less of the engine than an order does.
"""
ORDER_LANE = frozenset({Path.PLACE, Path.REDUCE, Path.CANCEL})
LANE_SHARE: Triple = (9.0, 6.0, 4.0)
"""Nats that orders and cancels must have together before reads that fail too count against them."""
ALTERNATIVES = tuple(Alternative)
CAUSES = {Alternative.DEAD: Cause.DEAD, Alternative.PARTIAL: Cause.PARTIAL, Alternative.SLOW: Cause.SLOW}


@dataclass(frozen=True, slots=True)
class Bench:
    """What holds for all paths of the venue at one look."""

    now: float
    threshold: float
    tau_s: float
    pooled: Triple
    lane: Triple
    """Nats of orders and cancels added up."""
    trouble: bool
    void_at: float = NEVER
    """Nothing that was sent before counts, because our own side was at fault."""
    pooled_since: float | None = None
    """When the first call failed since the pooled evidence was last refuted."""
    silent_since: float | None = None
    """Since when the market data is silent, if it is: the suspicion began no later."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look at a path found."""

    signal: Signal | None
    cause: Cause = Cause.NONE
    since: float | None = None
    """Since when it has been failing."""
    needs_reference_after: float | None = None
    """A conviction that our own side must be vouched for."""
    onset: float | None = None
    """When the trouble began: a call that left after an answered ping since then must have failed."""
    seconded: float = NEVER
    """When the second call failed: the first may have been a stray one, so our side is asked about then."""


def strength(path: PathEvidence, bench: Bench) -> Triple:
    """Give the nats against a path for each alternative, its neighbours' included where it has a share."""
    own, pooled, lane = path.nats, bench.pooled, bench.lane
    if path.path not in POOLED or max(own) < min(OWN_SHARE):
        return own
    dead, partial, slow = (
        max(own[i], pooled[i]) if own[i] >= OWN_SHARE[i] and lane[i] >= LANE_SHARE[i] else own[i]
        for i in (0, 1, 2)
    )
    return dead, partial, slow


def look(path: PathEvidence, bench: Bench, neighbours: Iterable[PathEvidence]) -> Finding:
    """Judge one path: the weightiest signal that the evidence bears."""
    nats = strength(path, bench)
    path.weighed(nats, bench.now)
    if _contradicted(path):
        return _settle(path, nats)
    convicting = [a for a, n in zip(ALTERNATIVES, nats, strict=True) if n >= bench.threshold]
    if (
        convicting
        and not bench.trouble
        and not path.is_put_off
        and _corroborated(path, neighbours, bench.now, slow=convicting == [Alternative.SLOW])
    ):
        return _convict(path, bench, convicting, neighbours)
    if max(nats) >= ALARM or path.local_at > path.last_ok_at:
        cause = CAUSES[ALTERNATIVES[nats.index(max(nats))]] if max(nats) >= ALARM else Cause.UNREACHABLE
        return Finding(Signal.ALARMED, cause, path.run.since())
    return _settle(path, nats)


def _contradicted(path: PathEvidence) -> bool:
    """Say whether so many good answers came in a row that what the charts remember is history."""
    if path.verdict is Verdict.DOWN:
        return _returns(path)
    return path.is_lived_down and path.run.hangs_since is None


def _returns(path: PathEvidence) -> bool:
    """Say whether a path that is down answers again: what left after its last good answer must not hang.

    Else it would be down for the calls that hang and return for the answers before them, by turns.
    """
    return path.run.hangs_since is None and path.ok_run >= RETURNS.get(path.cause, RETURNS_ELSE)


def _settle(path: PathEvidence, nats: Triple) -> Finding:
    if path.verdict is Verdict.DOWN:
        return Finding(Signal.RETURNING if _returns(path) else None, path.cause, path.since)
    calm = max(nats) < CALM or path.is_lived_down
    return Finding(Signal.ANSWERED if calm and path.ok_run > 0 else None, path.cause, path.since)


def _latest(at: float | None, other: float | None) -> float | None:
    return at if at is None or other is None else max(at, other)


def _lone(path: PathEvidence, neighbours: Iterable[PathEvidence]) -> float | None:
    """Give when the second failure left, if the first stood alone while the neighbours answered.

    A call that was lost by chance long ago, on a path that nobody used since, must not date a blip.
    """
    first, second = path.run.since(), path.run.second()
    if first is None or second is None or second - first <= LONE_S:
        return None
    answered = any(n.last_ok_sent > first for n in neighbours if n is not path and n.path in POOLED)
    return second if answered else None


def _began(path: PathEvidence, bench: Bench, neighbours: Iterable[PathEvidence]) -> float | None:
    """Give when the failures most likely began: halfway between the last good answer and the first of them.

    Where other paths through the engine fail as well, their last answers count: it is one trouble. Lengths of
    blips are measured in the same way, so what is learnt fits, however often a path is used.
    """
    first = path.run.since()
    if first is None or path.last_ok_sent == NEVER:
        return first
    good = max(path.last_ok_sent, bench.void_at)
    for other in neighbours:
        if other.path in POOLED and good < other.last_ok_sent < first and other.run.since() is not None:
            good = other.last_ok_sent
    began = first - min(BEFORE_S, BEFORE_SHARE * bench.tau_s, 0.5 * max(0.0, first - good))
    if path.nats[0] < bench.threshold:  # it fails by its neighbours' word
        began = max(began, bench.pooled_since or began)
    return max(began, _lone(path, neighbours) or began)


def _last_failed(path: PathEvidence, neighbours: Iterable[PathEvidence]) -> float:
    """Give when a call failed last, here or on a path through the same engine."""
    if path.path not in POOLED:
        return path.last_bad_at
    return max(n.last_bad_at for n in (path, *neighbours) if n.path in POOLED)


def _before(firm: float | None, began: float, tau_s: float) -> float | None:
    """Date what is no plain run of failures: from where it most likely began, but not by a stray failure."""
    return None if firm is None else max(began, firm - min(FIRM_AFTER_S, FIRM_AFTER_SHARE * tau_s))


def _convict(
    path: PathEvidence, bench: Bench, convicting: list[Alternative], neighbours: Iterable[PathEvidence]
) -> Finding:
    now = bench.now
    seen = {
        Alternative.DEAD: path.run.since(),
        Alternative.PARTIAL: _latest(path.sporadic.since, path.firm_since[1]),
        Alternative.SLOW: _latest(path.slow_since, path.firm_since[2]),
    }
    path.run.began = _began(path, bench, neighbours)
    begun = {
        Alternative.DEAD: path.run.began,
        Alternative.PARTIAL: _before(seen[Alternative.PARTIAL], path.sporadic.began, bench.tau_s),
        # What hangs since is dead as far as anybody can tell: slow is what answers, late.
        Alternative.SLOW: _before(seen[Alternative.SLOW], path.slow_from, bench.tau_s)
        if path.last_ok_sent > path.slow_from
        else None,
    }
    signs = [*seen.values(), bench.silent_since if path.path in POOLED else None]
    onset = min((at for at in signs if at is not None), default=now)
    for alternative in convicting:
        since, until = begun[alternative], now
        if alternative is Alternative.PARTIAL:
            if not path.sporadic.probes_agree():
                continue
            # Among good answers it lasts from failure to failure, not until enough good ones wash it out.
            until = _last_failed(path, neighbours) if path.run.hangs_since is None else now
        if since is not None and until - since >= bench.tau_s:
            asked = max(since, seen[alternative] or since)  # nobody vouches for a time without failures
            fresh = max(asked, now - max(FRESH_S, 0.5 * bench.tau_s))
            seconded = min(path.run.second() or asked, now - SECONDED_S)
            return Finding(Signal.PERSISTED, CAUSES[alternative], since, fresh, asked, seconded)
    if path.verdict is not Verdict.CONFIRMED:
        recent = [at for at in path.confirms if now - at < UNSTABLE_WITHIN_S]
        if len(recent) >= UNSTABLE_TIMES - 1:
            return Finding(Signal.PERSISTED, Cause.UNSTABLE, recent[0], onset, onset)
    began = onset if path.run.began is None else min(onset, path.run.began)
    return Finding(Signal.CONVICTED, CAUSES[convicting[0]], began, onset, onset)


def _corroborated(path: PathEvidence, neighbours: Iterable[PathEvidence], now: float, *, slow: bool) -> bool:
    """Say whether more than one traded symbol fails, as far as anything else was tried lately."""
    bad: dict[str, float] = {}
    tried: dict[str, float] = {}
    for other in (
        path,
        *(n for n in neighbours if n is not path and path.path in POOLED and n.path in POOLED),
    ):
        for ledger in (other.symbols.failing, other.symbols.late):
            for key, nats in ledger.items():
                bad[key] = bad.get(key, 0.0) + nats
        for key, nats in other.symbols.under_way.items():
            bad[key] = bad.get(key, 0.0) + min(nats, LATE_SHARE * other.run.hangs)
        tried.update({key: max(at, tried.get(key, at)) for key, at in other.symbols.tried.items()})
    traded = {key: nats for key, nats in bad.items() if key != CANARY}
    if not traded:
        return True
    main = max(traded, key=traded.__getitem__)
    elsewhere = sum(bad.values()) - bad[main]
    return elsewhere >= (ALARM if slow else OTHER_SYMBOLS) or not any(
        key != main and now - at < OTHERS_WITHIN_S for key, at in tried.items()
    )
