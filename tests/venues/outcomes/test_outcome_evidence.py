"""Outcomes as evidence for the detector."""

import pytest

from riskguard.core.detect.observation import OutcomeClass
from riskguard.core.orders.outcome import Accepted, NotSent, Outcome, Reason, Rejected, Unknown
from riskguard.venues.outcomes import classify, outcome_class


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Accepted("1"), OutcomeClass.OK),
        (Rejected(Reason.ORDER), OutcomeClass.USER_FAULT),
        (Rejected(Reason.FUNDS), OutcomeClass.USER_FAULT),
        (Rejected(Reason.GONE), OutcomeClass.USER_FAULT),
        (Rejected(Reason.REFUSED), OutcomeClass.USER_FAULT),
        (Rejected(Reason.THROTTLED), OutcomeClass.RATE_LIMITED),
        (Rejected(Reason.BANNED), OutcomeClass.RATE_LIMITED),
        (Rejected(Reason.CREDENTIALS), OutcomeClass.AUTH),
        (Rejected(Reason.SYMBOL), OutcomeClass.SYMBOL_HALT),
        (Rejected(Reason.RESTRICTED, "EService:Market in cancel_only mode"), OutcomeClass.EXPLICIT),
        (Rejected(Reason.MAINTENANCE), OutcomeClass.EXPLICIT),
        (Rejected(Reason.OVERLOAD), OutcomeClass.VENUE_FAULT),
        (NotSent("refused"), OutcomeClass.LOCAL),
        (Unknown("deadline"), OutcomeClass.UNKNOWN),
    ],
)
def test_each_outcome_has_its_class(outcome: Outcome, expected: OutcomeClass) -> None:
    assert outcome_class(outcome) is expected


def test_a_restriction_of_one_pair_is_no_statement_about_the_venue() -> None:
    body = (
        '{"retCode":170217,"retMsg":"Only LIMIT-MAKER order is supported for the current pair.","result":{}}'
    )
    outcome = classify(venue="bybit", operation="place", http_status=200, body=body)
    assert isinstance(outcome, Rejected)
    assert outcome.reason is Reason.RESTRICTED
    assert outcome_class(outcome) is OutcomeClass.SYMBOL_HALT
