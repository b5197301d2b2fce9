"""Evidence into verdicts, verdicts into conditions: one detector per venue, one judge of ourselves."""

from collections.abc import Mapping
from dataclasses import replace

from riskguard.core import detect
from riskguard.core.detect import Learned, OutcomeClass, OwnHealth, ProbePlan, VenueDetector
from riskguard.core.exposure.observing import begin_extremes, end_extremes
from riskguard.core.facts import BlipSeen, ConditionChanged, VenueWatched
from riskguard.core.memory import Memory, Standing
from riskguard.core.messages import (
    CallEnded,
    CallStarted,
    LoopTicked,
    PingReference,
    ReferenceAnswered,
    Severity,
    StreamMoved,
    VenueSpoke,
)
from riskguard.core.policy import Budget, Canary, Policy, Rung
from riskguard.core.snapshot import PathPicture
from riskguard.core.turn import Turn
from riskguard.core.types import Condition, Path, VenueId, Verdict
from riskguard.core.watch.reading import SHARE_OF_READS
from riskguard.core.watch.reduce_answers import ReduceAnswers

OURSELVES = "self"
PING_EVERY_S = 1.0
PING_FAST_S = 0.25
PING_DEADLINE_S = 2.0
LOOKS_APART_S = 0.05
"""A call under way is worth another look this often: its weight grows slowly, a look costs a millisecond."""
MOST_PROBES_PER_S = 12.0
PROOFS_OF_HEALTH = 12
"""Good answers in a row after which the detector forgets an outage."""
WATCHED_EVERY_S = 3_600.0
"""How often the journal hears how long a venue was watched."""
QUIET_CANARY = Canary(Rung.CANCEL_UNKNOWN, every_s=5.0)
"""For a venue whose policy names no canary: the only rung that can never fill anywhere."""


