"""One order as we mean it: journalled before any byte leaves, under an id that is never used twice."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from riskguard.core.types import Asset, ClientId, Leg, Side

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class Purpose(StrEnum):
    """Why we send an order; the last letter of its client id."""

    HEDGE = "h"
    UNWIND = "u"
    """Takes a hedge off because the venue is well again."""
    ORPHAN = "o"
    """Takes a hedge off because the leg that it covered is gone."""
    HOME = "r"
    """Closes what is stuck at the venue in trouble itself, where that still takes reduce-only orders."""
    FLATTEN = "f"
    """Closes the hedged part of the leg at home in step with the hedge, once the venue is well again."""
    CANARY = "c"
    PREFLIGHT = "p"


AT_HOME = (Purpose.HOME, Purpose.FLATTEN)
"""The purposes whose fills change what the trader holds; those of no other do."""


class TimeInForce(StrEnum):
    """How long an order may rest."""

    IOC = "ioc"
    POST_ONLY = "post-only"


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """One order to send, in base units of its leg."""

    client_id: ClientId
    leg: Leg
    asset: Asset
    side: Side
    amount: Decimal
    """Base units, positive, a multiple of the lot."""
    price: Decimal
    """Limit price in quote units; there are no market orders."""
    tif: TimeInForce
    reduce_only: bool
    purpose: Purpose
    incident: str = ""
    plan: str = ""
    created_ms: int = 0
    sequence: int = 0
    """The number in `client_id`; the next intent's is higher."""
    per_unit: Decimal = Decimal(1)
    """Units of `asset` that one base unit hedges, at the prices of the order; not one for a proxy only."""

    @property
    def signed_amount(self) -> Decimal:
        """What a full fill adds to the position."""
        return self.amount * self.side.sign

    @property
    def notional(self) -> Decimal:
        """Amount times limit price, in quote units."""
        return self.amount * self.price

    @property
    def adds_risk(self) -> bool:
        """Whether our limits bind this order; ways out and canaries that rest far away are not counted."""
        return self.purpose in (Purpose.HEDGE, Purpose.PREFLIGHT)


def base36(number: int) -> str:
    """Write a non-negative number with digits and small letters."""
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = ALPHABET[rest] + digits
        if number == 0:
            return digits


def client_id(instance: str, epoch_ms: int, sequence: int, purpose: Purpose) -> ClientId:
    """Make the id of the `sequence`-th order of one journal; at most 18 small letters and digits.

    `epoch_ms` is the journal's birth on the wall clock, so that ids of a lost journal do not come again.
    Letters and digits only because OKX takes nothing else; 18 because Kraken's free-text `cl_ord_id`
    ends there (Kraken FIX reference).
    """
    return f"rg{instance}{base36(epoch_ms)}{base36(sequence).rjust(4, '0')}{purpose.value}"


def is_ours(identity: str) -> bool:
    """Tell whether an order id bears a guard's mark, this one's or another's."""
    return identity.startswith("rg")
