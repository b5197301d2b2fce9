"""What holding a hedge costs or earns: the funding rates that venues tell, as long as they are young.

A rate is of now; nobody knows the next one. It decides between backups whose prices are alike, and a person
reads it; no ceiling counts on it. What a venue does not tell counts as nothing and is shown as not known.
"""

from decimal import Decimal

from riskguard.core.exposure.prices import TEN_THOUSAND
from riskguard.core.memory import Memory
from riskguard.core.messages import FundingSeen
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO, Leg, Side

OLD_AFTER_S = 3_600.0
DAY_S = Decimal(86_400)
MOST_PER_DAY = Decimal("0.1")
"""Venues cap a single rate at 0.25 % to 4 %; a day's worth beyond this is somebody's error."""


def funding_seen(memory: Memory, turn: Turn, seen: FundingSeen) -> None:
    """Take in a rate; an absurd one makes what is known unknown."""
    if abs(seen.per_day) <= MOST_PER_DAY:
        memory.funding[seen.leg] = (seen.per_day, turn.now.mono_s)
    else:
        memory.funding.pop(seen.leg, None)


def bps_day(memory: Memory, turn: Turn, leg: Leg, side: Side) -> Decimal | None:
    """Give what a position of that side costs a day, in basis points of its notional; negative: it earns."""
    market = memory.markets.get(leg)
    if market is not None and not market.derivative:
        return ZERO if side is Side.BUY else None  # what a borrowed coin costs is not read
    per_day, seen_s = memory.funding.get(leg, (None, float("-inf")))
    if per_day is None or turn.now.mono_s - seen_s > OLD_AFTER_S:
        return None
    return per_day * TEN_THOUSAND * side.sign


def expected_bps(memory: Memory, turn: Turn, leg: Leg, side: Side) -> Decimal:
    """Give what a hedge is expected to cost until it is looked at again (`unwind.review`), for the router."""
    days = Decimal(str(memory.policy.unwind.review_s)) / DAY_S
    return (bps_day(memory, turn, leg, side) or ZERO) * days


def of_hedge(memory: Memory, turn: Turn, asset: str) -> Decimal | None:
    """Give what all that is held for an asset costs a day, in its quote; None where one part is not known."""
    total = ZERO
    for leg in memory.ledger.cover_legs(asset):
        held, book = memory.ledger.held(asset, leg), memory.prices.books.get(leg)
        if held == ZERO:
            continue
        rate = bps_day(memory, turn, leg, Side.BUY if held > ZERO else Side.SELL)
        if rate is None or book is None or not book.sound:
            return None
        total += abs(held) * book.mid * rate / TEN_THOUSAND
    return total
