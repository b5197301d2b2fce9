"""The four answers that an order or cancel call can have; there is no fifth, and no exception is one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Reason(StrEnum):
    """Why a venue definitely refused; each comes from a listed code of that venue, never from a guess."""

    ORDER = "order"
    """The request itself was wrong (price, size, symbol)."""
    FUNDS = "funds"
    """Not enough margin or balance."""
    THROTTLED = "throttled"
    """Our rate limit; says nothing about the venue."""
    BANNED = "banned"
    """Our address or key is banned for a while."""
    CREDENTIALS = "credentials"
    """Key, signature, permission or clock."""
    SYMBOL = "symbol"
    """This one symbol is halted."""
    RESTRICTED = "restricted"
    """The venue takes only cancels, or only post-only orders."""
    OVERLOAD = "overload"
    """The venue sheds load and says so; reduce-only may be exempt."""
    MAINTENANCE = "maintenance"
    """The venue says it is in maintenance."""
    GONE = "gone"
    """The order named is not there any more; settles a cancel request, never the order."""
    REFUSED = "refused"
    """Definitely not executed, for another listed reason."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue acknowledged the request; for an order this is not yet a fill."""

    order_id: str = ""
    """The venue's own id, empty where the answer names none."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The venue definitely did not execute the request."""

    reason: Reason
    code: str = ""
    """The venue's code as it wrote it."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """No byte of the request left this machine."""

    cause: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request may or may not have been executed; only the venue's evidence or a person can settle it."""

    cause: str = ""


Outcome: TypeAlias = Accepted | Rejected | NotSent | Unknown
