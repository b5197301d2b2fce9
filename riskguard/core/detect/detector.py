"""One venue's failure detector: calls and answers in, a verdict per path out."""

from collections.abc import Mapping

from riskguard.core.detect.cusum import MEMORY_ABOVE_THRESHOLD, Charts
from riskguard.core.detect.episode import BAD, Episode
from riskguard.core.detect.in_flight import Call, InFlight
from riskguard.core.detect.judge import ALARM, ORDER_LANE, POOLED, Bench, Finding, look
from riskguard.core.detect.likelihood import FailureRates, Triple
from riskguard.core.detect.observation import ALIVE, FAILED, Cause, OutcomeClass
from riskguard.core.detect.own_health import OwnHealth, SelfCondition
from riskguard.core.detect.path_evidence import ANYTHING, CANARY, Fact, PathEvidence
from riskguard.core.detect.path_verdict import Recover, follow
from riskguard.core.detect.persistence import Blip, Learned, Persistence
from riskguard.core.detect.probes import Canary, ProbePlan, ProbePlanner
from riskguard.core.detect.silence import Stream
from riskguard.core.detect.statements import Statements
from riskguard.core.detect.survival import bucket_of, edge_s
from riskguard.core.detect.threshold import Threshold
from riskguard.core.detect.verdict_table import Signal, after
from riskguard.core.types import Path, Verdict

STREAM_DELAY_S = 0.25
"""A stream's message is taken to have left the venue this long ago, buffers included."""
THROTTLED_FOR_S = 10.0


