"""What became of an order whose outcome we do not know: whom to ask, and when "not there" is believed.

"Not found" is weak: venues answer it for live orders under load. It is believed only when the request has
expired at the venue (recvWindow and its kin), at least two channels were asked after that and answered, and
the position, read after that as well, shows no trace; or, where no position can be read, when the venue has
kept saying so for longer than the longest lie on record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from riskguard.core.messages.reports import LookupRung

LADDER = (LookupRung.CLIENT_ID, LookupRung.OPEN, LookupRung.CLIENT_ID, LookupRung.HISTORY, LookupRung.TRADES)
"""Asked round and round; the client id comes twice because it is the most direct."""
ENDINGS = (LookupRung.HISTORY, LookupRung.TRADES)
"""Where an order shows that has ended."""
PAUSES_S = (0.0, 0.3, 0.7, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 5.0)
"""Before the n-th question; the last goes on for ever, since only evidence ends a doubt."""
SKEW_S = 2.0
"""Granted to a venue's clock beyond the expiry."""
LONGEST_LIE_S = 65.0
"""A live order was reported as not found for 62 s (reported against a peer's order tracker)."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The questions asked so far about one order; seconds on the monotonic clock."""

    began_s: float
    next_s: float
    asked: int = 0
    flying: bool = False
    absences: Mapping[LookupRung, tuple[float, float, int]] = field(default_factory=dict)
    """Per rung, of the answers "not there" to questions asked after the expiry: first, last, count."""
    past_expiry: bool = False
    """Whether the ladder was begun anew at the first moment at which "not there" proves anything."""

    @property
    def rung(self) -> LookupRung:
        """The rung to ask next."""
        return LADDER[self.asked % len(LADDER)]

    def ask(self) -> "Inquiry":
        """Note that the next question is on its way."""
        return replace(self, flying=True, asked=self.asked + 1)

    def answered(self, now_s: float, expired_s: float) -> "Inquiry":
        """Note that the answer came, whatever it was, and when to ask again.

        Once the order has expired the ladder begins anew, with its short pauses: earlier answers prove no
        absence, and a doubt that lasts blocks what depends on it.
        """
        next_s = now_s + PAUSES_S[min(self.asked, len(PAUSES_S) - 1)]
        trusted_s = expired_s + SKEW_S
        if self.past_expiry or next_s < trusted_s:
            return replace(self, flying=False, next_s=next_s)
        return replace(self, flying=False, next_s=max(now_s, trusted_s), asked=0, past_expiry=True)

    def missed(self, rung: LookupRung, asked_s: float, expired_s: float) -> "Inquiry":
        """Note that the venue answered "not there"; a question from before the expiry proves nothing."""
        if asked_s < expired_s + SKEW_S:
            return self
        first, _, count = self.absences.get(rung, (asked_s, asked_s, 0))
        return replace(self, absences={**self.absences, rung: (first, asked_s, count + 1)})

    def absent(self, *, position_unmoved: bool, rests: bool = False) -> bool:
        """Tell whether the order may be called not executed.

        `position_unmoved`: a position read after the expiry equals what it was without this order. `rests`:
        the order would be among the open ones if it lived; of any other these say nothing, since it has
        ended whatever became of it, so that its end must be missing from history or trades.
        """
        direct = self.absences.get(LookupRung.CLIENT_ID)
        others = [
            self.absences[rung] for rung in LADDER if rung in self.absences and rung != LookupRung.CLIENT_ID
        ]
        if direct is None or direct[2] < 2 or not others:
            return False
        lasted_s = max(last for _, last, _ in (direct, *others)) - direct[0]
        would_show = rests or any(rung in self.absences for rung in ENDINGS)
        return (position_unmoved and would_show) or lasted_s >= LONGEST_LIE_S


def begin(now_s: float, delay_s: float = 0.0) -> Inquiry:
    """Start asking, the first time after `delay_s`."""
    return Inquiry(began_s=now_s, next_s=now_s + delay_s)
