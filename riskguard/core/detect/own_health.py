"""Is it me? What speaks for a fault on our own side, shared by the detectors of all venues.

Two answers are given. *Void*: evidence from calls sent at or before this moment is worth nothing, because our
loop was late, a reference was silent, or a call failed before it left. *Vouched*: something independent
answered a question asked after the suspicion began, so our side worked while the venue's did not. A verdict
needs the second; without it the suspicion is held, and when that lasts, the condition is SELF.

References are hosts pinged by the runtime, and every guarded venue's own public data, reads and streams.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from riskguard.core.detect.reference import Reference, Rhythm
from riskguard.core.types import Condition

LATE_S = 0.2
"""A timer later than this ran before answers that had already arrived were read."""
GRACE_S = 0.2
"""After a stall, answers that arrived meanwhile are read within this time."""
STALL_S = 2.0
"""A stall beyond this voids all evidence; a shorter one only hides what happened meanwhile."""
PATIENCE_S = 2.0
"""Own trouble that lasts longer is shown as SELF."""
TOGETHER_S = 1.0
"""Suspicions that begin within this time of each other look like one cause."""
ANSWERS_APART_S = 0.2
"""Answers closer together prove nothing more; so those remembered reach back for at least 25 s."""
GAP_S = 1.5
"""Without any answer from anywhere for longer, and for twice as long as is usual of a venue's witnesses, what
that venue failed to answer meanwhile is nobody's fault."""
NEVER = float("-inf")


@dataclass(frozen=True, slots=True)
class SelfCondition:
    """Our own condition, FINE or SELF, with words for a person."""

    condition: Condition
    because: str
    since: float | None = None


@dataclass(slots=True)
class _Venue:
    domain: str
    answer_sent_at: float = NEVER
    suspect_since: float | None = None
    held_since: float | None = None
    void_at: float = NEVER
    local_first_at: float | None = None
    local_last_at: float = NEVER
    local_what: str = ""
    rhythm: Rhythm = field(default_factory=Rhythm)


