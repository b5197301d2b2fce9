"""One venue's failure detector: calls and answers in, a verdict per path out."""

from collections.abc import Mapping

from riskguard.core.detect.episode import BAD, Episode
from riskguard.core.detect.in_flight import Call
from riskguard.core.detect.judge import Bench, Finding, look
from riskguard.core.detect.observation import ALIVE, FAILED, NEVER, Cause, OutcomeClass
from riskguard.core.detect.own_health import OwnHealth, SelfCondition
from riskguard.core.detect.path_verdict import Recover, follow
from riskguard.core.detect.persistence import Blip, Learned, Persistence
from riskguard.core.detect.probes import Canary, ProbePlan, ProbePlanner
from riskguard.core.detect.remarks import Remarks
from riskguard.core.detect.silence import Stream
from riskguard.core.detect.statements import Statements
from riskguard.core.detect.threshold import Threshold
from riskguard.core.detect.told import causes, describe, told
from riskguard.core.detect.venue_evidence import VenueEvidence
from riskguard.core.detect.verdict_table import Signal
from riskguard.core.types import Path, Verdict

FOREVER = float("inf")
STREAM_DELAY_S = 0.25
"""A stream's message is taken to have left the venue this long ago, buffers included."""


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
        patience_s = {Path.PLACE: order_ack_s, Path.REDUCE: order_ack_s, Path.CANCEL: cancel_ack_s}
        self._threshold = Threshold(false_alarms_per_year)
        self._persistence = Persistence(false_alarms_per_year, learned or Learned(), persistence_s)
        self._probes = ProbePlanner(ladder, probes_per_s)
        self._evidence = VenueEvidence(
            self.own,
            self._threshold.nats,
            seed_latency_ms / 1000.0 if seed_latency_ms else None,
            {path: seconds for path, seconds in patience_s.items() if seconds is not None},
        )
        self._streams: dict[Path, Stream] = {}
        self._statements = Statements()
        self._now = NEVER
        self._looked_at = NEVER
        self._suspect_since: float | None = None
        self._episode = Episode()
        self._remarks = Remarks()
        self._reduce_exempt = False
        self._told: dict[Path, Verdict] | None = None
        """The verdicts of the last look, while nothing has changed them."""

    # What is observed

    def sent(
        self, rid: object, now: float, path: Path | str, symbol: str | None = None, canary: bool = False
    ) -> None:
        """Report a call at the moment its bytes leave."""
        now, where = self._at(now), path if isinstance(path, Path) else Path(path)
        self._threshold.call(now, calm=self._suspect_since is None)
        self._probes.sent(where, now)
        self._evidence.sent(rid, now, Call(now, where, symbol, canary, self.own.stalled_s))

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
        now = self._at(now)
        outcome = outcome_class if isinstance(outcome_class, OutcomeClass) else OutcomeClass(outcome_class)
        call = self._evidence.calls.done(rid)
        if call is None:
            return
        if outcome in ALIVE or outcome in FAILED:
            self._evidence.answered(self.venue, call, now, outcome, symbol)
            if outcome in ALIVE:
                self.own.answered(self.venue, call.sent_at)
                self._statements.answered(call.path, call.sent_at)
            if call.path is Path.PLACE and self._reduce_exempt is not exempts_reduce:
                self._reduce_exempt, self._told = exempts_reduce, None
        elif outcome is OutcomeClass.EXPLICIT:
            self.explicit(now, "closed or in maintenance", f"answer to {call.path}")
        elif outcome is OutcomeClass.LOCAL:
            self._evidence.of(call.path).local_at = now
            self._evidence.still_until = NEVER
            self.own.local_error(self.venue, now)
        else:
            self._remarks.note(now, outcome, symbol or call.symbol or "")
            self._evidence.of(call.path).remarked(call.sent_at)

    def stream(self, now: float, path: Path | str) -> None:
        """Report a message on a stream (market data, fills, or its heartbeat)."""
        now, where = self._at(now), path if isinstance(path, Path) else Path(path)
        stream = self._streams.get(where)
        if stream is None:
            self._streams[where] = Stream(where, now)
            self._told = None
        else:
            if stream.verdict is not Verdict.UP:
                self._told = None
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
        self._evidence.still_until = NEVER

    # What follows

    def verdicts(self, now: float) -> dict[Path, Verdict]:
        """Give the verdict of every path; `reduce` without evidence of its own follows `place`."""
        self._look(self._at(now))
        if self._told is None:
            self._told = told(self._evidence.paths, self._streams, self._reduce_exempt)
        return self._told.copy()

    def causes(self) -> dict[Path, Cause]:
        """Give why each path that is not up is not up."""
        return causes(self._evidence.paths, self._streams)

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
        return self._probes.plan(now, since, self._remarks.is_throttled(now), self._evidence.calls, because)

    def next_tick(self, now: float) -> float | None:
        """Give when the evidence can next change by time alone; None when it cannot."""
        now = self._at(now)
        self._look(now)
        if now < self._evidence.still_until and self._suspect_since is None:
            moments = [self._evidence.still_until, *(s.fine_until for s in self._streams.values())]
            due = self._probes.next_due(now, None, self._remarks.is_throttled(now))
            moments.append(FOREVER if due is None else max(due, now + 0.02))
            nearest = min(at for at in moments if at > now)
            return nearest if nearest < FOREVER else None
        moments = [self._evidence.ages_at]
        tau = self._persistence.tau_s
        for evidence in self._evidence.paths.values():
            if evidence.verdict is Verdict.RECOVERING:
                moments.append(evidence.last_bad_at + self._recover.clean_s)
            elif evidence.verdict in (Verdict.SUSPECT, Verdict.CONFIRMED):
                moments.extend(at + tau for at in evidence.beginnings())
        for stream in self._streams.values():
            moments.extend(stream.thresholds(now, tau))
        due = self._probes.next_due(now, self._fast_since(now), self._remarks.is_throttled(now))
        if due is not None:
            moments.append(max(due, now + 0.02))
        later = [at for at in moments if now < at < FOREVER]
        return min(later) if later else None

    def blips(self) -> tuple[Blip, ...]:
        """Give the troubles that passed by themselves, oldest first."""
        return tuple(self._persistence.blips)

    def blips_after(self, known: int) -> tuple[tuple[Blip, ...], int]:
        """Give the blips of this run beyond the first `known`, and how many there are in all."""
        count = self._persistence.count
        return tuple(self._persistence.blips[max(0, len(self._persistence.blips) - (count - known)) :]), count

    def learned(self) -> Learned:
        """Give what the next run should start from."""
        return self._persistence.learned

    def snapshot(self, now: float) -> dict[str, object]:
        """Give all the detector believes, ready for JSON."""
        self._evidence.still_until = self._looked_at = NEVER  # what it shows is of this moment
        verdicts = self.verdicts(now)
        now = self._now
        own = self.own.condition(now)
        return {
            "venue": self.venue,
            "paths": {
                str(path): describe(self._evidence.paths.get(path), verdicts[path], now) for path in Path
            },
            "threshold_nats": round(self._threshold.nats, 2),
            "persistence_s": round(self._persistence.tau_s, 2),
            "pooled_nats": [round(n, 2) for n in self._evidence.pooled_levels()],
            "in_flight": len(self._evidence.calls),
            "suspect_since": self._suspect_since,
            "throttled": self._remarks.is_throttled(now),
            "denied": self._remarks.is_denied(now),
            "halted_symbols": self._remarks.halted(now),
            "explicit": self._statements.settled(),
            "self": {"condition": str(own.condition), "because": own.because},
            "blips": len(self._persistence.blips),
        }

    # Inside

    def _at(self, now: float) -> float:
        """Weigh what is complete before time moves on."""
        if now > self._now:
            if self._evidence.is_waiting:
                self._evidence.weigh(calm=self._suspect_since is None)
            if self._suspect_since is None and self._now > NEVER:
                self._persistence.watched(now - self._now)
            self._now = now
        return self._now

    def _look(self, now: float) -> None:
        """Judge every path at this moment, once for all who ask."""
        evidence = self._evidence
        if now == self._looked_at and not evidence.is_waiting:
            return
        self._looked_at = now
        if evidence.is_waiting:
            evidence.weigh(calm=self._suspect_since is None)
        trouble, void_at = self.own.trouble(now), self.own.void_at(self.venue)
        if now < evidence.still_until and void_at <= evidence.void_at and self._is_still(now):
            return
        before = self._standing() if self._told is not None else None
        if void_at > evidence.void_at:
            evidence.forget(void_at)
            self._episode.void()
        withheld = self._judge(self._bench(now, trouble))
        self._listen(now, trouble)
        self._conclude(now, withheld)
        evidence.be_still()
        if before is None or before != self._standing() or Path.REDUCE in evidence.paths:
            self._told = None

    def _standing(self) -> list[Verdict]:
        """Give all that the verdicts follow from, but for the answers to `reduce`."""
        paths, streams = self._evidence.paths.values(), self._streams.values()
        return [*(path.verdict for path in paths), *(stream.verdict for stream in streams)]

    def _is_still(self, now: float) -> bool:
        """Say whether a look can find nothing, because nothing was suspected and nothing has happened."""
        if self._suspect_since is not None or self._statements.settled() is not None:
            return False
        return all(now < s.fine_until and s.verdict is Verdict.UP for s in self._streams.values())

    def _bench(self, now: float, trouble: bool) -> Bench:
        threshold = self._threshold.nats
        pooled, lane = self._evidence.add_up(now, threshold)
        return Bench(
            now, threshold, self._persistence.tau_s, pooled, lane,
            trouble=trouble, void_at=self._evidence.void_at, pooled_since=self._evidence.pooled_since(),
            silent_since=self._silent_since(now),
        )  # fmt: skip

    def _judge(self, bench: Bench) -> float | None:
        """Move every path's verdict; give since when one has been withheld for want of a reference."""
        said = self._statements.settled()
        withheld: float | None = None
        paths = self._evidence.paths.values()
        for path in paths:
            if path.is_blameless and said is None:
                continue
            finding = look(path, bench, paths)
            if said is not None and path.last_ok_sent <= self._statements.first_at:
                finding = Finding(Signal.PERSISTED, Cause.EXPLICIT, self._statements.first_at)
                path.closed(bench.now)
            asked = finding.needs_reference_after
            if path.verdict is Verdict.DOWN:
                asked = None  # there is nothing left to convict it of
            if asked is not None and not self.own.vouched(
                self.venue, max(asked, finding.seconded), self._evidence.failed_sent(path), finding.onset
            ):
                withheld = min(asked, withheld if withheld is not None else asked)
                finding = Finding(Signal.ALARMED, finding.cause, finding.since)
            follow(path, finding, bench.now, self._recover)
        return withheld

    def _listen(self, now: float, trouble: bool) -> None:
        """Judge the streams' silence; after a cut of our own they need a moment to speak again."""
        void_at = self.own.void_at(self.venue)
        for stream in self._streams.values():
            since = stream.silent_since(now)
            vouched = (
                since is not None and not trouble and self.own.vouched(self.venue, max(since, void_at), now)
            )
            stream.look(now, self._persistence.tau_s, vouched, void_at)

    def _conclude(self, now: float, withheld: float | None) -> None:
        """Tell own health what is suspected here, and close a blip that is over."""
        onsets = [
            path.run.since() or now
            for path in self._evidence.paths.values()
            if path.verdict in BAD or (path.verdict is Verdict.SUSPECT and path.is_fresh(now))
        ]
        if not onsets:
            self._suspect_since = None
        elif self._suspect_since is None:
            self._suspect_since = now
        self.own.suspect(self.venue, min(onsets) if onsets else None)
        self.own.hold(self.venue, withheld)
        blip = self._episode.look(self._evidence.paths.values())
        if blip is not None:
            self._persistence.ended(blip)

    def _fast_since(self, now: float) -> float | None:
        if self._suspect_since is not None:
            return self._suspect_since
        book, since = self._streams.get(Path.BOOK), self._silent_since(now)
        limit = book.limit_s(now) if book is not None else None
        return since + limit if since is not None and limit is not None else None

    def _silent_since(self, now: float) -> float | None:
        book = self._streams.get(Path.BOOK)
        return book.silent_since(now) if book is not None else None
