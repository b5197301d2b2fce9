"""A position read through a lagging, forgetful venue: only what was true is believed, never an accident."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from riskguard.core.exposure.basis import Bases
from riskguard.core.instant import Instant
from riskguard.core.messages import PositionReport, Source
from riskguard.core.types import ZERO, Leg

LEG = Leg("main", "BTC/USDT:USDT")
AMOUNTS = st.integers(-3, 3).map(Decimal)
CHANNELS = st.sampled_from((Source.POSITIONS, Source.ACCOUNT))


class ExposureLives(RuleBasedStateMachine):
    """Trades by the trader and by us; readings of now and of before; empty lists by accident."""

    def __init__(self) -> None:
        super().__init__()
        self.bases = Bases()
        self.now_s = 100.0
        self.trader = ZERO
        self.ours = ZERO
        self.past: list[tuple[Decimal, Decimal]] = [(ZERO, ZERO)]
        """What was held at one moment after the other: the trader's part and ours."""

    def read(self, amount: Decimal, source: Source, *, weak: bool = False) -> None:
        """Take one reading in."""
        report = PositionReport(LEG, amount)
        moment = Instant(self.now_s, round(self.now_s * 1000))
        self.bases, _ = self.bases.read(report, self.ours, source, self.now_s, moment, weak=weak)

    @initialize(amount=AMOUNTS)
    def begin(self, amount: Decimal) -> None:
        """Begin with two good readings."""
        self.trader = amount
        self.past = [(amount, ZERO)]
        for _ in range(2):
            self.now_s += 1.0
            self.read(amount, Source.POSITIONS)

    @rule(seconds=st.floats(0.05, 3.0))
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds

    @rule(amount=AMOUNTS)
    def trade(self, amount: Decimal) -> None:
        """Let the trader trade."""
        self.trader += amount
        self.past.append((self.trader, self.ours))

    @rule(amount=AMOUNTS)
    def hedge(self, amount: Decimal) -> None:
        """Let one of our own orders fill, which we know."""
        self.ours += amount
        self.past.append((self.trader, self.ours))
        self.bases = self.bases.touch(LEG, self.now_s)
        self.now_s += 1.5

    @rule(source=CHANNELS)
    def tell(self, source: Source) -> None:
        """Tell what is held now."""
        self.now_s += 0.1
        self.read(self.trader + self.ours, source)

    @rule(source=CHANNELS)
    def forget(self, source: Source) -> None:
        """Answer once with a list that is empty by accident; both channels never do so at one time."""
        self.now_s += 0.1
        self.read(ZERO, source, weak=True)
        self.read(self.trader + self.ours, Source.STREAM)

    @invariant()
    def only_what_was_true_is_believed(self) -> None:
        """See that no amount is believed that was never held."""
        basis = self.bases.agreed.get(LEG)
        assert basis is None or basis.amount in {trader for trader, _ in self.past}

    def teardown(self) -> None:
        """See that a venue that tells the truth for a while is believed in the end."""
        for _ in range(4):
            self.now_s += 2.0
            for source in (Source.POSITIONS, Source.ACCOUNT):
                self.read(self.trader + self.ours, source)
        assert self.bases.agreed[LEG].amount == self.trader
        assert not self.bases.contradicted(LEG)


TestExposureLives = ExposureLives.TestCase
