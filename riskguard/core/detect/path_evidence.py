"""Everything known of one path: its charts, its usual latency, and since when it has been failing."""

from collections import deque
from dataclasses import dataclass

from riskguard.core.detect.cusum import Charts
from riskguard.core.detect.failure_run import FailureRun
from riskguard.core.detect.lately import Lately
from riskguard.core.detect.likelihood import LATE, NOTHING, FailureRates, Triple, Weights
from riskguard.core.detect.observation import NEVER, Cause, OutcomeClass
from riskguard.core.detect.sporadic import Sporadic
from riskguard.core.detect.survival import Durations, position_of
from riskguard.core.detect.symbols import CANARY, Symbols
from riskguard.core.types import Path, Verdict

CALM_RUN = 12
"""Good answers in a row that end an episode; seen by chance on a path failing at 30 % in 1 of 70 tries."""
CALM_RUN_MIXED = 24
"""The same where good and bad answers alternated: a fast trader sees twelve in a row again and again."""
FADES_AFTER_S = 60.0
"""A suspicion on a path that nobody uses any more stops hurrying the probes."""
LEARN_FIRST = 30
"""Answers that teach the usual latency whatever they look like: what was told in advance may be wrong."""
ALARM = 4.0
"""Nats of one failed call."""
FIRM = 6.5
"""Nats that stand for trouble of now: a stray failure now and then gathers fewer."""
BEFORE_S = 2.0
"""Longest time that a trouble is taken to have lasted before the first call that met it, and failed."""
NEVER_FIRM: list[float | None] = [None, None, None]


@dataclass(slots=True)
class Fact:
    """One answered call, ready to be weighed."""

    sent_at: float
    now: float
    outcome: OutcomeClass
    key: str
    void: bool
    latency_s: float
    """Seconds it took, without those in which our loop stood still."""


