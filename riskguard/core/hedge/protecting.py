"""Protection of the hedge: how far every position on a hedge account is from liquidation, told in time.

Our own orders never bring a position nearer than `hedge_liq`; the price may. Then a person hears it, once per
level, with what would help: margin, or less of the hedge.
"""

from decimal import Decimal

from riskguard.core.exposure.assessing import account_of
from riskguard.core.hedge.margin import Account, Held
from riskguard.core.memory import Memory, signed
from riskguard.core.messages import Severity
from riskguard.core.turn import Turn
from riskguard.core.types import ZERO

LEVELS = (Decimal(1), Decimal(2) / 3, Decimal(1) / 3)
"""Told at these shares of `hedge_liq`, each once."""
WELL_AGAIN = Decimal("1.1")
"""Beyond this share of `hedge_liq` all is forgotten, so that the next approach is told again."""


def step(memory: Memory, turn: Turn) -> None:
    """Look at every account that carries a hedge of ours."""
    carrying = {
        leg.venue for leg in memory.legs() if any(amount != ZERO for amount in memory.ledger.held_range(leg))
    }
    for venue in sorted(carrying):
        account = account_of(memory, venue, turn)
        if account is not None:
            for held in account.held:
                _look(memory, turn, account, held)


def distance_of(account: Account, held: Held) -> Decimal | None:
    """Give a position's distance to liquidation: as the venue tells, else as if the account were one pot."""
    if held.size == ZERO:
        return None
    if held.distance is not None:
        return held.distance
    return max(account.equity, ZERO) / account.size


def _look(memory: Memory, turn: Turn, account: Account, held: Held) -> None:
    limit, distance = memory.policy.limits.hedge_liq, distance_of(account, held)
    if distance is None or distance > limit * WELL_AGAIN:
        memory.near.pop(held.leg, None)
        return
    level = sum(distance < limit * share for share in LEVELS)
    if level <= memory.near.get(held.leg, 0):
        return
    memory.near[held.leg] = level
    title = f"{held.leg} is {distance:.1%} from its liquidation; {limit:.0%} is wanted"
    memory.tell(turn, Severity.ALARM, title, "; ".join(_help(memory, held, distance)))


def _help(memory: Memory, held: Held, distance: Decimal) -> list[str]:
    limit = memory.policy.limits.hedge_liq
    buffer = distance * held.size
    ours = memory.ledger.held_range(held.leg)
    most = max(ours, key=abs)
    money = limit * held.size - buffer
    less = (held.size - buffer / limit) / held.size
    return [
        f"our hedge there is {signed(most)}" if most else "it is not ours",
        f"{money:.0f} more margin would bring it back, or {less:.0%} less of the position",
        "no further hedge is added there",
    ]
