"""Offset more the longer the trouble lasts, and the further the price moves against what is stuck."""

from decimal import Decimal

from riskguard import Situation, Target


def hedge_partly(
    situation: Situation,
    *,
    start: Decimal = Decimal("0.25"),
    step: Decimal = Decimal("0.25"),
    every_s: float = 60.0,
    every_bps: Decimal = Decimal(50),
    most: Decimal = Decimal(1),
) -> Target | None:
    """Hold `start` at once and `step` more per `every_s` of trouble and per `every_bps` lost, up to `most`.

    Shares count of what `hedge` would hold. The worst price so far counts, so nothing comes off because the
    price came back. A pace of zero switches that kind of step off.
    """
    steps = Decimal(int(situation.lasted_s / every_s)) if every_s > 0 else Decimal(0)
    if every_bps > 0:
        steps += situation.worst_bps // every_bps
    share = max(Decimal(0), min(start + step * steps, most, Decimal(1)))
    return Target(-share * situation.size * situation.point)
