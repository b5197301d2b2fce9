"""One host that we ping: how long it takes, how often it fails, and since when it is lost."""

from dataclasses import dataclass, field

UNANSWERED_S = 0.3
"""A reference ping out for longer, and longer than usual, counts as failed until it is answered."""
MOST_UNANSWERED_S = 3.0
UNKNOWN_PING_S = 1.0
"""Taken for long while a reference has never answered."""
PROOF_AGAINST_CHANCE = 0.02
"""A run of failed pings less likely than this by chance means that the reference is lost."""
PINGS_REMEMBERED = 50.0
PINGS_KEPT = 32
GAPS_REMEMBERED = 20.0
NEVER, NEVER_YET = float("-inf"), float("inf")


@dataclass(slots=True)
class Rhythm:
    """How often something answers."""

    last_at: float = NEVER
    """When the newest question was asked that it answered."""
    every_s: float = NEVER_YET

    def heard(self, sent_at: float) -> None:
        """Take an answer in; one long pause must not teach much."""
        gap_s, self.last_at = sent_at - self.last_at, sent_at
        if self.every_s == NEVER_YET:
            self.every_s = gap_s
        else:
            self.every_s += (min(gap_s, 2.0 * self.every_s + 1.0) - self.every_s) / GAPS_REMEMBERED


@dataclass(slots=True)
class Reference:
    """One host that we ping, with how often it usually fails."""

    failing: float = 0.01
    run: int = 0
    run_began_at: float = NEVER
    """When the first ping of the present run of failures was sent."""
    ok_sent_at: float = NEVER
    pings_out: dict[float, None] = field(default_factory=dict)
    usual_s: float = 0.0
    """Mean time of an answer; zero until the first."""
    spread_s: float = 0.0
    rhythm: Rhythm = field(default_factory=Rhythm)

    @property
    def unanswered_s(self) -> float:
        """How long a ping may be out before it counts as failed, as TCP sets its retransmission time."""
        if self.usual_s == 0.0:
            return UNKNOWN_PING_S
        return min(MOST_UNANSWERED_S, max(UNANSWERED_S, self.usual_s + 4.0 * self.spread_s))

    def sent(self, now: float) -> None:
        """Note a ping that leaves."""
        self.pings_out[now] = None
        if len(self.pings_out) > PINGS_KEPT:
            del self.pings_out[next(iter(self.pings_out))]

    def took(self, seconds: float) -> None:
        """Learn from an answer; one that was held up by our own trouble must not teach much."""
        if self.usual_s == 0.0:
            self.usual_s, self.spread_s = max(0.001, seconds), 0.5 * seconds
            return
        seen_s = min(seconds, 2.0 * self.unanswered_s)
        self.spread_s += (abs(seen_s - self.usual_s) - self.spread_s) / 16.0
        self.usual_s += (seen_s - self.usual_s) / 32.0

    def answered(self, sent_at: float, now: float) -> None:
        """Take in that a ping was answered."""
        self.pings_out.pop(sent_at, None)
        self.run = 0
        if sent_at > self.ok_sent_at:
            self.ok_sent_at = sent_at
            self.rhythm.heard(sent_at)
        self.took(now - sent_at)
        self._fails(0.0)

    def failed(self, sent_at: float) -> None:
        """Take in that a ping was given up; one that a later answer overtook is no sign of a loss."""
        self.pings_out.pop(sent_at, None)
        if sent_at > self.ok_sent_at:
            self.run_began_at = sent_at if self.run == 0 else min(self.run_began_at, sent_at)
            self.run += 1
        self._fails(1.0)

    def _fails(self, failed: float) -> None:
        if self.run < PINGS_REMEMBERED:  # a reference that is gone for good stops being learnt from
            self.failing += (failed - self.failing) / PINGS_REMEMBERED
            self.failing = min(0.9, max(0.01, self.failing))

    def overdue_at(self, now: float) -> float:
        """Give when the next ping under way counts as failed, if nothing comes before."""
        limit_s, after = self.unanswered_s, self.ok_sent_at
        return min(
            (s + limit_s for s in self.pings_out if s > after and s + limit_s >= now), default=NEVER_YET
        )

    def lost_since(self, now: float) -> float | None:
        """Give when the present run of failures began, if it is too long for chance."""
        run, began, limit_s = self.run, self.run_began_at, self.unanswered_s
        overdue = [sent for sent in self.pings_out if now - sent > limit_s and sent > self.ok_sent_at]
        if overdue and not run:
            began = overdue[0]
        return began if self.failing ** (run + len(overdue)) < PROOF_AGAINST_CHANCE else None
