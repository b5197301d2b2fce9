"""Runs the shipped detectors through stretches of simulated time, as the guard's runtime would."""

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from riskguard.core.detect import DEFAULT_LADDER, Canary, Learned, OutcomeClass, OwnHealth, VenueDetector
from riskguard.core.types import Path, Verdict
from riskguard.core.watch.watching import LOOKS_APART_S

from .faults import HANG, Fault, Span, healthy
from .rivals import Consecutive, Oracle, Phi, Ratio, Seen
from .world import WorldParameters, draw_latency_s

JUDGED = (Path.PLACE, Path.CANCEL)
BAD = (OutcomeClass.VENUE_FAULT, OutcomeClass.UNKNOWN)
DOUBTED = (Verdict.SUSPECT, Verdict.CONFIRMED, Verdict.DOWN)
PING_FAST_S = 0.25
NOWHERE = Span(1e18, 1e18)
SICK, WITNESS = "A", "witness"
"""The venue that is scored, and one that only answers now and then."""


@dataclass
class Conditions:
    """What holds during one stretch."""

    fault: Fault = healthy
    """At the venue that is scored."""
    elsewhere: Fault = healthy
    """At all others."""
    net_down: Span = NOWHERE
    """No reference and no other venue answers."""
    md_silent: Span = NOWHERE
    stall: Span = NOWHERE
    """Our loop stands still; its timers then run before the answers are read."""
    latency_times: float = 1.0
    error: float | None = None
    silent_references: bool = False
    """Lost pings are never reported."""
    reference_loss: float = 0.0
    dns_lost: Span = NOWHERE
    pings_lost: Span = NOWHERE
    """The references are silent, all else goes on."""


@dataclass
class Alarms:
    """When what was said first, in a stretch."""

    confirmed: float | None = None
    down: float | None = None
    down_elsewhere: float | None = None
    first_affected: float | None = None
    rivals: dict[str, float] = field(default_factory=dict)
    oracle: float | None = None
    calls: int = 0
    self_said: float | None = None


class Loop:
    """The guarded venues' detectors with their callers, references and probes; time only runs forward."""

    def __init__(self, world: WorldParameters, rng: random.Random, learned: Learned | None = None) -> None:
        self.world, self.rng = world, rng
        self.now = 0.0
        self.ids = itertools.count()
        self.calls_sent = 0
        self.probes_sent = 0
        self.start(learned)

    def start(self, learned: Learned | None) -> None:
        """Begin with fresh detectors, as after a restart."""
        top = self.world.top
        every = top["canary_every_s"]
        ladder = {path: Canary(c.rung, every) for path, c in DEFAULT_LADDER.items()} if every > 0 else {}
        seed_ms = 1000.0 * self.world.latency["median_s"] * top["seed_times"]
        self.own = OwnHealth(references=[f"ref{i}" for i in range(int(top["references"]))])
        self.detectors = {
            name: VenueDetector(
                name, own_health=self.own, ladder=ladder, seed_latency_ms=seed_ms or None, learned=learned
            )
            for name in "ABCDEFGH"[: int(top["venues"])]
        }
        self.detector = self.detectors[SICK]
        if top["peer_answers_per_s"] > 0.0:
            self.own.join(WITNESS)

    def settle(self) -> None:
        """Keep what the healthy venue has taught so far, to be taken up again after every skipped stretch."""
        rates, threshold = self.detector._evidence._rates, self.detector._threshold
        watched_s = threshold._until - (threshold._from or 0.0)
        self._settled = (rates._calls, rates._errors, rates._silences, threshold._calls, watched_s)

    def unlearn(self) -> None:
        """Forget the failures of a trouble and that calls were skipped: a healthy day washes both out."""
        rates, threshold = self.detector._evidence._rates, self.detector._threshold
        rates._calls, rates._errors, rates._silences, threshold._calls, watched_s = self._settled
        threshold._until, threshold._from = self.now, self.now - watched_s

    def run(
        self, seconds: float, conditions: Conditions, *, oracle: Oracle | None = None, rivals: bool = False,
        simple: bool = False, stop_at_down: bool = False, onset: float | None = None,
        watch: Callable[[float], None] | None = None,
    ) -> Alarms:  # fmt: skip
        """Run on for some seconds; give what was alarmed from `onset` on."""
        others: dict[str, Consecutive | Ratio | Phi] = {}
        if rivals or simple:
            others = {"N=3": Consecutive(3), "N=5": Consecutive(5), "10 calls 50 %": Ratio(10)}
        if rivals:
            others |= {"phi normal 8": Phi(False), "phi exp 8": Phi(True)}
        return _Stretch(self, seconds, conditions, oracle, others, stop_at_down, onset, watch).run()