class Watch:
    """All detectors of a guard; fed with observations, asked for conditions."""

    def __init__(self, policy: Policy, learned: Mapping[VenueId, Learned] | None = None) -> None:
        """Begin without any evidence: every path is unproven. `learned`: what earlier runs saw of blips."""
        learned = learned or {}
        urls = tuple(ref for ref in policy.self_check.refs if not ref.startswith("venue:"))
        self.own = OwnHealth(references=urls, need=policy.self_check.need)
        self._urls = urls
        self._pings: dict[str, float] = dict.fromkeys(urls, float("-inf"))
        recover = policy.detect.recover
        self.detectors: dict[VenueId, VenueDetector] = {
            venue.id: VenueDetector(
                venue.id,
                own_health=self.own,
                domain=venue.domain or venue.id,
                false_alarms_per_year=policy.detect.false_alarms_per_year,
                order_ack_s=policy.detect.order_ack_s,
                cancel_ack_s=policy.detect.cancel_ack_s,
                recover=detect.Recover(recover.clean_s, recover.acks),
                ladder=_ladder(venue.canary or _quiet_canary(recover.clean_s)),
                probes_per_s=_probes_per_s(venue.budget),
                learned=learned.get(venue.id),
            )
            for venue in policy.venues
        }
        self._verdicts: dict[VenueId, Mapping[Path, Verdict]] = {}
        self._reduced: set[VenueId] = set()
        self._reduce_answers: dict[VenueId, ReduceAnswers] = {}
        self._blips: dict[VenueId, int] = {}
        self._watched_s = {venue: detector.learned().watched_s for venue, detector in self.detectors.items()}
        self._judged: dict[VenueId, object] = {}
        """What the last judgement of a venue was made from; the same again judges the same."""
        self._due_s: dict[VenueId, float] = {}
        self._looked_s: dict[VenueId, float] = {}
        self._touched: dict[VenueId, bool] = {}
        self._looked: dict[VenueId, bool] = {}

    def verdict(self, venue: VenueId, path: Path) -> Verdict:
        """Give the verdict of one path as of the last turn."""
        return self._verdicts.get(venue, {}).get(path, Verdict.UNPROVEN)

    def reduce_exempt(self, venue: VenueId) -> bool:
        """Tell whether the venue's last refusal to place named an overload that spares reduce-only."""
        return self.detectors[venue].reduce_exempt

    def reduce_tried(self, venue: VenueId) -> bool:
        """Tell whether reduce-only orders have been tried there, so that place does not speak for them."""
        return venue in self._reduced

    def reduce_answered(self, venue: VenueId, now_s: float, within_s: float) -> bool:
        """Tell whether the venue's last word on reduce-only orders was a good one, and that lately."""
        return self._reduce_answers.get(venue, ReduceAnswers()).good(now_s, within_s)

    def started(self, seen: CallStarted, now_s: float) -> None:
        """Note a call that left."""
        answers = self._reduce_answers.get(seen.venue, ReduceAnswers())
        self._reduce_answers[seen.venue] = answers.started(seen)
        if seen.path is Path.REDUCE:
            self._reduced.add(seen.venue)
        detector = self._touch(seen.venue)
        detector.sent(seen.call, now_s, seen.path, seen.symbol or None, seen.canary)

    def ended(self, seen: CallEnded, now_s: float) -> None:
        """Note how a call ended."""
        answers = self._reduce_answers.get(seen.venue, ReduceAnswers())
        self._reduce_answers[seen.venue] = answers.ended(seen, now_s)
        detector = self._touch(seen.venue)
        outcome = OutcomeClass(seen.evidence)
        detector.done(seen.call, now_s, outcome, seen.symbol or None, exempts_reduce=seen.reduce_exempt)

    def moved(self, seen: StreamMoved, now_s: float) -> None:
        """Note that a stream lives."""
        self._touch(seen.venue).stream(now_s, seen.path)

    def spoke(self, seen: VenueSpoke, now_s: float) -> None:
        """Note what a venue says of itself."""
        self._touch(seen.venue).explicit(now_s, seen.what, seen.source)

    def referred(self, seen: ReferenceAnswered, now_s: float) -> None:
        """Note how a ping of an independent place ended."""
        self.own.reference(seen.sent_mono_s, now_s, seen.ok, seen.name)

    def ticked(self, seen: LoopTicked, now_s: float) -> None:
        """Note how late our own loop runs."""
        self.own.tick(now_s, seen.due_mono_s)

    def probes(self, venue: VenueId, now_s: float) -> tuple[ProbePlan, ...]:
        """Give the probes of a venue that are due; only a look at its evidence makes one due."""
        plans: list[ProbePlan] = []
        if venue not in self._looked:
            return ()
        while (plan := self.detectors[venue].want_probe(now_s)) is not None:
            plans.append(plan)
        return tuple(plans)

    def step(self, memory: Memory, turn: Turn) -> None:
        """Bring every condition up to date, tell what changed, ping the references that are due."""
        now_s = turn.now.mono_s
        uneasy = self._suspicious() or self.own.trouble(now_s)
        looked: dict[VenueId, bool] = {}
        for venue, detector in self.detectors.items():
            # Without a suspicion anywhere, only a venue's own evidence or time can change its verdicts; with
            # one, what is seen elsewhere can, and that can wait as long as a call under way can.
            again = uneasy and now_s >= self._looked_s.get(venue, now_s) + LOOKS_APART_S
            if again or venue in self._touched or now_s >= self._due_s.get(venue, now_s):
                looked[venue], self._looked_s[venue] = True, now_s
                self._verdicts[venue] = detector.verdicts(now_s)
                self._judge(memory, turn, venue)
                self._blips_of(memory, turn, venue)
                due_s = detector.next_tick(now_s)
                self._due_s[venue] = float("inf") if due_s is None else max(due_s, now_s + LOOKS_APART_S)
            turn.wake_at(self._due_s[venue])
        self._touched, self._looked = {}, looked
        self._judge_ourselves(memory, turn)
        self._ping(turn)

    def _touch(self, venue: VenueId) -> VenueDetector:
        self._touched[venue] = True
        return self.detectors[venue]

    def _judge(self, memory: Memory, turn: Turn, venue: VenueId) -> None:
        detector, old = self.detectors[venue], memory.standing(venue)
        verdicts, causes, said = (
            self._verdicts[venue],
            detector.causes(),
            detector.maintenance(turn.now.mono_s),
        )
        basis = (verdicts, causes, said, detector.reduce_exempt)
        if self._judged.get(venue) == basis:
            return
        self._judged[venue] = basis
        found = detect.condition(
            verdicts,
            causes=causes,
            explicit=said,
            overloaded_reduce_exempt=detector.reduce_exempt,
        )
        proven = Verdict.UP in (verdicts.get(Path.CANCEL), verdicts.get(Path.PLACE))
        same = (found.word, found.at == "down") == (old.word, old.down)
        since_ms = old.since_ms if same else turn.now.wall_ms
        standing = Standing(found.word, found.at == "down", found.because, since_ms, proven)
        memory.standings[venue] = standing
        if same:
            return
        memory.record(ConditionChanged(venue, str(standing), standing.because), turn)
        if standing.fine:
            end_extremes(memory, venue)
        else:
            begin_extremes(memory, turn, venue)

    def _blips_of(self, memory: Memory, turn: Turn, venue: VenueId) -> None:
        detector = self.detectors[venue]
        new, self._blips[venue] = detector.blips_after(self._blips.get(venue, 0))
        for blip in new:
            began_ms = turn.now.wall_ms - round((turn.now.mono_s - blip.start) * 1000)
            paths = ",".join(sorted(str(path) for path in blip.paths))
            memory.record(BlipSeen(venue, began_ms, blip.length_s, paths, blip.cause), turn)
        watched_s = detector.learned().watched_s
        if new or watched_s - self._watched_s[venue] >= WATCHED_EVERY_S:
            memory.record(VenueWatched(venue, round(max(0.0, watched_s - self._watched_s[venue]), 3)), turn)
            self._watched_s[venue] = watched_s

    def _judge_ourselves(self, memory: Memory, turn: Turn) -> None:
        found = self.own.condition(turn.now.mono_s)
        because = found.because if found.condition is Condition.SELF else ""
        if bool(because) == bool(memory.self_ill):
            memory.self_ill = because
            return
        memory.self_ill = because
        memory.record(ConditionChanged(OURSELVES, found.condition.value, found.because), turn)
        if because:
            title = "our own side is in trouble: nothing is sent, no venue is blamed"
            memory.tell(turn, Severity.ALARM, title, because, once=title)
        else:
            memory.tell(turn, Severity.INFO, "our own side is well again", found.because)

    def _ping(self, turn: Turn) -> None:
        pause_s = PING_FAST_S if self._suspicious() else PING_EVERY_S
        for name in self._urls:
            due_s = self._pings[name] + pause_s
            if turn.now.mono_s < due_s:
                turn.wake_at(due_s)
                continue
            self._pings[name] = turn.now.mono_s
            self.own.reference_sent(name, turn.now.mono_s)
            turn.do(PingReference(name, PING_DEADLINE_S))

    def suspicious(self) -> frozenset[VenueId]:
        """Name the venues that are watched closely just now."""
        return frozenset(venue for venue, detector in self.detectors.items() if detector.is_suspicious)

    def _suspicious(self) -> bool:
        bad = (Verdict.SUSPECT, Verdict.CONFIRMED, Verdict.DOWN)
        return any(verdict in bad for paths in self._verdicts.values() for verdict in paths.values())

    def picture(self, venue: VenueId, now_s: float) -> tuple[PathPicture, ...]:
        """Give the paths of a venue for a person."""
        shown = self.detectors[venue].snapshot(now_s)["paths"]
        paths: Mapping[str, Mapping[str, object]] = shown if isinstance(shown, dict) else {}
        return tuple(
            PathPicture(
                path,
                str(self.verdict(venue, path)),
                _number(paths.get(str(path), {}).get("latency_ms")),
                _number(paths.get(str(path), {}).get("age_s")),
            )
            for path in Path
        )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _probes_per_s(budget: Budget) -> float:
    """Give the pace of fast probes: half of them are reads, and none may wait for its turn."""
    reads = 2 * (1 - SHARE_OF_READS) * float(budget.reads_per_s)
    return max(1.0, min(MOST_PROBES_PER_S, reads, float(budget.orders_per_s)))


def _quiet_canary(clean_s: float) -> Canary:
    """Give the canary of a venue without one: often enough to prove within `clean_s` that it is well."""
    return replace(QUIET_CANARY, every_s=min(QUIET_CANARY.every_s, max(0.5, clean_s / PROOFS_OF_HEALTH)))


def _ladder(canary: Canary) -> dict[Path, detect.Canary]:
    """Give the probes of one venue: reads and refused cancels always, orders only where policy says so."""
    ladder = {
        Path.QUERY: detect.Canary(detect.Rung.SIGNED_READ, 5.0),
        Path.CANCEL: detect.Canary(detect.Rung.CANCEL_UNKNOWN, canary.every_s),
    }
    if canary.rung is not Rung.CANCEL_UNKNOWN:
        ladder[Path.PLACE] = detect.Canary(detect.Rung(canary.rung.value), canary.every_s)
    return ladder
