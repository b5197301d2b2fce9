"""All evidence about one venue: calls under way, answers, and the charts they move."""

from collections.abc import Mapping

from riskguard.core.detect.cusum import MEMORY_ABOVE_THRESHOLD, Charts
from riskguard.core.detect.in_flight import MOST_WEIGHED, Call, InFlight
from riskguard.core.detect.judge import ORDER_LANE, POOLED
from riskguard.core.detect.likelihood import NOTHING, FailureRates, Triple
from riskguard.core.detect.observation import ALIVE, NEVER, OutcomeClass
from riskguard.core.detect.own_health import GRACE_S, OwnHealth
from riskguard.core.detect.path_evidence import Fact, PathEvidence
from riskguard.core.detect.survival import PER_OCTAVE, Durations, bucket_of, edge_s
from riskguard.core.detect.symbols import ANYTHING, CANARY
from riskguard.core.detect.verdict_table import Signal, after
from riskguard.core.types import Path, Verdict

SETTLED_AFTER_S = 8.0
"""A call out for longer has said all it can."""
SOON_S = 1e-3
"""A call looked at on the very edge of a bucket must not be announced for the same moment again."""
FOREVER = float("inf")


class VenueEvidence:
    """The charts of one venue and what feeds them."""

    def __init__(
        self, own: OwnHealth, threshold: float, seed_s: float | None, patience_s: Mapping[Path, float]
    ) -> None:
        """Begin without evidence; a call out for longer than `patience_s` of its path counts as lost."""
        self._own = own
        self.paths: dict[Path, PathEvidence] = {}
        self.calls = InFlight()
        self.void_at = NEVER
        self._cap = threshold + MEMORY_ABOVE_THRESHOLD
        self._pooled = Charts(self._cap)
        self._pooled_since: float | None = None
        self._rates = FailureRates()
        self._usual = Durations(seed_s or 0.1, weight=10.0, spread=0.6 if seed_s else 1.0)
        """Answers of all paths, for a path that is new."""
        self._patience_s = patience_s
        self._batch: list[tuple[Path, Fact]] = []
        self.still_until = NEVER
        """Until then time alone raises no chart; `NEVER` once anything spoke against the venue."""
        self.ages_at = FOREVER
        """When a call under way is next worth more, as of the last look."""

    @property
    def is_waiting(self) -> bool:
        """Whether answers of this moment have not been weighed yet."""
        return bool(self._batch)

    def of(self, path: Path) -> PathEvidence:
        """Give the evidence of one path, begun when first asked for."""
        found = self.paths.get(path)
        if found is None:
            found = self.paths[path] = PathEvidence(path, self._cap, self._usual, self._rates)
            self.still_until = NEVER
        return found

    def sent(self, rid: object, now: float, call: Call) -> None:
        """Note a call that leaves."""
        evidence = self.of(call.path)
        evidence.symbols.used(CANARY if call.canary else call.symbol or ANYTHING, now)
        # Here and not with an answer, so that a good answer never raises a chart.
        if evidence.learn():
            self.still_until = NEVER
        else:
            says_at = now + self._says_after_s(evidence)
            self.ages_at = min(self.ages_at, says_at)
            if self.still_until > now:
                self.still_until = min(self.still_until, says_at)
        self.calls.sent(rid, call)

    def _says_after_s(self, evidence: PathEvidence) -> float:
        """Give the age from which a call under way on a path says anything."""
        return min(evidence.weights.first_s, self._patience_s.get(evidence.path, SETTLED_AFTER_S))

    def be_still(self) -> None:
        """Note that nothing speaks against the venue, and until when time alone cannot change that."""
        if self._pooled.levels() != NOTHING or not all(e.is_blameless for e in self.paths.values()):
            self.still_until = NEVER
            return
        self.still_until = min(
            (
                call.sent_at + self._says_after_s(evidence)
                for path, evidence in self.paths.items()
                for call in self.calls.since(path, evidence.last_ok_sent)
            ),
            default=FOREVER,
        )

    def answered(self, venue: str, call: Call, now: float, outcome: OutcomeClass, symbol: str | None) -> None:
        """Note an answer; it is weighed together with all of the same moment.

        A time-out that fires as a stall ends may have an unread answer behind it, so it is void.
        """
        unread = call.sent_at <= self._own.stalled_until and now - self._own.stalled_until <= GRACE_S
        void = unread or call.sent_at <= self._own.void_at(venue)
        key = CANARY if call.canary else symbol or call.symbol or ANYTHING
        latency_s = max(0.0, now - call.sent_at - (self._own.stalled_s - call.stalled_s))
        self._batch.append((call.path, Fact(call.sent_at, now, outcome, key, void, latency_s)))

    def weigh(self, *, calm: bool) -> None:
        """Add the answers of one moment to the charts, in an order that does not depend on their arrival."""
        batch = self._batch
        if len(batch) > 1:
            batch.sort(key=lambda item: (item[1].sent_at, item[0], item[1].outcome, item[1].key))
        for path, fact in batch:
            alive, silence = fact.outcome in ALIVE, fact.outcome is OutcomeClass.UNKNOWN
            if fact.void and not alive:
                continue
            evidence = self.paths[path]
            if calm:
                self._rates.add(error=not alive and not silence, silence=silence)
            if alive and (calm or evidence.is_new):
                evidence.durations.add(fact.latency_s)
                self._usual.add(fact.latency_s)
            nats = evidence.ok(fact) if alive else evidence.bad(fact)
            if nats[0] > 0.0 or nats[1] > 0.0 or nats[2] > 0.0:
                self.still_until = NEVER
            evidence.charts.add(fact.now, nats)
            share = POOLED.get(path)
            if share is not None:
                self._pooled.add(fact.now, nats, share if alive else 1.0)
                self._date_pooled(fact, alive)
        batch.clear()

    def _date_pooled(self, fact: Fact, alive: bool) -> None:
        if self._pooled.levels()[0] <= 0.0:
            self._pooled_since = None
        elif not alive and self._pooled_since is None:
            self._pooled_since = fact.sent_at

    def pooled_since(self) -> float | None:
        """Give when the first call failed, or hung, since all pooled evidence was last refuted."""
        hanging = [
            e.run.hangs_since
            for e in self.paths.values()
            if e.run.hangs_since is not None and e.path in POOLED
        ]
        if self._pooled_since is not None:
            hanging.append(self._pooled_since)
        return min(hanging, default=None)

    def add_up(self, now: float, threshold: float) -> tuple[Triple, Triple]:
        """Weigh the calls under way; give the pooled charts with them, and orders and cancels together."""
        if threshold + MEMORY_ABOVE_THRESHOLD != self._cap:
            self._raise_caps(threshold + MEMORY_ABOVE_THRESHOLD)
        dead, partial, slow = self._pooled.levels()
        self.ages_at = FOREVER
        lane_dead = lane_partial = lane_slow = 0.0
        for path, evidence in self.paths.items():
            evidence.begin_look()
            self._weigh_under_way(evidence, now)
            evidence.end_look(now)
            if path in POOLED:
                out = evidence.out
                dead, partial, slow = dead + out[0], partial + out[1], slow + out[2]
            if path in ORDER_LANE:
                nats = evidence.nats
                lane_dead, lane_partial, lane_slow = (
                    lane_dead + nats[0],
                    lane_partial + nats[1],
                    lane_slow + nats[2],
                )
        return (dead, partial, slow), (lane_dead, lane_partial, lane_slow)

    def _weigh_under_way(self, evidence: PathEvidence, now: float) -> None:
        after = max(self.void_at, evidence.last_ok_sent, evidence.remark_sent)
        patience_s = self._patience_s.get(evidence.path)
        stalled_until, stalled_s = self._own.stalled_until, self._own.stalled_s
        if now - stalled_until <= GRACE_S:
            after = max(after, stalled_until)
        out = self.calls.since(evidence.path, after)
        if not out:
            return
        weights, slower = evidence.weights, evidence.lately.slower
        late_s = weights.late_s * 2.0 ** (slower / PER_OCTAVE)
        for call in out:
            if now - call.sent_at - (stalled_s - call.stalled_s) > late_s:
                evidence.failed_sent = max(evidence.failed_sent, call.sent_at)
                break
        weighed = out[-MOST_WEIGHED:]
        for call in reversed(weighed):
            age_s = now - call.sent_at - (stalled_s - call.stalled_s)
            if patience_s is not None and age_s > patience_s:
                nats = weights.silence
            else:
                nats = weights.under_way(age_s, slower)
            evidence.under_way(call.sent_at, CANARY if call.canary else call.symbol or ANYTHING, nats)
        if evidence.verdict not in (Verdict.CONFIRMED, Verdict.DOWN):
            self._ages(evidence, weighed, now)

    def _ages(self, evidence: PathEvidence, weighed: list[Call], now: float) -> None:
        """Note when one of these calls is next worth more, where more would change a verdict."""
        first_s, next_at = self._says_after_s(evidence), self.ages_at
        for call in weighed:
            age_s = now - call.sent_at + SOON_S
            if age_s < first_s:
                next_at = min(next_at, call.sent_at + first_s)
            elif age_s < SETTLED_AFTER_S:
                next_at = min(next_at, call.sent_at + edge_s(bucket_of(age_s) + 1))
        self.ages_at = next_at

    def _raise_caps(self, cap: float) -> None:
        self._cap = self._pooled.cap = cap
        for evidence in self.paths.values():
            evidence.charts.cap = cap

    def failed_sent(self, path: PathEvidence) -> float:
        """Give when the newest failing call left, on this path or beside it."""
        if path.path not in POOLED:
            return path.failed_sent
        return max(e.failed_sent for e in self.paths.values() if e.path in POOLED)

    def forget(self, void_at: float) -> None:
        """Void everything sent up to a moment."""
        self.void_at = void_at
        self._pooled.clear()
        self._pooled_since = None
        for evidence in self.paths.values():
            evidence.clear()
            evidence.verdict = after(evidence.verdict, Signal.VOIDED)

    def pooled_levels(self) -> Triple:
        """Give the pooled charts without the calls under way."""
        return self._pooled.levels()
