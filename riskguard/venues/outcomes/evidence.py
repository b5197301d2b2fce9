"""What an outcome says about the venue's health: the detector's observation class."""

from typing import Final, Literal, TypeAlias, assert_never

from riskguard.core.orders.outcome import Accepted, NotSent, Outcome, Reason, Rejected, Unknown

OutcomeClass: TypeAlias = Literal[
    "ok", "user_fault", "venue_fault", "unknown", "rate_limited", "symbol_halt", "explicit", "auth", "local"
]
"""The values of the detector's own enumeration."""

OF_REASON: Final[dict[Reason, OutcomeClass]] = {
    # The venue thought about it and said no: it is alive, as much as with an order taken.
    Reason.ORDER: "user_fault",
    Reason.FUNDS: "user_fault",
    Reason.GONE: "user_fault",
    Reason.REFUSED: "user_fault",
    # Our own path is closed for a while; this says nothing about the venue.
    Reason.THROTTLED: "rate_limited",
    Reason.BANNED: "rate_limited",
    Reason.CREDENTIALS: "auth",
    Reason.SYMBOL: "symbol_halt",
    # The venue itself says that it takes no new orders; a statement weighs more than a failed attempt.
    Reason.RESTRICTED: "explicit",
    Reason.MAINTENANCE: "explicit",
    # It sheds load now and may take the next one: evidence to be counted, not a statement.
    Reason.OVERLOAD: "venue_fault",
}


def outcome_class(outcome: Outcome) -> OutcomeClass:
    """Return the observation class of an outcome, for the charts of the detector."""
    match outcome:
        case Accepted():
            return "ok"
        case Rejected(reason=reason):
            return OF_REASON[reason]
        case NotSent():
            return "local"
        case Unknown():
            return "unknown"
        case _:
            assert_never(outcome)
