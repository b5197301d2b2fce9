"""The price that venues agree on, and whom to believe when they do not: never one alone against others."""

from decimal import Decimal

from riskguard.core.exposure.prices import APART_BPS, AgreedMid, bps, consensus
from riskguard.core.memory import Memory
from riskguard.core.policy import AssetPolicy
from riskguard.core.turn import Turn
from riskguard.core.types import Leg


def step(memory: Memory, turn: Turn) -> None:
    """Note per asset where more than one venue stands, or where the price went on to from there."""
    for asset in memory.policy.assets:
        mid = mid_of(memory, asset, turn)
        if mid is None:
            continue
        shown = _mids(memory, asset, turn).values()
        before = memory.agreed_mids.get(asset.name)
        went_on = before is not None and before.young(turn.now.mono_s) and bps(mid, before.mid) <= APART_BPS
        if went_on or sum(bps(other, mid) <= APART_BPS for other in shown) > 1:
            memory.agreed_mids[asset.name] = AgreedMid(mid, turn.now.mono_s)


def mid_of(memory: Memory, asset: AssetPolicy, turn: Turn) -> Decimal | None:
    """Give an asset's consensus price; None where no fresh book gives one, or books contradict each other.

    The books of venues in trouble, and the price agreed on last, only tell which of two sides is right: a
    frozen book that is still served looks fresh. They give the price where nobody else has one.
    """
    shown = _mids(memory, asset, turn)
    troubled = memory.troubled()
    well = [mid for leg, mid in shown.items() if leg.venue not in troubled]
    ill = [mid for leg, mid in shown.items() if leg.venue in troubled]
    agreed = memory.agreed_mids.get(asset.name)
    lately = [agreed.mid] if agreed is not None and agreed.young(turn.now.mono_s) else []
    return consensus(well, [*ill, *lately]) if well else consensus(ill, lately)


def why_no_mid(memory: Memory, asset: AssetPolicy, turn: Turn) -> str:
    """Say why there is no consensus price; what stands in brackets are numbers that change."""
    shown = _mids(memory, asset, turn)
    if not shown:
        return "no fresh book gives a price"
    prices = ", ".join(f"{leg.venue} {mid:f}" for leg, mid in shown.items())
    return f"books are apart and nothing tells which is right ({prices})"


def _mids(memory: Memory, asset: AssetPolicy, turn: Turn) -> dict[Leg, Decimal]:
    legs = tuple(dict.fromkeys((*asset.legs, *asset.hedge_on)))
    return memory.prices.mids(legs, turn.now.mono_s, memory.policy.limits.data_age_s)
