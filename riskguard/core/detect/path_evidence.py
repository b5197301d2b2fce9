"""Everything known of one path: its charts, its usual latency, and since when it has been failing."""

from collections import deque
from dataclasses import dataclass

from riskguard.core.detect.cusum import Charts
from riskguard.core.detect.lately import Lately
from riskguard.core.detect.likelihood import LATE, NOTHING, FailureRates, Triple, Weights
from riskguard.core.detect.observation import Cause, OutcomeClass
from riskguard.core.detect.survival import Durations, position_of
from riskguard.core.types import Path, Verdict

CANARY = "\0canary"
"""Stands for the symbol of our own probes, which are no trader's flow."""
ANYTHING = "\0any"
"""Stands for a call whose symbol was not given."""
CALM_RUN = 12
"""Good answers in a row that end an episode; seen by chance on a path failing at 30 % in 1 of 70 tries."""
CALM_RUN_MIXED = 24
"""The same where good and bad answers alternated: a fast trader sees twelve in a row again and again."""
SYMBOLS_KEPT = 32
FADES_AFTER_S = 60.0
"""A suspicion on a path that nobody uses any more stops hurrying the probes."""
LEARN_FIRST = 30
"""Answers that teach the usual latency whatever they look like: what was told in advance may be wrong."""
FEW_PROBES, PARTLY = 5, 0.08
"""A path that fails now and then fails our probes too: two of some, one in twelve of many."""
ALARM = 4.0
"""Nats of one failed call."""
FIRM = 6.5
"""Nats that stand for trouble of now: a stray failure now and then gathers fewer."""
BEFORE_S, PARTLY_BEFORE_S = 2.0, 3.0
"""Longest time that a trouble is taken to have lasted before the first call that met it, and failed."""
NEVER = float("-inf")
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
        self.run_since: float | None = None
        self._run_second: float | None = None
        self.mixed = False
        self.mixed_since: float | None = None
        self.slow_since: float | None = None
        self.mixed_from = self.slow_from = NEVER
        """When failing now and then, or slowness, most likely began: before the first call that met it."""
        self.firm_since = NEVER_FIRM.copy()
        """Since when the evidence for each alternative has been firm without a break."""
        self.began: float | None = None
        """When the trouble most likely began, as of the last look: before its first failure."""
        self.run_s = 0.0
        self.run_cause = Cause.NONE
        self.canary_oks = self.canary_failures = 0
        """Probes since the episode began."""
        self.late = 0
        """Calls under way that are late."""
        self._oks_sent: deque[float] = deque(maxlen=64)
        self._overtaken_sent = NEVER
        # Whose calls fail, and which were tried.
        self.suspects: dict[str, float] = {}
        self.laggards: dict[str, float] = {}
        """Those whose last answer came far too late, and what that was worth."""
        self.activity: dict[str, float] = {}
        # Charts and calls under way at the last look.
        self.nats: Triple = NOTHING
        self.out: list[float] = [0.0, 0.0, 0.0]
        self.out_keys: dict[str, float] = {}
        self.out_since: float | None = None
        self._hung_since: float | None = None
        """The same since the last good answer: a fast trader's first hanging calls are no longer kept."""
        self._out_second: float | None = None

    @property
    def is_new(self) -> bool:
        """Whether its usual latency is not known yet: a venue that was always slow is not a slow venue."""
        return self.durations.seen < LEARN_FIRST

    def used(self, key: str, now: float) -> None:
        """Note that a call for this symbol (or a canary) left."""
        self.activity[key] = now
        if len(self.activity) > SYMBOLS_KEPT:
            del self.activity[min(self.activity, key=self.activity.__getitem__)]

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
        self.canary_oks += fact.key is CANARY and self.mixed
        self.laggards.pop(fact.key, None)
        if fact.key in self.suspects:
            left = self.suspects.pop(fact.key) + nats[0]
            if left > 0.0:
                self.suspects[fact.key] = left
        if nats[2] > LATE:
            self.ok_run = self.acks = 0
            self.laggards[fact.key] = nats[2]
            if len(self.laggards) > SYMBOLS_KEPT:
                del self.laggards[next(iter(self.laggards))]
        elif fact.sent_at >= self.last_bad_at:
            self.ok_run += 1
        self._end_run(fact)
        return nats

    def _end_run(self, fact: Fact) -> None:
        """Let a good answer end the run of failures that began before its call left."""
        since = self.run_since
        if since is not None and fact.sent_at >= since:
            if self.verdict in (Verdict.CONFIRMED, Verdict.DOWN):
                began = since if self.began is None else min(since, self.began)
                last = max(since, min(self.failed_sent, fact.sent_at))
                self.ran(0.5 * (last + fact.sent_at) - began, Cause.DEAD)
            self.began = None
            self.run_since, self._run_second, self.mixed = None, None, True
        if self._hung_since is not None and fact.sent_at >= self._hung_since:
            self._unhang()

    def _unhang(self) -> None:
        """Forget since when calls hang; what began with them alone is over."""
        self._hung_since = None
        if self.run_since is None:
            self.began = None

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
            if self.run_since is None and not self.mixed:
                # One in three fails, say: then two good answers before the first failure were given in it.
                good = self._oks_sent[-2] if len(self._oks_sent) > 1 else fact.sent_at
                self.mixed_from = fact.sent_at - min(PARTLY_BEFORE_S, fact.sent_at - good)
            self._date(fact.sent_at)
        self.canary_failures += fact.key is CANARY
        if self.mixed and self.mixed_since is None:
            self.mixed_since = fact.sent_at
        self.suspects[fact.key] = self.suspects.get(fact.key, 0.0) + nats[0]
        if len(self.suspects) > SYMBOLS_KEPT:
            del self.suspects[next(iter(self.suspects))]
        return nats

    def _date(self, sent_at: float) -> None:
        """Remember when the first two failures of the present run left."""
        first, second = self.run_since, self._run_second
        if first is None or sent_at < first:
            self.run_since, self._run_second = sent_at, first
        elif sent_at > first and (second is None or sent_at < second):
            self._run_second = sent_at

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
            self.run_since = self._run_second = self._hung_since = None

    @property
    def is_put_off(self) -> bool:
        """Whether it mostly answers with remarks: stray failures between them are no outage."""
        return self.lately.puts_off(self.late)

    @property
    def is_lived_down(self) -> bool:
        """Whether so many good answers came in a row that an episode is over."""
        return self.ok_run >= (CALM_RUN if self.mixed_since is None else CALM_RUN_MIXED)

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
        self.suspects.clear()
        self.laggards.clear()
        self.run_since = self._run_second = self.slow_since = self._hung_since = self.began = None
        self.firm_since = NEVER_FIRM.copy()
        self.unmix()

    def unmix(self) -> None:
        """Forget that good and bad answers alternated."""
        self.mixed, self.mixed_since = False, None
        self.canary_oks = self.canary_failures = 0

    def probes_agree(self) -> bool:
        """Say whether our own probes fail now and then too, as far as there are any."""
        failures, probes = self.canary_failures, self.canary_oks + self.canary_failures
        return probes < FEW_PROBES or failures >= max(2.0, PARTLY * probes)

    def begin_look(self) -> None:
        """Start adding up the calls under way."""
        self.out[0] = self.out[1] = self.out[2] = 0.0
        self.out_keys.clear()
        self.out_since = self._out_second = None
        self.late = 0

    def under_way(self, sent_at: float, key: str, nats: Triple) -> None:
        """Count one call under way."""
        out = self.out
        out[0] += nats[0]
        out[1] += nats[1]
        out[2] += nats[2]
        self.out_keys[key] = self.out_keys.get(key, 0.0) + nats[0]
        if nats[0] > 1.0:
            self.late += 1
            if self.out_since is None:
                self.out_since = sent_at
            elif self._out_second is None:
                self._out_second = sent_at

    def end_look(self, now: float) -> None:
        """Add charts and calls under way up."""
        levels, out = self.charts.levels(), self.out
        if self.out_since is None and levels == NOTHING and not any(out):
            self._unhang()
            self.slow_since = None
            self.nats = NOTHING
            return
        if self.out_since is None:
            self._unhang()
        elif self._hung_since is None or self.out_since < self._hung_since:
            self._hung_since = self.out_since
        self.nats = (levels[0] + out[0], levels[1] + out[1], levels[2] + out[2])
        if self.nats[2] < 1.0:
            self.slow_since = None
        elif self.slow_since is None:
            self.slow_since = now
            first = now if self.out_since is None else self.out_since
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
            and self.out_since is None and self.slow_since is None and self.firm_since == NEVER_FIRM
            and self.local_at <= self.last_ok_at
        )  # fmt: skip

    def is_fresh(self, now: float) -> bool:
        """Say whether the suspicion has anything to go by: a call under way or a recent failure."""
        return self.out_since is not None or now - max(self.last_bad_at, self.local_at) < FADES_AFTER_S

    def second_failure(self) -> float | None:
        """When the second of those failures was sent, hanging calls included."""
        sent = {self.run_since, self._run_second, self.out_since, self._out_second} - {None}
        return sorted(at for at in sent if at is not None)[1] if len(sent) > 1 else None

    def dead_since(self) -> float | None:
        """When the first of the failures was sent that no good answer has followed."""
        if self.run_since is None or self._hung_since is None:
            return self.run_since if self._hung_since is None else self._hung_since
        return min(self.run_since, self._hung_since)

    def beginnings(self) -> list[float]:
        """Give all moments from which it may have to be waited for."""
        seen = (self.began, self.dead_since(), self.mixed_since, self.slow_since)
        return [at for at in (*seen, self.mixed_from, self.slow_from) if at is not None]

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
