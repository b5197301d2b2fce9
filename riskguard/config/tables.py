"""The tables of the policy file that stand once: limits, detection, words and watches."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from riskguard.config.fields import (
    AlertUrl,
    Bps,
    Currency,
    DurationS,
    FileText,
    Id,
    Listen,
    MoneyText,
    Part,
    PerYear,
    PositiveS,
    SelfCheckRef,
    Share,
    Table,
    WebUrl,
    WholePerMin,
    unit_default,
)
from riskguard.config.problems import Refused


class PerDayTable(Table):
    """Ceilings of a rolling 24 h."""

    hedges: int = Field(default=5, ge=0, le=10_000, description="Approved plans.")
    notional: MoneyText = unit_default("250_000 USDT", description="Notional, filled and possible.")


class LimitsTable(Table):
    """What no rule, reload, key press or strategy passes; unwind and cancel are never refused by them."""

    per_hedge: MoneyText = unit_default("60_000 USDT", description="Largest hedge of one incident.")
    all_hedges: MoneyText = unit_default("100_000 USDT", description="Largest sum of open hedges.")
    per_day: PerDayTable = Field(default_factory=PerDayTable)
    slippage: Bps = unit_default("40bps", description="Worst price of a hedge against the consensus mid.")
    orders: WholePerMin = unit_default("30/min", description="Orders that add risk.")
    loss: MoneyText = unit_default(
        "2_000 USDT", description="Realised cost of hedges per day; beyond it only words."
    )
    hedge_liq: Part = unit_default(
        "15%", description="Least distance of any position there to its liquidation."
    )
    margin_left: Part = unit_default("30%", description="Share of the equity that stays free on the backup.")
    data_age: PositiveS = unit_default("3s", description="Older books and positions count as unknown.")
    position_age: PositiveS = unit_default(
        "24h", description="How long a silent venue's last position counts."
    )
    preflight_age: PositiveS = unit_default(
        "7d", description="How long a preflight admits an unproven backup."
    )


class QuotesTable(Table):
    """Quote currencies that count as one."""

    same: list[Currency] = Field(default_factory=lambda: ["USDT", "USDC", "USD"], min_length=1)
    within: Bps = unit_default("50bps", description="Beyond this distance the observed rate counts.")


class RecoverTable(Table):
    """When a venue counts as well again."""

    clean: DurationS = unit_default("120s", description="Time without a bad sign on every path.")
    acks: int = Field(default=10, ge=1, le=1_000, description="Answered calls in a row on every path.")
    stable: DurationS = unit_default("30s", description="How long orders, fills and position must agree.")


class DetectTable(Table):
    """How much a false alarm may cost; thresholds and persistence follow."""

    false_alarms: PerYear = unit_default("1/year", description="Per venue.")
    order_ack: PositiveS = unit_default("2s", description="No answer to an order within this is evidence.")
    cancel_ack: PositiveS = unit_default("2s", description="No answer to a cancel within this is evidence.")
    recover: RecoverTable = Field(default_factory=RecoverTable)


class SelfCheckTable(Table):
    """What tells our own network's fault from a venue's; absent, the other venues are the references."""

    refs: list[SelfCheckRef] = Field(default_factory=list, description="venue:ID or an address.")
    need: int = Field(default=1, ge=1, le=100, description="How many must answer.")


class FreezeTable(Table):
    """How the trader's own bot hears that it should stop."""

    file: FileText | None = Field(
        default=None, examples=["frozen.json"], description="Written beside this file."
    )
    run: list[str] | None = Field(default=None, min_length=1, examples=[["./halt.sh", "{venue}"]])
    url: WebUrl | None = Field(default=None, examples=["http://127.0.0.1:8080/api/v1/stop"])


class UnwindTable(Table):
    """When and how a hedge is taken off again."""

    when: Literal["ask", "auto"] = "ask"
    after: DurationS = unit_default("120s", description="Wait once the venue is well and everything agrees.")
    how: Literal["release", "flatten"] = Field(
        default="release", description="Keep the leg, or close both in step."
    )
    orphan: Literal["auto", "ask"] = Field(default="auto", description="When the covered leg is surely gone.")
    review: PositiveS = unit_default("8h", description="Remind with the carry paid while a hedge stays.")


def _with_zone(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise Refused("a date-time without a zone means another hour to everyone", "add Z or an offset")
    return moment


Moment = Annotated[datetime, AfterValidator(_with_zone)]


class MaintenanceTable(Table):
    """An announced window of a venue."""

    venue: Id
    from_: Moment = Field(alias="from", examples=["2026-12-01T02:00:00Z"])
    to: Moment = Field(examples=["2026-12-01T04:00:00Z"])
    lead: DurationS = unit_default("0s", description="How long before it rules may act.")


class WithdrawalsTable(Table):
    """Withdrawals that stay closed."""

    alert_after: PositiveS = Field(examples=["30m"])


class PremiumTable(Table):
    """A price that stays apart from the other venues'."""

    beyond: Share = Field(examples=["1%"])
    longer_than: DurationS = unit_default("5m")


class VenueRiskTable(Table):
    """Slow trouble; a watch that is not named is off."""

    withdrawals: WithdrawalsTable | None = None
    premium: PremiumTable | None = None
    share: Part | None = Field(default=None, examples=["60%"], description="Of equity at one venue.")


class TelegramTable(Table):
    """Who may answer by telegram."""

    allow: list[int] = Field(
        default_factory=list, description="User ids that may veto or hold; empty: nobody."
    )


class TellTable(Table):
    """Where words go."""

    now: list[AlertUrl] = Field(default_factory=list, examples=[["env:RG_ALERT_URL"]])
    run: list[str] | None = Field(default=None, min_length=1, description="A command that gets the words.")
    webhook: AlertUrl | None = Field(default=None, examples=["env:RG_WEBHOOK"])
    remind: PositiveS = unit_default("5m", description="Between reminders of one incident.")
    heartbeat: AlertUrl | None = Field(
        default=None, examples=["env:RG_HEARTBEAT_URL"], description="Pinged while all is well."
    )
    telegram: TelegramTable = Field(default_factory=TelegramTable)


class HttpTable(Table):
    """A read-only window for machines: /health /metrics /snapshot."""

    listen: Listen = Field(default="off", examples=["127.0.0.1:9187"])