class OwnHealth:
    """Evidence about ourselves, one object for all venues of a guard."""

    def __init__(self, *, references: Iterable[str] = (), need: int = 1) -> None:
        """Know the `references` that will be pinged; `need` of them must answer to vouch for us."""
        self._references = {name: Reference() for name in references}
        self._need = max(1, need)
        self._venues: dict[str, _Venue] = {}
        self._void_at = NEVER
        self.stalled_s = 0.0
        """Seconds that our loop has stood still so far; they age no call."""
        self.stalled_until = NEVER
        self._late_first_at: float | None = None
        self._late_last_at = NEVER
        self._late_worst_s = 0.0
        self._lost_since: float | None = None
        self._overdue_at = NEVER
        """Until then no reference can be found lost, unless something happens."""
        self._answer_sent_at = NEVER
        self._answers: deque[float] = deque(maxlen=128)
        self._peers_at = NEVER
        self._peers_doubt_since: float | None = None

    # What is observed

    def join(self, venue: str, domain: str | None = None) -> None:
        """Register a guarded venue; venues of one failure `domain` count as one."""
        if venue not in self._venues:
            self._venues[venue] = _Venue(domain or venue)

    def tick(self, now: float, due: float) -> None:
        """Report that a timer due at `due` ran at `now`."""
        late_s = now - due
        if late_s > LATE_S:
            if self._late_first_at is None or due - self._late_last_at > PATIENCE_S:
                self._late_first_at = due
                self._late_worst_s = 0.0
            self._late_last_at = now
            self._late_worst_s = max(self._late_worst_s, late_s)
            self.stalled_s += late_s
            self.stalled_until = max(self.stalled_until, now)
            if late_s > STALL_S:
                self._void_at = max(self._void_at, now)
        self._look_at_references(now)

    def reference_sent(self, name: str, now: float) -> None:
        """Report a ping leaving, so that its silence counts before any time-out; optional."""
        ref = self._reference(name)
        ref.sent(now)
        self._overdue_at = min(self._overdue_at, now + ref.unanswered_s)

    def reference(self, sent_at: float, now: float, ok: bool, name: str = "reference") -> None:
        """Report how a ping to an independent place ended."""
        ref = self._reference(name)
        if ok:
            ref.answered(sent_at, now)
            self._heard(sent_at)
        else:
            ref.failed(sent_at)
        self._overdue_at = NEVER
        self._look_at_references(now)

    def answered(self, venue: str, sent_at: float) -> None:
        """Report that a venue answered a call sent at `sent_at`, or that its stream spoke."""
        seen = self._venues[venue]
        if sent_at > seen.answer_sent_at:
            seen.answer_sent_at = sent_at
            seen.rhythm.heard(sent_at)
            self._heard(sent_at)
            if seen.local_first_at is not None and sent_at > seen.local_last_at:
                seen.local_first_at = None

    def local_error(self, venue: str, now: float, what: str = "") -> None:
        """Report a call that failed before it left: evidence about that venue so far is void."""
        seen = self._venues[venue]
        if seen.local_first_at is None:
            seen.local_first_at = now
        seen.local_last_at, seen.local_what = now, what
        seen.void_at = max(seen.void_at, now)

    def peers(self, suspicious: int, total: int, now: float) -> None:
        """Report that `suspicious` of `total` venues look sick; for detectors that share no object."""
        self._peers_at = now
        if total >= 3 and suspicious >= 2 and 2 * suspicious > total:
            if self._peers_doubt_since is None:
                self._peers_doubt_since = now
        else:
            self._peers_doubt_since = None

    def suspect(self, venue: str, since: float | None) -> None:
        """Report since when a venue has been suspected; None when it is not."""
        self._venues[venue].suspect_since = since

    def hold(self, venue: str, since: float | None) -> None:
        """Report since when a verdict has been withheld for want of a reference; None when it is not."""
        self._venues[venue].held_since = since

    # What follows

    def void_at(self, venue: str) -> float:
        """Give the moment up to which evidence about a venue is void."""
        return max(self._void_at, self._venues[venue].void_at)

    def vouched(self, venue: str, since: float, failed_sent_at: float, onset: float | None = None) -> bool:
        """Say whether our side is proven to have worked after `since`, or cannot be asked.

        Calls that hang in a cut of our own network go on hanging for a moment after it; so a call must
        still have failed (the newest was sent at `failed_sent_at`) that was sent no sooner than a ping
        that left after the `onset` (or `since`) and was answered.
        """
        required = max(since, self._common_onset(venue, since))
        if self._peers_doubt_since is not None and self._newest_answer() < max(
            required, self._peers_doubt_since
        ):
            return False
        if not self._is_independent():
            return True
        if self._newest_answer() < required:
            return False
        begun = required if onset is None else max(onset, self._common_onset(venue, since))
        return failed_sent_at >= next((at for at in self._answers if at >= begun), begun)

    def condition(self, now: float) -> SelfCondition:
        """Give our own condition and the reason."""
        self._look_at_references(now)
        if self._lost_since is not None and now - self._lost_since > PATIENCE_S:
            return _ours("no reference answers: our own network is the likely cause", self._lost_since)
        held = [v.held_since for v in self._venues.values() if v.held_since is not None]
        if held and now - max(min(held), self._newest_answer()) > PATIENCE_S:
            names = ", ".join(sorted(n for n, v in self._venues.items() if v.held_since is not None))
            return _ours(
                f"nothing independent answered since {names} fell silent: probably our own network",
                min(held),
            )
        if self._late_first_at is not None and now - self._late_last_at <= PATIENCE_S:
            worst = self._late_worst_s
            if max(worst, self._late_last_at - self._late_first_at) > PATIENCE_S:
                return _ours(
                    f"this process was {worst:.1f} s late: the machine is overloaded", self._late_first_at
                )
        local = [v for v in self._venues.values() if _is_lasting(v, now)]
        if local and len(local) == len(self._venues):
            what = local[0].local_what or "calls fail before they leave this machine"
            return _ours(f"local fault: {what}", local[0].local_first_at)
        return SelfCondition(
            Condition.FINE, "references answer" if self._references else "nothing speaks against us"
        )

    def trouble(self, now: float) -> bool:
        """Say whether our own side is in doubt at this moment, before it counts as SELF."""
        self._look_at_references(now)
        return self._lost_since is not None or now - self._late_last_at <= LATE_S

    def _heard(self, sent_at: float) -> None:
        """Note an answer from anywhere; the time since the one before is unproven when it was long."""
        gap_s = sent_at - self._answer_sent_at
        if gap_s <= 0.0:
            return
        if gap_s > GAP_S and self._answer_sent_at > NEVER and self._is_independent():
            for name, seen in self._venues.items():
                if gap_s > 2.0 * self._usual_gap_s(name):
                    seen.void_at = max(seen.void_at, sent_at)
        self._answer_sent_at = sent_at
        if not self._answers or sent_at - self._answers[-1] >= ANSWERS_APART_S:
            self._answers.append(sent_at)

    def _usual_gap_s(self, venue: str) -> float:
        """Give how often the most talkative witness answers: neither this venue nor one that is suspected."""
        others = [v for name, v in self._venues.items() if name != venue]
        witnesses = [ref.rhythm for ref in self._references.values()]
        witnesses += [v.rhythm for v in others if v.suspect_since is None]
        return min(rhythm.every_s for rhythm in witnesses or [v.rhythm for v in others])

    def _is_independent(self) -> bool:
        return bool(self._references) or len(self._venues) > 1

    def _reference(self, name: str) -> Reference:
        found = self._references.get(name)
        if found is None:
            found = self._references[name] = Reference()
            self._overdue_at = NEVER
        return found

    def _look_at_references(self, now: float) -> None:
        if now < self._overdue_at or not self._references:
            return
        self._overdue_at = NEVER
        lost = [ref.lost_since(now) for ref in self._references.values()]
        since = [at for at in lost if at is not None]
        if len(lost) - len(since) >= min(self._need, len(lost)) or self._newest_venue_answer() > max(since):
            self._lost_since = None
            if not since:
                self._overdue_at = min(ref.overdue_at(now) for ref in self._references.values())
            return
        if self._lost_since is None:
            self._lost_since = max(since)
        self._void_at = max(self._void_at, now)

    def _newest_venue_answer(self) -> float:
        return max((v.answer_sent_at for v in self._venues.values()), default=NEVER)

    def _newest_answer(self) -> float:
        """When the newest question was asked that something independent answered."""
        answers = sorted((ref.ok_sent_at for ref in self._references.values()), reverse=True)
        enough = answers[min(self._need, len(answers)) - 1] if answers else NEVER
        return max(enough, self._newest_venue_answer())

    def _common_onset(self, venue: str, since: float) -> float:
        """When at least two other failure domains fell ill with this one: the latest of their onsets."""
        own = self._venues[venue].domain
        onsets: dict[str, float] = {}
        for other in self._venues.values():
            at = other.suspect_since
            if at is not None and other.domain != own and abs(at - since) <= TOGETHER_S:
                onsets[other.domain] = max(at, onsets.get(other.domain, NEVER))
        return max(onsets.values()) if len(onsets) >= 2 else NEVER


def _is_lasting(venue: _Venue, now: float) -> bool:
    first = venue.local_first_at
    return first is not None and now - first > PATIENCE_S and now - venue.local_last_at < 5.0


def _ours(because: str, since: float | None) -> SelfCondition:
    return SelfCondition(Condition.SELF, because, since)