class PathEvidence:
    """Charts and run lengths of one path; knows nothing of what a verdict leads to."""

    def __init__(self, path: Path, cap: float, venue: Durations, rates: FailureRates) -> None:
        """Begin as the other paths of the `venue` are."""
        self.path = path
        self._venue, self._rates = venue, rates
        self.charts = Charts(cap)
        self.durations = Durations(0.1, weight=1.0)
        self._tabulated_at = 0
        self.weights = self._tabulated()
        # The verdict and its reason.
        self.verdict = Verdict.UNPROVEN
        self.cause = Cause.NONE
        self.since: float | None = None
        self.confirms: list[float] = []
        # What was seen last.
        self.last_ok_sent = self.last_ok_at = self.last_bad_at = self.local_at = NEVER
        self.remark_sent = NEVER
        """When the newest call left whose answer was no evidence: older ones under way are merely late."""
        self.failed_sent = NEVER
        """When the newest call left that failed, is clearly late, or was answered far too slowly."""
        self.latency_s: float | None = None
        self.lately = Lately()
        self.ok_run = self.acks = 0
        # Since when it fails: without any good answer, now and then, or slowly.
        self.run = FailureRun()
        self.sporadic = Sporadic()
        self.slow_since: float | None = None
        self.slow_from = NEVER
        """When slowness most likely began: before the first call that met it."""
        self.firm_since = NEVER_FIRM.copy()
        """Since when the evidence for each alternative has been firm without a break."""
        self.run_s = 0.0
        self.run_cause = Cause.NONE
        self._oks_sent: deque[float] = deque(maxlen=64)
        self._overtaken_sent = NEVER
        self.symbols = Symbols()
        # Charts and calls under way at the last look.
        self.nats: Triple = NOTHING
        self.out: list[float] = [0.0, 0.0, 0.0]

    @property
    def is_new(self) -> bool:
        """Whether its usual latency is not known yet: a venue that was always slow is not a slow venue."""
        return self.durations.seen < LEARN_FIRST

    def ok(self, fact: Fact) -> Triple:
        """Take a good answer in; give its nats, never positive for a call that later ones overtook."""
        latency_s = fact.latency_s
        position = position_of(latency_s)
        self.lately.answered(position, self.weights.usual)
        if latency_s > self.weights.late_s and self.confirms:
            # A conviction that rested on this call was one of slowness: the path did not come and go.
            self.confirms = [at for at in self.confirms if at < fact.sent_at]
        nats = self.weights.answered[int(position)]
        if nats[2] > 0.0 and (fact.void or fact.sent_at <= self.last_ok_sent or self.is_new):
            nats = (nats[0], nats[1], 0.0)
        if nats[2] > LATE:
            self.failed_sent = max(self.failed_sent, fact.sent_at)
        self.latency_s = latency_s
        self.last_ok_at = fact.now
        self.last_ok_sent = max(self.last_ok_sent, fact.sent_at)
        self._oks_sent.append(fact.sent_at)
        self.acks += 1
        self.sporadic.answered(probe=fact.key is CANARY)
        self.symbols.answered(fact.key, nats)
        if nats[2] > LATE:
            self.ok_run = self.acks = 0
        elif fact.sent_at >= self.last_bad_at:
            self.ok_run += 1
        self._end_run(fact.sent_at)
        return nats

    def _end_run(self, sent_at: float) -> None:
        """Let a good answer end the run of failures that began before its call left."""
        run = self.run
        if run.first is not None and sent_at >= run.first:
            if self.verdict in (Verdict.CONFIRMED, Verdict.DOWN):
                began = run.first if run.began is None else min(run.first, run.began)
                last = max(run.first, min(self.failed_sent, sent_at))
                self.ran(0.5 * (last + sent_at) - began, Cause.DEAD)
            self.sporadic.is_mixed = True
        run.answered(sent_at)

    def bad(self, fact: Fact) -> Triple:
        """Take a failure in; give its nats."""
        silence = fact.outcome is OutcomeClass.UNKNOWN
        nats = self.weights.silence if silence else self.weights.error
        if silence and fact.sent_at <= self.last_ok_sent:
            nats = self._overtaken(fact.sent_at, nats)
            if nats is NOTHING:
                return nats
        self.lately.failed()
        self.last_bad_at = fact.now
        self.failed_sent = max(self.failed_sent, fact.sent_at)
        self.ok_run = self.acks = 0
        if fact.sent_at > self.last_ok_sent:
            if self.run.first is None and not self.sporadic.is_mixed:
                # One in three fails, say: then two good answers before the first failure were given in it.
                good_sent = self._oks_sent[-2] if len(self._oks_sent) > 1 else fact.sent_at
                self.sporadic.begins(fact.sent_at, good_sent)
            self.run.failed(fact.sent_at)
        self.sporadic.failed(fact.sent_at, probe=fact.key is CANARY)
        self.symbols.failed(fact.key, nats)
        return nats

    def _overtaken(self, sent_at: float, nats: Triple) -> Triple:
        """Weigh a lost call that a later one overtook: the path is not dead, and one gap counts once.

        Calls lost in a short outage run into their time-outs long after it has passed; they were weighed
        while they were out.
        """
        gap_seen = not any(self._overtaken_sent < at < sent_at for at in self._oks_sent)
        self._overtaken_sent = max(self._overtaken_sent, sent_at)
        return NOTHING if gap_seen else (0.0, nats[1], 0.0)

    def remarked(self, sent_at: float) -> None:
        """Take in an answer that is no evidence: slow down, wrong key, this symbol is halted."""
        self.remark_sent = max(self.remark_sent, sent_at)
        if self.lately.remarked():  # it is there, so what failed before is no run of failures
            self.run.clear()

    @property
    def is_put_off(self) -> bool:
        """Whether it mostly answers with remarks: stray failures between them are no outage."""
        return self.lately.puts_off(self.run.hangs)

    @property
    def is_lived_down(self) -> bool:
        """Whether so many good answers came in a row that an episode is over."""
        return self.ok_run >= (CALM_RUN if self.sporadic.since is None else CALM_RUN_MIXED)

    def closed(self, now: float) -> None:
        """Take in that the venue itself says it is closed at this moment."""
        self.last_bad_at = now
        self.ok_run = self.acks = 0

    def ran(self, length_s: float, cause: Cause) -> None:
        """Note how long it has been failing."""
        if length_s > self.run_s:
            self.run_s, self.run_cause = length_s, cause

    def clear(self) -> None:
        """Forget the episode: it was lived down, or it was our own fault."""
        self.charts.clear()
        self.symbols.clear()
        self.run.clear()
        self.sporadic.clear()
        self.slow_since = None
        self.firm_since = NEVER_FIRM.copy()

    def begin_look(self) -> None:
        """Start adding up the calls under way."""
        self.out[0] = self.out[1] = self.out[2] = 0.0
        self.symbols.under_way.clear()
        self.run.begin_look()

    def under_way(self, sent_at: float, key: str, nats: Triple) -> None:
        """Count one call under way."""
        out = self.out
        out[0] += nats[0]
        out[1] += nats[1]
        out[2] += nats[2]
        self.symbols.hangs(key, nats)
        if nats[0] > 1.0:
            self.run.under_way(sent_at)

    def end_look(self, now: float) -> None:
        """Add charts and calls under way up."""
        levels, out = self.charts.levels(), self.out
        self.run.end_look()
        hangs_since = self.run.hangs_since
        if hangs_since is None and levels == NOTHING and not any(out):
            self.slow_since = None
            self.nats = NOTHING
            return
        self.nats = (levels[0] + out[0], levels[1] + out[1], levels[2] + out[2])
        if self.nats[2] < 1.0:
            self.slow_since = None
        elif self.slow_since is None:
            self.slow_since = now
            first = now if hangs_since is None else hangs_since
            self.slow_from = first - min(BEFORE_S, 0.5 * max(0.0, first - self.last_ok_sent))

    def weighed(self, nats: Triple, now: float) -> None:
        """Note since when the evidence, that of neighbours included, is firm."""
        firm = self.firm_since
        for i, level in enumerate(nats):
            if level < FIRM:
                firm[i] = None
            elif firm[i] is None:
                firm[i] = now

    @property
    def is_blameless(self) -> bool:
        """Whether it is up and no chart and no late call speaks against it: a look can find nothing."""
        return (
            self.verdict is Verdict.UP and self.charts.levels() == NOTHING and max(self.nats) < ALARM
            and self.run.hangs_since is None and self.slow_since is None and self.firm_since == NEVER_FIRM
            and self.local_at <= self.last_ok_at
        )  # fmt: skip

    def is_fresh(self, now: float) -> bool:
        """Say whether the suspicion has anything to go by: a call under way or a recent failure."""
        return self.run.hangs_since is not None or now - max(self.last_bad_at, self.local_at) < FADES_AFTER_S

    def beginnings(self) -> list[float]:
        """Give all moments from which it may have to be waited for."""
        seen = (self.run.began, self.run.since(), self.sporadic.since, self.slow_since)
        return [at for at in (*seen, self.sporadic.began, self.slow_from) if at is not None]

    def learn(self) -> bool:
        """Tabulate the weights anew once enough was seen, here or on the venue's other paths."""
        self.lately.settle(self.weights)
        unread, seen = self.durations.unread, self.durations.seen
        if unread >= 500 or (unread * 8 >= seen and unread >= min(20, max(1, seen))) or self._lags():
            self._rates.fade()
            self.weights = self._tabulated()
            return True
        return False

    def _lags(self) -> bool:
        return self.is_new and self._venue.seen >= 1.5 * self._tabulated_at + 5

    def _tabulated(self) -> Weights:
        elsewhere = self._tabulated_at = self._venue.seen
        survival = self.durations.blended(self._venue, LEARN_FIRST)
        seen = self.durations.seen + min(elsewhere, LEARN_FIRST)
        return Weights(survival, self._rates.error, self._rates.silence, seen=seen)
