"""A hedge built in slices at two venues that fill, lose and delay: it never goes beyond what is wanted."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from riskguard.core.exposure.prices import TEN_THOUSAND
from riskguard.core.hedge.limits import cut
from riskguard.core.hedge.plan import band, missing, whole_lots
from riskguard.core.policy import Limits, Money
from riskguard.core.types import ZERO, Side, side_of

LOT, TICK, MID = Decimal("0.001"), Decimal("0.1"), Decimal(60_000)
SLIPPAGE_BPS = Decimal(40)
LIMITS = Limits(
    per_hedge=Money(Decimal(120_000), "USDT"),
    all_hedges=Money(Decimal(150_000), "USDT"),
    day_hedges=9,
    day_notional=Money(Decimal(900_000), "USDT"),
    slippage_bps=SLIPPAGE_BPS,
    orders_per_min=60,
    loss=Money(Decimal(9_000), "USDT"),
    hedge_liq=Decimal("0.15"),
    margin_left=Decimal("0.3"),
    data_age_s=3.0,
    position_age_s=86_400.0,
    preflight_age_s=604_800.0,
)
PICK = st.integers(0, 1_000_000)


@dataclass
class Slice:
    """One order on its way, in doubt, or settled; `truly` is what the venue executed of it."""

    amount: Decimal
    truly: Decimal = ZERO
    settled: bool = False


class PlanLives(RuleBasedStateMachine):
    """Plans towards a changing exposure while the answers are missing."""

    def __init__(self) -> None:
        super().__init__()
        self.target = ZERO
        self.others = ZERO
        self.slices: list[Slice] = []
        self.furthest = ZERO
        """The largest hedge ever wanted on either side, after the ceilings."""

    def held(self) -> tuple[Decimal, Decimal]:
        """Give the least and the most that may be held, as the ledger counts it."""
        low = high = ZERO
        for piece in self.slices:
            if piece.settled:
                low, high = low + piece.truly, high + piece.truly
            else:
                low, high = low + min(piece.amount, ZERO), high + max(piece.amount, ZERO)
        return low, high

    @rule(lots=st.integers(-4000, 4000), others=st.sampled_from((0, 60_000, 200_000)))
    def want(self, lots: int, others: int) -> None:
        """Change the exposure, and what other assets' hedges take of the ceiling."""
        self.others = Decimal(others)
        ruled = cut(-lots * LOT, MID, self.others, LIMITS)
        assert abs(ruled.target) * MID <= LIMITS.per_hedge.amount
        assert (
            abs(ruled.target) * MID + min(self.others, LIMITS.all_hedges.amount) <= LIMITS.all_hedges.amount
        )
        assert ruled.target * -lots >= ZERO
        assert bool(ruled.because) is (abs(ruled.target) < abs(lots) * LOT)
        self.target = ruled.target
        self.furthest = max(self.furthest, abs(self.target))

    @rule(share=st.integers(1, 3))
    def send(self, share: int) -> None:
        """Send a slice of what is missing."""
        left = missing(self.target, *self.held())
        amount = whole_lots(abs(left) / share, LOT)
        assert amount <= abs(left)
        assert amount % LOT == ZERO
        if amount:
            price = band(MID, side_of(left), SLIPPAGE_BPS, TICK)
            worse = (price - MID) * side_of(left).sign
            assert ZERO < worse <= MID * SLIPPAGE_BPS / TEN_THOUSAND
            self.slices.append(Slice(amount if left > ZERO else -amount))

    @precondition(lambda self: self.slices)
    @rule(number=PICK, lots=st.integers(0, 4000))
    def settle(self, number: int, lots: int) -> None:
        """Learn what became of an order: anything between nothing and all of it."""
        piece = self.slices[number % len(self.slices)]
        if not piece.settled:
            filled = min(lots * LOT, abs(piece.amount))
            piece.truly, piece.settled = filled if piece.amount > ZERO else -filled, True

    @invariant()
    def never_beyond_what_was_wanted(self) -> None:
        """See that no doubt, settled either way, leads beyond the largest hedge that was wanted."""
        low, high = self.held()
        assert -self.furthest <= low <= high <= self.furthest

    @invariant()
    def nothing_is_sent_while_doubt_covers_it(self) -> None:
        """See that a target within the interval asks for nothing, and one beyond for the difference."""
        low, high = self.held()
        left = missing(self.target, low, high)
        assert (left == ZERO) is (low <= self.target <= high)
        assert left == ZERO or self.target in (low + left, high + left)
        assert left == ZERO or (side_of(left) is Side.BUY) is (self.target > high)


TestPlanLives = PlanLives.TestCase
