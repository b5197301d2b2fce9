"""Log likelihood ratios: what one observation is worth, in nats, for each way of being broken.

Healthy calls answer with probability near one after a learnt latency. The alternatives are fixed guesses at
what a sick path does; being roughly right is enough, because a failed call is worth 4 to 6 nats under each.

================  ======  =======  =======
alternative       answer  error    silence
================  ======  =======  =======
dead              0.10    0.90     0.90
partial           0.70    0.22     0.08
slow              answers, 20 times later than usual
================  ======  =======  =======

A dead path refuses or hangs; both are kept in one chart, which costs at most ln 2, paid by the threshold.

A call that is still out is *censored*: all that is known is that its latency exceeds its age, so it is worth
ln S1(age) / S0(age), which is never negative for these alternatives. The null for `slow` is the worst of 1, 2
and 4 times the usual latency, so that a busy market is no outage.
"""

import math

from riskguard.core.detect.survival import BUCKETS, PER_OCTAVE, edge_s, position_of

CLIP_UP = 5.5
"""Most that one call may say: failures share connections and are less independent than the model thinks."""
CLIP_DOWN = -3.0
DEAD_OK, DEAD_FAIL = 0.10, 0.90
PARTIAL_OK, PARTIAL_ERROR, PARTIAL_HANG = 0.70, 0.22, 0.08
DOUBTS = ((10, 12), (40, 6), (200, 3), (1000, 2))
"""Up to how many answers seen the usual latency may be misjudged by how many buckets (8, 2.8, 1.7 times)."""
LEAST_DOUBT = 1
"""Buckets (a factor of 1.2) once plenty was seen."""
HARDLY = 0.45
"""Nats that alarm nobody, even of as many calls as are weighed."""
LATE = 1.3
"""Nats of a call that is clearly later than usual."""
TWICE, FOUR_TIMES, TWENTY_TIMES = PER_OCTAVE, 2 * PER_OCTAVE, 17

Triple = tuple[float, float, float]
"""Nats for dead, partial and slow."""

NOTHING: Triple = (0.0, 0.0, 0.0)


class FailureRates:
    """How often healthy calls fail, as an upper estimate that learns and forgets."""

    __slots__ = ("_calls", "_errors", "_silences")

    def __init__(self) -> None:
        self._calls, self._errors, self._silences = 1000.0, 2.0, 0.5

    def add(self, *, error: bool, silence: bool) -> None:
        """Count one call that ended while nothing was suspected."""
        self._calls += 1.0
        self._errors += error
        self._silences += silence

    def fade(self) -> None:
        """Forget a quarter once there is plenty."""
        if self._calls > 40_000:
            self._calls *= 0.75
            self._errors *= 0.75
            self._silences *= 0.75

    @property
    def error(self) -> float:
        """The probability that a healthy call ends in a venue's error; two sigmas up, at least 0.2 %."""
        return max(0.002, _upper(self._errors, self._calls))

    @property
    def silence(self) -> float:
        """The probability that a healthy call is never answered; two sigmas up, at least 0.1 %."""
        return max(0.001, _upper(self._silences, self._calls))


def _upper(count: float, of: float) -> float:
    return min(0.2, count / of + 2.0 * math.sqrt(max(count, 1.0)) / of)


class Weights:
    """The nats of every possible observation on one path, tabulated from what was learnt."""

    __slots__ = ("answered", "error", "first_s", "in_flight", "late_s", "silence", "spread", "usual")

    def __init__(self, survival: list[float], error: float, silence: float, *, seen: int = 10_000) -> None:
        """Tabulate for a latency of which `seen` answers are known."""
        doubt = next((buckets for fewer, buckets in DOUBTS if seen < fewer), LEAST_DOUBT)
        ok_partial = math.log(PARTIAL_OK)
        self.error: Triple = (_clip(math.log(DEAD_FAIL / error)), _clip(math.log(PARTIAL_ERROR / error)), 0.0)
        self.silence: Triple = (
            _clip(math.log(DEAD_FAIL / silence)),
            _clip(math.log(PARTIAL_HANG / silence)),
            _clip(math.log(PARTIAL_HANG / silence)),
        )
        self.in_flight = [_censored(survival, b, silence, doubt) for b in range(BUCKETS)]
        late = next((b for b, nats in enumerate(self.in_flight) if nats[0] > LATE), BUCKETS - 1)
        self.late_s = edge_s(late)
        """Age from which a call under way is clearly late."""
        said = next((b for b, nats in enumerate(self.in_flight) if max(nats) > HARDLY), BUCKETS)
        self.first_s = edge_s(max(0, said - 1))
        """Age up to which a call under way says hardly anything."""
        middle, high = (next((b for b, s in enumerate(survival) if s < p), BUCKETS) for p in (0.5, 0.16))
        self.usual, self.spread = float(middle), float(high - middle)
        """The median latency and its spread, in buckets."""
        self.answered: list[Triple] = [
            (math.log(DEAD_OK), ok_partial, min(_slow_density(survival, b), self.in_flight[b][2]))
            for b in range(BUCKETS)
        ]

    def under_way(self, age_s: float, slower: float = 0.0) -> Triple:
        """Give the nats of a call that is out for so long, interpolated between the tabulated ages.

        Where answers lately came `slower` by so many buckets, a late call says less of an outage; that all
        is slow is left to the chart for it.
        """
        position = position_of(age_s)
        slow = self._between(2, position)
        if slower > 0.0:
            position = max(0.0, position - slower)
        return self._between(0, position), self._between(1, position), slow

    def _between(self, alternative: int, position: float) -> float:
        bucket = int(position)
        here = self.in_flight[bucket][alternative]
        if bucket + 1 >= BUCKETS:
            return here
        return here + (position - bucket) * (self.in_flight[bucket + 1][alternative] - here)


def _clip(nats: float) -> float:
    return CLIP_DOWN if nats < CLIP_DOWN else min(nats, CLIP_UP)


def _later(survival: list[float], bucket: int, shift: int) -> float:
    """P(longer than `bucket`) when everything takes `shift` buckets longer."""
    return survival[bucket - shift] if bucket >= shift else 1.0


def _censored(survival: list[float], bucket: int, silence: float, doubt: int) -> Triple:
    usual = max(silence, _later(survival, bucket, doubt))
    busy = max(silence, _later(survival, bucket, FOUR_TIMES))
    late = max(_later(survival, bucket, TWENTY_TIMES), busy)
    dead = DEAD_FAIL + (1.0 - DEAD_FAIL) * usual
    partial = PARTIAL_HANG + (1.0 - PARTIAL_HANG) * usual
    return (
        _clip(math.log(max(1.0, dead / usual))),
        _clip(math.log(max(1.0, partial / usual))),
        _clip(math.log(late / busy)),
    )


def _slow_density(survival: list[float], bucket: int) -> float:
    """Log density of an answer in this bucket, 20 times slower against the worst of 1, 2 and 4 times."""

    def mass(shift: int) -> float:
        # Three buckets wide and floored, so that an empty bucket is no proof.
        upper = _later(survival, min(bucket + 2, BUCKETS - 1), shift)
        return _later(survival, max(bucket - 1, 0), shift) - upper + 0.003

    return _clip(math.log(mass(TWENTY_TIMES) / max(mass(0), mass(TWICE), mass(FOUR_TIMES))))
