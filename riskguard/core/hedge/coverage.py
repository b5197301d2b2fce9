"""Could I hedge right now, how much, where, at what cost, and what would limit me: answered beforehand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from riskguard.core.hedge.limits import cut
from riskguard.core.hedge.margin import Account, room, shortage
from riskguard.core.hedge.plan import Candidate, band, fillable, smallest
from riskguard.core.hedge.router import Split, split
from riskguard.core.policy import Limits
from riskguard.core.types import ZERO, Side, VenueId, side_of

NEARLY_ALL = Decimal("0.99")
"""A rest of less than this is what lots leave, and limits nothing."""


@dataclass(frozen=True, slots=True)
class Need:
    """What would have to be hedged of one asset; in base units of the candidates' markets."""

    wanted: Decimal
    """The whole hedge, signed."""
    held: Decimal
    """What is held of it already."""
    mid: Decimal
    candidates: Sequence[Candidate]
    """The legs whose venue, verdicts and book allow a hedge."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What could be done about it."""

    share: Decimal
    """What is held and could be added, over what is wanted; at most one."""
    orders: Split
    limited_by: str
    """margin · depth · ceiling · min_size · verdict · none."""
    because: str = ""


def coverage(
    need: Need, accounts: Mapping[VenueId, Account | None], others: Decimal, limits: Limits
) -> Answer:
    """Judge a hedge as if it were needed now; `others`: notional of other hedges."""
    if need.wanted == ZERO:
        return Answer(Decimal(1), Split(), "none")
    if not need.candidates:
        return Answer(min(abs(need.held / need.wanted), Decimal(1)), Split(), "verdict")
    allowed = cut(need.wanted, need.mid, others, limits)
    left = allowed.target - need.held
    if left * need.wanted <= ZERO:
        return Answer(Decimal(1), Split(), "ceiling" if allowed.because else "none", allowed.because)
    side = side_of(left)
    roomy = [_with_room(one, accounts, side, abs(left), need.mid, limits) for one in need.candidates]
    found = split(left, roomy, need.mid, limits.slippage_bps)
    done = need.held + found.filled * side.sign
    share = max(min(done / need.wanted, Decimal(1)), ZERO)
    least = smallest((one.market for one in need.candidates), need.mid)
    if abs(left) - found.filled < least:
        small = "min_size" if share < NEARLY_ALL else "none"
        return Answer(share, found, "ceiling" if allowed.because else small, allowed.because)
    return Answer(share, found, *_limit(need, accounts, found, left, limits))


def _with_room(
    one: Candidate,
    accounts: Mapping[VenueId, Account | None],
    side: Side,
    left: Decimal,
    mid: Decimal,
    limits: Limits,
) -> Candidate:
    account = accounts.get(one.leg.venue)
    if account is None:
        return replace(one, room=ZERO)
    price = max(band(mid, side, limits.slippage_bps, one.market.tick), mid)
    return replace(one, room=room(account, one.leg, left * price * side.sign, limits) / price)


def _limit(
    need: Need, accounts: Mapping[VenueId, Account | None], found: Split, left: Decimal, limits: Limits
) -> tuple[str, str]:
    """Give the one thing that limits most, and in words why."""
    if split(left, need.candidates, need.mid, limits.slippage_bps).filled > found.filled:
        for one in need.candidates:
            account = accounts.get(one.leg.venue)
            if account is None:
                return "margin", f"{one.leg.venue}: its balance is not known"
            short = shortage(account, one.leg, left * need.mid, limits)
            if short is not None:
                return short.limited_by, short.because
    side = side_of(left)
    there = ZERO
    for one in need.candidates:
        price = band(need.mid, side, limits.slippage_bps, one.market.tick)
        there += fillable(one.book, side, price, abs(left))[0]
    return ("depth" if there < abs(left) else "min_size"), f"{there:f} within the band"
