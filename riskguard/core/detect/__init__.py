"""The failure detector: a verdict for every path of a venue, from what happens to calls.

How a guard uses it (one `OwnHealth` for all venues, one `VenueDetector` for each)::

    own = OwnHealth(references=("https://example.org",))     # pinged by the runtime; () means venues only
    det = VenueDetector("main", own_health=own, domain="aws-tokyo", seed_latency_ms=60,
                        recover=Recover(clean_s=120, acks=10), learned=Learned(watched_s, lengths_s))
    det.sent(rid, now, Path.PLACE, symbol="BTC/USDT:USDT")   # every call, at the moment its bytes leave
    det.done(rid, now, OutcomeClass.UNKNOWN)                 # how it ended; exempts_reduce=True for -1008
    det.stream(now, Path.BOOK)                               # a message of the book or fills stream
    own.reference_sent(name, now)                            # a ping left (so that silence counts)
    own.reference(sent_at, now, ok, name)                    # a ping ended
    det.tick(now, due)                                       # a timer ran; next: det.next_tick(now)
    while (plan := det.want_probe(now)) is not None:         # send, report: sent(..., canary=True)
        ...                                                  # plan.path, plan.rung, plan.fast, plan.because
    verdicts = det.verdicts(now)                             # {path: Verdict}, `reduce` follows `place`
    state = condition(verdicts, causes=det.causes(), explicit=det.maintenance(now),
                      overloaded_reduce_exempt=det.reduce_exempt)  # .word .at .because
    ours = own.condition(now)                                # .condition FINE or SELF, .because
"""

from riskguard.core.detect.condition import VenueCondition, condition
from riskguard.core.detect.detector import VenueDetector
from riskguard.core.detect.observation import Cause, OutcomeClass
from riskguard.core.detect.own_health import OwnHealth, SelfCondition
from riskguard.core.detect.path_verdict import Recover
from riskguard.core.detect.persistence import Blip, Learned, persistence_s, waiting_s
from riskguard.core.detect.probes import DEFAULT_LADDER, Canary, ProbePlan, Rung

__all__ = [
    "DEFAULT_LADDER",
    "Blip",
    "Canary",
    "Cause",
    "Learned",
    "OutcomeClass",
    "OwnHealth",
    "ProbePlan",
    "Recover",
    "Rung",
    "SelfCondition",
    "VenueCondition",
    "VenueDetector",
    "condition",
    "persistence_s",
    "waiting_s",
]
