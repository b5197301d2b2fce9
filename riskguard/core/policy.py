"""What the trader asked for, checked and in units of the core; made from TOML by `riskguard.config`.

Durations are seconds (`_s`), ratios are fractions (`0.15` is 15 %), prices' bands are basis points (`_bps`),
amounts of an asset are base units. Nothing here is secret: keys and connections stay in `riskguard.config`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from riskguard.core.types import Asset, Leg, Mode, Symbol, VenueId


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a quote currency."""

    amount: Decimal
    ccy: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings that no rule, reload, key press or strategy passes; they bind risk-adding orders only."""

    per_hedge: Money
    all_hedges: Money
    day_hedges: int
    """Approved plans in a rolling 24 h."""
    day_notional: Money
    """Filled and possible notional in a rolling 24 h."""
    slippage_bps: Decimal
    orders_per_min: int
    loss: Money
    """Realised cost of hedges per rolling day; beyond it the guard only tells."""
    hedge_liq: Decimal
    """Least distance, as a fraction of the mark, of any position on the account to its liquidation."""
    margin_left: Decimal
    """Least share of the equity that stays free."""
    data_age_s: float
    position_age_s: float
    preflight_age_s: float


@dataclass(frozen=True, slots=True)
class Quotes:
    """Quote currencies that count as one while they trade within a band of each other."""

    same: tuple[str, ...] = ("USDT", "USDC", "USD")
    within_bps: Decimal = Decimal(50)


class Role(StrEnum):
    """What a venue is to the trader."""

    PRIMARY = "primary"
    BACKUP = "backup"
    BOTH = "both"


class Rung(StrEnum):
    """How real a canary is, cheapest first."""

    CANCEL_UNKNOWN = "cancel-unknown"
    """Cancel an order that never existed; the refusal proves the cancel path."""
    TEST_ORDER = "test-order"
    """An order that the venue only validates."""
    PLACE_CANCEL = "place-cancel"
    """A far post-only order, cancelled at once; could fill, so it needs arming."""


@dataclass(frozen=True, slots=True)
class Canary:
    """Our own harmless calls to one venue while nothing else speaks."""

    rung: Rung = Rung.CANCEL_UNKNOWN
    every_s: float = 2.0
    symbol: Symbol = ""
    """Needed by `place-cancel`; empty means the first leg at that venue."""
    distance: Decimal = Decimal("0.03")
    """How far from the mid a placed canary rests, as a fraction."""
    size: Decimal = Decimal(0)
    """Base units; zero means the venue's minimum."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Our own pace towards one account."""

    reads_per_s: Decimal = Decimal(5)
    orders_per_s: Decimal = Decimal(5)
    reserve: Decimal = Decimal("0.4")
    """Share that optional traffic never touches."""


@dataclass(frozen=True, slots=True)
class DeadMan:
    """The venue's own switch that cancels orders when we fall silent."""

    after_s: float
    accept: str


@dataclass(frozen=True, slots=True)
class VenuePolicy:
    """One account at one product."""

    id: VenueId
    ccxt: str
    role: Role
    account: str = ""
    domain: str = ""
    """Failure domain, free text; venues that share one may fail together."""
    canary: Canary | None = None
    """None: not given in the file; the guard then uses the cheapest rung that never can fill."""
    budget: Budget = Budget()
    dead_man: DeadMan | None = None
    max_hedge: Money | None = None
    """The most that our hedges there may be together, held or possible; None: only `[limits]` bind."""

    @property
    def guarded(self) -> bool:
        """Whether trouble here is an incident."""
        return self.role is not Role.BACKUP

    @property
    def can_hedge(self) -> bool:
        """Whether a hedge may be placed here."""
        return self.role is not Role.PRIMARY


@dataclass(frozen=True, slots=True)
class Proxy:
    """Another asset that stands in where a backup has no market for this one."""

    asset: Asset
    beta: Decimal


@dataclass(frozen=True, slots=True)
class AssetPolicy:
    """One risk and everything that carries it."""

    name: Asset
    legs: tuple[Leg, ...]
    hedge_on: tuple[Leg, ...]
    """Always filled in: by default the derivative legs of backups."""
    guard: Decimal = Decimal(0)
    """Smaller net exposure is left alone."""
    keep: Decimal = Decimal(0)
    """What the trader means to hold, never hedged; signed."""
    elsewhere: Decimal = Decimal(0)
    proxy: Proxy | None = None
    unlisted: str = "tell"


