"""Could I hedge right now, how much, at what cost, and what would limit me: answered before it is needed."""

from collections.abc import Sequence
from decimal import Decimal

from riskguard.core.exposure.prices import TEN_THOUSAND
from riskguard.core.hedge.limits import Account, cut
from riskguard.core.hedge.plan import Candidate, band, fillable, orderable, whole_lots
from riskguard.core.policy import Limits
from riskguard.core.snapshot import CoveragePicture
from riskguard.core.types import ZERO, side_of

ONE = Decimal(1)


def coverage(
    wanted: Decimal,
    candidates: Sequence[tuple[Candidate, Account | None]],
    mid: Decimal | None,
    others: Decimal,
    limits: Limits,
) -> CoveragePicture:
    """Judge a hedge of `wanted` base units (signed) as if it were needed now.

    `candidates`: the legs whose venue, verdicts and book allow a hedge; `others`: notional of other hedges.
    """
    if wanted == ZERO:
        return CoveragePicture(ONE, None, None, "none")
    if mid is None or not candidates:
        return CoveragePicture(ZERO, None, None, "verdict")
    allowed = cut(wanted, mid, others, limits)
    limited_by = "ceiling" if allowed.because else "none"
    left, paid, fees, margin_short, too_small = abs(allowed.target), ZERO, ZERO, False, False
    side = side_of(wanted)
    for candidate, account in candidates:
        room = _room(account, mid, limits)
        amount = whole_lots(min(left, room), candidate.market.lot)
        margin_short = margin_short or room < left
        price = band(mid, side, limits.slippage_bps, candidate.market.tick)
        found, cost = fillable(candidate.book, side, price, amount)
        if not orderable(found, price, candidate.market):
            too_small = too_small or amount < left or found == amount
            continue
        left, paid = left - found, paid + cost
        fees += cost * candidate.market.taker_fee_bps
    hedged = abs(allowed.target) - left
    if left >= min(candidate.market.lot for candidate, _ in candidates):
        limited_by = "margin" if margin_short else "min_size" if too_small else "depth"
    cost_bps = None
    if hedged > ZERO:
        impact = (paid / hedged - mid) / mid * TEN_THOUSAND * side.sign
        cost_bps = impact + fees / paid
    return CoveragePicture(min(ONE, hedged / abs(wanted)), cost_bps, None, limited_by)


def _room(account: Account | None, mid: Decimal, limits: Limits) -> Decimal:
    """Give how much an account can carry before it comes too near liquidation; base units."""
    if account is None or account.equity <= ZERO or account.free / account.equity < limits.margin_left:
        return ZERO
    return max(account.equity / limits.hedge_liq - account.positions, ZERO) / mid
