"""What could be hedged now, and the one thing that limits it."""

from decimal import Decimal

import pytest

from riskguard.core.hedge.coverage import Need, coverage
from riskguard.core.hedge.margin import Account
from riskguard.core.hedge.plan import Candidate
from riskguard.core.types import Leg

from .builders import LEG, market
from .test_hedge_limits import ACCOUNT, LIMITS
from .test_hedge_plan import book

BETA = Leg("beta", "BTC/USDT:USDT")
MID = Decimal(100)


def candidate(asks: str = "50", leg: Leg = LEG, *, ask: str = "100.1", lot: str = "0.001") -> Candidate:
    bid = str(200 - Decimal(ask))
    return Candidate(leg, market(leg, lot=lot), book([(ask, asks)], [(bid, asks)]))


def need(wanted: str, *candidates: Candidate, held: str = "0") -> Need:
    return Need(Decimal(wanted), Decimal(held), MID, candidates)


@pytest.mark.parametrize(
    ("wanted", "held", "account", "asks", "lot", "share", "limited_by"),
    [
        ("0", "0", ACCOUNT, "50", "0.001", "1", "none"),
        ("-10", "0", ACCOUNT, "50", "0.001", "1", "none"),
        ("-10", "0", ACCOUNT, "4", "0.001", "0.4", "depth"),
        ("-10", "-5", ACCOUNT, "4", "0.001", "0.9", "depth"),
        ("-10", "-10", ACCOUNT, "4", "0.001", "1", "none"),
        ("-10", "0", ACCOUNT, "10", "7", "0.7", "min_size"),
        ("-6", "0", ACCOUNT, "10", "7", "0", "min_size"),
        ("-10", "0", None, "50", "0.001", "0", "margin"),
        ("-1200", "0", ACCOUNT, "5000", "0.001", "0.5", "ceiling"),
    ],
)
def test_share_and_what_limits_it(
    wanted: str, held: str, account: Account | None, asks: str, lot: str, share: str, limited_by: str
) -> None:
    found = coverage(
        need(wanted, candidate(asks, lot=lot), held=held), {"alpha": account}, Decimal(0), LIMITS
    )
    assert found.share == Decimal(share)
    assert found.limited_by == limited_by
