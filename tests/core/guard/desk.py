"""A scene with several assets, books of any depth, and accounts with margin and liquidation prices."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from riskguard.core.messages import (
    BalanceRead,
    BookSeen,
    MarketsLoaded,
    OrderAnswered,
    PlaceOrder,
    PositionReport,
    PositionsRead,
    ReadKind,
    ReadVenue,
    Source,
    TellPerson,
)
from riskguard.core.orders.intent import Purpose
from riskguard.core.orders.outcome import Reason, Rejected
from riskguard.core.policy import AssetPolicy, Policy, Rung
from riskguard.core.types import Leg, Market, Path

from .scene import LEGS, STEP_S, Scene, policy

VENUES = ("main", "alpha", "beta")
MAIN_ETH, ALPHA_ETH, BETA_ETH = (Leg(venue, "ETH/USDT:USDT") for venue in VENUES)
ETH_LEGS = (MAIN_ETH, ALPHA_ETH, BETA_ETH)
MARGIN_RATE, MAINTENANCE = Decimal("0.1"), Decimal("0.005")
LOTS = {"BTC": Decimal("0.001"), "ETH": Decimal("0.01")}
PRICES = {"BTC": Decimal(60_000), "ETH": Decimal(3_000)}


def two_assets(base: Policy | None = None) -> Policy:
    """Guard ETH beside BTC."""
    base = base or policy()
    ether = AssetPolicy("ETH", ETH_LEGS, (ALPHA_ETH, BETA_ETH), guard=Decimal("0.1"))
    rules = tuple(replace(rule, assets=("BTC", "ETH")) for rule in base.rules)
    return replace(base, assets=(*base.assets, ether), rules=rules)


def asset_of(leg: Leg) -> str:
    """Give the coin of a leg."""
    return leg.symbol.split("/", maxsplit=1)[0]


@dataclass
class Desk(Scene):
    """Venues with accounts: equity moves with the price, positions take margin and can be liquidated."""

    policy: Policy = field(default_factory=two_assets)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.legs = tuple(dict.fromkeys((*LEGS, *self.policy.legs())))
        self.positions = {leg: Decimal(0) for leg in self.legs}
        self.mids = {leg: PRICES[asset_of(leg)] for leg in self.legs}
        self.equity = dict.fromkeys(VENUES, Decimal(10_000_000))
        self.depth: dict[Leg, list[tuple[int, str]]] = {leg: [(1, "50")] for leg in self.legs}
        """Per leg the levels on either side: (basis points from the mid, amount)."""
        self.refuses: set[str] = set()
        """Backups that reject every order that is no canary."""
        self.words: list[TellPerson] = []
        self._entered = dict(self.mids)

    def moves(self, factor: str) -> None:
        """Move all prices; what is held gains or loses."""
        for leg in self.legs:
            before = self.mids[leg]
            self.mids[leg] = before * Decimal(factor)
            self.equity[leg.venue] += self.positions[leg] * (self.mids[leg] - before)

    def notional(self, venue: str) -> Decimal:
        """Give the notional of all positions of an account."""
        return sum(
            (abs(self.positions[leg]) * self.mids[leg] for leg in self.legs if leg.venue == venue), Decimal(0)
        )

    def distance(self, leg: Leg) -> Decimal:
        """Give how far a position is from its liquidation, as a fraction of the mark."""
        size = abs(self.positions[leg]) * self.mids[leg]
        return (self.equity[leg.venue] - MAINTENANCE * self.notional(leg.venue)) / size

    def body_of(self, part: str) -> str:
        """Give what was said under the one title that holds a part."""
        found = [word.body for word in self.words if part in word.title]
        assert len(found) == 1, found
        return found[0]

    def see(self, *observations: object) -> None:
        """Tell the guard something, and keep its words."""
        super().see(*observations)  # type: ignore[arg-type]  # as the scene has it

    def _took(self, commands: object) -> None:
        kept = list(commands)  # type: ignore[call-overload]  # commands of the guard
        self.words += [command for command in kept if isinstance(command, TellPerson)]
        super()._took(kept)

    def _execute(self, command: PlaceOrder) -> None:
        intent = command.intent
        if intent.leg.venue in self.refuses and intent.purpose is not Purpose.CANARY:
            self.see(OrderAnswered(intent.client_id, Rejected(Reason.FUNDS, "1", "margin is insufficient")))
            return
        super()._execute(command)

    def _read(self, command: ReadVenue) -> None:
        venue, asked_s = command.venue, self.now_s - STEP_S
        legs = [leg for leg in self.legs if leg.venue == venue]
        match command.what:
            case ReadKind.MARKETS:
                rungs = (Rung.CANCEL_UNKNOWN, Rung.TEST_ORDER)
                markets = tuple(self._market(leg) for leg in legs)
                self._ended(command.call, venue, Path.BOOK, MarketsLoaded(venue, markets, rungs))
            case ReadKind.POSITIONS:
                rows = tuple(self._row(leg) for leg in legs)
                seen = PositionsRead(venue, rows, Source.POSITIONS, asked_s)
                self._ended(command.call, venue, Path.ACCOUNT, seen)
            case ReadKind.BALANCE:
                equity = self.equity[venue]
                free = equity - MARGIN_RATE * self.notional(venue)
                self._ended(command.call, venue, Path.ACCOUNT, BalanceRead(venue, equity, free, asked_s))
            case ReadKind.BOOK if command.leg is not None:
                mid, levels = self.mids[command.leg], self.depth[command.leg]
                bids = tuple((mid * (10_000 - bps) / 10_000, Decimal(size)) for bps, size in levels)
                asks = tuple((mid * (10_000 + bps) / 10_000, Decimal(size)) for bps, size in levels)
                self._ended(command.call, venue, Path.BOOK, BookSeen(command.leg, bids, asks))
            case _:
                super()._read(command)

    def _market(self, leg: Leg) -> Market:
        coin = asset_of(leg)
        return Market(leg, coin, "USDT", LOTS[coin], LOTS[coin], Decimal(5), Decimal("0.1"), derivative=True)

    def _row(self, leg: Leg) -> PositionReport:
        held, mark = self.positions[leg], self.mids[leg]
        liquidation = None
        if held:
            away = self.distance(leg) * (-1 if held > 0 else 1)
            liquidation = max(mark * (1 + away), Decimal(0)) or None
        return PositionReport(leg, held, mark=mark, liquidation=liquidation)
