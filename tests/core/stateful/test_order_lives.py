"""Our orders against a venue that lies, repeats and forgets: what may be executed is always counted."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from riskguard.core.facts import Fact, FillRecorded, IntentRecorded, OrderMoved
from riskguard.core.hedge.plan import missing
from riskguard.core.orders.intent import OrderIntent, Purpose, TimeInForce
from riskguard.core.orders.ledger import Ledger
from riskguard.core.orders.lifecycle import Event, State
from riskguard.core.types import ZERO, ClientId, Leg, Side

LEG = Leg("alpha", "BTC/USDT:USDT")
LOT = Decimal("0.001")
EPOCH_MS = 1_800_000_000_000
MOST = 12
PICK = st.integers(0, 1_000_000)


@dataclass
class Request:
    """One order as it truly is at the venue."""

    amount: Decimal
    arrived: bool = False
    ended: bool = False
    """It can execute no more, whether it ever arrived or not."""
    filled: Decimal = ZERO
    trades: int = 0


class OrderLives(RuleBasedStateMachine):
    """Sends orders towards a target, executes them or not, and tells of it late, twice, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: list[Fact] = []
        self.ledger = Ledger()
        self.truth: dict[ClientId, Request] = {}
        self.target = ZERO

    def fold(self, fact: Fact) -> None:
        """Take a fact into the journal and into the ledger."""
        self.facts.append(fact)
        self.ledger = self.ledger.fold(fact, EPOCH_MS)

    def pick(self, number: int) -> tuple[ClientId, Request]:
        """Choose one of the requests."""
        return list(self.truth.items())[number % len(self.truth)]

    def say(self, identity: ClientId, event: Event, filled: Decimal = ZERO) -> None:
        """Journal what the venue says, as the guard would."""
        self.fold(OrderMoved(identity, event.value, "v1", filled))

    # ------------------------------------------------------------------ what we do

    @rule(lots=st.integers(-50, 50))
    def want(self, lots: int) -> None:
        """Change what is wanted as hedge."""
        self.target = lots * LOT

    @precondition(lambda self: len(self.truth) < MOST)
    @rule()
    def send(self) -> None:
        """Send what is missing, every doubt counted."""
        low, high = self.ledger.cover_range("BTC")
        left = missing(self.target, low, high)
        if left == ZERO:
            return
        number = self.ledger.sequence
        identity = f"rga{number}h"
        assert identity not in self.truth, "an id was used twice"
        side = Side.BUY if left > ZERO else Side.SELL
        order = OrderIntent(
            identity,
            LEG,
            "BTC",
            side,
            abs(left),
            Decimal(100),
            TimeInForce.IOC,
            reduce_only=False,
            purpose=Purpose.HEDGE,
            sequence=number,
            created_ms=EPOCH_MS,
        )
        self.fold(IntentRecorded(order))
        self.truth[identity] = Request(abs(left))

    @precondition(lambda self: self.truth)
    @rule()
    def restart(self) -> None:
        """Lose everything but the journal; intents without an answer are in doubt."""
        again = Ledger()
        for fact in self.facts:
            again = again.fold(fact, EPOCH_MS)
        assert again == self.ledger
        for order in again.pending():
            if order.state is State.INTENDED:
                self.say(order.intent.client_id, Event.RESTARTED)

    # ------------------------------------------------------------------ what happens there

    @precondition(lambda self: self.truth)
    @rule(number=PICK, share=st.integers(1, 4))
    def execute(self, number: int, share: int) -> None:
        """Execute a part, or the rest."""
        _, request = self.pick(number)
        if not request.ended:
            request.arrived = True
            more = (request.amount - request.filled) * share / 4
            request.filled += more
            request.trades += 1
            request.ended = request.filled == request.amount

    @precondition(lambda self: self.truth)
    @rule(number=PICK)
    def end(self, number: int) -> None:
        """Expire at the venue, or get lost on the way."""
        self.pick(number)[1].ended = True

    # ------------------------------------------------------------------ what is told

    @precondition(lambda self: self.truth)
    @rule(number=PICK)
    def lose_the_answer(self, number: int) -> None:
        """Hear nothing."""
        self.say(self.pick(number)[0], Event.UNKNOWN)

    @precondition(lambda self: self.truth)
    @rule(number=PICK, event=st.sampled_from((Event.ACCEPTED, Event.SEEN_OPEN)))
    def tell_life(self, number: int, event: Event) -> None:
        """Acknowledge an order, late or again."""
        identity, request = self.pick(number)
        if request.arrived:
            self.say(identity, event)

    @precondition(lambda self: self.truth)
    @rule(number=PICK)
    def tell_the_end(self, number: int) -> None:
        """Tell that it ended, with all that it filled."""
        identity, request = self.pick(number)
        if request.ended and request.arrived:
            self.say(identity, Event.SEEN_CLOSED, request.filled)

    @precondition(lambda self: self.truth)
    @rule(number=PICK)
    def tell_a_fill(self, number: int) -> None:
        """Tell the executions, perhaps not for the first time."""
        identity, request = self.pick(number)
        if request.trades:
            trade = FillRecorded(identity, LEG, "t1", Side.BUY, request.filled, Decimal(100), ZERO, EPOCH_MS)
            self.fold(trade)
            self.say(identity, Event.FILLED, request.filled)

    @precondition(lambda self: self.truth)
    @rule(number=PICK, event=st.sampled_from((Event.REJECTED, Event.NOT_SENT, Event.PROVEN_ABSENT)))
    def tell_death(self, number: int, event: Event) -> None:
        """Say that it never executed, which is said of such orders only."""
        identity, request = self.pick(number)
        if not request.arrived:
            request.ended = True
            self.say(identity, event)

    # ------------------------------------------------------------------ what must hold

    @invariant()
    def whatever_may_execute_is_counted(self) -> None:
        """See that the ledger counts at least what is executed, or may still be."""
        for identity, request in self.truth.items():
            order = self.ledger.orders[identity]
            assert order.filled <= request.filled
            assert order.possible >= (request.filled if request.ended else request.amount)

    @invariant()
    def the_interval_holds_the_truth(self) -> None:
        """See that what is truly held lies in the interval."""
        held = ZERO
        for identity, request in self.truth.items():
            held += request.filled * self.ledger.orders[identity].intent.side.sign
        low, high = self.ledger.cover_range("BTC")
        assert low <= held <= high


TestOrderLives = OrderLives.TestCase
