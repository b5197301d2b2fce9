"""The policy file as a whole: venues, assets, rules and the root."""

from typing import Literal

from pydantic import Field

from riskguard.config.fields import (
    AmountText,
    AssetName,
    CcxtId,
    DurationS,
    FileText,
    Id,
    Instance,
    KeysRef,
    LegText,
    MoneyText,
    Part,
    PerS,
    PositiveS,
    StrategyRef,
    SymbolText,
    Table,
    unit_default,
)
from riskguard.config.tables import (
    DetectTable,
    FreezeTable,
    HttpTable,
    LimitsTable,
    MaintenanceTable,
    QuotesTable,
    SelfCheckTable,
    TellTable,
    UnwindTable,
    VenueRiskTable,
)

ModeWord = Literal["observe", "paper", "confirm", "auto"]
RoleWord = Literal["primary", "backup", "both"]
RungWord = Literal["cancel-unknown", "test-order", "place-cancel"]
WhenWord = Literal[
    "slow", "degraded", "trapped", "blind", "dark", "maintenance", "withdrawals", "premium", "concentration"
]
DoWord = Literal["tell", "freeze", "cancel", "hedge"]


class DeadManTable(Table):
    """The venue's own switch that cancels orders when we fall silent."""

    after: PositiveS = Field(examples=["120s"])
    accept: Literal["cancels_my_stops"] = Field(
        description="It cancels protective stops too, on some venues account-wide."
    )


class CanaryTable(Table):
    """Our own harmless calls while nothing else speaks."""

    rung: RungWord = "cancel-unknown"
    every: PositiveS = unit_default("2s")
    symbol: SymbolText | None = Field(
        default=None, examples=["BTC/USDT:USDT"], description="For place-cancel."
    )
    distance: Part = unit_default("3%", description="How far from the mid a placed canary rests.")
    size: AmountText | None = Field(
        default=None, examples=["0.001 BTC"], description="Absent: the venue's minimum."
    )


class BudgetTable(Table):
    """Our own pace towards one account."""

    reads: PerS = unit_default("5/s")
    orders: PerS = unit_default("5/s")
    reserve: Part = unit_default("40%", description="Share that optional traffic never touches.")


class VenueTable(Table):
    """One account at one product."""

    id: Id
    ccxt: CcxtId = Field(examples=["binanceusdm"])
    account: str = Field(
        default="", description="Name of a subaccount; one exchange shares one budget and one vote."
    )
    role: RoleWord
    keys: KeysRef = Field(examples=["env:RG_MAIN"], description="Where the keys are, never the keys.")
    probe_keys: KeysRef | None = Field(
        default=None,
        examples=["env:RG_MAIN2"],
        description="A second key for the probe lane, where nonces demand it.",
    )
    allow_withdraw_key: bool = Field(default=False, description="Accept a key that may withdraw.")
    dead_man: DeadManTable | None = None
    max_hedge: MoneyText | None = Field(
        default=None,
        examples=["30_000 USDT"],
        description="Largest sum of hedges on this account; absent, [limits] alone bind.",
    )
    canary: CanaryTable | None = None
    domain: str = Field(default="", examples=["aws-tokyo"], description="Failure domain, free text.")
    budget: BudgetTable = Field(default_factory=BudgetTable)
    ccxt_config: dict[str, object] = Field(
        default_factory=dict,
        description="Merged into the ccxt constructor (urls, hostname, options, timeout).",
    )


class ProxyTable(Table):
    """Another asset that stands in where a backup has no market for this one."""

    asset: AssetName
    beta: str = Field(examples=["1.3"], pattern=r"^[0-9]+(\.[0-9]+)?$")


class AssetTable(Table):
    """One risk and everything that carries it."""

    name: AssetName
    legs: list[LegText] = Field(min_length=1, examples=[["main BTC/USDT:USDT"]])
    hedge_on: list[LegText] | None = Field(
        default=None, min_length=1, description="Absent: the derivative legs of backups."
    )
    guard: AmountText | None = Field(
        default=None, examples=["0.05 BTC"], description="Smaller net exposure is left alone."
    )
    keep: AmountText | None = Field(default=None, examples=["0 BTC"], description="Meant to be held; signed.")
    elsewhere: AmountText | None = Field(default=None, examples=["0 BTC"], description="Earn, cold storage.")
    proxy: ProxyTable | None = None
    unlisted: Literal["tell"] = Field(default="tell", description="Positions in markets that no asset lists.")


class CancelTable(Table):
    """Which resting orders an incident pulls."""

    which: Literal["ours", "opening", "all"] = Field(
        default="opening", description="opening: neither reduce-only nor conditional."
    )
    stops: Literal["keep", "cancel"] = "keep"


class HedgeTable(Table):
    """How an incident is hedged."""

    strategy: StrategyRef = Field(default="alert_only", description="NAME or file.py:function.")
    size: Part = unit_default("100%")
    doubts: Literal["likely", "certain", "worst"] = "likely"
    to: list[Id] = Field(
        default_factory=list, description="In order of preference; absent: all that can hedge."
    )
    style: Literal["limit-ioc"] = "limit-ioc"
    slices: int = Field(default=1, ge=1, le=100)
    retry: DurationS = unit_default("2s")
    tries: int = Field(default=5, ge=1, le=100)
    then: Literal["tell", "widen", "market"] = "tell"
    params: dict[str, object] = Field(default_factory=dict, description="Keyword arguments of the strategy.")


class RuleTable(Table):
    """What to do about one kind of trouble; the first rule that fits wins."""

    name: str = Field(min_length=1, max_length=64)
    when: list[WhenWord] = Field(min_length=1, examples=[["trapped", "dark"]])
    venues: list[Id] | None = Field(default=None, min_length=1, description="Absent: roles primary and both.")
    assets: list[AssetName] | None = Field(default=None, min_length=1, description="Absent: all.")
    do: list[DoWord] = Field(min_length=1, examples=[["tell", "hedge"]])
    veto: DurationS = unit_default("10s", description="Countdown that a person can stop.")
    cancel_at: Literal["down", "confirmed"] = "down"
    cancel: CancelTable = Field(default_factory=CancelTable)
    hedge: HedgeTable = Field(default_factory=HedgeTable)


class PolicyFile(Table):
    """A riskguard policy. Every number carries its unit; unknown keys are errors."""

    version: Literal[1] = Field(examples=[1])
    mode: ModeWord = Field(description="confirm and auto also need `riskguard arm`.")
    journal: FileText = Field(default="riskguard.db", description="Beside this file.")
    instance: Instance = Field(default="a", description="Part of every order id.")
    limits: LimitsTable = Field(default_factory=LimitsTable)
    quotes: QuotesTable = Field(default_factory=QuotesTable)
    venue: list[VenueTable] = Field(min_length=1)
    asset: list[AssetTable] = Field(min_length=1)
    detect: DetectTable = Field(default_factory=DetectTable)
    self_check: SelfCheckTable = Field(default_factory=SelfCheckTable)
    rule: list[RuleTable] = Field(default_factory=list)
    freeze: FreezeTable = Field(default_factory=FreezeTable)
    unwind: UnwindTable = Field(default_factory=UnwindTable)
    maintenance: list[MaintenanceTable] = Field(default_factory=list)
    venue_risk: VenueRiskTable = Field(default_factory=VenueRiskTable)
    tell: TellTable = Field(default_factory=TellTable)
    http: HttpTable = Field(default_factory=HttpTable)
