"""What an outcome says about the venue's health: the detector's observation class."""

from typing import Final, assert_never

from riskguard.core.detect.observation import OutcomeClass
from riskguard.core.orders.outcome import Accepted, NotSent, Outcome, Reason, Rejected, Unknown

OF_REASON: Final[dict[Reason, OutcomeClass]] = {
    # The venue thought about it and said no: it is alive, as much as with an order taken.
    Reason.ORDER: OutcomeClass.USER_FAULT,
    Reason.FUNDS: OutcomeClass.USER_FAULT,
    Reason.GONE: OutcomeClass.USER_FAULT,
    Reason.REFUSED: OutcomeClass.USER_FAULT,
    # Our own path is closed for a while; this says nothing about the venue.
    Reason.THROTTLED: OutcomeClass.RATE_LIMITED,
    Reason.BANNED: OutcomeClass.RATE_LIMITED,
    Reason.CREDENTIALS: OutcomeClass.AUTH,
    Reason.SYMBOL: OutcomeClass.SYMBOL_HALT,
    # The venue itself says that it takes no such orders; a statement weighs more than a failed attempt.
    Reason.RESTRICTED: OutcomeClass.EXPLICIT,
    Reason.MAINTENANCE: OutcomeClass.EXPLICIT,
    # It sheds load now and may take the next one: evidence to be counted, not a statement.
    Reason.OVERLOAD: OutcomeClass.VENUE_FAULT,
}

ONE_PAIR: Final = frozenset(
    {
        *("110103", "170217"),  # Bybit derivatives and spot
        "200003",  # KuCoin
        "54012",  # OKX
        *("INVALID_ORDERBOOK_POST_ONLY", "PREVIEW_INVALID_ORDERBOOK_POST_ONLY"),  # Coinbase, a product flag
        *("INVALID_ORDERBOOK_CANCEL_ONLY", "PREVIEW_INVALID_ORDERBOOK_CANCEL_ONLY"),
    }
)
"""Restrictions of one pair; the venue may be well elsewhere."""


def outcome_class(outcome: Outcome) -> OutcomeClass:
    """Return the observation class of an outcome, for the charts of the detector."""
    match outcome:
        case Accepted():
            return OutcomeClass.OK
        case Rejected(reason=Reason.RESTRICTED, code=code) if code in ONE_PAIR:
            return OutcomeClass.SYMBOL_HALT
        case Rejected(reason=reason):
            return OF_REASON[reason]
        case NotSent():
            return OutcomeClass.LOCAL
        case Unknown():
            return OutcomeClass.UNKNOWN
        case _:
            assert_never(outcome)