class _Stretch:
    def __init__(
        self, loop: Loop, seconds: float, conditions: Conditions, oracle: Oracle | None,
        rivals: dict[str, Consecutive | Ratio | Phi], stop_at_down: bool, onset: float | None,
        watch: Callable[[float], None] | None,
    ) -> None:  # fmt: skip
        self.loop, self.c, self.oracle = loop, conditions, oracle
        self.world, self.rng, self.detectors = loop.world, loop.rng, loop.detectors
        self.end, self.stop_at_down = loop.now + seconds, stop_at_down
        self.onset = loop.now if onset is None else onset
        self.queue: list[tuple[float, int, int, Callable[[float], None]]] = []
        self.alarms = Alarms()
        self.watch = watch
        self.suspicious: dict[str, bool] = {}
        self.ping_s = loop.world.top["reference_every_s"]
        self.next_ping_at = loop.now + loop.rng.random() * self.ping_s
        self.out: dict[int, Seen] = {}
        self.looked_at = loop.now
        self.rivals = rivals
        top = self.world.top
        rates = ((Path.PLACE, top["user_place_per_s"]), (Path.CANCEL, top["user_cancel_per_s"]))
        for name, (path, rate) in itertools.product(self.detectors, rates):
            if rate > 0.0:
                self._later(self.rng.expovariate(rate), self._user(name, path, rate))
        self._later(0.0, self._tick, timer=True)
        if top["peer_answers_per_s"] > 0.0:
            self._later(self.rng.random(), self._peer)
        if top["market_data_per_s"] > 0.0:
            self._later(self.rng.expovariate(top["market_data_per_s"]), self._quote)

    def run(self) -> Alarms:
        queue, stall, loop = self.queue, self.c.stall, self.loop
        while queue:
            due, late, _, what = heapq.heappop(queue)
            if due in stall:  # timers first, then what arrived meanwhile
                heapq.heappush(queue, (stall.end, late, next(loop.ids), what))
                continue
            if due >= self.end and self._is_over(due):
                break
            loop.now = max(loop.now, due)
            what(due)
        if not self.stop_at_down:
            loop.now = max(loop.now, self.end)
        return self.alarms

    def _is_over(self, due: float) -> bool:
        """Go on after the end while calls are out or something is suspected, at most for a while."""
        return self.stop_at_down or due >= self.end + 15.0 or not (self.out or self.fast())

    def fast(self) -> bool:
        return any(self.suspicious.values())

    def _later(self, after: float, what: Callable[[float], None], *, timer: bool = False) -> None:
        order = 0 if timer else 1
        heapq.heappush(self.queue, (self.loop.now + after, order, next(self.loop.ids), what))

    def _user(self, name: str, path: Path, rate: float) -> Callable[[float], None]:
        def act(_due: float) -> None:
            if self.loop.now < self.end:
                self._call(name, path, canary=False)
                self._later(self.rng.expovariate(rate), act)

        return act

    def _call(self, name: str, path: Path, *, canary: bool) -> None:
        now, rid, rng, c = self.loop.now, next(self.loop.ids), self.rng, self.c
        usual_s = draw_latency_s(self.world, rng) * c.latency_times
        scored = name == SICK
        ending = (c.fault if scored else c.elsewhere)(now, path, canary, usual_s)
        if now in c.dns_lost:
            ending = OutcomeClass.LOCAL, 0.005
            if self.world.top["peer_answers_per_s"] > 0.0:
                self.loop.own.local_error(WITNESS, now, "names do not resolve")
        if ending is None:
            ending = self._healthy_ending(usual_s)
        elif scored and now >= self.onset and self.alarms.first_affected is None:
            self.alarms.first_affected = now
        outcome, after = ending
        deadline = self.world.top["deadline_s"]
        if after >= deadline:
            outcome, after = OutcomeClass.UNKNOWN, deadline
        detector = self.detectors[name]
        detector.sent(rid, now, path, None if canary else "TRADED", canary)
        self.loop.calls_sent += 1
        self.alarms.calls += 1
        seen = Seen(now, path, outcome in BAD)
        if scored:
            self.out[rid] = seen

        def answered(_due: float) -> None:
            done_at = self.loop.now
            self._oracle_waits(done_at)
            self.out.pop(rid, None)
            detector.done(rid, done_at, outcome)
            seen.latency_s = done_at - seen.sent_at
            if scored and outcome is not OutcomeClass.RATE_LIMITED and outcome is not OutcomeClass.LOCAL:
                self._rivals_see(done_at, seen)
            if seen.bad:  # the runtime looks at once
                self._judge(name, done_at)

        self._later(after, answered)

    def _healthy_ending(self, usual_s: float) -> tuple[OutcomeClass, float]:
        calls, luck = self.world.calls, self.rng.random()
        luck -= calls["error"] if self.c.error is None else self.c.error
        if luck < 0.0:
            return OutcomeClass.VENUE_FAULT, usual_s
        luck -= calls["lost"]
        if luck < 0.0:
            return OutcomeClass.UNKNOWN, HANG
        luck -= calls["rate_limited"]
        if luck < 0.0:
            return OutcomeClass.RATE_LIMITED, usual_s
        return (OutcomeClass.USER_FAULT if luck < calls["user_fault"] else OutcomeClass.OK), usual_s

    def _tick(self, due: float) -> None:
        now = self.loop.now
        for name, detector in self.detectors.items():
            detector.tick(now, due)
            while (plan := detector.want_probe(now)) is not None:
                self.loop.probes_sent += 1
                self._call(name, plan.path, canary=True)
            self._judge(name, now)
        if now >= self.next_ping_at - (self.ping_s - PING_FAST_S if self.fast() else 0.0):
            self._ping()
        if self.loop.own.condition(now).condition == "SELF" and self.alarms.self_said is None:
            self.alarms.self_said = now
        if now < self.end + 15.0:
            # The guard's timer beats often, so that it notices a stall; without one it would change nothing.
            wake = now + (1.0 if self.c.stall is NOWHERE and not self.fast() else 0.25)
            wakes = [at for d in self.detectors.values() if (at := d.next_tick(now)) is not None]
            self._later(max(LOOKS_APART_S, min([wake, *wakes]) - now), self._tick, timer=True)

    def _judge(self, name: str, now: float) -> None:
        verdicts, alarms = self.detectors[name].verdicts(now), self.alarms
        self.suspicious[name] = any(verdict in DOUBTED for verdict in verdicts.values())
        if name == SICK and self.watch is not None:
            self.watch(now)
        if now < self.onset:
            return
        down = any(verdicts[path] is Verdict.DOWN for path in JUDGED)
        if name != SICK:
            if down and alarms.down_elsewhere is None:
                alarms.down_elsewhere = now
            return
        if alarms.confirmed is None and (down or any(verdicts[p] is Verdict.CONFIRMED for p in JUDGED)):
            alarms.confirmed = now
        if down and alarms.down is None:
            alarms.down = now
            if self.stop_at_down:
                self.end = min(self.end, now)
        self._rivals_wait(now)

    def _rivals_see(self, now: float, seen: Seen) -> None:
        waits = self.oracle is not None and self.alarms.oracle is None and seen.sent_at >= self.onset
        if waits and self.oracle is not None and self.oracle.done(now, seen):
            self.alarms.oracle = now
        for name, rival in self.rivals.items():
            if rival.done(now, seen) and now >= self.onset:
                self.alarms.rivals.setdefault(name, now)

    def _oracle_waits(self, now: float) -> None:
        """Let the exact CUSUM look at every moment since the last, not only when the guard does."""
        if self.oracle is None or self.alarms.oracle is not None:
            return
        after = [seen for seen in self.out.values() if seen.sent_at >= self.onset]
        if self.oracle.waits(now, after):
            self.alarms.oracle = self.oracle.crossing(self.looked_at, now, after)
        self.looked_at = now

    def _rivals_wait(self, now: float) -> None:
        self._oracle_waits(now)
        for name, rival in self.rivals.items():
            if isinstance(rival, Phi) and rival.waits(now):
                self.alarms.rivals.setdefault(name, now)

    def _ping(self) -> None:
        self.next_ping_at = self.loop.now + self.ping_s
        now, own, rng = self.loop.now, self.loop.own, self.rng
        for i in range(int(self.world.top["references"])):
            name, sent_at = f"ref{i}", now
            usual_s = self.world.top["reference_s"] * rng.lognormvariate(0.0, 0.3)
            gone = any(
                at in cut for at in (now, now + usual_s) for cut in (self.c.net_down, self.c.pings_lost)
            )
            lost = gone or rng.random() < self.c.reference_loss
            if not self.c.silent_references:
                own.reference_sent(name, now)
            if not lost:
                self._later(usual_s, self._pong(name, sent_at, ok=True))
            elif not self.c.silent_references:
                self._later(1.0, self._pong(name, sent_at, ok=False))

    def _pong(self, name: str, sent_at: float, *, ok: bool) -> Callable[[float], None]:
        return lambda _due: self.loop.own.reference(sent_at, self.loop.now, ok, name)

    def _peer(self, _due: float) -> None:
        now = self.loop.now
        asked_at = now - 0.05
        cut = asked_at in self.c.net_down or now in self.c.net_down
        if not cut and self.rng.random() >= self.c.reference_loss:
            self.loop.own.answered(WITNESS, asked_at)
        if now < self.end + 15.0:
            self._later(1.0 / self.world.top["peer_answers_per_s"], self._peer)

    def _quote(self, _due: float) -> None:
        now = self.loop.now
        if now not in self.c.md_silent and now not in self.c.net_down:
            self.loop.detector.stream(now, Path.BOOK)
        if now < self.end + 15.0:
            self._later(self.rng.expovariate(self.world.top["market_data_per_s"]), self._quote)
