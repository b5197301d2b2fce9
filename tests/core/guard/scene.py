"""A guard of one primary and two backups, a clock, and somebody who answers what it asks for."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from riskguard.core.facts import Fact, IntentRecorded
from riskguard.core.guard import Guard
from riskguard.core.hedge.strategy import Situation, Target
from riskguard.core.instant import Instant
from riskguard.core.messages import (
    BalanceRead,
    BookSeen,
    CallEnded,
    CallStarted,
    CancelAnswered,
    CancelOrder,
    Command,
    FillReport,
    FillSeen,
    HistoryRead,
    LookupAnswered,
    LookUpOrder,
    LookupRung,
    MarketsLoaded,
    Observation,
    OpenOrdersRead,
    OperatorSaid,
    OrderAnswered,
    OrderReport,
    OrderStatus,
    PlaceOrder,
    PositionReport,
    PositionsRead,
    ProbeVenue,
    ReadFailed,
    ReadKind,
    ReadVenue,
    Record,
    Source,
    TellPerson,
)
from riskguard.core.orders.intent import OrderIntent, Purpose
from riskguard.core.orders.outcome import Accepted, Unknown
from riskguard.core.policy import (
    AssetPolicy,
    Canary,
    DetectPolicy,
    HedgeRule,
    Limits,
    Money,
    Policy,
    Recover,
    Role,
    Rule,
    Rung,
    Unwind,
    VenuePolicy,
)
from riskguard.core.types import Leg, Market, Mode, Path

STEP_S = 0.25
FEE = Decimal("0.0005")
EPOCH_MS = 1_800_000_000_000
SYMBOL = "BTC/USDT:USDT"
MAIN, ALPHA, BETA = (Leg(venue, SYMBOL) for venue in ("main", "alpha", "beta"))
LEGS = (MAIN, ALPHA, BETA)
ENOUGH = Money(Decimal(10_000_000), "USDT")
LIMITS = Limits(
    per_hedge=ENOUGH,
    all_hedges=ENOUGH,
    day_hedges=50,
    day_notional=ENOUGH,
    slippage_bps=Decimal(40),
    orders_per_min=600,
    loss=ENOUGH,
    hedge_liq=Decimal("0.15"),
    margin_left=Decimal("0.3"),
    data_age_s=3.0,
    position_age_s=86_400.0,
    preflight_age_s=604_800.0,
)


def hedge(situation: Situation, /, **_params: object) -> Target | None:
    """Offset the exposure."""
    return Target(-situation.size * situation.point)


def policy(limits: Limits = LIMITS, mode: Mode = Mode.AUTO, slices: int = 1) -> Policy:
    """Make the policy of the scene."""
    primary = VenuePolicy("main", "test", Role.PRIMARY, canary=Canary(every_s=0.5))
    backups = tuple(VenuePolicy(name, "test", Role.BACKUP) for name in ("alpha", "beta"))
    return Policy(
        mode=mode,
        instance="a",
        limits=limits,
        venues=(primary, *backups),
        assets=(AssetPolicy("BTC", LEGS, (ALPHA, BETA), guard=Decimal("0.01")),),
        rules=(
            Rule(
                "trouble",
                ("trapped", "dark"),
                ("tell", "hedge"),
                venues=("main",),
                assets=("BTC",),
                veto_s=1.0,
                hedge=HedgeRule("hedge", slices=slices, retry_s=1.0, tries=20),
            ),
        ),
        detect=DetectPolicy(50.0, recover=Recover(2.0, 3, 2.0)),
        unwind=Unwind("auto", after_s=1.0),
    )


@dataclass
class Scene:
    """Answers every command a step later, as `hangs`, `positions`, `resting` and `mids` say."""

    policy: Policy = field(default_factory=policy)
    facts: Iterable[tuple[int, Fact]] = ()
    start_s: float = 100.0
    epoch_ms: int = EPOCH_MS

    def __post_init__(self) -> None:
        self.guard = Guard(self.policy, epoch_ms=self.epoch_ms, strategies={"hedge": hedge}, facts=self.facts)
        self.now_s = self.start_s
        self.wall_offset_ms = 0
        self.positions = {leg: Decimal(0) for leg in LEGS}
        self.liquidations: dict[Leg, Decimal] = {}
        self.lists_flat = True
        """Whether a flat leg gets a row of its own."""
        self.mids = {leg: Decimal(60_000) for leg in LEGS}
        self.resting: dict[Leg, list[OrderReport]] = {}
        self.hangs: set[tuple[str, Path]] = set()
        self.blind: set[str] = set()
        """Venues whose reads fail."""
        self.proves = True
        """Whether backups take canaries; else only an order itself shows that they take orders."""
        self.fills_orders = True
        self.fills_partly: Decimal | None = None
        """How much of the next reduction fills, where not all of it."""
        self.answers_orders = True
        self.orders: dict[str, OrderReport] = {}
        self.sent: list[PlaceOrder] = []
        self.cancelled: list[str] = []
        """Order ids whose cancel was asked for."""
        self.told: list[str] = []
        self.journal: list[tuple[int, Fact]] = []
        self._waiting: list[Command] = []
        self._overdue: list[tuple[float, PlaceOrder | CancelOrder | ProbeVenue]] = []

    # ------------------------------------------------------------------ time

    @property
    def now(self) -> Instant:
        """The present moment."""
        return Instant(self.now_s, EPOCH_MS + round(self.now_s * 1000) + self.wall_offset_ms)

    def see(self, *observations: Observation) -> None:
        """Tell the guard something."""
        for one in observations:
            self._took(self.guard.handle(one, self.now))

    def passes(self, seconds: float) -> None:
        """Let time pass, answering on the way."""
        for _ in range(round(seconds / STEP_S)):
            self.now_s += STEP_S
            waiting, self._waiting = self._waiting, []
            for command in waiting:
                self._answer(command)
            self._give_up()
            self._took(self.guard.wake(self.now))

    def until_hedged(self, limit_s: float = 40.0) -> None:
        """Let time pass until a hedge order was sent."""
        end_s = self.now_s + limit_s
        while not self.orders_of(Purpose.HEDGE) and self.now_s < end_s:
            self.passes(STEP_S)

    def breaks(self, venue: str = "main") -> None:
        """Let orders and cancels hang at a venue from now on."""
        self.hangs |= {(venue, path) for path in (Path.PLACE, Path.REDUCE, Path.CANCEL)}

    def heals(self) -> None:
        """Let everything answer again."""
        self.hangs.clear()
        self.blind.clear()

    def arm(self) -> None:
        """Arm the guard and let it look around."""
        self.see(OperatorSaid("arm"))
        self.passes(4.0)

    def orders_of(self, purpose: Purpose) -> list[OrderIntent]:
        """Give the intents sent for a purpose."""
        return [place.intent for place in self.sent if place.intent.purpose is purpose]

    # ------------------------------------------------------------------ the world

    def _give_up(self) -> None:
        """End the calls whose deadline is over as every border does: nothing is known of them."""
        due = [command for at_s, command in self._overdue if at_s <= self.now_s]
        self._overdue = [(at_s, command) for at_s, command in self._overdue if at_s > self.now_s]
        for command in due:
            started = _started(command)
            if started is None:
                continue
            if isinstance(command, PlaceOrder):
                self.see(OrderAnswered(command.intent.client_id, Unknown("no answer")))
            if isinstance(command, CancelOrder):
                unknown = Unknown("no answer")
                self.see(
                    CancelAnswered(command.call, command.leg, command.order_id, command.client_id, unknown)
                )
            self.see(CallEnded(started.call, started.venue, started.path, "unknown"))

    def _took(self, commands: Iterable[Command]) -> None:
        for command in commands:
            match command:
                case PlaceOrder(intent=intent):
                    self.journal.append((self.now.wall_ms, IntentRecorded(intent)))
                    self.sent.append(command)
                    self.journal.append((self.now.wall_ms, IntentRecorded(command.intent)))
                    self._execute(command)
                case Record(fact):
                    self.journal.append((self.now.wall_ms, fact))
                case TellPerson(title=title):
                    self.told.append(title)
                case _:
                    pass
            started = _started(command)
            if started is not None:
                self._waiting.append(command)
                self.guard.handle(started, self.now)

    def _execute(self, command: PlaceOrder) -> None:
        """Let the venue take an order; a hedge fills at once where orders fill."""
        intent = command.intent
        unproven = intent.purpose is Purpose.CANARY and not self.proves
        if (intent.leg.venue, Path.PLACE) in self.hangs or unproven:
            return
        rests = intent.purpose is Purpose.CANARY
        filled = Decimal(0) if rests or not self.fills_orders else intent.amount
        if filled and self.fills_partly is not None:
            filled, self.fills_partly = min(filled, self.fills_partly), None
        status = OrderStatus.OPEN if rests else OrderStatus.CLOSED
        number = f"v{len(self.orders) + 1}"
        self.orders[intent.client_id] = OrderReport(
            intent.leg,
            number,
            intent.client_id,
            intent.side,
            intent.amount,
            intent.price,
            filled,
            intent.price if filled else None,
            status,
        )
        self.positions[intent.leg] += filled * intent.side.sign

    def _answer(self, command: Command) -> None:  # noqa: C901 - one flat case per command
        match command:
            case PlaceOrder(call, intent):
                path = Path.REDUCE if intent.reduce_only else Path.PLACE
                report = self.orders.get(intent.client_id)
                lost = not self.answers_orders and intent.purpose is not Purpose.CANARY
                if (intent.leg.venue, path) in self.hangs or report is None or lost:
                    self._overdue.append((self.now_s + command.deadline_s, command))
                    return
                answered = OrderAnswered(intent.client_id, Accepted(report.order_id), report)
                self._ended(call, intent.leg.venue, path, answered)
            case CancelOrder(call, leg, order_id, client_id):
                self.cancelled.append(order_id)
                if (leg.venue, Path.CANCEL) in self.hangs:
                    self._overdue.append((self.now_s + command.deadline_s, command))
                    return
                known = self.orders.get(client_id)
                answered_cancel = CancelAnswered(call, leg, order_id, client_id, Accepted())
                if known is not None:
                    self.orders[client_id] = OrderReport(
                        known.leg,
                        known.order_id,
                        client_id,
                        known.side,
                        known.amount,
                        known.price,
                        known.filled,
                        known.average,
                        OrderStatus.CLOSED,
                    )
                self._ended(call, leg.venue, Path.CANCEL, answered_cancel)
            case ProbeVenue(call, leg):
                unproven = command.path is Path.PLACE and not self.proves
                if (leg.venue, command.path) in self.hangs or unproven:
                    self._overdue.append((self.now_s + command.deadline_s, command))
                    return
                self._ended(call, leg.venue, command.path)
            case ReadVenue() if command.venue in self.blind:
                failed = ReadFailed(command.venue, command.what)
                self.see(failed, CallEnded(command.call, command.venue, _read_path(command.what), "unknown"))
            case ReadVenue():
                self._read(command)
            case LookUpOrder():
                self._look_up(command)
            case _:
                pass

    def _look_up(self, command: LookUpOrder) -> None:
        found = self.orders.get(command.client_id)
        shown = found is not None and command.rung in (LookupRung.CLIENT_ID, LookupRung.HISTORY)
        reports = (found,) if shown and found is not None else ()
        answered = LookupAnswered(command.client_id, command.rung, Accepted(), self.now_s - STEP_S, reports)
        self._ended(command.call, command.leg.venue, Path.QUERY, answered)

    def _read(self, command: ReadVenue) -> None:
        venue, asked_s = command.venue, self.now_s - STEP_S
        leg = Leg(venue, SYMBOL)
        match command.what:
            case ReadKind.MARKETS:
                rungs = (Rung.CANCEL_UNKNOWN, Rung.TEST_ORDER)
                market = Market(
                    leg, "BTC", "USDT", Decimal("0.001"), Decimal("0.001"), Decimal(5), Decimal("0.1"), True
                )
                self._ended(command.call, venue, Path.BOOK, MarketsLoaded(venue, (market,), rungs))
            case ReadKind.POSITIONS:
                held = self.positions[leg]
                row = PositionReport(leg, held, liquidation=self.liquidations.get(leg))
                rows = (row,) if held or self.lists_flat else ()
                seen = PositionsRead(venue, rows, Source.POSITIONS, asked_s)
                self._ended(command.call, venue, Path.ACCOUNT, seen)
            case ReadKind.OPEN_ORDERS:
                theirs = tuple(self.resting.get(leg, ()))
                self._ended(command.call, venue, Path.QUERY, OpenOrdersRead(venue, theirs, asked_s))
            case ReadKind.HISTORY:
                ours = tuple(order for order in self.orders.values() if order.leg == leg)
                self._ended(command.call, venue, Path.QUERY, HistoryRead(leg, ours, asked_s))
            case ReadKind.TRADES:
                self._ended(command.call, venue, Path.QUERY, *self._fills(leg))
            case ReadKind.BALANCE:
                balance = BalanceRead(venue, Decimal(10_000_000), Decimal(9_000_000), asked_s)
                self._ended(command.call, venue, Path.ACCOUNT, balance)
            case ReadKind.BOOK:
                mid = self.mids[leg]
                book = BookSeen(leg, ((mid - 5, Decimal(50)),), ((mid + 5, Decimal(50)),))
                self._ended(command.call, venue, Path.BOOK, book)
            case _:
                self._ended(command.call, venue, Path.QUERY)

    def _fills(self, leg: Leg) -> list[FillSeen]:
        filled = [order for order in self.orders.values() if order.leg == leg and order.filled]
        return [
            FillSeen(
                FillReport(
                    leg,
                    f"t{order.order_id}",
                    order.order_id,
                    order.client_id,
                    order.side,
                    order.filled,
                    order.average or Decimal(0),
                    order.filled * (order.average or Decimal(0)) * FEE,
                    self.now.wall_ms,
                ),
                Source.TRADES,
            )
            for order in filled
        ]

    def _ended(self, call: int, venue: str, path: Path, *observations: Observation) -> None:
        self.see(*observations, CallEnded(call, venue, path, "ok"))


def _started(command: Command) -> CallStarted | None:
    match command:
        case PlaceOrder(call, intent):
            path = Path.REDUCE if intent.reduce_only else Path.PLACE
            canary = intent.purpose is Purpose.CANARY
            return CallStarted(call, intent.leg.venue, path, SYMBOL, canary)
        case CancelOrder(call, leg):
            return CallStarted(call, leg.venue, Path.CANCEL, SYMBOL, command.canary)
        case ProbeVenue(call, leg):
            return CallStarted(call, leg.venue, command.path, SYMBOL, canary=True)
        case LookUpOrder(call, leg):
            return CallStarted(call, leg.venue, Path.QUERY, SYMBOL)
        case ReadVenue(call, venue):
            path = {
                ReadKind.BOOK: Path.BOOK,
                ReadKind.MARKETS: Path.BOOK,
                ReadKind.OPEN_ORDERS: Path.QUERY,
            }.get(command.what, Path.ACCOUNT)
            return CallStarted(call, venue, path)
        case _:
            return None


def _read_path(what: ReadKind) -> Path:
    paths = {ReadKind.BOOK: Path.BOOK, ReadKind.MARKETS: Path.BOOK, ReadKind.OPEN_ORDERS: Path.QUERY}
    return paths.get(what, Path.ACCOUNT)