class VenueDetector:
    """Judges each path of one venue from what happens to calls; owns no clock and does no I/O.

    `now` is in seconds on any clock that never runs backwards, the same one for all calls.
    """

    def __init__(
        self,
        venue: str,
        *,
        false_alarms_per_year: float = 1.0,
        seed_latency_ms: float | None = None,
        own_health: OwnHealth | None = None,
        domain: str | None = None,
        recover: Recover | None = None,
        order_ack_s: float | None = None,
        cancel_ack_s: float | None = None,
        persistence_s: float | None = None,
        learned: Learned | None = None,
        ladder: Mapping[Path, Canary] | None = None,
        probes_per_s: float = 12.0,
    ) -> None:
        """Allow `false_alarms_per_year` wrong `down`; share `own_health` between the venues of one guard.

        `order_ack_s` and `cancel_ack_s` are the trader's patience: a call out for longer counts as unanswered
        whatever was learnt. `learned` is what earlier runs measured of this venue's blips.
        """
        self.venue = venue
        self.own = own_health or OwnHealth()
        self.own.join(venue, domain)
        self._recover = recover or Recover()
        self._patience: dict[Path, float] = {}
        if order_ack_s is not None:
            self._patience |= {Path.PLACE: order_ack_s, Path.REDUCE: order_ack_s}
        if cancel_ack_s is not None:
            self._patience[Path.CANCEL] = cancel_ack_s
        self._seed_s = seed_latency_ms / 1000.0 if seed_latency_ms else None
        self._threshold = Threshold(false_alarms_per_year)
        self._persistence = Persistence(false_alarms_per_year, learned or Learned(), persistence_s)
        self._probes = ProbePlanner(ladder, probes_per_s)
        self._calls = InFlight()
        self._rates = FailureRates()
        self._paths: dict[Path, PathEvidence] = {}
        self._streams: dict[Path, Stream] = {}
        self._pooled = Charts(self._threshold.nats + MEMORY_ABOVE_THRESHOLD)
        self._batch: list[tuple[Path, Fact]] = []
        self._statements = Statements()
        self._now = float("-inf")
        self._looked_at = float("-inf")
        self._void_at = float("-inf")
        self._suspect_since: float | None = None
        self._episode = Episode()
        self._throttled_at = self._denied_at = float("-inf")
        self._reduce_exempt = False
        self._halts: dict[str, float] = {}

    # What is observed

    def sent(
        self, rid: object, now: float, path: Path | str, symbol: str | None = None, canary: bool = False
    ) -> None:
        """Report a call at the moment its bytes leave."""
        now, where = self._at(now), Path(path)
        evidence = self._evidence(where)
        evidence.used(CANARY if canary else symbol or ANYTHING, now)
        self._threshold.call(now, calm=self._suspect_since is None)
        self._probes.sent(where, now)
        self._calls.sent(rid, Call(now, where, symbol, canary))

    def done(
        self,
        rid: object,
        now: float,
        outcome_class: OutcomeClass | str,
        symbol: str | None = None,
        *,
        exempts_reduce: bool = False,
    ) -> None:
        """Report how a call ended; an id that was never sent, or ended before, is ignored.

        `exempts_reduce` marks an overload refusal from which reduce-only orders are exempt.
        """
        now, outcome = self._at(now), OutcomeClass(outcome_class)
        call = self._calls.done(rid)
        if call is None:
            return
        if outcome in ALIVE or outcome in FAILED:
            key = CANARY if call.canary else symbol or call.symbol or ANYTHING
            void = call.sent_at <= self.own.void_at(self.venue)
            self._batch.append((call.path, Fact(call.sent_at, now, outcome, key, void)))
            if outcome in ALIVE:
                self.own.answered(self.venue, call.sent_at)
                self._statements.answered(call.path, call.sent_at)
            if call.path is Path.PLACE:
                self._reduce_exempt = exempts_reduce
        elif outcome is OutcomeClass.RATE_LIMITED:
            self._throttled_at = now
        elif outcome is OutcomeClass.SYMBOL_HALT:
            self._halts[symbol or call.symbol or ANYTHING] = now
            if len(self._halts) > 64:
                del self._halts[next(iter(self._halts))]
        elif outcome is OutcomeClass.EXPLICIT:
            self._statements.said(now, "closed or in maintenance", f"answer to {call.path}")
        elif outcome is OutcomeClass.AUTH:
            self._denied_at = now
        else:
            self._evidence(call.path).local_at = now
            self.own.local_error(self.venue, now)

    def stream(self, now: float, path: Path | str) -> None:
        """Report a message on a stream (market data, fills, or its heartbeat)."""
        now, where = self._at(now), Path(path)
        stream = self._streams.get(where)
        if stream is None:
            self._streams[where] = Stream(where, now)
        else:
            stream.spoke(now)
        self.own.answered(self.venue, now - STREAM_DELAY_S)

    def tick(self, now: float, due: float) -> None:
        """Report that a timer due at `due` ran, and look at what time alone has changed."""
        now = self._at(now)
        self.own.tick(now, due)
        self._look(now)

    def reference(self, sent_at: float, now: float, ok: bool, name: str = "reference") -> None:
        """Report how a ping to an independent place ended."""
        self.own.reference(sent_at, self._at(now), ok, name)

    def peers(self, suspicious: int, total: int, now: float) -> None:
        """Report how many of all guarded venues look sick; needless when they share one `OwnHealth`."""
        self.own.peers(suspicious, total, self._at(now))

    def explicit(self, now: float, what: str, source: str) -> None:
        """Report that the venue says it is closed; an empty `what` says that it is open again."""
        self._statements.said(self._at(now), what, source)

    # What follows

    def verdicts(self, now: float) -> dict[Path, Verdict]:
        """Give the verdict of every path; `reduce` without evidence of its own follows `place`."""
        self._look(self._at(now))
        return {path: self._verdict(path) for path in Path}

    def causes(self) -> dict[Path, Cause]:
        """Give why each path that is not up is not up."""
        found = {path: e.cause for path, e in self._paths.items() if e.verdict is not Verdict.UP}
        for path, stream in self._streams.items():
            if stream.verdict is not Verdict.UP and path not in found:
                found[path] = Cause.SILENT
        if Path.REDUCE not in self._paths and Path.PLACE in found:
            found[Path.REDUCE] = found[Path.PLACE]
        return found

    def maintenance(self, now: float) -> str | None:
        """Give what the venue says of itself once that is repeated or seconded, and not refuted."""
        self._look(self._at(now))
        return self._statements.settled()

    @property
    def is_suspicious(self) -> bool:
        """Whether probes and reference pings should go fast."""
        return self._suspect_since is not None

    @property
    def reduce_exempt(self) -> bool:
        """Whether the last refusal to place exempts reduce-only orders."""
        return self._reduce_exempt

    def own_condition(self, now: float) -> SelfCondition:
        """Give our own condition; SELF is never the venue's."""
        self._look(self._at(now))
        return self.own.condition(self._now)

    def want_probe(self, now: float) -> ProbePlan | None:
        """Give a probe that is due, counting it as sent; ask again until None."""
        now = self._at(now)
        self._look(now)
        since = self._fast_since(now)
        because = (
            "suspicion" if self._suspect_since is not None else "silence" if since is not None else "routine"
        )
        return self._probes.plan(now, since, self._is_throttled(now), self._calls, because)

    def next_tick(self, now: float) -> float | None:
        """Give when the evidence can next change by time alone; None when it cannot."""
        now = self._at(now)
        moments = [
            call.sent_at + edge_s(bucket_of(now - call.sent_at) + 1)
            for path, evidence in self._paths.items()
            for call in self._calls.newest(path)
            if call.sent_at > evidence.last_ok_sent and now - call.sent_at < 8.0
        ]
        tau = self._persistence.tau_s
        for evidence in self._paths.values():
            if evidence.verdict is Verdict.RECOVERING:
                moments.append(evidence.last_bad_at + self._recover.clean_s)
            elif evidence.verdict in (Verdict.SUSPECT, Verdict.CONFIRMED):
                begun = (evidence.dead_since(), evidence.mixed_since, evidence.slow_since)
                moments.extend(at + tau for at in begun if at is not None)
        for stream in self._streams.values():
            moments.extend(stream.thresholds(now, tau))
        due = self._probes.next_due(now, self._fast_since(now), self._is_throttled(now))
        if due is not None:
            moments.append(max(due, now + 0.02))
        later = [at for at in moments if at > now]
        return min(later) if later else None

    def blips(self) -> tuple[Blip, ...]:
        """Give the troubles that passed by themselves, oldest first."""
        return tuple(self._persistence.blips)

    def learned(self) -> Learned:
        """Give what the next run should start from."""
        return self._persistence.learned

    def snapshot(self, now: float) -> dict[str, object]:
        """Give all the detector believes, ready for JSON."""
        verdicts = self.verdicts(now)
        now = self._now
        own = self.own.condition(now)
        return {
            "venue": self.venue,
            "paths": {str(path): _describe(self._paths.get(path), verdicts[path], now) for path in Path},
            "threshold_nats": round(self._threshold.nats, 2),
            "persistence_s": round(self._persistence.tau_s, 2),
            "pooled_nats": [round(n, 2) for n in self._pooled.levels()],
            "in_flight": len(self._calls),
            "suspect_since": self._suspect_since,
            "throttled": self._is_throttled(now),
            "denied": now - self._denied_at < THROTTLED_FOR_S,
            "halted_symbols": sorted(s for s, at in self._halts.items() if now - at < 60.0),
            "explicit": self._statements.settled(),
            "self": {"condition": str(own.condition), "because": own.because},
            "blips": len(self._persistence.blips),
        }

    # Inside

    def _at(self, now: float) -> float:
        """Weigh what is complete before time moves on."""
        if now > self._now:
            if self._batch:
                self._weigh()
            if self._suspect_since is None and self._now > float("-inf"):
                self._persistence.watched(now - self._now)
            self._now = now
        return self._now

    def _evidence(self, path: Path) -> PathEvidence:
        found = self._paths.get(path)
        if found is None:
            cap = self._threshold.nats + MEMORY_ABOVE_THRESHOLD
            found = self._paths[path] = PathEvidence(path, cap, self._seed_s, self._rates)
        return found

    def _weigh(self) -> None:
        """Add the answers of one moment to the charts, in an order that does not depend on their arrival."""
        batch = self._batch
        if len(batch) > 1:
            batch.sort(key=lambda item: (item[1].sent_at, item[0], item[1].outcome, item[1].key))
        calm = self._suspect_since is None
        for path, fact in batch:
            evidence = self._paths[path]
            alive = fact.outcome in ALIVE
            if not alive and fact.void:
                continue
            if calm:
                silence = fact.outcome is OutcomeClass.UNKNOWN
                self._rates.add(error=not alive and not silence, silence=silence)
                if alive:
                    evidence.durations.add(fact.now - fact.sent_at)
                    evidence.learn(self._rates)
            nats = evidence.ok(fact) if alive else evidence.bad(fact)
            evidence.charts.add(fact.now, nats)
            share = POOLED.get(path)
            if share is not None:
                self._pooled.add(fact.now, nats, share if alive else 1.0)
        batch.clear()

    def _look(self, now: float) -> None:
        """Judge every path at this moment, once for all who ask."""
        if now == self._looked_at and not self._batch:
            return
        self._looked_at = now
        if self._batch:
            self._weigh()
        void_at = self.own.void_at(self.venue)
        if void_at > self._void_at:
            self._forget(void_at)
        pooled = self._add_up(now)
        lane = [e.nats for path, e in self._paths.items() if path in ORDER_LANE]
        together = (sum(n[0] for n in lane), sum(n[1] for n in lane), sum(n[2] for n in lane))
        bench = Bench(
            now, self._threshold.nats, self._persistence.tau_s, pooled, together, self.own.trouble(now)
        )
        said = self._statements.settled()
        withheld: float | None = None
        for evidence in self._paths.values():
            finding = look(evidence, bench, self._paths.values())
            if said is not None and evidence.last_ok_sent <= self._statements.first_at:
                finding = Finding(Signal.PERSISTED, Cause.EXPLICIT, self._statements.first_at)
                evidence.closed(now)
            asked = finding.needs_reference_after
            if asked is not None and not self.own.vouched(self.venue, asked):
                withheld = min(asked, withheld if withheld is not None else asked)
                finding = Finding(Signal.ALARMED, finding.cause, finding.since)
            follow(evidence, finding, now, self._recover)
        for stream in self._streams.values():
            since = stream.silent_since(now)
            stream.look(now, bench.tau_s, since is not None and self._vouches_for_stream(since))
        self._conclude(now, withheld)

    def _vouches_for_stream(self, since: float) -> bool:
        return not self.own.trouble(self._now) and self.own.vouched(self.venue, since)

    def _add_up(self, now: float) -> Triple:
        """Weigh the calls under way; give the pooled charts with them."""
        pooled = list(self._pooled.levels())
        for path, evidence in self._paths.items():
            evidence.begin_look()
            void_at, patience_s = max(self._void_at, evidence.last_ok_sent), self._patience.get(path)
            for call in self._calls.newest(path):
                if call.sent_at <= void_at:
                    break
                age_s = now - call.sent_at
                nats = evidence.weights.in_flight[bucket_of(age_s)]
                if patience_s is not None and age_s > patience_s:
                    nats = evidence.weights.silence
                evidence.under_way(call.sent_at, CANARY if call.canary else call.symbol or ANYTHING, nats)
            evidence.end_look(now)
            if path in POOLED:
                for i in (0, 1, 2):
                    pooled[i] += evidence.out[i]
        return (pooled[0], pooled[1], pooled[2])

    def _conclude(self, now: float, withheld: float | None) -> None:
        """Tell own health what is suspected here, and close a blip that is over."""
        onsets = [
            evidence.dead_since() or now
            for evidence in self._paths.values()
            if evidence.verdict in (Verdict.SUSPECT, *BAD) or max(evidence.nats) >= ALARM
        ]
        if not onsets:
            self._suspect_since = None
        elif self._suspect_since is None:
            self._suspect_since = now
        self.own.suspect(self.venue, min(onsets) if onsets else None)
        self.own.hold(self.venue, withheld)
        blip = self._episode.look(self._paths.values())
        if blip is not None:
            self._persistence.ended(blip)

    def _forget(self, void_at: float) -> None:
        self._void_at = void_at
        self._pooled.clear()
        self._episode.void()
        for evidence in self._paths.values():
            evidence.clear()
            evidence.verdict = after(evidence.verdict, Signal.VOIDED)

    def _verdict(self, path: Path) -> Verdict:
        evidence, stream = self._paths.get(path), self._streams.get(path)
        if path is Path.REDUCE and (evidence is None or evidence.verdict is Verdict.UNPROVEN):
            place = self._paths.get(Path.PLACE)
            return place.verdict if place is not None and not self._reduce_exempt else Verdict.UNPROVEN
        if stream is None:
            return evidence.verdict if evidence is not None else Verdict.UNPROVEN
        if evidence is None or evidence.verdict is Verdict.UNPROVEN:
            return stream.verdict
        if evidence.verdict is Verdict.UP and stream.verdict in BAD:
            return Verdict.SUSPECT
        return stream.verdict if evidence.verdict is Verdict.UP else evidence.verdict

    def _fast_since(self, now: float) -> float | None:
        if self._suspect_since is not None:
            return self._suspect_since
        book = self._streams.get(Path.BOOK)
        since = book.silent_since(now) if book is not None else None
        limit = book.limit_s(now) if book is not None else None
        return since + limit if since is not None and limit is not None else None

    def _is_throttled(self, now: float) -> bool:
        return now - self._throttled_at < THROTTLED_FOR_S


def _describe(evidence: PathEvidence | None, verdict: Verdict, now: float) -> dict[str, object]:
    if evidence is None:
        return {"verdict": str(verdict)}
    seen = evidence.last_ok_at > float("-inf")
    return {
        "verdict": str(verdict),
        "cause": str(evidence.cause),
        "since": evidence.since,
        "latency_ms": round(evidence.latency_s * 1000.0, 1) if evidence.latency_s is not None else None,
        "age_s": round(now - evidence.last_ok_at, 3) if seen else None,
        "acks": evidence.acks,
        "nats": [round(n, 2) for n in evidence.nats],
    }