@dataclass(frozen=True, slots=True)
class Recover:
    """When a venue counts as well again."""

    clean_s: float = 120.0
    acks: int = 10
    stable_s: float = 30.0


@dataclass(frozen=True, slots=True)
class DetectPolicy:
    """How much a false alarm may cost; thresholds follow from it."""

    false_alarms_per_year: float = 1.0
    order_ack_s: float = 2.0
    cancel_ack_s: float = 2.0
    recover: Recover = Recover()


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """What tells our own network's fault from a venue's; without refs the other venues are the references."""

    refs: tuple[str, ...] = ()
    """`venue:ID` or a URL."""
    need: int = 1


class Doubts(StrEnum):
    """Which point of the exposure interval a hedge is sized by."""

    LIKELY = "likely"
    CERTAIN = "certain"
    WORST = "worst"


class Then(StrEnum):
    """What follows when all tries of a hedge order are used up."""

    TELL = "tell"
    WIDEN = "widen"
    MARKET = "market"


@dataclass(frozen=True, slots=True)
class CancelRule:
    """Which resting orders an incident pulls."""

    which: str = "opening"
    """`ours`, `opening` (neither reduce-only nor conditional) or `all`."""
    stops: str = "keep"


@dataclass(frozen=True, slots=True)
class HedgeRule:
    """How an incident is hedged."""

    strategy: str = "alert_only"
    size: Decimal = Decimal(1)
    doubts: Doubts = Doubts.LIKELY
    to: tuple[VenueId, ...] = ()
    """Backups in order of preference; empty means all that can hedge."""
    style: str = "limit-ioc"
    slices: int = 1
    retry_s: float = 2.0
    tries: int = 5
    then: Then = Then.TELL
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do about one kind of trouble; the first rule that fits wins."""

    name: str
    when: tuple[str, ...]
    """Lower-case condition words, or withdrawals, premium, concentration."""
    do: tuple[str, ...]
    venues: tuple[VenueId, ...] = ()
    """Always filled in: by default the venues whose role is primary or both."""
    assets: tuple[Asset, ...] = ()
    """Always filled in: by default all."""
    veto_s: float = 10.0
    cancel_at: str = "down"
    cancel: CancelRule = CancelRule()
    hedge: HedgeRule = HedgeRule()


@dataclass(frozen=True, slots=True)
class FreezePolicy:
    """How the trader's own bot hears that it should stop."""

    file: str = ""
    run: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Unwind:
    """When and how a hedge is taken off again."""

    when: str = "ask"
    after_s: float = 120.0
    how: str = "release"
    orphan: str = "auto"
    review_s: float = 28_800.0


@dataclass(frozen=True, slots=True)
class Maintenance:
    """An announced window of a venue; wall milliseconds, UTC."""

    venue: VenueId
    from_ms: int
    to_ms: int
    lead_s: float = 0.0


@dataclass(frozen=True, slots=True)
class VenueRisk:
    """Slow trouble; None leaves that watch off."""

    withdrawals_alert_after_s: float | None = None
    premium_beyond: Decimal | None = None
    premium_longer_than_s: float = 300.0
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tell:
    """Where words go."""

    now: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    webhook: str = ""
    remind_s: float = 300.0
    heartbeat: str = ""
    telegram_allow: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy file."""

    mode: Mode
    instance: str
    limits: Limits
    venues: tuple[VenuePolicy, ...]
    assets: tuple[AssetPolicy, ...]
    rules: tuple[Rule, ...] = ()
    quotes: Quotes = Quotes()
    detect: DetectPolicy = DetectPolicy()
    self_check: SelfCheck = SelfCheck()
    freeze: FreezePolicy = FreezePolicy()
    unwind: Unwind = Unwind()
    maintenance: tuple[Maintenance, ...] = ()
    venue_risk: VenueRisk = VenueRisk()
    tell: Tell = Tell()
    http_listen: str = "off"

    def venue(self, venue: VenueId) -> VenuePolicy:
        """Give the venue of that id; the file was checked, so it is there."""
        return next(entry for entry in self.venues if entry.id == venue)

    def legs(self) -> tuple[Leg, ...]:
        """Give all legs that the assets name, each once, in the file's order."""
        named = (leg for asset in self.assets for leg in (*asset.legs, *asset.hedge_on))
        return tuple(dict.fromkeys(named))

    def asset_of(self, leg: Leg) -> AssetPolicy | None:
        """Give the asset whose risk a leg carries, None where no asset lists it."""
        return next((entry for entry in self.assets if leg in entry.legs or leg in entry.hedge_on), None)
